"""A recipe with filters finds what it would find in a file of only those rows."""

from functools import cache

import pandas as pd
import pytest

from crm_ai.analyses import results
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.data.filters import Filters
from crm_ai.errors import TooLittleData
from crm_ai.recipes import Recipe

PART = {
    "since": "2024-01-01",
    "until": "2025-03-31",
    "country": ["China", "Germany"],
    "segment": ["Champions", "Lost", "Loyal"],
}
ASKED = {
    "overview": {},
    "segments": {},
    "purchases": {"model": "logistic_regression"},
    "forecast": {},
    "baskets": {},
    "anomalies": {"on": "orders"},
    "feedback": {},
}


@cache
def shop() -> dict[str, pd.DataFrame]:
    frames = samples.demo(seed=3, customers=500)
    return frames | {"feedback": frames["feedback"].iloc[::4].reset_index(drop=True)}


@cache
def data() -> Dataset:
    return Dataset.from_frames("demo", **shop())


@cache
def cut() -> Dataset:
    """The same part, cut out in pandas before anything is read."""
    frames, segments = shop(), Recipe("demo", "segments", {"method": "rfm"}).run(data()).customers
    chosen = set(segments.loc[segments["segment"].isin(PART["segment"]), "customer_id"])
    people = frames["customers"][frames["customers"]["country"].isin(PART["country"])]
    kept = {
        "transactions": during(frames["transactions"], "ordered_at").query("country in @PART['country']"),
        "customers": people,
        "feedback": during(frames["feedback"], "created_at").query("customer_id in @people.customer_id"),
    }
    kept = {name: frame[frame["customer_id"].isin(chosen)].reset_index(drop=True) for name, frame in kept.items()}
    return Dataset.from_frames("cut", **kept)


def during(frame, column):
    return frame[
        (frame[column] >= PART["since"]) & (frame[column] < pd.Timestamp(PART["until"]) + pd.Timedelta(days=1))
    ]


@pytest.mark.parametrize("name", ASKED)
def test_filtering_and_then_asking_is_asking_the_filtered_file(name):
    ours = Recipe("demo", name, ASKED[name], PART).run(data())
    theirs = Recipe("cut", name, ASKED[name]).run(cut())
    assert results.metrics(ours) == pytest.approx(results.metrics(theirs), nan_ok=True)
    assert results.tables(ours).keys() == results.tables(theirs).keys()
    for table, frame in results.tables(ours).items():
        pd.testing.assert_frame_equal(frame, results.tables(theirs)[table], check_dtype=False, obj=table)


# ---- which filters apply ---------------------------------------------------------------------------------------------

SALES = {"transactions": ["customer_id", "ordered_at", "amount", "product_id", "order_id"]}
EVERY = Filters("2024-01-01", "2024-12-31", ("France",), ("Champions",))


@pytest.mark.parametrize(
    ("recipe", "columns", "left"),
    [
        (Recipe("a", "overview"), SALES, ("country",)),
        (Recipe("a", "overview"), {"transactions": ["ordered_at", "amount", "country"]}, ("segment",)),
        (Recipe("a", "forecast"), {"series": ["time", "value"]}, ("country", "segment")),
        (Recipe("a", "forecast", {"by": "series"}), SALES | {"series": ["time", "value"]}, ("country", "segment")),
        (Recipe("a", "segments"), {"customers": ["customer_id", "country"]}, ("since", "until", "segment")),
        (
            Recipe("a", "segments", {"basis": "attributes"}),
            SALES | {"customers": ["customer_id", "country"]},
            ("since", "until"),
        ),
        (Recipe("a", "feedback"), {"feedback": ["text"]}, ("since", "until", "country", "segment")),
    ],
)
def test_filters_that_cannot_apply_are_left_out_and_told(recipe, columns, left):
    narrowed, without = recipe.narrowed(columns, EVERY)
    assert without == left
    assert set(narrowed.filters) == {"since", "until", "country", "segment"} - set(left)


def test_filters_of_the_board_go_over_those_of_the_recipe():
    own = Recipe("a", "overview", filters={"since": "2020-01-01", "country": ["Peru"]})
    narrowed, _ = own.narrowed({"transactions": ["ordered_at", "amount", "country"]}, Filters(since="2024-01-01"))
    assert narrowed.filters == {"since": "2024-01-01", "country": ["Peru"]}


def test_each_part_has_a_key_of_its_own_and_no_filter_is_no_part():
    keys = {
        Recipe("a", "overview", filters=part).key("f") for part in ({}, {"since": "2024-01-01"}, {"country": ["A"]})
    }
    assert len(keys) == 3
    assert Recipe("a", "overview", filters={"country": []}).key("f") == Recipe("a", "overview").key("f")


def test_a_part_without_rows_is_a_sentence():
    for name in ("overview", "segments", "feedback"):
        with pytest.raises(TooLittleData, match="No rows are left with these filters"):
            Recipe("demo", name, filters={"country": ["Nowhere"]}).run(data())


def test_of_a_sample_of_customers_nobody_can_say_who_is_in_a_segment():
    from dataclasses import replace

    segments = Recipe("demo", "segments", {"method": "rfm"}).run(data())
    with pytest.raises(TooLittleData, match="too many customers"):
        Recipe("demo", "overview", filters={"segment": ["Lost"]}).run(
            data(), segments=replace(segments, n_customers=10**7)
        )
