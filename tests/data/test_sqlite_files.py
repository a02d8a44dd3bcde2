"""SQLite and DuckDB files as uploads: every table is a source, whatever stands in its cells, and nothing is run."""

import gzip
import sqlite3
from contextlib import closing

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crm_ai.data import intake
from crm_ai.data.notes import Reference, notes
from crm_ai.data.sources import read_source
from crm_ai.errors import BadFile, BadParameter


@pytest.fixture
def made(tmp_path):
    """Write a SQLite file by a script; gives its path."""

    def write(script: str, rows: dict[str, list[tuple]] | None = None):
        path = tmp_path / "upload.bin"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executescript(script)
            for table, values in (rows or {}).items():
                marks = ", ".join("?" * len(values[0]))
                connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', values)
        return path

    return write


def rows_of(source) -> pd.DataFrame:
    return pd.read_parquet(source.raw)


def test_every_table_with_rows_is_a_source(made, tmp_path):
    path = made(
        "CREATE TABLE b(x); CREATE TABLE a(y); CREATE TABLE bare(z); CREATE VIEW v AS SELECT * FROM a;"
        "INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES ('t')"
    )
    found = read_source(path, tmp_path / "raw", name="shop.db")
    assert [(each.name, each.sheet, each.kind, each.rows) for each in found] == [
        ("shop.db", "b", "sqlite", 1),
        ("shop.db", "a", "sqlite", 2),
    ]
    assert rows_of(found[1])["_row"].tolist() == [1, 2]
    assert len({each.raw for each in found}) == 2


def test_one_table_may_be_asked_for(made, tmp_path):
    path = made("CREATE TABLE a(x); INSERT INTO a VALUES (1); CREATE TABLE b(x); INSERT INTO b VALUES (2)")
    assert [each.sheet for each in read_source(path, tmp_path, sheet="b")] == ["b"]
    with pytest.raises(BadParameter, match="no table c; there are a, b"):
        read_source(path, tmp_path, sheet="c")


def test_a_column_has_the_type_of_all_its_values(made, tmp_path):
    rows = [
        (1, 1, 1.5, "a", b"\x00", 7, None),
        (2, 2.5, None, 3, b"\x01", "x", None),
        (3, None, 2, None, None, None, None),
    ]
    path = made("CREATE TABLE t(whole, broken, number, text, bytes, mixed, empty)", {"t": rows})
    (source,) = read_source(path, tmp_path / "raw")
    frame = rows_of(source)
    assert source.columns == ("whole", "broken", "number", "text", "mixed", "empty")
    assert frame["whole"].tolist() == [1, 2, 3]
    assert frame["broken"].tolist()[:2] == [1.0, 2.5]
    assert frame["text"].tolist()[:2] == ["a", "3"]
    assert frame["mixed"].tolist()[:2] == ["7", "x"]
    assert frame["empty"].isna().all()


def test_text_that_is_no_utf8_is_read_all_the_same(made, tmp_path):
    path = made("CREATE TABLE t(x); INSERT INTO t VALUES (CAST(x'c3a9ff' AS TEXT)), ('中文')")
    assert rows_of(read_source(path, tmp_path / "raw")[0])["x"].tolist() == ["é\ufffd", "中文"]


@hypothesis_settings(max_examples=25)
@given(st.lists(st.text(min_size=1, max_size=12).filter(lambda name: "\0" not in name), min_size=1, max_size=4))
def test_odd_names_are_names_and_nothing_else(tmp_path_factory, names):
    folder = tmp_path_factory.mktemp("odd")
    names = list({name.casefold(): name for name in names if name.isprintable()}.values()) or ["x"]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    with closing(sqlite3.connect(folder / "x.db")) as connection, connection:
        try:
            connection.execute(f"CREATE TABLE {quoted[0]} ({', '.join(quoted)})")
        except sqlite3.Error:
            return  # SQLite folds names in its own way
        connection.execute(f"INSERT INTO {quoted[0]} VALUES ({', '.join('1' * len(names))})")
    if names[0].startswith("sqlite_"):
        return
    (source,) = read_source(folder / "x.db", folder / "raw")
    assert source.sheet == names[0]
    assert rows_of(source).shape == (1, len(names) + 1)


def test_a_wide_table_is_read(made, tmp_path):
    path = made(f"CREATE TABLE t({', '.join(f'c{n}' for n in range(900))})", {"t": [tuple(range(900))] * 3})
    assert len(read_source(path, tmp_path / "raw")[0].columns) == 900


def test_foreign_keys_are_noted(made, tmp_path):
    path = made(
        "CREATE TABLE c(id INTEGER PRIMARY KEY); INSERT INTO c VALUES (1);"
        "CREATE TABLE o(id, buyer REFERENCES c(id), a, b, FOREIGN KEY (a, b) REFERENCES p(x, y));"
        "INSERT INTO o VALUES (1, 1, 1, 1)"
    )
    found = {each.sheet: notes(each.raw).references for each in read_source(path, tmp_path / "raw")}
    assert set(found["o"]) == {Reference("c", ("buyer",), ("id",)), Reference("p", ("a", "b"), ("x", "y"))}
    assert found["c"] == ()


def test_packed_files_are_read_too(made, tmp_path):
    path = made("CREATE TABLE a(x); INSERT INTO a VALUES (1)")
    packed = tmp_path / "shop.db.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_source(packed, tmp_path / "raw")[0].kind == "sqlite"


def test_damaged_empty_and_locked_files_are_one_sentence(made, tmp_path):
    path = made("CREATE TABLE a(x, y); CREATE TABLE b(z)", {"a": [(n, "text " * 50) for n in range(2000)]})
    whole = path.read_bytes()
    bad = {
        "cut.db": whole[: len(whole) // 3],
        "noise.db": whole[:100] + bytes(range(256)) * 100,
        "header.db": whole[:60],
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadFile, match=r"damaged or protected|no table"):
            read_source(tmp_path / name, tmp_path / "raw")
    empty = made("DROP TABLE a; DROP TABLE b; CREATE TABLE bare(z)")
    with pytest.raises(BadFile, match="no table with rows"):
        read_source(empty, tmp_path / "raw")


def test_a_file_is_left_as_it_was(made, tmp_path):
    path = made("CREATE TABLE a(x); INSERT INTO a VALUES (1)")
    before = path.read_bytes()
    read_source(path, tmp_path / "raw")
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("upload.bin-*"))


def test_a_duckdb_file_gives_its_tables_and_runs_no_view(tmp_path):
    path = tmp_path / "x.bin"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE c(id INT PRIMARY KEY, tags VARCHAR[], moment TIMESTAMPTZ, d DECIMAL(9, 2))")
        connection.execute("INSERT INTO c VALUES (1, ['a'], '2024-01-01 12:00:00+00', 1.25)")
        connection.execute("CREATE TABLE o AS SELECT 1 AS id, 1 AS c_id, 'x'::BLOB AS photo, NULL::INT AS nothing")
        connection.execute("CREATE VIEW leak AS SELECT * FROM read_csv('/etc/passwd')")
    found = {each.sheet: each for each in read_source(path, tmp_path / "raw")}
    assert set(found) == {"c", "o"}
    assert rows_of(found["c"]).iloc[0].astype(str).tolist() == ["1", "1", "['a']", "2024-01-01 12:00:00", "1.25"]
    assert found["o"].columns == ("id", "c_id", "nothing")


def test_a_damaged_duckdb_file_is_one_sentence(tmp_path):
    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS a FROM range(100000)")
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(BadFile, match="damaged"):
        read_source(path, tmp_path / "raw")


def test_related_tables_of_a_file_are_staged_as_one(made, tmp_path):
    lines = [(n, 1 + n // 2, f"tea {n % 7}", 1 + n % 3, 2.5) for n in range(100)]
    orders = [(n, 1 + n % 9, f"2024-01-{n % 28 + 1:02}") for n in range(1, 51)]
    path = made(
        "CREATE TABLE line(id, order_id REFERENCES orders(id), product, quantity, unit_price);"
        "CREATE TABLE orders(id, customer_id, order_date)",
        {"line": lines, "orders": orders},
    )
    here = intake.stage([path], tmp_path / "data")
    assert [(each.kind, each.rows) for each in here.sources] == [("joined", 100)]
    data = intake.finish(here.folder)
    total = data.tables["transactions"].amount.sum().to_pandas()
    assert total == pytest.approx(sum(line[3] * line[4] for line in lines))
