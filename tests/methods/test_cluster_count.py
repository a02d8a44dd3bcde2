"""The criteria beside scikit-learn's, and what they say about data with and without groups."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.datasets import make_blobs

from crm_ai.methods import cluster_count as count
from crm_ai.methods.clusters import kmeans, ward
from crm_ai.methods.scaling import dithered, matrix


def standard(x: np.ndarray) -> np.ndarray:
    return ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)


def grouped(rows: int = 400, groups: int = 4, seed: int = 1) -> np.ndarray:
    """Balls of different size, well apart."""
    centres = 7 * np.concatenate([np.eye(3), -np.eye(3)])[:groups]
    return standard(
        make_blobs(rows, 3, centers=centres, cluster_std=[1, 0.7, 1.3, 1, 0.7, 1.3][:groups], random_state=seed)[0]
    )


def cloud(kind: str, rows: int = 800, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mixed = np.array([[1, 0.8, 0.5], [0, 0.6, 0.4], [0, 0, 0.7]])
    return standard(
        {"ball": rng.normal, "cube": rng.uniform}.get(kind, rng.normal)(size=(rows, 3))
        @ (mixed if kind == "ellipse" else np.eye(3))
    )


@pytest.mark.parametrize("k", [2, 4, 7])
def test_criteria_equal_those_of_scikit_learn(k):
    x = grouped()
    labels = kmeans(x, [k])[k].labels
    assert count.silhouette(count.distance_matrix(x), labels) == pytest.approx(
        metrics.silhouette_score(x, labels), abs=1e-3
    )
    assert count.calinski_harabasz(x, labels) == pytest.approx(metrics.calinski_harabasz_score(x, labels), rel=1e-3)
    assert count.davies_bouldin(x, labels) == pytest.approx(metrics.davies_bouldin_score(x, labels), rel=1e-3)


def test_a_row_alone_in_its_group_has_silhouette_zero_as_in_scikit_learn():
    x = np.array([[0.0], [0.1], [5.0]], dtype=np.float32)
    labels = np.array([0, 0, 1])
    assert count.silhouette(count.distance_matrix(x), labels) == pytest.approx(
        metrics.silhouette_score(x, labels), abs=1e-4
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3)), min_size=2, max_size=40))
def test_agreement_is_the_adjusted_rand_index(pairs):
    a, b = map(np.array, zip(*pairs, strict=True))
    assert count.agreement(a, b) == pytest.approx(metrics.adjusted_rand_score(a, b))


def test_the_gain_is_that_of_full_gaussians_worked_out_by_hand():
    x = np.array([[-5.1], [-4.9], [4.9], [5.1]], dtype=np.float32)

    def by_hand(groups: list[np.ndarray]) -> float:
        fit = sum(len(g) * (np.log(len(g) / 4) - 0.5 * np.log(g.var() + count.RIDGE) - 0.5) for g in groups)
        return (fit - 0.5 * (3 * len(groups) - 1) * np.log(4)) / 4

    expected = by_hand([x[:2], x[2:]]) - by_hand([x])
    assert count.likelihood_gain(x, np.array([0, 0, 1, 1])) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("split", [kmeans, ward])
@pytest.mark.parametrize("groups", [2, 4, 6])
def test_the_planted_number_of_groups_is_chosen(split, groups):
    x = grouped(600, groups)
    found = count.compare(x, range(2, 11), split)
    assert count.choose(found.table) == groups
    row = found.table.set_index("k").loc[groups]
    assert count.verdict(row["likelihood_gain"], row["stability"]) == "clear"
    assert found.overlap[groups].min() > 0.9


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["ball", "ellipse", "cube"])
def test_one_cloud_is_never_called_groups(kind, seed):
    table = count.compare(cloud(kind, seed=seed), range(2, 8), kmeans).table
    for row in table.itertuples():
        assert count.verdict(row.likelihood_gain, row.stability) == "none", row


@pytest.mark.parametrize(
    "shape", [np.exp, np.expm1, lambda z: np.floor(np.exp(z)), lambda z: z**3], ids=["exp", "expm1", "counts", "cubes"]
)
def test_one_skewed_cloud_or_count_is_not_called_groups_once_scaled(shape):
    x = matrix(dict(enumerate(shape(cloud("ellipse")).T)))
    table = count.compare(x, range(2, 8), kmeans, dithered(x)).table
    assert table["likelihood_gain"].max() < count.MARGIN


def test_silhouette_alone_would_have_called_an_ellipse_two_groups():
    row = count.compare(cloud("ellipse"), [2, 3], kmeans).table.iloc[0]
    assert row["silhouette"] > 0.35
    assert row["stability"] > 0.8
    assert row["likelihood_gain"] < 0


def test_without_groups_the_largest_steady_number_of_slices_is_taken():
    table = pd.DataFrame(
        {"k": [2, 3, 4, 5], "likelihood_gain": -0.1, "stability": [0.9, 0.95, 0.85, 0.5], "score": [1, 0.5, 0.2, 0]}
    )
    assert count.choose(table) == 4
    assert count.choose(table.assign(stability=[0.3, 0.5, 0.4, 0.2])) == 3


def test_favourites_are_the_best_of_each_criterion():
    table = count.compare(grouped(), range(2, 8), kmeans).table.set_index("k")
    found = count.favourites(table.reset_index())
    assert found["silhouette"] == table["silhouette"].idxmax()
    assert found["davies_bouldin"] == table["davies_bouldin"].idxmin()
    assert found["gap"] == 4


def test_overlap_falls_for_the_group_that_is_not_there():
    rng = np.random.default_rng(0)
    near = rng.normal(size=(300, 2))
    far = rng.normal(8, 0.3, size=(100, 2))
    x = standard(np.concatenate([near, far]))
    labels = np.concatenate([rng.integers(0, 2, 300), np.full(100, 2)])  # halves of the first cloud by lot
    overlap = count.bootstrap(x, labels, lambda rows, seed: kmeans(x[rows], [3], seed)[3].labels, 3)[1]
    assert overlap[2] > 0.95
    assert max(overlap[:2]) < 0.6


def test_equal_seeds_give_equal_tables():
    x = grouped(200)
    pd.testing.assert_frame_equal(count.compare(x, [2, 3], kmeans).table, count.compare(x, [2, 3], kmeans).table)
