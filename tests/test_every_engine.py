"""Every analysis finds the same on every engine, in place or copied, all at once or in part."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from crm_ai.analyses import load, results
from crm_ai.data import samples
from crm_ai.data.dataset import MANIFEST, Dataset
from tests.engine_run import CASES, PLAIN, run
from tests.engines import postgres, spark_cluster, spark_local

ENGINES = {"postgres": postgres, "spark": lambda: nullcontext(spark_local()), "cluster": spark_cluster}
ASKED = [(engine, case) for engine in ENGINES for case in (PLAIN if engine == "cluster" else CASES)]
"""The cluster shows that the sums travel; what varies with parameters, the others show."""
ROOT = Path(__file__).parents[1]
SECONDS = 900

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The demo shop as intake would leave it."""
    place = tmp_path_factory.mktemp("shop")
    frames = samples.demo(seed=3, customers=300)
    for name, frame in (frames | {"feedback": frames["feedback"].head(300)}).items():
        duckdb.from_df(frame).write_parquet(str(place / f"{name}.parquet"))
    tables = {name: f"{name}.parquet" for name in frames}
    (place / MANIFEST).write_text(json.dumps({"name": "demo", "fingerprint": "demo", "tables": tables}), "utf-8")
    return place


@pytest.fixture(scope="module")
def here(folder, tmp_path_factory) -> Callable[[str], object]:
    """Case -> its result on DuckDB, kept and read like those of the others."""
    data, out = Dataset.open(folder), tmp_path_factory.mktemp("here")

    @cache
    def result(case: str) -> object:
        results.save(run(case, data), out / case)
        return back(out, case)

    return result


@pytest.fixture(scope="module")
def there(folder, tmp_path_factory) -> Callable[[str], Path]:
    """Engine -> where its results lie; all its cases run once, in one process."""

    @cache
    def made(engine: str) -> Path:
        out = tmp_path_factory.mktemp(engine)
        asked = [case for each, case in ASKED if each == engine]
        with ENGINES[engine]() as url:
            environment = os.environ | {"CRM_AI_MEMORY_LIMIT": "1GB", "OMP_NUM_THREADS": "1"}
            command = [sys.executable, "-m", "tests.engine_run", url, str(folder), str(out), *asked]
            subprocess.run(command, check=True, cwd=ROOT, env=environment, timeout=SECONDS)
        return out

    return made


def back(out: Path, case: str) -> object:
    """A result that ``engine_run`` kept."""
    return results.load(load(case.partition(" ")[0]).Result, out / case)


@pytest.mark.parametrize(("engine", "case"), ASKED)
def test_engines_agree(engine, case, here, there):
    error = there(engine) / f"{case}.error"
    assert not error.exists(), error.read_text("utf-8")
    ours, theirs = here(case), back(there(engine), case)
    assert results.tables(ours).keys() == results.tables(theirs).keys()
    assert results.metrics(ours) == pytest.approx(results.metrics(theirs), rel=1e-6)
    for table, frame in results.tables(ours).items():
        pd.testing.assert_frame_equal(frame, results.tables(theirs)[table], check_dtype=False, rtol=1e-6, obj=table)
