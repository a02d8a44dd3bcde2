"""Filters: what they let through is what a file of only those rows would hold."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai.data.dataset import Dataset, shape
from crm_ai.data.filters import MOST, Filters, usable
from crm_ai.errors import BadParameter

LINES = pd.DataFrame(
    {
        "customer_id": ["1", "1", "2", "3", None],
        "order_id": ["a", "a", "b", "c", "d"],
        "ordered_at": pd.to_datetime(
            ["2024-01-01", "2024-01-01 23:59:59", "2024-01-02", "2024-01-03 00:00:00", "2024-01-09"],
            format="ISO8601",
        ),
        "amount": [10.0, 20.0, 30.0, 40.0, 50.0],
        "country": ["France", "France", "Peru", None, "Peru"],
    }
)
PEOPLE = pd.DataFrame({"customer_id": ["1", "2", "3"], "segment": ["Gold", "Gold", "New"], "age": [30, 40, 50]})
SAID = pd.DataFrame({"customer_id": ["1", "2", "3"], "text": ["good", "bad", "fine"]})


def shop(**tables):
    return Dataset.from_frames("shop", **({"transactions": LINES} | tables))


def amounts(data):
    return sorted(data.frame(data.tables["transactions"])["amount"])


def people(data, table):
    return sorted(data.frame(data.tables[table])["customer_id"])


# ---- what is let through ---------------------------------------------------------------------------------------------


def test_the_first_and_the_last_day_count_to_their_end():
    assert amounts(shop().where(Filters("2024-01-01", "2024-01-01"))) == [10, 20]
    assert amounts(shop().where(Filters(since="2024-01-03"))) == [40, 50]


def test_a_country_is_that_of_the_row():
    assert amounts(shop().where(Filters(country=("Peru",)))) == [30, 50]


def test_tables_without_a_country_take_that_of_their_customers():
    part = shop(customers=PEOPLE, feedback=SAID).where(Filters(country=("France",)))
    assert people(part, "customers") == people(part, "feedback") == ["1"]


def test_a_country_in_the_customer_table_goes_before_that_of_the_orders():
    lines = LINES.rename(columns={"country": "somewhere"})
    part = shop(transactions=lines, customers=PEOPLE.assign(country=["Peru", "Peru", "Chad"]), feedback=SAID)
    assert amounts(part.where(Filters(country=("Chad",)))) == [40]
    assert people(part.where(Filters(country=("Peru",))), "feedback") == ["1", "2"]


def test_segments_of_the_customer_table_go_before_those_of_the_orders():
    part = shop(customers=PEOPLE, feedback=SAID).where(Filters(segment=("Gold",)), people=["3"])
    assert amounts(part) == [10, 20, 30]
    assert people(part, "customers") == people(part, "feedback") == ["1", "2"]


def test_else_they_are_the_people_who_are_named():
    assert amounts(shop().where(Filters(segment=("Champions",)), people=["2", "3"])) == [30, 40]
    assert amounts(shop().where(Filters(segment=("Champions",)), people=[])) == []


def test_all_filters_hold_at_once():
    both = Filters("2024-01-01", "2024-01-02", ("France", "Peru"), ("Gold",))
    assert amounts(shop(customers=PEOPLE).where(both)) == [10, 20, 30]


def test_a_filter_that_a_table_cannot_carry_leaves_it_whole():
    series = pd.DataFrame({"time": pd.date_range("2024-01-01", periods=4), "value": [1.0, 2.0, 3.0, 4.0]})
    part = shop(series=series, customers=PEOPLE).where(Filters("2024-01-02", country=("France",)))
    assert len(part.frame(part.tables["series"])) == 3
    assert people(part, "customers") == ["1"]


def test_orders_that_were_added_up_before_serve_only_whole_data(tmp_path):
    import json

    LINES.to_parquet(tmp_path / "lines.parquet")
    shop().roll_up(tmp_path / "orders.parquet")
    (tmp_path / "manifest.json").write_text(
        json.dumps({"name": "s", "fingerprint": "f", "tables": {"transactions": "lines.parquet"}})
    )
    kept = Dataset.open(tmp_path, orders=tmp_path / "orders.parquet")
    assert kept.where(Filters()).rolled is not None
    part = kept.where(Filters(country=("France",)))
    assert part.value(part.orders().amount.sum()) == 30


SPAN = [day.date().isoformat() for day in pd.date_range("2024-01-01", "2024-01-05")]


@given(
    lines=st.lists(
        st.tuples(
            st.datetimes(pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-05")),
            st.sampled_from(["A", "B", "'; --", None]),
            st.sampled_from(["1", "2", None]),
        ),
        min_size=1,
        max_size=12,
    ),
    since=st.sampled_from(["", *SPAN]),
    until=st.sampled_from(["", *SPAN]),
    countries=st.sets(st.sampled_from(["A", "B", "'; --"])),
    members=st.sets(st.sampled_from(["1", "2"])),
)
@settings(max_examples=40)
def test_the_same_rows_as_pandas_would_leave(lines, since, until, countries, members):
    frame = pd.DataFrame(lines, columns=["ordered_at", "country", "customer_id"])
    frame = frame.assign(amount=range(len(frame))).astype({"country": "str", "customer_id": "str", "amount": "float"})
    wanted = frame
    if since:
        wanted = wanted[wanted["ordered_at"] >= pd.Timestamp(since)]
    if until:
        wanted = wanted[wanted["ordered_at"] < pd.Timestamp(until) + pd.Timedelta(days=1)]
    if countries:
        wanted = wanted[wanted["country"].isin(countries)]
    if members:
        wanted = wanted[wanted["customer_id"].isin(members)]
    filters = Filters(since, until, tuple(sorted(countries)), ("any",) if members else ())
    assert amounts(shop(transactions=frame).where(filters, members)) == wanted["amount"].tolist()


# ---- what can be filtered --------------------------------------------------------------------------------------------


def test_what_a_table_can_carry_follows_from_the_columns():
    columns = {"transactions": ["customer_id", "ordered_at", "amount"], "feedback": ["text", "created_at"]}
    assert usable("transactions", columns) == {"since", "until", "segment"}
    assert usable("feedback", columns) == {"since", "until"}
    assert usable("customers", columns | {"customers": ["customer_id", "country"]}) == {"country", "segment"}
    assert usable("transactions", columns | {"customers": ["customer_id", "country"]}) >= {"country"}


def test_the_shape_of_kept_data_is_that_of_the_opened(tmp_path):
    import json

    LINES.drop(columns="amount").assign(unit_price=1.0, quantity=2, _row=1).to_parquet(tmp_path / "lines.parquet")
    (tmp_path / "manifest.json").write_text(
        json.dumps({"name": "s", "fingerprint": "f", "tables": {"transactions": "lines.parquet"}})
    )
    opened, here = Dataset.open(tmp_path), shape(tmp_path)
    assert {name: list(table.columns) for name, table in opened.tables.items()} == {
        name: list(columns) for name, columns in here.columns.items()
    }
    assert here.has("transactions", "amount")
    assert not here.has("transactions", "_row")
    assert not here.has("feedback")


# ---- as JSON ---------------------------------------------------------------------------------------------------------

names = st.lists(st.text(max_size=8), max_size=4)
days = st.dates().map(lambda day: day.isoformat())


@given(st.lists(days, min_size=2, max_size=2).map(sorted), names, names)
def test_json_gives_the_filters_back(span, country, segment):
    found = Filters.from_json({"since": span[0], "until": span[1], "country": country, "segment": segment})
    assert Filters.from_json(found.to_json()) == found
    assert bool(found)


def test_nothing_set_is_nothing_said():
    assert Filters().to_json() == {}
    assert not Filters.from_json({})


@pytest.mark.parametrize(
    "document",
    [
        {"since": "yesterday"},
        {"until": 5},
        {"since": "2024-02-01", "until": "2024-01-01"},
        {"country": "France"},
        {"country": [1]},
        {"country": ["x"] * (MOST + 1)},
        {"amount": ["1"]},
    ],
)
def test_what_is_no_filter_is_refused(document):
    with pytest.raises(BadParameter):
        Filters.from_json(document)
