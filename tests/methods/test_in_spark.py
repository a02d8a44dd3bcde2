"""Spark's own methods find what ours find."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from crm_ai.data.dataset import Dataset
from crm_ai.methods import clusters, clusters_in_spark
from crm_ai.methods.itemsets import Baskets, find, spark
from tests.engines import spark_local

pytestmark = pytest.mark.slow


def baskets(seed: int = 0, n: int = 600) -> list[list[int]]:
    """Baskets in which 1 comes with 0, and 3 and 4 with 2."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        basket = set(rng.choice(12, rng.integers(1, 6), p=np.arange(12, 0, -1) / 78).tolist())
        found.append(sorted(basket | ({1} if 0 in basket else set()) | ({3, 4} if 2 in basket else set())))
    return found


@pytest.mark.parametrize(("least", "longest"), [(60, 10), (13, 3), (200, 2)])
def test_item_sets_and_their_counts_are_exactly_ours(least, longest):
    lists = baskets()
    rows = pd.DataFrame([(f"o{n}", code) for n, basket in enumerate(lists) for code in basket], columns=["o", "code"])
    data = Dataset.from_frames("baskets", spark_local(), transactions=rows)
    theirs = spark.mined(data.tables["transactions"], least, longest, 100_000, len(lists), 12)
    ours = find(Baskets.of(lists), least, "fpgrowth", longest)
    assert theirs is not None
    assert len(theirs) == len(ours) > 3
    for mine, other in zip((*ours.levels, *ours.counts), (*theirs.levels, *theirs.counts), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_more_item_sets_than_agreed_are_noticed():
    rows = pd.DataFrame([(n, code) for n, basket in enumerate(baskets()) for code in basket], columns=["o", "code"])
    data = Dataset.from_frames("baskets", spark_local(), transactions=rows)
    found = spark.mined(data.tables["transactions"], 5, 10, 20, 600, 12)
    assert found is not None
    assert len(found) == 21


def test_k_means_finds_planted_groups_as_ours_does():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 3_000)
    x = (np.array([[-3, 0], [3, 0], [0, 4], [0, -4]])[truth] + rng.normal(0, 0.7, (3_000, 2))).astype(np.float32)
    data = Dataset.from_frames("points", spark_local(), points=pd.DataFrame(x, columns=["a", "b"]))
    centres = clusters_in_spark.kmeans(data.tables["points"], 4)
    assert centres is not None
    theirs = clusters.nearest(x, centres)[0]
    ours = clusters.kmeans(x, [4])[4].labels
    assert adjusted_rand_score(theirs, truth) > 0.97
    assert adjusted_rand_score(theirs, ours) > 0.99


def test_elsewhere_they_leave_the_work_to_ours():
    data = Dataset.from_frames(points=pd.DataFrame({"a": [1.0, 2.0], "code": [0, 1]}))
    assert clusters_in_spark.kmeans(data.tables["points"], 2) is None
    assert spark.mined(data.tables["points"], 1, 2, 10, 2, 2) is None
