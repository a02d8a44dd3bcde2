"""The next version of a dataset: files added, rows replaced by key, other columns, other rules."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai.data import intake
from crm_ai.data.dataset import MANIFEST
from crm_ai.errors import BadFile, BadParameter
from tests.data.test_quality import DAY, NEXT, cleaned, part

HEAD = "Order No,Customer ID,Order Date,Product,Quantity,Unit Price\n"
MARCH = (
    HEAD + "1,C1,2024-03-01,Tea,2,3.5\n1,C1,2024-03-01,Mug,1,8\n2,C2,2024-03-09,Tea,1,3.5\n3,C3,2024-03-12,Mug,2,8\n"
)
APRIL = HEAD + "3,C3,2024-03-12,Mug,5,8\n4,C1,2024-04-02,Tea,1,3.5\n1,C1,2024-03-01,Tea,2,3.5\n"
PEOPLE = "Customer ID,Age,Plan,Churn\nC1,31,Basic,yes\nC2,45,Plus,no\nC3,28,Basic,no\nC4,51,Plus,yes\n"


class Shop:
    """Versions in folders of their own, one after the other."""

    def __init__(self, folder: Path):
        self.folder, self.count = folder, 0

    def files(self, **texts):
        paths = [self.folder / f"{name}.csv" for name in texts]
        for path, text in zip(paths, texts.values(), strict=True):
            path.write_text(text, "utf-8")
        return paths

    def next(self) -> Path:
        self.count += 1
        return self.folder / str(self.count)

    def first(self, **texts):
        return intake.ingest(self.files(**texts), self.next(), name="Shop")

    def add(self, mode, **texts):
        before, folder = self.folder / str(self.count), self.next()
        here = intake.stage(self.files(**texts), folder)
        intake.recalled(here, self.folder / "none", json.loads((before / MANIFEST).read_text("utf-8")))
        return intake.refresh(folder, before, mode)


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


@pytest.fixture(scope="module")
def replaced(tmp_path_factory):
    """A shop with March and, replacing, April; and its second version."""
    shop = Shop(tmp_path_factory.mktemp("replaced"))
    shop.first(march=MARCH)
    return shop, shop.add("replace", april=APRIL)


def rows(data, table="transactions"):
    return data.frame(data.table(table))


def removed(data, table="transactions"):
    return {rule["id"]: rule["removed"] for rule in data.manifest["report"][table]["rules"] if rule["removed"]}


def test_added_rows_stand_beside_the_old_ones(shop):
    first = shop.first(march=MARCH)
    data = shop.add("append", april=APRIL)
    assert rows(data)["amount"].tolist() == [7, 8, 3.5, 16, 40, 3.5, 7]
    assert removed(data) == {}
    assert data.name == "Shop"
    assert data.manifest["why"] == "rows added"
    assert data.fingerprint != first.fingerprint
    assert len(rows(first)) == 4, "the version before stays as it was"


def test_orders_that_come_again_are_replaced_with_all_their_lines(replaced):
    shop, data = replaced
    assert rows(data)[["order_id", "amount"]].values.tolist() == [["2", 3.5], ["3", 40], ["4", 3.5], ["1", 7]]
    assert removed(data) == {"replaced": 3}
    gone = pd.read_parquet(shop.folder / "2" / intake.REJECTED)
    assert gone[["source", "row", "reason"]].values.tolist() == [["march.csv", n, "replaced"] for n in (1, 2, 4)]
    assert data.manifest["report"]["transactions"]["rows"] == 7


def test_only_the_new_files_stay_when_everything_is_replaced(shop):
    shop.first(march=MARCH)
    data = shop.add("everything", april=APRIL)
    assert rows(data)["amount"].tolist() == [40, 3.5, 7]
    assert [source["name"] for source in data.manifest["sources"]] == ["april.csv"]
    assert data.fingerprint == shop.first(alone=APRIL).fingerprint


def test_what_was_added_to_stand_beside_is_not_replaced_by_its_own_kind_but_by_a_later_upload(shop):
    line = "3,C3,2024-03-12,Mug,{},8\n"
    shop.first(march=HEAD + line.format(1))
    shop.add("append", april=HEAD + line.format(2))
    assert rows(shop.add("append", may=HEAD + line.format(3)))["quantity"].tolist() == [1, 2, 3]
    assert rows(shop.add("replace", june=HEAD + line.format(4)))["quantity"].tolist() == [4]
    assert rows(shop.add("append", july=HEAD + line.format(5)))["quantity"].tolist() == [4, 5]


def test_a_replacement_counts_even_where_the_new_row_is_rejected(shop):
    shop.first(march=MARCH)
    data = shop.add("replace", april=HEAD + "2,C2,2024-03-09,Tea,-1,3.5\n4,C4,2024-04-01,Tea,1,1\n")
    assert "2" not in rows(data)["order_id"].tolist()
    assert removed(data) == {"replaced": 1, "nonpositive_quantity": 1}


def test_the_rule_can_be_switched_off_like_any_other(replaced):
    shop, _ = replaced
    data = intake.revise(shop.next(), shop.folder / "2", {"replaced": False})
    assert len(rows(data)) == 7
    assert data.manifest["why"] == "rules changed"


def test_without_a_replacing_upload_the_rule_is_not_in_the_report(shop):
    data = shop.first(march=MARCH)
    assert "replaced" not in [rule["id"] for rule in data.manifest["report"]["transactions"]["rules"]]


@pytest.mark.parametrize(
    ("first", "again", "left"),
    [
        (
            "Customer ID,Order Date,Product,Amount\nA,2024-01-01,Tea,1\nA,2024-01-01,Mug,2\nB,2024-01-02,Tea,3\n",
            "Customer ID,Order Date,Product,Amount\nA,2024-01-01,Tea,10\nB,2024-01-03,Tea,4\n",
            [2, 3, 10, 4],
        ),
        (
            "Customer ID,Order Date,Amount\nA,2024-01-01,1\nB,2024-01-02,3\nC,2024-01-05,9\n",
            "Customer ID,Order Date,Amount\nA,2024-01-01,10\nA,2024-01-02,20\n",
            [3, 9, 10, 20],
        ),
    ],
    ids=["customer, moment and product", "customer and moment"],
)
def test_orders_without_a_number_are_told_by_customer_and_moment(shop, first, again, left):
    mapping = {"customer_id": "Customer ID", "ordered_at": "Order Date", "amount": "Amount"}
    mapping |= {"product_id": "Product"} if "Product" in first else {}
    folder = shop.next()
    here = intake.stage(shop.files(first=first), folder)
    intake.finish(folder, intake.wished(here, mapping, "transactions"))
    after = shop.next()
    there = intake.stage(shop.files(again=again), after)
    data = intake.refresh(after, folder, "replace", intake.wished(there, mapping, "transactions"))
    assert rows(data)["amount"].tolist() == left


def test_a_customer_who_comes_again_is_replaced_not_lost(shop):
    shop.first(march=MARCH, people=PEOPLE)
    data = shop.add("replace", people2=PEOPLE.splitlines()[0] + "\nC2,46,Basic,no\nC9,20,Basic,no\n")
    found = rows(data, "customers").set_index("customer_id")
    assert found["age"].to_dict() == {"C1": 31, "C3": 28, "C4": 51, "C2": 46, "C9": 20}
    assert removed(data, "customers") == {"replaced_customer": 1}
    off = intake.revise(shop.next(), shop.folder / "2", {"replaced_customer": False})
    assert rows(off, "customers").set_index("customer_id")["age"]["C2"] == 46, "listed twice: the later row stays"


def test_a_customer_who_is_added_again_stays_as_first_listed(shop):
    shop.first(march=MARCH, people=PEOPLE)
    data = shop.add("append", people2=PEOPLE.splitlines()[0] + "\nC2,46,Basic,no\nC9,20,Basic,no\n")
    assert rows(data, "customers").set_index("customer_id")["age"].to_dict()["C2"] == 45


@pytest.mark.parametrize(
    ("table", "first", "again", "left"),
    [
        ("series", {"time": [DAY, NEXT], "value": [1, 2]}, {"time": [NEXT], "value": [20]}, [1, 20]),
        (
            "series",
            {"series_id": ["a", "b"], "time": [DAY, DAY], "value": [1, 2]},
            {"series_id": ["b"], "time": [DAY], "value": [20]},
            [1, 20],
        ),
        (
            "feedback",
            {"feedback_id": ["1", "2"], "text": ["good", "bad"], "rating": [5, 1]},
            {"feedback_id": ["2"], "text": ["fine"], "rating": [4]},
            [5, 4],
        ),
        ("feedback", {"text": ["good", "bad"], "rating": [5, 1]}, {"text": ["bad"], "rating": [1]}, [5, 1, 1]),
    ],
    ids=["a series", "several series", "feedback", "feedback without numbers"],
)
def test_every_table_has_a_key_of_its_own(table, first, again, left, tmp_path):
    parts = [part(pd.DataFrame(first), tmp_path, table), part(pd.DataFrame(again), tmp_path, table, number=1)]
    _, kept = cleaned(tmp_path, parts[0], replace(parts[1], batch=1, replaces=True))
    assert kept["value" if table == "series" else "rating"].tolist() == left


def test_another_table_can_be_added_to_a_dataset(shop):
    shop.first(march=MARCH)
    data = shop.add("append", people=PEOPLE)
    assert set(data.tables) == {"transactions", "customers"}
    assert data.manifest["changes"]["customers"]["before"] is None


def test_the_rules_of_the_version_before_stay(shop):
    folder = shop.next()
    intake.stage(shop.files(march=MARCH.replace("C2", "")), folder)
    intake.finish(folder, rules={"missing_customer": False})
    data = shop.add("append", april=APRIL)
    assert len(rows(data)) == 7
    assert data.manifest["rules"] == {"missing_customer": False}


def test_a_file_that_is_there_already_is_not_added_twice(shop):
    shop.first(march=MARCH)
    with pytest.raises(BadFile, match=r"march2\.csv is in this dataset already"):
        shop.add("append", march2=MARCH)
    shop.count = 1
    assert len(rows(shop.add("append", march3=MARCH, april=APRIL))) == 7


def test_there_is_no_other_way_to_add(shop):
    shop.first(march=MARCH)
    with pytest.raises(BadParameter, match="no way sideways"):
        shop.add("sideways", april=APRIL)


def test_every_version_is_whole_when_the_others_are_gone(shop):
    shop.first(march=MARCH)
    shop.add("append", april=APRIL)
    shutil.rmtree(shop.folder / "1")
    again = intake.revise(shop.next(), shop.folder / "2", {"nonpositive_price": False})
    assert len(rows(again)) == 7


def test_files_are_shared_by_links_not_copied(shop):
    shop.first(march=MARCH)
    shop.add("append", april=APRIL)
    raw = next((shop.folder / "1" / "raw").iterdir())
    assert (shop.folder / "2" / "raw" / raw.name).samefile(raw)


def test_where_links_are_not_possible_files_are_copied(shop, monkeypatch):
    def refuse(*_):
        raise OSError("not on this file system")

    monkeypatch.setattr("os.link", refuse)
    shop.first(march=MARCH)
    assert len(rows(shop.add("append", april=APRIL))) == 7


def test_other_columns_keep_the_rules_and_the_order_of_uploads(replaced):
    shop, _ = replaced
    before, folder = shop.folder / "2", shop.next()
    intake.reopen(folder, before)
    here = intake.staged(folder)
    assert [guess.table for guess in here.guesses] == ["transactions", "transactions"]
    data = intake.remap(folder, before, intake.wished(here, {"category": "Product"}))
    assert removed(data) == {"replaced": 3}
    assert data.has("transactions", "category")
    assert data.manifest["why"] == "columns changed"


def test_an_interrupted_cleaning_leaves_nothing_in_the_version(shop):
    shop.first(march=MARCH)
    folder = shop.folder / "1"
    kept = sorted(path for path in folder.rglob("*") if path.is_file())
    (folder / "raw" / "reading_x").mkdir()
    for path in ("raw/reading_x/part", "tables/transactions-00000000.parquet", "manifest.draft"):
        (folder / path).write_text("half")
    intake.tidy(folder)
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == kept


# ---- what changed ----------------------------------------------------------------------------------------------------


def test_the_manifest_says_what_changed(replaced):
    data = replaced[1]
    found = json.loads(json.dumps(data.manifest["changes"]))["transactions"]
    times = {"first": "2024-03-01T00:00:00"}
    assert found["before"] == {
        "rows": 4, "orders": 3, "customers": 3, "amount": 34.5, "last": "2024-03-12T00:00:00", **times
    }  # fmt: skip
    assert found["after"] == {
        "rows": 4, "orders": 4, "customers": 3, "amount": 54.0, "last": "2024-04-02T00:00:00", **times
    }  # fmt: skip
    assert found["key"] == ["order_id"]
    assert {kind: found[kind]["count"] for kind in ("added", "gone", "changed")} == {
        "added": 1,
        "gone": 0,
        "changed": 2,
    }
    assert found["added"]["examples"] == [
        {"order_id": "4", "rows_before": 0, "rows_after": 1, "amount_before": None, "amount_after": 3.5}
    ]
    assert [example["order_id"] for example in found["changed"]["examples"]] == ["1", "3"]


def test_any_two_versions_can_be_compared_and_the_way_back_is_the_mirror(shop):
    shop.first(march=MARCH)
    shop.add("append", april=APRIL)
    shop.add("everything", may=HEAD + "9,C9,2024-05-01,Tea,1,1\n")
    there = intake.diff(shop.folder / "1", shop.folder / "3")["transactions"]
    back = intake.diff(shop.folder / "3", shop.folder / "1")["transactions"]
    assert (there["added"]["count"], there["gone"]["count"], there["changed"]["count"]) == (1, 3, 0)
    assert (back["added"]["count"], back["gone"]["count"], back["changed"]["count"]) == (3, 1, 0)
    assert there["before"] == back["after"]
    same = intake.diff(shop.folder / "1", shop.folder / "1")["transactions"]
    assert [same[kind]["count"] for kind in ("added", "gone", "changed")] == [0, 0, 0]


def test_a_change_in_any_column_is_seen(shop):
    shop.first(march=MARCH)
    data = shop.add("replace", april=HEAD + "2,C2,2024-03-09,Coffee,1,3.5\n")
    assert data.manifest["changes"]["transactions"]["changed"]["count"] == 1


def test_customers_that_are_only_numbered_have_totals_and_no_keys(shop):
    people = "Age,Plan,Churn\n31,Basic,yes\n45,Plus,no\n28,Basic,no\n51,Plus,yes\n"
    shop.first(people=people)
    data = shop.add("append", more=people.replace("31", "32"))
    found = data.manifest["changes"]["customers"]
    assert found["key"] == []
    assert (found["before"]["rows"], found["after"]["rows"]) == (4, 8)


def test_examples_are_few_however_many_keys_change(shop):
    text = HEAD + "".join(f"{n},C{n % 7},2024-03-01,Tea,1,1\n" for n in range(300))
    shop.first(march=text)
    data = shop.add("replace", april=text.replace(",1,1\n", ",2,1\n"))
    found = data.manifest["changes"]["transactions"]["changed"]
    assert (found["count"], len(found["examples"])) == (300, 5)


LINES = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 9)), min_size=1, max_size=6)


def naive(uploads):
    """Order lines after uploads of (mode, lines), by walking through them."""
    kept: list[tuple[int, int]] = []
    for mode, lines in uploads:
        again = {order for order, _ in lines} if mode == "replace" else set()
        kept = [line for line in kept if line[0] not in again] + list(lines)
    return kept


@settings(max_examples=10)
@given(st.lists(st.tuples(st.sampled_from(["append", "replace"]), LINES), min_size=2, max_size=5))
def test_uploads_come_out_as_if_they_were_made_by_hand(tmp_path_factory, uploads):
    folder, parts = tmp_path_factory.mktemp("shop"), []
    for number, (mode, lines) in enumerate(uploads):
        frame = pd.DataFrame(lines, columns=["order_id", "amount"]).assign(ordered_at=DAY)
        parts.append(replace(part(frame, folder, number=number), batch=number, replaces=mode == "replace"))
    _, kept = cleaned(folder, *parts)
    assert [(int(o), int(a)) for o, a in kept[["order_id", "amount"]].itertuples(index=False)] == naive(uploads)
