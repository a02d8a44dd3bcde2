"""Canonical tables straight on a database's own: the same answers as from an ingested copy, and nothing copied."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crm_ai import analyses
from crm_ai.analyses import results
from crm_ai.data import inplace, intake, loading, samples
from crm_ai.data.dataset import Dataset
from crm_ai.data.engine import engine
from crm_ai.data.schema import Column, Mapping
from crm_ai.errors import BadParameter
from tests.engines import postgres


def dirty() -> dict[str, pd.DataFrame]:
    """The demo shop with what the cleaning rules look for."""
    frames = samples.demo(seed=3, customers=200)
    lines = frames["transactions"].drop(columns="amount").assign(cancelled=lambda rows: np.arange(len(rows)) % 53 == 0)
    lines.loc[::97, "customer_id"] = None
    lines.loc[1::89, "customer_id"] = "N/A"
    lines.loc[::101, "quantity"] = 0
    lines.loc[3::103, "unit_price"] = -1.0
    lines.loc[5::113, "product_name"] = "-"
    lines.loc[7::211, "ordered_at"] = pd.Timestamp("2093-01-01")
    people = pd.concat([frames["customers"], frames["customers"].head(5)], ignore_index=True)
    return {"lines": lines.assign(nothing=None), "people": people, "opinions": frames["feedback"].head(200)}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with postgres() as address:
        yield address.replace("postgres@", "postgres:secret@")


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Dataset:
    """The files, taken in."""
    folder = tmp_path_factory.mktemp("files")
    for name, frame in dirty().items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    paths = [folder / f"{name}.parquet" for name in dirty()]
    return intake.ingest(paths, tmp_path_factory.mktemp("copy"))


@pytest.fixture(scope="module")
def mappings(copy, url) -> dict[str, Mapping]:
    """The same tables in the database, mapped as intake mapped the files."""
    connection = engine(url)
    for name, frame in dirty().items():
        loading.create(connection, name, frame)
    return dict(zip(dirty(), map(Mapping.from_json, copy.manifest["mappings"]), strict=True))


@pytest.fixture(scope="module")
def place(url, mappings) -> Dataset:
    return Dataset.in_place("shop", url, mappings)


def test_the_rules_leave_the_same_rows_and_columns(copy, place):
    assert place.tables.keys() == copy.tables.keys()
    for name, table in copy.tables.items():
        ours, theirs = copy.frame(table), place.frame(place.tables[name])
        key = list(ours.columns)
        ours, theirs = (frame[key].sort_values(key, ignore_index=True) for frame in (ours, theirs))
        assert 0 < len(ours) < len(dirty()["lines"])
        pd.testing.assert_frame_equal(ours, theirs, check_dtype=False)


@pytest.mark.parametrize("name", ["overview", "segments", "forecast", "baskets", "anomalies"])
def test_analyses_find_the_same_in_place_and_in_the_copy(name, copy, place):
    ours, theirs = (analyses.load(name).run(data) for data in (copy, place))
    assert results.metrics(ours) == pytest.approx(results.metrics(theirs), rel=1e-6)
    for table, frame in results.tables(ours).items():
        pd.testing.assert_frame_equal(frame, results.tables(theirs)[table], check_dtype=False, rtol=1e-6, obj=table)


def test_secrets_stay_out_of_what_is_kept(place):
    assert "secret" not in str(place.manifest)
    assert place.manifest["in_place"].startswith("postgres://127.0.0.1:")


def test_the_fingerprint_holds_until_a_row_or_the_mapping_changes(url, mappings, place):
    same = Dataset.in_place("other name", url.replace("secret", "changed"), mappings)
    fewer = mappings | {"people": replace(mappings["people"], table="")}
    assert same.fingerprint == place.fingerprint
    assert Dataset.in_place("shop", url, fewer).fingerprint != place.fingerprint
    connection = engine(url)
    loading.create(connection, "opinions_later", dirty()["opinions"].head(199))
    moved = {("opinions_later" if name == "opinions" else name): mapping for name, mapping in mappings.items()}
    assert Dataset.in_place("shop", url, moved).fingerprint != place.fingerprint


def test_tables_of_one_kind_are_joined_end_to_end(url, mappings):
    lines = dirty()["lines"]
    connection = engine(url)
    loading.create(connection, "first_half", lines.head(500))
    loading.create(connection, "second_half", lines.iloc[500:900].drop(columns="country"))
    columns = {name: column for name, column in mappings["lines"].columns.items() if name != "country"}
    parts = {"first_half": mappings["lines"], "second_half": replace(mappings["lines"], columns=columns)}
    both = Dataset.in_place("parts", url, parts)
    whole = Dataset.in_place("whole", url, {"lines": mappings["lines"]})
    kept = both.frame(both.tables["transactions"])
    assert 0 < len(kept) < 900
    assert kept["country"].isna().any()
    ids = set(whole.frame(whole.tables["transactions"])["order_id"])
    assert set(kept["order_id"]) <= ids


def column(heading: str, reading: str, *joined: str) -> Column:
    return Column(heading, 1.0, "chosen", reading, joined)


@pytest.mark.parametrize(
    ("table", "columns", "said"),
    [
        ("nowhere", {"ordered_at": column("ordered_at", "native")}, "no table nowhere"),
        ("lines", {"ordered_at": column("when", "native")}, "no column when; it has"),
        ("lines", {"ordered_at": column("country", "native")}, "country of the table lines cannot be read in place"),
        ("lines", {"ordered_at": column("country", "date:%Y-%m-%d")}, "cannot be read in place"),
        ("lines", {"amount": column("country", "number")}, "cannot be read in place"),
        ("lines", {"amount": column("country", "number_comma")}, "cannot be read in place"),
        ("lines", {"ordered_at": column("ordered_at", "native", "country")}, "cannot be read in place"),
    ],
)
def test_what_only_files_need_is_refused_with_a_sentence(table, columns, said, url, mappings):
    with pytest.raises(BadParameter, match=said):
        Dataset.in_place("shop", url, {table: Mapping("transactions", columns)})


def test_customers_need_an_id_and_something_must_be_mapped(url, mappings):
    with pytest.raises(BadParameter, match="no column for customer_id"):
        Dataset.in_place("shop", url, {"people": replace(mappings["people"], columns={})})
    with pytest.raises(BadParameter, match="None of the tables"):
        Dataset.in_place("shop", url, {"people": Mapping("", {})})


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("postgres://ann:pw@host:5432/shop?sslmode=require&password=pw", "postgres://host:5432/shop"),
        ("duckdb:///data/shop.duckdb", "duckdb:///data/shop.duckdb"),
        ("mysql://host/shop#pw", "mysql://host/shop"),
    ],
)
def test_an_address_is_told_without_what_signs_in(url, left):
    assert inplace.without_credentials(url) == left
