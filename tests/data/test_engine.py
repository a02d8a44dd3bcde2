"""Which engine an address means, what it may use, and what it leaves behind."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from crm_ai.data import spark as spark_module
from crm_ai.data.engine import engine
from crm_ai.errors import BadParameter, CrmError, MissingExtra
from crm_ai.i18n import translator
from crm_ai.settings import settings

ROOT = Path(__file__).parents[2]


def in_a_process(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False)


def setting(connection, name: str) -> str:
    return str(connection.raw_sql(f"SELECT current_setting('{name}')").fetchone()[0])


def in_duckdb(size: str) -> str:
    """The size as DuckDB tells it."""
    connection = duckdb.connect(config={"memory_limit": size})
    return str(connection.sql("SELECT current_setting('memory_limit')").fetchone()[0])


def test_duckdb_is_the_default_and_keeps_to_its_memory():
    assert engine().name == "duckdb"
    assert setting(engine("duckdb://"), "memory_limit") == in_duckdb(settings().memory_limit)


def test_no_two_engines_spill_into_one_folder():
    first, second = engine(), engine()
    folders = [Path(setting(one, "temp_directory")) for one in (first, second)]
    assert folders[0] != folders[1]
    assert all(folder.is_dir() for folder in folders)


SPILLING = """
from crm_ai.data.engine import engine
connection = engine()
rows = "SELECT hash(i) AS h, repeat('x', 200) AS t FROM range(2_000_000) r(i)"
connection.raw_sql("SET threads = 1")
connection.raw_sql("CREATE TABLE sorted AS SELECT * FROM (" + rows + ") ORDER BY h")
from pathlib import Path
print(sum(path.stat().st_size for path in Path("SPILL").rglob("*") if path.is_file()))
"""


@pytest.mark.slow
def test_what_exceeds_the_memory_is_spilled_and_gone_afterwards(tmp_path):
    code = SPILLING.replace("SPILL", str(tmp_path))
    ran = in_a_process(code, CRM_AI_SPILL=str(tmp_path), CRM_AI_MEMORY_LIMIT="150MB")
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 50_000_000
    assert list(tmp_path.iterdir()) == []


def test_the_spill_folder_of_a_killed_process_goes_when_the_next_starts(tmp_path):
    killed = "import os; from crm_ai.data.engine import engine; engine(); os.kill(os.getpid(), 9)"
    assert in_a_process(killed, CRM_AI_SPILL=str(tmp_path)).returncode == -9
    [left] = tmp_path.iterdir()
    ran = in_a_process(
        "from crm_ai.data.spill import spill_folder; print(spill_folder().is_dir())", CRM_AI_SPILL=str(tmp_path)
    )
    assert ran.stdout.strip() == "True"
    assert not left.exists()


def test_a_living_process_keeps_its_spill_folder(tmp_path):
    code = """
import subprocess, sys
from crm_ai.data.spill import spill_folder
mine = spill_folder()
other = "from crm_ai.data.spill import spill_folder; spill_folder()"
subprocess.run([sys.executable, "-c", other], check=True)
print(mine.is_dir())
"""
    assert in_a_process(code, CRM_AI_SPILL=str(tmp_path)).stdout.strip() == "True"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("nonsense://somewhere", BadParameter),
        ("nonsense", BadParameter),
        ("postgres://ann:secret@127.0.0.1:1/shop", BadParameter),
        ("mysql://ann:secret@127.0.0.1:1/shop", CrmError),
    ],
)
def test_an_address_where_no_engine_answers_gets_a_sentence_without_secrets(url, kind):
    with pytest.raises(kind) as caught:
        engine(url)
    assert caught.value.text(translator("zh")) != str(caught.value)
    assert "secret" not in f"{caught.value!s}{caught.value.__cause__}"


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("local", True),
        ("local[2]", True),
        ("local[*]?spark.sql.shuffle.partitions=8", True),
        ("spark://host:7077", True),
        ("local[two]", False),
        ("duckdb://", False),
        ("postgres://host/local[2]", False),
    ],
)
def test_addresses_of_spark_are_told_from_others(url, is_one):
    assert spark_module.is_spark(url) == is_one


@pytest.mark.parametrize(
    ("limit", "java"),
    [("4GB", "4096m"), ("1.5GiB", "1536m"), ("2000MB", "2000m"), ("100MB", "512m"), ("1TB", "1048576m")],
)
def test_java_gets_the_memory_limit_in_its_own_words(limit, java):
    assert spark_module.java_memory(limit) == java


def test_a_memory_limit_that_is_no_size_gets_a_sentence():
    with pytest.raises(BadParameter, match="much"):
        spark_module.java_memory("much")


def test_the_address_has_the_last_word_on_options():
    options = spark_module.options("local[3]?spark.sql.shuffle.partitions=5&spark.driver.memory=1g", "/spill")
    assert options["spark.sql.shuffle.partitions"] == "5"
    assert options["spark.driver.memory"] == "1g"
    assert options["spark.local.dir"] == "/spill"
    assert spark_module.options("local[3]", "/spill")["spark.sql.shuffle.partitions"] == "6"


def test_only_with_a_master_here_spark_binds_to_loopback():
    assert spark_module.options("spark://127.0.0.1:7077", "")["spark.driver.bindAddress"] == "127.0.0.1"
    assert "spark.driver.bindAddress" not in spark_module.options("spark://cluster:7077", "")


def test_without_java_or_pyspark_the_sentence_says_what_to_install(tmp_path, monkeypatch):
    pytest.importorskip("pyspark")
    monkeypatch.setattr(spark_module, "_OPENED", {})  # whatever other tests have left running
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(MissingExtra, match="Java 17"):
        spark_module.spark("local[7]")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(MissingExtra, match="pyspark"):
        spark_module.spark("local[7]")


def test_a_master_that_does_not_answer_is_named_at_once():
    pytest.importorskip("pyspark")
    with pytest.raises(BadParameter, match=r"127\.0\.0\.1:9"):
        spark_module.spark("spark://127.0.0.1:9")
