"""Where engines differ, and what of them the analyses see: nothing."""

import datetime as dt
from collections.abc import Iterator

import ibis
import numpy as np
import pandas as pd
import pytest

from crm_ai.data import loading
from crm_ai.data import spark as spark_module
from crm_ai.data.dataset import Dataset
from crm_ai.data.engine import engine
from crm_ai.data.sampling import share_for, thinned
from crm_ai.errors import BadParameter, TooLittleData
from tests.engines import postgres, spark_local

MOMENTS = ["2024-01-01 23:59:59.999999", "2024-02-29 00:00", "2023-12-31 12:30", "1969-12-31 23:00", "2024-03-31 02:30"]
WORDS = ["a, b", 'say "no"', "two\nlines", "", "中文，，", None]
LINES = pd.DataFrame(
    {
        "customer_id": ["1", "1", "2", None, "3"],
        "ordered_at": pd.to_datetime(MOMENTS, format="ISO8601"),
        "quantity": [1, 2, 3, 4, 5],
        "amount": [10.0, np.nan, 30.5, 0.0, -1.25],
        "cancelled": [True, False, False, True, False],
        "country": [None] * 5,
    }
)
ENGINES = ["duckdb", "postgres", pytest.param("spark", marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=ENGINES)
def url(request) -> Iterator[str]:
    if request.param == "postgres":
        with postgres() as address:
            yield address
    else:
        yield "duckdb://" if request.param == "duckdb" else spark_local()


@pytest.fixture(scope="module")
def shop(url) -> Dataset:
    return Dataset.from_frames("traps", url, transactions=LINES)


def test_rows_come_back_as_they_went_in(shop):
    back = shop.frame(shop.tables["transactions"].order_by("quantity"))
    assert {name: str(kind) for name, kind in back.drop(columns=["customer_id", "country"]).dtypes.items()} == {
        "ordered_at": "datetime64[us]",
        "quantity": "int64",
        "amount": "float64",
        "cancelled": "bool",
    }
    assert back["country"].isna().all()
    pd.testing.assert_frame_equal(back.drop(columns="country"), LINES.drop(columns="country"), check_dtype=False)


def test_days_weeks_and_months_begin_where_they_do_on_every_clock(shop):
    table = shop.tables["transactions"].order_by("quantity")
    parts = {unit: table.ordered_at.truncate(unit) for unit in ("D", "W", "M")} | {"hour": table.ordered_at.hour()}
    found = shop.frame(table.select("ordered_at", **parts))
    moments = LINES["ordered_at"]
    assert found["D"].tolist() == moments.dt.normalize().tolist()
    assert found["W"].tolist() == (moments.dt.normalize() - pd.to_timedelta(moments.dt.day_of_week, unit="D")).tolist()
    assert found["M"].tolist() == moments.dt.to_period("M").dt.start_time.tolist()
    assert found["hour"].tolist() == moments.dt.hour.tolist()


def test_days_between_moments_are_counted_from_seconds(shop):
    """``delta`` counts midnights on one engine and whole days on another; seconds of truncated days are the same."""
    table = shop.tables["transactions"].order_by("quantity")
    days = (table.ordered_at.truncate("D").epoch_seconds() / 86_400).cast("int64")
    assert shop.frame(days.name("n"))["n"].tolist() == [19723, 19782, 19722, -1, 19813]


def test_a_moment_can_be_compared_with_one_of_python(shop):
    table = shop.tables["transactions"]
    found = shop.frame(table.filter(table.ordered_at < ibis.literal(dt.datetime(2024, 1, 1))).quantity.sum())
    assert found.iloc[0, 0] == 7


def test_not_a_number_is_a_missing_value(shop):
    table = shop.tables["transactions"]
    told = table.aggregate(n=table.amount.count(), mean=table.amount.mean(), none=table.amount.isnull().sum())
    assert shop.frame(told).iloc[0].tolist() == [4.0, 39.25 / 4, 1.0]


def test_whole_numbers_divide_to_fractions_and_nothing_breaks_on_zero(shop):
    table = shop.tables["transactions"].order_by("quantity")
    halves = shop.frame(table.select(half=table.quantity / 2, none=table.amount / (table.quantity - 1).nullif(0)))
    assert halves["half"].tolist() == [0.5, 1.0, 1.5, 2.0, 2.5]
    assert np.isnan(halves["none"].iloc[0])


def test_sums_of_whole_numbers_are_numbers(shop):
    table = shop.tables["transactions"]
    found = shop.frame(table.aggregate(total=table.quantity.sum(), flags=table.cancelled.sum(), n=table.count()))
    assert {str(kind) for kind in found.dtypes} <= {"int64", "float64"}
    assert found.iloc[0].tolist() == [15, 2, 5]


def test_texts_of_any_kind_survive_the_way(url):
    frame = pd.DataFrame({"text": WORDS, "n": range(len(WORDS))})
    data = Dataset.from_frames("words", url, feedback=frame)
    assert data.frame(data.tables["feedback"].order_by("n"))["text"].fillna("-").tolist() == [*WORDS[:-1], "-"]


def test_equal_frames_share_a_table_and_others_do_not(url, shop):
    again, other = (Dataset.from_frames("again", url, transactions=lines) for lines in (LINES, LINES.head(2)))
    assert again.fingerprint == shop.fingerprint
    assert [len(one.frame(one.tables["transactions"])) for one in (again, other, shop)] == [5, 2, 5]


def test_an_empty_table_keeps_its_columns(url):
    data = Dataset.from_frames("empty", url, transactions=LINES.head(0))
    back = data.frame(data.tables["transactions"])
    assert len(back) == 0
    assert back.columns.tolist() == LINES.columns.tolist()


def test_batches_are_bounded_and_lose_nothing(url):
    data = Dataset.from_frames("many", url, transactions=pd.DataFrame({"n": np.arange(10_000), "half": 0.5}))
    batches = list(data.batches(data.tables["transactions"], rows=3_000))
    assert max(map(len, batches)) <= 3_000
    assert sorted(np.concatenate([batch["n"] for batch in batches]).tolist()) == list(range(10_000))
    assert {str(kind) for batch in batches for kind in batch.dtypes} == {"int64", "float64"}


def test_batches_may_be_left_before_their_end(url):
    data = Dataset.from_frames("many", url, transactions=pd.DataFrame({"n": np.arange(10_000), "half": 0.5}))
    assert len(next(iter(data.batches(data.tables["transactions"], rows=10)))) == 10
    assert data.frame(data.tables["transactions"].count()).iloc[0, 0] == 10_000


def test_more_rows_than_agreed_do_not_come(shop):
    with pytest.raises(TooLittleData, match="More than 2 rows"):
        shop.frame(shop.tables["transactions"], most=2)


def test_every_engine_draws_the_same_sample_of_whole_customers(url):
    frame = pd.DataFrame({"customer_id": [f"c{n % 500}" for n in range(2_000)], "n": range(2_000)})
    here, there = (Dataset.from_frames("many", one, transactions=frame) for one in ("duckdb://", url))
    drawn = [set(one.frame(thinned(one.tables["transactions"], ["customer_id"], 0.3))["n"]) for one in (here, there)]
    assert drawn[0] == drawn[1]
    assert 0.2 < len(drawn[0]) / 2_000 < 0.4
    assert len(drawn[0]) == 4 * frame.loc[list(drawn[0]), "customer_id"].nunique()


def test_larger_samples_hold_the_smaller_ones():
    data = Dataset.from_frames(transactions=pd.DataFrame({"a": range(1_000), "b": range(1_000)}))
    drawn = [set(data.frame(thinned(data.tables["transactions"], ["a", "b"], share))["a"]) for share in (0.1, 0.5, 1)]
    assert drawn[0] < drawn[1] < drawn[2]
    assert [share_for(100, 50), share_for(100, 400)] == [1.0, 0.25]


@pytest.mark.slow
def test_a_process_has_one_session_of_spark():
    here = spark_local()
    assert engine(here) is engine(here)
    with pytest.raises(BadParameter, match="already works with Spark"):
        engine("local[1]")


@pytest.mark.slow
def test_orders_that_one_engine_wrote_are_read_by_the_others(tmp_path):
    here = {"duckdb": "duckdb://", "spark": spark_local()}
    lines = LINES.assign(order_id=["a", "a", "b", "c", "d"])
    writers = {name: Dataset.from_frames(name, url, transactions=lines) for name, url in here.items()}
    for name, data in writers.items():
        data.roll_up(tmp_path / f"{name}.parquet")
    expected = writers["duckdb"].frame(writers["duckdb"].orders().order_by("order_id"))
    with postgres() as url:
        for reader in (*here.values(), url):
            for name in writers:
                table = loading.load(engine(reader), f"orders_{name}", tmp_path / f"{name}.parquet")
                back = Dataset("back", "", {"orders": table}).frame(table.order_by("order_id"))
                pd.testing.assert_frame_equal(back[list(expected)], expected, check_dtype=False)


@pytest.mark.slow
def test_spark_reads_parquet_in_place_and_says_what_went_wrong_on_the_way(tmp_path):
    connection = engine(spark_local())
    LINES.drop(columns="country").to_parquet(tmp_path / "lines.parquet")
    table = connection.read_parquet(tmp_path / "lines.parquet", table_name="lines_here")
    assert table.count().execute() == 5
    broken = table.select(n=table.quantity / (table.quantity - 1)).mutate(m=ibis.literal(1) // 0)
    with pytest.raises(Exception, match="DIVIDE_BY_ZERO"):
        list(spark_module.batches(connection, broken, 10))
    assert table.count().execute() == 5
