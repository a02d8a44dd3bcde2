"""Columns become numbers, and each keeps its place."""

import numpy as np
import pandas as pd

from crm_ai.methods.encoding import MISSING, MOST_LEVELS, Encoding

FRAME = pd.DataFrame({"age": [20.0, np.nan, 40.0, 60.0], "plan": ["a", "b", None, "a"]})


def test_numbers_have_mean_zero_and_deviation_one_and_gaps_a_column() -> None:
    matrix = Encoding.of(FRAME[["age"]]).matrix(FRAME[["age"]])
    assert np.allclose([matrix[:, 0].mean(), matrix[:, 0].std()], [0, 1], atol=1e-6)
    assert matrix[:, 1].tolist() == [0, 1, 0, 0]
    assert np.isclose(matrix[1, 0], matrix[2, 0])  # the middle value stands in


def test_each_level_has_a_column_and_missing_is_a_level() -> None:
    encoding = Encoding.of(FRAME[["plan"]])
    assert encoding.parts["plan"].names == ("a", MISSING, "b")
    assert encoding.matrix(FRAME[["plan"]]).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_a_level_never_seen_is_no_level() -> None:
    assert not Encoding.of(FRAME[["plan"]]).matrix(pd.DataFrame({"plan": ["new"]})).any()


def test_rare_levels_beyond_the_most_share_no_column() -> None:
    levels = [f"l{i}" for i in range(100)] + ["often"] * 5
    encoding = Encoding.of(pd.DataFrame({"x": levels}))
    assert len(encoding.parts["x"].names) == MOST_LEVELS
    assert encoding.parts["x"].names[0] == "often"


def test_blocks_cover_the_matrix_without_overlap() -> None:
    encoding = Encoding.of(FRAME)
    places = [i for block in encoding.blocks.values() for i in range(block.start, block.stop)]
    assert places == list(range(encoding.matrix(FRAME).shape[1]))


def test_logarithms_keep_the_sign() -> None:
    frame = pd.DataFrame({"x": [-100.0, 0.0, 100.0]})
    matrix = Encoding.of(frame, log=True).matrix(frame)[:, 0]
    assert np.allclose(matrix, [-matrix[2], 0, matrix[2]], atol=1e-6)


def test_columns_that_say_nothing_become_nothing_but_no_error() -> None:
    frame = pd.DataFrame({"empty": [np.nan] * 3, "same": [5.0] * 3})
    assert np.isfinite(Encoding.of(frame).matrix(frame)).all()
