"""The only door through which rows leave the engine."""

import json

import numpy as np
import pandas as pd
import pytest

from crm_ai.data.dataset import Dataset
from crm_ai.errors import MissingColumns, TooLittleData

LINES = pd.DataFrame(
    {
        "customer_id": ["1", "1", "2"],
        "order_id": ["a", "a", "b"],
        "ordered_at": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-02"]),
        "quantity": [1, 2, 3],
        "amount": [10.0, 20.0, 30.0],
    }
)


def data(frame=LINES, **tables):
    return Dataset.from_frames("shop", transactions=frame, **tables)


def test_it_says_what_it_has():
    assert data().has("transactions", "amount", "ordered_at")
    assert not data().has("transactions", "amount", "country")
    assert not data().has("feedback")


def test_a_missing_column_is_named_and_so_is_its_table():
    with pytest.raises(MissingColumns, match="columns country in the table transactions"):
        data().table("transactions", "amount", "country")
    with pytest.raises(MissingColumns, match="columns text in the table feedback"):
        data().table("feedback", "text")


def test_lines_of_one_order_are_one_order():
    shop = data()
    orders = shop.frame(shop.orders().order_by("order_id"))
    assert orders[["order_id", "customer_id", "amount", "quantity"]].values.tolist() == [
        ["a", "1", 30, 3],
        ["b", "2", 30, 3],
    ]


def test_without_order_numbers_a_customer_at_one_moment_is_one_order():
    shop = data(LINES.drop(columns="order_id"))
    orders = shop.frame(shop.orders().order_by("amount", "customer_id"))
    assert orders[["customer_id", "amount"]].values.tolist() == [["1", 30], ["2", 30]]
    assert orders["order_id"].nunique() == 2


def test_without_customers_too_every_line_is_an_order():
    shop = data(LINES[["ordered_at", "amount"]])
    assert len(shop.frame(shop.orders())) == 3


def test_what_comes_back_has_the_same_types_from_every_engine():
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None, 3], dtype="Int32"),
            "flag": [True, False, True],
            "day": pd.to_datetime(["2024-01-01"] * 3).tz_localize("Asia/Shanghai"),
            "small": np.array([1, 2, 3], dtype="int8"),
        }
    )
    shop = data(frame)
    back = shop.frame(shop.tables["transactions"])
    assert {name: str(kind) for name, kind in back.dtypes.items()} == {
        "whole": "float64",
        "flag": "bool",
        "day": "datetime64[us]",
        "small": "int64",
    }
    assert back["day"].iloc[0] == pd.Timestamp("2023-12-31 16:00")


def test_more_rows_than_agreed_do_not_come():
    shop = data()
    with pytest.raises(TooLittleData, match="More than 2 rows came back"):
        shop.frame(shop.tables["transactions"], most=2)


def test_batches_are_no_larger_than_agreed_and_lose_nothing():
    shop = data()
    batches = list(shop.batches(shop.tables["transactions"], rows=2))
    assert max(map(len, batches)) <= 2
    assert sum(batch["amount"].sum() for batch in batches) == 60


def test_equal_frames_have_equal_fingerprints_and_one_changed_cell_another():
    other = LINES.assign(amount=[10.0, 20.0, 30.01])
    assert data().fingerprint == data().fingerprint != data(other).fingerprint
    assert data(LINES.rename(columns={"amount": "sum"})).fingerprint != data().fingerprint


def test_a_folder_opens_as_its_manifest_says(tmp_path):
    (tmp_path / "tables").mkdir()
    LINES.to_parquet(tmp_path / "tables" / "lines.parquet")
    manifest = {
        "name": "shop",
        "fingerprint": "f",
        "tables": {"transactions": "tables/lines.parquet"},
        "created_at": "",
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    shop = Dataset.open(tmp_path)
    assert (shop.name, shop.fingerprint, shop.manifest["created_at"]) == ("shop", "f", "")
    assert shop.frame(shop.table("transactions").amount.sum()).iloc[0, 0] == 60


def test_orders_that_were_added_up_once_are_read_instead_of_the_lines(tmp_path):
    shop = data()
    LINES.to_parquet(tmp_path / "lines.parquet")
    shop.roll_up(tmp_path / "orders.parquet")
    manifest = {"name": "shop", "fingerprint": "f", "tables": {"transactions": "lines.parquet"}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    kept = Dataset.open(tmp_path, orders=tmp_path / "orders.parquet")
    assert list(kept.tables) == ["transactions"]
    ours, theirs = (one.frame(one.orders().order_by("order_id")) for one in (shop, kept))
    pd.testing.assert_frame_equal(ours, theirs[list(ours)], check_dtype=False)
    (tmp_path / "lines.parquet").write_bytes(b"")  # nobody looks at the lines
    assert kept.value(kept.orders().amount.sum()) == 60


def test_what_is_kept_for_several_looks_is_the_same():
    shop = data()
    kept = shop.kept(shop.orders())
    assert shop.value(kept.amount.sum()) == shop.value(shop.orders().amount.sum()) == 60
    assert shop.frame(kept.order_by("order_id")).equals(shop.frame(shop.orders().order_by("order_id")))


def test_few_rows_come_at_once_and_many_do_not_come():
    shop = data()
    assert len(shop.few(shop.tables["transactions"], 3)) == 3
    assert shop.few(shop.tables["transactions"], 2) is None
