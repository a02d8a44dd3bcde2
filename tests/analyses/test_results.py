import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from crm_ai.analyses import results


@dataclass(frozen=True)
class Result:
    rows: pd.DataFrame
    total: float
    count: int
    missing: float | None
    method: str
    notes: tuple[str, ...]

    @property
    def mean(self) -> float:
        return self.total / self.count


def example() -> Result:
    rows = pd.DataFrame({"name": ["a", "中"], "value": [1.5, np.nan], "day": pd.to_datetime(["2024-01-01", None])})
    return Result(rows, 3.0, np.int64(2), None, "auto", ("one", "two"))


def test_a_result_survives_its_folder(tmp_path):
    results.save(example(), tmp_path)
    back = results.load(Result, tmp_path)
    pd.testing.assert_frame_equal(back.rows, example().rows, check_dtype=False)
    assert (back.total, back.count, back.missing, back.method, back.notes) == (3.0, 2, None, "auto", ("one", "two"))


def test_metrics_are_the_numbers_derived_ones_included():
    assert results.metrics(example()) == {"total": 3.0, "count": 2, "mean": 1.5}


def test_the_document_is_strict_json_with_the_head_first(tmp_path):
    results.save(example(), tmp_path, {"analysis": "x", "share": float("nan")})
    document = json.loads((tmp_path / "result.json").read_text(), parse_constant=pytest.fail)
    assert next(iter(document)) == "analysis"
    assert document["share"] is None
    assert document["tables"] == {"rows": "rows.parquet"}
