"""The transformation beside scipy's, and that units do not matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from crm_ai.methods import scaling

FLOATS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 3))


@pytest.mark.parametrize("power", [-1.5, 0.0, 0.5, 1.0, 2.0, 2.7])
def test_yeo_johnson_is_that_of_scipy(power):
    x = np.linspace(-3, 5, 41)
    assert np.allclose(scaling.yeo_johnson(x, power), stats.yeojohnson(x, power))


def test_the_power_is_the_most_likely_one_to_a_tenth():
    x = np.random.default_rng(0).lognormal(size=2000)
    assert scaling.power(x) == pytest.approx(stats.yeojohnson_normmax(x), abs=0.06)


def test_a_skewed_column_becomes_nearly_symmetric_and_a_plain_one_stays_linear():
    rng = np.random.default_rng(0)
    skewed, plain = rng.lognormal(0, 1.5, 3000), rng.normal(50, 10, 3000)
    assert abs(stats.skew(scaling.scaled(skewed))) < 0.3
    assert np.corrcoef(scaling.scaled(plain), plain)[0, 1] == pytest.approx(1, abs=1e-3)


def test_heavy_tails_without_skew_are_drawn_in():
    column = np.random.default_rng(0).normal(size=3000) ** 3
    assert stats.kurtosis(column) > 10
    assert abs(stats.kurtosis(scaling.scaled(column))) < 1


@settings(max_examples=50)
@given(st.lists(FLOATS, min_size=3, max_size=40), st.sampled_from([0.01, 7.0, 1000.0]))
def test_the_unit_of_a_column_does_not_matter(values, factor):
    column = np.array(values)
    assert np.allclose(scaling.scaled(column), scaling.scaled(column * factor), atol=1e-3)


@settings(max_examples=50)
@given(st.lists(st.one_of(FLOATS, st.just(float("nan"))), min_size=1, max_size=40))
def test_scaled_columns_are_finite_centred_and_keep_the_order(values):
    column = np.array(values)
    found = scaling.scaled(column)
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= scaling.FAR
    known = np.isfinite(column)
    assert (np.diff(found[known][np.argsort(column[known], kind="stable")]) >= -1e-5).all()


def test_dithering_spreads_ties_and_never_lets_values_pass_each_other():
    x = np.repeat([0.0, 1.0, 4.0], 50)[:, None].astype(np.float32)
    spread = scaling.dithered(x)[:, 0]
    assert len(np.unique(spread)) > 140
    assert spread[:50].max() <= spread[50:100].min() <= spread[50:100].max() <= spread[100:].min()


def test_the_leading_directions_carry_the_variance():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2)) @ rng.normal(size=(2, 30)) + rng.normal(0, 0.01, (300, 30))
    assert scaling.leading(x).shape == (30, 2)
    assert (x @ scaling.leading(x)).var(axis=0).sum() > 0.9 * x.var(axis=0).sum()
