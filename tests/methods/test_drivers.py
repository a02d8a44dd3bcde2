"""What is planted is what drives, and in the planted direction."""

import numpy as np
import pandas as pd
import pytest

from crm_ai.methods import drivers, propensity
from crm_ai.methods.propensity import MODELS, Propensity, Sample


def planted(rows: int, seed: int) -> Sample:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "noise": rng.normal(size=rows),
            "raises": rng.normal(size=rows),
            "lowers": rng.normal(size=rows),
            "plan": rng.choice(["basic", "plus", "none"], rows),
        }
    )
    frame.loc[::9, "lowers"] = np.nan
    score = 1.5 * frame["raises"] - frame["lowers"].fillna(0) + 1.2 * (frame["plan"] == "plus") - 0.5
    return Sample(frame, (rng.random(rows) < 1 / (1 + np.exp(-score.to_numpy()))).astype(float), np.arange(rows))


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> Propensity:
    return propensity.fit([request.param], planted(3000, 0))[request.param]


def test_columns_are_ranked_as_planted(model: Propensity) -> None:
    found = drivers.importance(model, planted(2000, 1))
    assert found["feature"].iloc[0] == "raises"
    assert found["feature"].iloc[-1] == "noise"
    assert found.set_index("feature")["importance"]["noise"] < 0.01


def test_directions_are_as_planted(model: Propensity) -> None:
    found = drivers.effects(model, planted(500, 1).frame)
    assert (found["raises"].direction, found["lowers"].direction) == ("up", "down")
    assert found["plan"].direction == "levels"
    assert found["plan"].values[found["plan"].score.argmax()] == "plus"


def test_a_high_value_lifts_and_a_low_value_lowers_a_customer(model: Propensity) -> None:
    frame = planted(500, 1).frame
    given = drivers.contributions(drivers.effects(model, frame), frame)
    assert given["raises"][frame["raises"] > 1].mean() > 0 > given["raises"][frame["raises"] < -1].mean()
    assert given["lowers"][frame["lowers"] > 1].mean() < 0 < given["lowers"][frame["lowers"] < -1].mean()
    assert np.isfinite(given.to_numpy()).all()


def test_contributions_of_a_logistic_regression_are_its_own_terms() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(2000, 2)), columns=["a", "b"])
    labels = (rng.random(2000) < 1 / (1 + np.exp(2 * frame["b"] - frame["a"]))).to_numpy(float)
    model = propensity.fit(["logistic_regression"], Sample(frame, labels, np.arange(2000)))["logistic_regression"]
    given = drivers.contributions(drivers.effects(model, frame), frame)
    terms = model.encoding.matrix(frame) * model.estimator.coef_[0]
    difference = given["b"].to_numpy() - terms[:, 1]
    assert np.ptp(difference) < 0.02  # equal but for one constant


def test_a_column_that_never_changes_has_no_effect() -> None:
    sample = planted(300, 0)
    fixed = Sample(sample.frame.assign(same=1.0), sample.labels, sample.groups)
    model = propensity.fit(["logistic_regression"], fixed)["logistic_regression"]
    assert drivers.effects(model, fixed.frame)["same"].direction == "flat"
    found = drivers.importance(model, fixed).set_index("feature")
    assert found["importance"]["same"] == 0


def test_importance_repeats(model: Propensity) -> None:
    pd.testing.assert_frame_equal(*(drivers.importance(model, planted(400, 1)) for _ in range(2)))
