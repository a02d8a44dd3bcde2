"""Ridge regression in a kernel's space, beside its textbook form."""

import numpy as np
import pytest

from crm_ai.replies import meaning


@pytest.fixture(scope="module")
def planted():
    """Three clouds of unit vectors, and their numbers."""
    rng = np.random.default_rng(0)
    intent = np.arange(90) % 3
    vectors = np.eye(3, 8)[intent] + rng.normal(0, 0.25, (90, 8))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), intent


def textbook(vectors, intent, asked):
    inner = np.exp(meaning.WIDTH * (vectors @ vectors.T - 1)).astype(float)
    target = (intent[:, None] == np.arange(3)) - 1 / 3
    weights = np.linalg.solve(inner + meaning.PENALTY * np.eye(len(inner)), target)
    return np.exp(meaning.WIDTH * (asked @ vectors.T - 1)) @ weights


def test_scores_are_those_of_kernel_ridge_regression(planted):
    vectors, intent = planted
    ours = meaning.fit(vectors[:60], intent[:60], 3)(vectors[60:])
    np.testing.assert_allclose(ours, textbook(vectors[:60], intent[:60], vectors[60:]), atol=5e-3)


def test_held_out_scores_are_those_of_models_that_had_not_seen_the_fold(planted):
    vectors, intent = planted
    fold = (np.arange(90) // 3) % 5
    ours = meaning.held_out(vectors, intent, 3, fold)
    for number in range(5):
        rest = fold != number
        np.testing.assert_allclose(ours[~rest], textbook(vectors[rest], intent[rest], vectors[~rest]), atol=5e-3)


def test_landmarks_carry_the_rest(planted):
    vectors, intent = planted
    ours = meaning.fit(vectors[:60], intent[:60], 3, landmarks=15)
    assert ours.places.shape == (15, 8)
    assert (ours(vectors[60:]).argmax(axis=1) == intent[60:]).mean() > 0.9


def test_far_from_every_example_no_intent_scores(planted):
    vectors, intent = planted
    far = -vectors[:3].mean(axis=0, keepdims=True)
    far /= np.linalg.norm(far)
    model = meaning.fit(vectors, intent, 3)
    assert model(far).max() < 0.5 * model(vectors).max(axis=1).mean()
