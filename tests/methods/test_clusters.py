"""Our k-means, Ward and DBSCAN beside scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.datasets import make_blobs, make_moons
from sklearn.metrics import adjusted_rand_score

from crm_ai.methods import clusters


def blobs(rows: int = 600, groups: int = 5, width: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    x, labels = make_blobs(rows, width, centers=groups, random_state=seed)
    return ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32), labels


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("k", [2, 5, 9])
def test_kmeans_is_as_tight_as_that_of_scikit_learn(seed, k):
    x, _ = blobs(seed=seed, groups=6)
    ours = clusters.nearest(x, clusters.kmeans(x, [k], starts=10)[k].details["centres"])[1].sum()
    theirs = KMeans(k, n_init=10, random_state=0).fit(x).inertia_
    assert ours <= 1.03 * theirs


def test_every_row_is_at_its_nearest_centre_and_every_centre_is_the_mean_of_its_rows():
    x, _ = blobs()
    groups = clusters.kmeans(x, [4])[4]
    centres = groups.details["centres"]
    squares = ((x[:, None] - centres) ** 2).sum(axis=2)
    assert (groups.labels == squares.argmin(axis=1)).all()
    assert np.allclose(clusters.means(x, groups.labels, 4), centres, atol=0.02)
    assert (groups.predict(x) == groups.labels).all()


def test_refining_from_a_sample_finds_the_groups_of_all_rows():
    x, labels = blobs(4000)
    centres = clusters.kmeans(x[:300], [5], starts=8)[5].details["centres"]
    assert adjusted_rand_score(labels, clusters.refined(x, centres).labels) > 0.95


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=3, max_size=30), st.integers(2, 6))
def test_kmeans_copes_with_rows_that_are_equal(values, k):
    x = np.array(values, dtype=np.float32)[:, None]
    groups = clusters.kmeans(x, [k])[k]
    assert len(groups.labels) == len(x)
    assert set(groups.labels) <= set(range(k))
    assert np.isfinite(groups.details["centres"]).all()


@pytest.mark.parametrize("k", [2, 3, 7])
def test_the_tree_is_cut_as_scikit_learn_cuts_it(k):
    x, _ = blobs(200)
    theirs = AgglomerativeClustering(k, linkage="ward").fit_predict(x)
    assert adjusted_rand_score(theirs, clusters.ward(x, [2, 3, 7])[k].labels) == 1


@pytest.mark.parametrize("radius", [0.1, 0.25, 0.6])
def test_dbscan_finds_the_cores_and_the_noise_of_scikit_learn(radius):
    x, _ = blobs(400, width=2)
    theirs = DBSCAN(eps=radius, min_samples=5).fit(x.astype(float))
    ours = clusters.dbscan(x, 5, radius)
    core = theirs.core_sample_indices_
    assert ((ours.labels == clusters.NOISE) == (theirs.labels_ == -1)).all()
    assert adjusted_rand_score(theirs.labels_[core], ours.labels[core]) == 1


def test_dbscan_follows_shapes_that_have_no_centre():
    x, moon = make_moons(500, noise=0.05, random_state=0)
    found = clusters.dbscan(x, 5, 0.2)
    assert adjusted_rand_score(moon, found.labels) > 0.98
    assert found.predict(np.array([[100.0, 100.0]]))[0] == clusters.NOISE


def test_the_radius_is_the_knee_of_the_neighbour_distances():
    assert clusters.knee(np.array([1.0, 1.1, 1.2, 1.3, 9.0])) == pytest.approx(1.3)
    assert clusters.knee(np.full(5, 2.0)) == 2
    x = np.concatenate([blobs(500)[0], np.array([[50.0, 50, 50]])])
    assert clusters.dbscan(x).labels[-1] == clusters.NOISE


def test_dbscan_without_a_dense_place_calls_everything_noise():
    x = np.arange(10, dtype=np.float32)[:, None] * 100
    assert (clusters.dbscan(x, 3, 0.5).labels == clusters.NOISE).all()
