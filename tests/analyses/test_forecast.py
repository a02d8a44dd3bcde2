"""Forecasts of sales and of uploaded series: periods, honesty, robustness, words."""

import warnings

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_ai.analyses import forecast, options, results
from crm_ai.analyses.forecast.history import OTHERS, TOTAL
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.errors import BadParameter, CrmError, MissingColumns, TooLittleData
from crm_ai.i18n import translator
from tests.conftest import shared

DAYS = pd.date_range("2024-01-01", "2024-06-30", freq="D")
WEEK = np.array([100.0, 110, 120, 130, 150, 180, 60])


def shop(days: pd.DatetimeIndex = DAYS, **columns: object) -> pd.DataFrame:
    """Two orders a day, at nine and at five, with a pattern of the week."""
    amount = WEEK[days.day_of_week] * (1 + 0.05 * np.random.default_rng(0).normal(size=len(days)))
    parts = [pd.DataFrame({"ordered_at": days + pd.Timedelta(hours=h), "amount": amount / 2}) for h in (9, 17)]
    return pd.concat(parts, ignore_index=True).assign(**columns)


def of(frame: pd.DataFrame) -> Dataset:
    return Dataset.from_frames(transactions=frame)


def uploaded(**series: np.ndarray) -> Dataset:
    """Monthly series."""
    parts = [
        pd.DataFrame({"series_id": n, "time": pd.date_range("2015-01-01", periods=len(v), freq="MS"), "value": v})
        for n, v in series.items()
    ]
    return Dataset.from_frames(series=pd.concat(parts, ignore_index=True))


def answer(data: Dataset, params: forecast.Params) -> forecast.Result | str:
    """The result, or the sentence that says why there is none."""
    try:
        return forecast.run(data, params)
    except CrmError as error:
        return error.text()


@pytest.fixture(scope="module")
def result() -> forecast.Result:
    return forecast.run(of(shop()))


@pytest.fixture(scope="module")
def many() -> forecast.Result:
    rng = np.random.default_rng(0)
    season = 10 * np.sin(np.arange(96) * 2 * np.pi / 12)
    return forecast.run(uploaded(**{f"S{k}": 60 + k + season + rng.normal(0, 1, 96) for k in range(6)}))


def test_the_public_columns_and_metrics_are_there(result: forecast.Result) -> None:
    assert list(result.forecast) == ["series_id", "time", "mean", "lo_80", "hi_80", "lo_95", "hi_95", "model"]
    assert {"series_id", "cutoff", "time", "actual", "mean", "model"} <= set(result.backtest)
    names = {"mase", "smape", "wape", "coverage_80", "coverage_95", "mase_seasonal_naive", "improvement_over_naive"}
    assert names <= set(results.metrics(result))


def test_the_forecast_starts_one_step_after_the_last_observation(
    result: forecast.Result, many: forecast.Result
) -> None:
    assert result.forecast["time"].iloc[0] == pd.Timestamp("2024-07-01")
    assert result.forecast["time"].diff().dropna().eq(pd.Timedelta(days=1)).all()
    first = many.forecast.groupby("series_id")["time"].min()
    assert (first == pd.Timestamp("2023-01-01")).all()
    assert many.forecast.equals(many.forecast.sort_values(["series_id", "time"], ignore_index=True))


def test_intervals_lie_inside_each_other_around_the_mean(many: forecast.Result) -> None:
    for frame in (many.forecast, many.backtest):
        edges = frame[["lo_95", "lo_80", "mean", "hi_80", "hi_95"]].to_numpy()
        assert (np.diff(edges, axis=1) >= 0).all()


def test_a_planted_week_is_forecast_better_than_by_repeating_it(result: forecast.Result) -> None:
    expected = WEEK[pd.DatetimeIndex(result.forecast["time"]).day_of_week]
    np.testing.assert_allclose(result.forecast["mean"], expected, rtol=0.08)
    assert result.improvement_over_naive > 0.1
    assert result.season_length == 7
    weekday = result.rhythm.set_index("position")["ratio"]
    np.testing.assert_allclose(weekday, WEEK / WEEK.mean(), atol=0.05)


def test_metrics_are_those_of_the_backtest_table(many: forecast.Result) -> None:
    table = many.backtest
    error = (table["actual"] - table["mean"]).abs()
    assert many.wape == pytest.approx(error.sum() / table["actual"].abs().sum())
    assert many.mase == pytest.approx((error / table["scale"]).groupby(table["series_id"]).mean().mean())
    assert many.coverage_80 == pytest.approx(table["actual"].between(table["lo_80"], table["hi_80"]).mean())
    auto = many.models[many.models["model"] == "auto"].set_index("series_id")["mase"]
    np.testing.assert_allclose(auto, (error / table["scale"]).groupby(table["series_id"]).mean())


def test_actuals_in_the_backtest_are_the_history_after_the_cutoff(many: forecast.Result) -> None:
    joined = many.backtest.merge(many.history, on=["series_id", "time"])
    assert len(joined) == len(many.backtest)
    np.testing.assert_allclose(joined["actual"], joined["value"])
    assert (many.backtest["time"] > many.backtest["cutoff"]).all()


def test_changing_the_last_month_changes_no_forecast_made_before_it() -> None:
    frame = shop()
    changed = frame.assign(amount=frame["amount"].where(frame["ordered_at"] < "2024-06-01", 9999.0))
    one, other = forecast.run(of(frame)).backtest, forecast.run(of(changed)).backtest
    early = one["cutoff"] < "2024-06-01"
    assert early.sum() > 100
    columns = ["mean", "lo_80", "hi_80", "lo_95", "hi_95", "seasonal_naive"]
    np.testing.assert_allclose(one.loc[early, columns], other.loc[early, columns], rtol=1e-6)


def test_a_running_week_and_a_begun_month_are_left_out() -> None:
    days = pd.date_range("2023-01-04", "2024-06-12", freq="D")
    weeks = forecast.run(of(shop(days)), forecast.Params(freq="W"))
    assert weeks.history["time"].min() == pd.Timestamp("2023-01-09")
    assert weeks.history["time"].max() == pd.Timestamp("2024-06-03")
    assert weeks.forecast["time"].iloc[0] == pd.Timestamp("2024-06-10")
    assert weeks.dropped == ("2023-01-02", "2024-06-10")
    months = forecast.run(of(shop(days)), forecast.Params(freq="M"))
    assert months.forecast["time"].iloc[0] == pd.Timestamp("2024-06-01")
    assert any("2024-06-01" in sentence for sentence in forecast.findings(months))


def test_a_week_whose_missing_days_are_always_closed_is_whole() -> None:
    days = pd.date_range("2024-01-01", "2024-06-28", freq="B")
    weeks = forecast.run(of(shop(days)), forecast.Params(freq="W"))
    assert weeks.history["time"].max() == pd.Timestamp("2024-06-24")
    assert weeks.dropped == ()


def test_closed_days_are_forecast_as_zero_and_do_not_flatter_the_intervals() -> None:
    result = forecast.run(of(shop(pd.date_range("2024-01-01", "2024-06-28", freq="B"))))
    closed = pd.DatetimeIndex(result.forecast["time"]).day_of_week >= 5
    assert (result.forecast.loc[closed, ["mean", "lo_95", "hi_95"]] == 0).all(axis=None)
    assert result.forecast.loc[~closed, "mean"].min() > 50
    open_days = result.backtest[pd.DatetimeIndex(result.backtest["time"]).day_of_week < 5]
    assert result.coverage_80 == pytest.approx(
        open_days["actual"].between(open_days["lo_80"], open_days["hi_80"]).mean()
    )


def test_a_last_day_that_ends_at_noon_is_left_out() -> None:
    frame = shop().assign(ordered_at=lambda f: f["ordered_at"] + pd.to_timedelta(np.arange(len(f)) % 40, unit="min"))
    frame = frame[frame["ordered_at"] < "2024-06-30 12:00"]
    result = forecast.run(of(frame))
    assert result.forecast["time"].iloc[0] == pd.Timestamp("2024-06-30")
    assert result.dropped == ("2024-06-30",)


def test_days_without_sales_count_as_zero_and_are_counted() -> None:
    frame = shop()
    frame = frame[frame["ordered_at"].dt.strftime("%Y-%m-%d") != "2024-03-13"]
    result = forecast.run(of(frame))
    assert result.history.set_index("time").loc["2024-03-13", "value"] == 0
    assert result.gaps == 1


def test_gaps_in_measured_series_are_filled_with_a_straight_line() -> None:
    frame = pd.DataFrame({"time": pd.date_range("2015-01-01", periods=60, freq="MS"), "value": np.arange(60.0)})
    result = forecast.run(Dataset.from_frames(series=frame.drop(index=[20, 21])))
    np.testing.assert_allclose(result.history["value"], np.arange(60))
    assert (result.gaps, result.freq) == (2, "M")
    assert any("2" in s and "straight line" in s for s in forecast.findings(result))


def test_the_largest_products_stand_alone_and_the_others_are_added_up() -> None:
    names = np.array(list("ABCDE"))[np.arange(2 * len(DAYS)) % 5]
    frame = shop(product_id=names)
    frame["amount"] *= frame["product_id"].map({"A": 5, "B": 4, "C": 3, "D": 2, "E": 1})
    result = forecast.run(of(frame), forecast.Params(by="product", top=2))
    assert set(result.history["series_id"]) == {"A", "B", OTHERS}
    assert result.history["value"].sum() == pytest.approx(frame["amount"].sum())


def test_sales_are_never_forecast_below_zero() -> None:
    rng = np.random.default_rng(0)
    falling = pd.DataFrame({"ordered_at": DAYS, "amount": np.maximum(100 - 0.8 * np.arange(len(DAYS)), 0.5)})
    falling["amount"] *= rng.uniform(0.2, 1.8, len(DAYS))
    for model in ("auto", "linear", "ets"):
        found = forecast.run(of(falling), forecast.Params(model=model)).forecast
        assert (found[["mean", "lo_80", "lo_95"]] >= 0).all(axis=None)


@pytest.mark.parametrize("model", list(forecast.METHODS))
def test_each_model_can_be_wished_for(model: str) -> None:
    result = forecast.run(of(shop()), forecast.Params(model=model, horizon=7))
    assert set(result.forecast["model"]) == {model}
    assert len(result.forecast) == 7


def test_horizon_and_season_are_taken_as_wished() -> None:
    result = forecast.run(of(shop()), forecast.Params(horizon=5, season_length=14, freq="D"))
    assert (result.horizon, result.season_length, len(result.forecast)) == (5, 14, 5)


def test_integer_times_go_on_in_integers() -> None:
    frame = pd.DataFrame({"series_id": "W1", "time": np.arange(1, 61), "value": np.arange(60.0) % 5})
    result = forecast.run(Dataset.from_frames(series=frame), forecast.Params(horizon=3))
    assert result.forecast["time"].tolist() == [61, 62, 63]
    assert forecast.figures(result)
    assert "61" in forecast.findings(result)[0]


def test_daily_series_can_be_added_up_to_weeks_but_not_cut_to_hours() -> None:
    days = pd.date_range("2023-01-04", periods=400, freq="D")
    data = Dataset.from_frames(series=pd.DataFrame({"time": days, "value": np.ones(400)}))
    weeks = forecast.run(data, forecast.Params(freq="W", horizon=2))
    assert weeks.history["value"].eq(7).all()
    assert weeks.history["time"].min() == pd.Timestamp("2023-01-09")
    with pytest.raises(BadParameter):
        forecast.run(data, forecast.Params(freq="H"))


def test_short_series_among_long_ones_are_repeated_with_a_sentence() -> None:
    result = forecast.run(uploaded(long=np.random.default_rng(0).normal(50, 5, 80), short=np.array([3.0, 4.0])))
    assert result.n_short == 1
    short = result.forecast[result.forecast["series_id"] == "short"]
    assert set(short["model"]) == {"mean"}
    assert (short["hi_95"] > short["mean"]).all()
    assert any("too short" in sentence for sentence in forecast.findings(result))


def test_a_model_that_does_not_beat_the_simple_forecast_is_said_to_be_no_better() -> None:
    walk = 500 + np.random.default_rng(3).normal(0, 1, 200).cumsum()
    result = forecast.run(uploaded(walk=walk), forecast.Params(season_length=1, model="polynomial"))
    sentence = next(s for s in forecast.findings(result) if "repeating the last season" in s)
    gain = result.improvement_over_naive
    assert ("more than" in sentence) == (gain <= -0.02)
    assert ("no less" in sentence) == (abs(gain) < 0.02)


def test_the_demo_season_is_recovered() -> None:
    result = forecast.run(Dataset.from_frames(**samples.demo()))
    planted = np.array(samples.truth().weekly)
    found = result.rhythm[result.rhythm["cycle"] == "weekday"].sort_values("position")["ratio"].to_numpy()
    assert np.corrcoef(planted, found)[0, 1] > 0.8
    assert result.improvement_over_naive > 0.1
    assert 0.7 < result.coverage_80 < 0.95


def test_online_retail_daily_is_better_than_naive_and_knows_that_saturdays_are_closed(retail: Dataset) -> None:
    result = forecast.run(retail)
    assert (result.freq, result.season_length) == ("D", 7)
    assert result.dropped == ("2011-12-09",)
    assert result.forecast["time"].iloc[0] == pd.Timestamp("2011-12-09")
    saturdays = pd.DatetimeIndex(result.forecast["time"]).day_of_week == 5
    assert (result.forecast.loc[saturdays, "mean"] == 0).all()
    assert result.improvement_over_naive > 0.15
    assert "2011-12-09" in forecast.findings(result)[0]


def test_online_retail_weeks_leave_the_begun_and_the_running_week_out(retail: Dataset) -> None:
    result = forecast.run(retail, forecast.Params(freq="W"))
    assert result.dropped == ("2010-11-29", "2011-12-05")
    assert result.forecast["time"].iloc[0] == pd.Timestamp("2011-12-05")


@pytest.mark.slow
def test_a_hundred_and_fifty_retail_series_are_forecast_better_than_naive() -> None:
    frame = pd.read_csv(shared("aus_retail/aus_retail.csv.gz"))
    series = frame.rename(columns={"Series ID": "series_id", "Month": "time", "Turnover": "value"})
    series = series.assign(time=pd.to_datetime(series["time"]))[["series_id", "time", "value"]]
    result = forecast.run(Dataset.from_frames(series=series))
    assert (result.freq, result.season_length, result.n_series) == ("M", 12, 152)
    assert result.improvement_over_naive > 0.1
    assert 0.72 < result.coverage_80 < 0.9
    assert 0.9 < result.coverage_95 < 0.99


DEGENERATE = {
    "constant": shop().assign(amount=5.0),
    "zeros": shop().assign(amount=0.0),
    "one huge value": shop().assign(amount=lambda f: np.where(f.index == 100, 1e12, 1.0)),
    "rare": pd.DataFrame({"ordered_at": pd.to_datetime(["2020-01-01", "2021-06-01", "2024-01-01"]), "amount": 1.0}),
    "six days": shop(DAYS[:6]),
    "no amounts": shop().assign(amount=np.nan),
    "one day": shop(DAYS[:1]),
    "two rows": shop(DAYS[:1]).head(2),
    "returns only": shop().assign(amount=-3.0),
    "empty": shop().head(0),
}


@pytest.mark.parametrize("kind", DEGENERATE)
@pytest.mark.parametrize("freq", ["auto", "D", "W", "M"])
def test_degenerate_sales_give_a_forecast_or_a_sentence(kind: str, freq: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("error", FutureWarning)
        result = answer(of(DEGENERATE[kind]), forecast.Params(freq=freq))
        if isinstance(result, str):
            assert result.endswith(".")
            return
        assert np.isfinite(result.forecast[["mean", "lo_80", "hi_80", "lo_95", "hi_95"]]).all(axis=None)
        assert all(np.isfinite(value) for value in results.metrics(result).values())
        assert forecast.findings(result)
        assert forecast.figures(result)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 90), st.floats(-1e6, 1e6)), max_size=80),
    st.sampled_from(["auto", "W", "M"]),
)
def test_any_uploaded_series_give_a_forecast_or_a_sentence(rows: list, freq: str) -> None:
    names, days, values = zip(*rows, strict=True) if rows else ((), (), ())
    time = pd.Timestamp("2024-01-01") + pd.to_timedelta(pd.Series(days, dtype="int64"), unit="D")
    ids = pd.Series([f"s{n}" for n in names], dtype="str")
    frame = pd.DataFrame({"series_id": ids, "time": time, "value": pd.Series(values, dtype="float64")})
    result = answer(Dataset.from_frames(series=frame), forecast.Params(freq=freq))
    if isinstance(result, str):
        assert result.endswith(".")
        return
    assert np.isfinite(result.forecast["mean"]).all()
    assert (result.forecast["lo_95"] <= result.forecast["hi_95"]).all()


def test_wishes_that_the_data_cannot_carry_are_told() -> None:
    with pytest.raises(MissingColumns):
        forecast.run(of(shop()), forecast.Params(by="category"))
    with pytest.raises(BadParameter):
        forecast.run(of(shop()), forecast.Params(by="weather"))
    with pytest.raises(BadParameter):
        forecast.run(of(shop()), forecast.Params(show="nobody"))
    with pytest.raises(TooLittleData):
        forecast.run(of(shop(DAYS[:40])), forecast.Params(freq="M"))
    with pytest.raises(MissingColumns):
        forecast.run(Dataset.from_frames(customers=pd.DataFrame({"customer_id": ["a"]})))


def test_choices_depend_on_the_data() -> None:
    option = options.options(forecast.Params)["by"][0]
    assert option.of(of(shop(country="UK"))) == ["total", "country"]
    assert option.of(uploaded(a=np.ones(9))) == ["series"]


def test_charts_are_made_from_aggregates_and_leave_the_result_alone(many: forecast.Result) -> None:
    before = many.forecast.copy()
    charts = forecast.figures(many)
    assert 3 <= len(charts) <= 7
    assert all(isinstance(chart, go.Figure) for chart in charts.values())
    points = sum(len(trace.x) for chart in charts.values() for trace in chart.data if trace.x is not None)
    assert points < 20_000
    pd.testing.assert_frame_equal(many.forecast, before)


def test_results_survive_the_store_and_repeat(tmp_path, result: forecast.Result) -> None:
    results.save(result, tmp_path)
    again = results.load(forecast.Result, tmp_path)
    pd.testing.assert_frame_equal(again.backtest, result.backtest, check_dtype=False)
    assert results.metrics(again) == results.metrics(result)
    pd.testing.assert_frame_equal(forecast.run(of(shop())).forecast, result.forecast)


def test_progress_runs_from_start_to_end() -> None:
    told: list[tuple[float, str]] = []
    forecast.run(of(shop()), progress=lambda share, stage: told.append((share, stage)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] < 1


def test_chinese_readers_get_chinese_sentences(result: forecast.Result) -> None:
    t = translator("zh")
    for english, chinese in zip(forecast.findings(result), forecast.findings(result, t), strict=True):
        assert english != chinese
        assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese)
    assert t(TOTAL) != TOTAL
    titles = [chart.layout.title.text for chart in forecast.figures(result, t).values()]
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in title) for title in titles)
