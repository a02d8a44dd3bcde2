"""Published figures, calibration, the choice among models, and no signal where there is none."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from crm_ai.methods import evaluation, labels, propensity
from crm_ai.methods.encoding import Encoding
from crm_ai.methods.propensity import MODELS, Calibration, Sample, SampledSVM


def planted(rows: int, seed: int = 0, strength: float = 1.0) -> tuple[Sample, np.ndarray]:
    """Two telling columns and one that says nothing; also the true chances."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(rows, 3)), columns=["tells", "tells_less", "noise"])
    chance = 1 / (1 + np.exp(-strength * (2 * frame["tells"] - frame["tells_less"] - 1).to_numpy()))
    return Sample(frame, (rng.random(rows) < chance).astype(float), np.arange(rows)), chance


PUBLISHED = [
    ("telco", "telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv", {}, "Churn", [], 0.8451),
    ("bank", "bank_marketing/UCI_bank-additional-full.csv.gz", {"sep": ";"}, "y", ["duration"], 0.7912),
    ("bank with leak", "bank_marketing/UCI_bank-additional-full.csv.gz", {"sep": ";"}, "y", [], 0.9351),
    ("shoppers", "online_shoppers/online_shoppers_intention.csv", {}, "Revenue", [], 0.8939),
    ("campaign", "marketing_campaign/old.csv", {"sep": ";", "encoding": "utf-8-sig"}, "Response", [], 0.8990),
    ("visits", "hillstrom/hillstrom.csv.gz", {}, "visit", ["conversion", "spend"], 0.6467),
]


@pytest.mark.parametrize(("name", "path", "how", "target", "out", "auc"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_logistic_regression_gives_the_published_ranking_quality(
    real: Callable[..., pd.DataFrame],
    name: str,
    path: str,
    how: dict[str, str],
    target: str,
    out: list[str],
    auc: float,
) -> None:
    table = real(path, **how)
    label, found = labels.label(table, target), labels.attributes(table.drop(columns=[target, *out])).frame
    scores = []
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(found, label.values):
        encoding = Encoding.of(found.iloc[train])
        model = MODELS["logistic_regression"](len(train)).fit(encoding.matrix(found.iloc[train]), label.values[train])
        raw = propensity.raw_score(model, encoding.matrix(found.iloc[test]))
        scores.append(evaluation.roc_auc(label.values[test], raw))
    assert np.mean(scores) == pytest.approx(auc, abs=0.003)


@pytest.mark.parametrize("name", MODELS)
def test_each_model_finds_what_is_planted_and_its_chances_can_be_believed(name: str) -> None:
    (train, _), (test, chance) = planted(4000), planted(4000, seed=1)
    found = propensity.fit([name], train)[name].probability(test.frame)
    best = evaluation.roc_auc(test.labels, chance)
    assert evaluation.roc_auc(test.labels, found) > best - {"decision_tree": 0.04, "svm": 0.03}.get(name, 0.012)
    assert evaluation.ece(test.labels, found) < 0.045
    assert found.mean() == pytest.approx(test.labels.mean(), abs=0.02)


@pytest.mark.parametrize("name", MODELS)
def test_shuffled_labels_leave_nothing_to_find(name: str) -> None:
    train, test = planted(3000)[0], planted(3000, seed=1)[0]
    labels_ = np.random.default_rng(5).permutation(train.labels)
    found = propensity.fit([name], Sample(train.frame, labels_, train.groups))[name]
    assert evaluation.roc_auc(labels_, found.unseen) == pytest.approx(0.5, abs=0.04)
    assert evaluation.brier(test.labels, found.probability(test.frame)) < labels_.var() * 1.15


def test_unseen_chances_come_from_models_that_had_not_seen_the_row() -> None:
    sample = planted(400, strength=0)[0]
    model = propensity.fit(["gradient_boosting"], sample)["gradient_boosting"]
    seen = evaluation.roc_auc(sample.labels, model.probability(sample.frame))
    assert seen > 0.8  # it knows its training rows by heart
    assert evaluation.roc_auc(sample.labels, model.unseen) < 0.6


def test_the_plainest_of_equal_models_is_chosen() -> None:
    sample = planted(3000)[0]
    models = propensity.fit(["logistic_regression", "gradient_boosting"], sample)
    assert propensity.choose(models, sample.labels) == "logistic_regression"


def test_a_clearly_better_model_is_chosen_though_less_plain() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(3000, 2)), columns=["a", "b"])
    either = ((frame["a"] > 0) ^ (frame["b"] > 0)).to_numpy()  # no straight line parts these
    sample = Sample(frame, (rng.random(3000) < np.where(either, 0.9, 0.1)).astype(float), np.arange(3000))
    models = propensity.fit(["logistic_regression", "gradient_boosting"], sample)
    assert propensity.choose(models, sample.labels) == "gradient_boosting"


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=10, max_size=200))
@settings(max_examples=60, deadline=None)
def test_rows_of_one_customer_share_a_fold(rows: list[tuple[int, bool]]) -> None:
    groups, events = (np.array(values) for values in zip(*rows, strict=True))
    place = propensity.folds(events.astype(float), groups)
    assert all(len(set(place[groups == who])) == 1 for who in groups)


def test_folds_share_the_events_out_evenly() -> None:
    events = np.r_[np.ones(23), np.zeros(400)]
    place = propensity.folds(events, np.arange(423))
    counts = np.bincount(place, events)
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("kind", [Calibration.sigmoid, Calibration.isotonic])
def test_calibration_mends_chances_that_are_too_bold(kind: Callable[..., Calibration]) -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=20_000)
    actual = (rng.random(20_000) < 1 / (1 + np.exp(-truth))).astype(float)
    bold = 3 * truth + 1
    mended = kind(bold[:10_000], actual[:10_000])(bold[10_000:])
    assert evaluation.ece(actual[10_000:], mended) < 0.02
    assert evaluation.ece(actual[10_000:], 1 / (1 + np.exp(-bold[10_000:]))) > 0.1


@pytest.mark.parametrize("kind", [Calibration.sigmoid, Calibration.isotonic])
def test_calibration_keeps_the_ranking(kind: Callable[..., Calibration]) -> None:
    rng = np.random.default_rng(0)
    raw = rng.normal(size=4000)
    actual = (rng.random(4000) < 1 / (1 + np.exp(-raw))).astype(float)
    found = kind(raw, actual)(np.sort(raw))
    assert (np.diff(found) >= 0).all()
    assert evaluation.roc_auc(actual, kind(raw, actual)(raw)) == pytest.approx(
        evaluation.roc_auc(actual, raw), abs=2e-3
    )


def test_scores_that_point_the_wrong_way_become_flat_not_turned_round() -> None:
    raw = np.linspace(-2, 2, 200)
    found = Calibration.of(raw, (raw < 0).astype(float))(raw)
    assert np.ptp(found) < 1e-9
    assert found[0] == pytest.approx(0.5)


def test_the_fast_decision_of_the_machine_is_its_own() -> None:
    sample = planted(3000)[0]
    matrix = sample.frame.to_numpy(np.float32)
    found = SampledSVM().fit(matrix, sample.labels)
    assert len(found.machine_.support_) <= propensity.SVM_ROWS
    np.testing.assert_allclose(found.decision_function(matrix), found.machine_.decision_function(matrix), atol=1e-3)


def test_a_sample_keeps_the_share_of_events_and_repeats() -> None:
    events = np.r_[np.ones(1000), np.zeros(9000)]
    taken = propensity.places(events, 500)
    assert events[taken].mean() == pytest.approx(0.1, abs=0.003)
    assert len(set(taken)) == 500
    assert (taken == propensity.places(events, 500)).all()


def test_rows_that_are_all_alike_give_a_constant() -> None:
    sample = planted(60)[0]
    one_in = np.zeros(60)
    one_in[:1] = 1  # four of five folds learn from one event, one from none
    found = propensity.fit(["logistic_regression"], Sample(sample.frame, one_in, sample.groups))
    assert np.isfinite(found["logistic_regression"].probability(sample.frame)).all()


def test_unused_columns_are_not_learnt_from() -> None:
    sample = planted(500)[0]
    model = propensity.fit(["logistic_regression"], sample, unused=["tells"])["logistic_regression"]
    assert list(model.encoding.blocks) == ["tells_less", "noise"]
    changed = sample.frame.assign(tells=0.0)
    assert (model.probability(sample.frame) == model.probability(changed)).all()


def test_a_greater_score_is_a_greater_chance_within_one_model() -> None:
    sample = planted(800)[0]
    model = propensity.fit(["logistic_regression"], sample)["logistic_regression"]
    raw = model.raw(model.encoding.matrix(sample.frame))
    ranked = model.probability(sample.frame)[np.argsort(raw)]
    assert all(low <= high for low, high in pairwise(ranked))


@given(st.integers(0, 10_000), st.floats(-3, 3), st.floats(0.2, 3))
@settings(max_examples=30, deadline=None)
def test_the_calibrating_line_is_the_logistic_regression_of_the_scores(seed: int, base: float, slope: float) -> None:
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=2000)
    labels_ = (rng.random(2000) < 1 / (1 + np.exp(-base - slope * raw))).astype(float)
    theirs = LogisticRegression(C=1e9).fit(raw[:, None], labels_).predict_proba(raw[:, None])[:, 1]
    np.testing.assert_allclose(Calibration.sigmoid(raw, labels_)(raw), theirs, atol=0.02)


@pytest.mark.parametrize("raw", [np.r_[np.zeros(20), np.ones(20)], np.zeros(40), np.linspace(-1e6, 1e6, 40)])
@pytest.mark.filterwarnings("error")
def test_scores_that_part_all_or_nothing_are_calibrated_without_a_word(raw: np.ndarray) -> None:
    found = Calibration.of(raw, np.r_[np.zeros(20), np.ones(20)])(raw)
    assert np.isfinite(found).all()
    assert found[0] <= 0.5 + 1e-9 <= found[-1] + 2e-9
    assert found[0] > 0.001
