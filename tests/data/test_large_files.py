"""A large text left in place gives what reading all of it gives."""

import gzip
import random
from pathlib import Path

import pandas as pd
import pytest

from crm_ai.data import intake, privacy
from crm_ai.data.files import large
from crm_ai.data.quality import drafts
from crm_ai.errors import BadFile

HEAD = "order_id,customer_id,order_date,product,quantity,unit_price\n"


def lines(count: int, seed: int = 1) -> list[str]:
    """Orders with cancellations, blanks at the ends, ids as floats and missing customers among them."""
    chance = random.Random(seed)
    made = []
    for n in range(count):
        customer = chance.choice(["", f" C{n % 90} ", f"{n % 70}.0", f"C{n % 90}"])
        product = chance.choice(["Tea", "Pot, large", "POST", "n/a", 'Cup "blue"'])
        quoted = product.replace('"', '""')
        moment = f"2024-{n % 12 + 1:02}-{n % 28 + 1:02} {n % 24:02}:00:00"
        made.append(f'{n // 3},{customer},{moment},"{quoted}",{n % 7 - 1},{chance.randint(100, 900) / 100}\n')
    return made


@pytest.fixture
def small_is_large(monkeypatch):
    """Files from 20 kB on stay in place, tables from 100 rows on are judged as they stream by."""
    monkeypatch.setattr(large, "LARGE", 20_000)
    monkeypatch.setattr(large, "BLOCK", 2_000)
    monkeypatch.setattr(drafts, "LARGE", 100)


def taken(folder: Path, content: bytes, **rules: bool):
    """What a file becomes."""
    folder.mkdir(exist_ok=True)
    path = folder / "orders.csv"
    path.write_bytes(content)
    here = intake.stage([path], folder / "data")
    return here, intake.finish(folder / "data", rules=rules)


def both(tmp_path: Path, monkeypatch, content: bytes, **rules: bool):
    """The dataset of a file that is read whole, and of the same file left in place."""
    whole = taken(tmp_path / "whole", content, **rules)
    monkeypatch.setattr(large, "LARGE", 20_000)
    monkeypatch.setattr(large, "BLOCK", 2_000)
    monkeypatch.setattr(drafts, "LARGE", 100)
    return whole, taken(tmp_path / "there", content, **rules)


def rows(data) -> pd.DataFrame:
    return data.frame(data.table("transactions"))


def counts(data) -> dict[str, tuple[int | None, int]]:
    report = data.manifest["report"]["transactions"]
    return {rule["id"]: (rule["count"], rule["removed"]) for rule in report["rules"]}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_and_rules_are_the_same(tmp_path, monkeypatch, end):
    content = (HEAD + "".join(lines(3_000))).replace("\n", end).encode()
    (_, whole), (here, there) = both(tmp_path, monkeypatch, content, duplicates=True)
    assert here.sources[0].text is not None
    pd.testing.assert_frame_equal(rows(whole), rows(there), check_column_type=False)
    assert counts(whole) == counts(there)
    for part in ("rows", "kept", "rejected", "before", "after"):
        assert whole.manifest["report"]["transactions"][part] == there.manifest["report"]["transactions"][part]


def test_where_nothing_is_taken_out_the_table_is_the_same_too(tmp_path, monkeypatch):
    content = (HEAD + "".join(f"{n},C{n % 50},2024-01-{n % 28 + 1:02},Tea,2,1.5\n" for n in range(3_000))).encode()
    (_, whole), (_, there) = both(tmp_path, monkeypatch, content)
    assert whole.manifest["report"]["transactions"]["rejected"] == 0
    pd.testing.assert_frame_equal(rows(whole), rows(there))


def test_rows_that_compare_are_not_counted_by_the_way(tmp_path, small_is_large):
    _, data = taken(tmp_path, (HEAD + "".join(lines(3_000))).encode())
    assert counts(data)["duplicates"] == (None, 0)


def test_rejected_rows_name_their_place_in_the_file(tmp_path, monkeypatch):
    content = (HEAD + "".join(lines(3_000))).encode()
    (_, whole), (_, there) = both(tmp_path, monkeypatch, content)
    kept = [pd.read_parquet(tmp_path / name / "data" / intake.REJECTED) for name in ("whole", "there")]
    pd.testing.assert_frame_equal(kept[0][["row", "reason"]], kept[1][["row", "reason"]])
    samples = [data.manifest["report"]["transactions"]["rules"] for data in (whole, there)]
    places = [
        [[row["row"] for row in rule["sample"]] for rule in rules if rule["id"] != "duplicates"] for rules in samples
    ]
    assert places[0] == places[1]


@pytest.mark.parametrize(
    "odd",
    [
        "9,C1,2024-01-01,Tea,two,1.5\n",
        "9,C1,somewhen,Tea,2,1.5\n",
        "9,C1,2024-01-01,Tea\n",
        '9,C1,2024-01-01,"Tea,2,1.5\n',
        "9,C1,2024-01-01,Tea,2,1.5,more\n",
        "9,C\xe9,2024-01-01,Tea,2,1.5\n",
    ],
)
def test_one_odd_line_that_no_sample_shows_is_read_patiently(tmp_path, monkeypatch, odd):
    made = [f"{n},C{n % 50},2024-01-{n % 28 + 1:02},Tea,2,1.5\n" for n in range(3_000)]
    made.insert(100, odd)  # between the beginning and the second block
    content = (HEAD + "".join(made)).encode("latin-1")
    (_, whole), (here, there) = both(tmp_path, monkeypatch, content)
    assert here.sources[0].text is not None
    pd.testing.assert_frame_equal(rows(whole), rows(there))
    assert whole.manifest["report"]["transactions"]["rejected"] == there.manifest["report"]["transactions"]["rejected"]


@pytest.mark.parametrize(
    "odd",
    [
        "9, C1,2024-01-01,Tea,2,1.5\n",
        "9,C1.0,2024-01-01,Tea,2,1.5\n",
        "9,7.0,2024-01-01,Tea,2,1.5\n",
        "9,n/a,2024-01-01,Tea,2,1.5\n",
        "  9,C1,2024-01-01,Tea,2,1.5\n",
        "9,C1,2024-01-01,Tea ,2,1.5\n",
        '9,C1,2024-01-01,"  ",2,1.5\n',
        "9,C1,2024-01-01,Tea,2,nan\n",
        "9,C1,2024-01-01,NONE,2,1.5\n"
        "9,C1,2024-01-01,Tea,0,1.5\n"
        "9,C1,2024-01-01,Tea,2,-1.5\n"
        "9,C1,1899-01-01,Tea,2,1.5\n"
        "9,C1,9999-01-01,Tea,2,1.5\n"
        "9,C1,,Tea,2,1.5\n"
        ",,2024-01-01,,,\n",
    ],
)
def test_untidy_values_that_no_sample_shows_are_tidied_where_they_stand(tmp_path, monkeypatch, odd):
    made = [f"{n},C{n % 50},2024-01-{n % 28 + 1:02},Tea,2,1.5\n" for n in range(3_000)]
    made.insert(100, odd)  # between the beginning and the second block
    (_, whole), (_, there) = both(tmp_path, monkeypatch, (HEAD + "".join(made)).encode(), zero_amount=True)
    assert there.manifest["sources"][0]["text"]
    pd.testing.assert_frame_equal(rows(whole), rows(there))
    assert counts(whole) == counts(there) | {"duplicates": counts(whole)["duplicates"]}
    for part in ("rows", "kept", "before", "after"):
        assert whole.manifest["report"]["transactions"][part] == there.manifest["report"]["transactions"][part]


def test_an_infinite_number_is_none(tmp_path, small_is_large):
    made = [f"{n},C{n % 50},2024-01-{n % 28 + 1:02},Tea,2,1.5\n" for n in range(3_000)]
    made.insert(100, "9,C1,2024-01-01,Tea,inf,1.5\n")
    _, data = taken(tmp_path, (HEAD + "".join(made)).encode())
    assert len(rows(data)) == 3_000
    assert counts(data)["missing_amount"] == (1, 1)


def test_rows_of_a_large_text_stay_in_their_order_whatever_must_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(large, "LARGE", 1_000_000)
    monkeypatch.setattr(drafts, "LARGE", 100_000)
    path = tmp_path / "orders.csv"
    with path.open("w") as file:
        file.write(HEAD.replace("product", "cancelled"))
        file.writelines(
            f"{n},C{n % 50},{n % 28 + 1:02}.01.2024,{'no' if n % 97 else 'yes'},2,1.5\n" for n in range(400_000)
        )
    data = intake.ingest([path], tmp_path / "data")
    assert data.manifest["sources"][0]["text"]
    found = rows(data).order_id.astype(int)
    assert found.tolist() == [n for n in range(400_000) if n % 97]
    gone = pd.read_parquet(tmp_path / "data" / intake.REJECTED)
    assert gone.row.tolist() == [n + 1 for n in range(0, 400_000, 97)]


def test_many_customers_are_counted_as_few_are(tmp_path, monkeypatch):
    content = "customer_id,segment,churned\n" + "".join(f"C{n % 290},{n % 3},no\n" for n in range(300)) + ",1,no\n"
    reports = []
    for most in (1_000, 100):
        monkeypatch.setattr(drafts, "LARGE", most)
        _, data = taken(tmp_path / str(most), content.encode())
        reports.append(data.manifest["report"]["customers"])
    assert reports[0] == reports[1]
    assert {rule["id"]: rule["count"] for rule in reports[1]["rules"]}["duplicate_id"] == 10


def test_two_files_in_place_make_one_table(tmp_path, small_is_large):
    paths = []
    for name, start in (("a", 0), ("b", 9_000)):
        path = tmp_path / f"{name}.csv"
        path.write_text(HEAD + "".join(f"{start + n},C{n % 50},2024-01-01,Tea,{n % 3},1.5\n" for n in range(1_500)))
        paths.append(path)
    data = intake.ingest(paths, tmp_path / "data")
    assert rows(data).order_id.tolist() == [str(s + n) for s in (0, 9_000) for n in range(1_500) if n % 3]
    gone = pd.read_parquet(tmp_path / "data" / intake.REJECTED)
    assert gone.row.tolist() == [n + 1 for n in range(1_500) if not n % 3] * 2


def test_a_small_or_untidy_file_is_no_case_for_it(tmp_path, small_is_large):
    many = "".join(lines(3_000))
    for name, content in {
        "small": HEAD + "".join(lines(20)),
        "other line ends": (HEAD + many).replace("\n", "\r"),
        "a NUL": HEAD + many.replace("Tea", "T\0a"),
        "UTF-16": None,
    }.items():
        path = tmp_path / f"{name}.csv"
        path.write_bytes((HEAD + many).encode("utf-16") if content is None else content.encode())
        assert not large.is_tidy(path)


def tidy_orders(count: int = 3_000, date: str = "2024-01-01") -> str:
    return HEAD + "".join(f"{n},C{n % 50},{date},Tea,2,1.5\n" for n in range(count))


def test_dates_that_cannot_be_read_are_said_with_an_example(tmp_path, small_is_large):
    with pytest.raises(BadFile, match=r"order_date.*somewhen"):
        taken(tmp_path, tidy_orders(date="somewhen").encode())


def test_an_unpacked_text_stays_with_its_version(tmp_path, small_is_large):
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(tidy_orders().encode()))
    before, after = tmp_path / "before", tmp_path / "after"
    assert intake.stage([path], before).sources[0].text is not None
    intake.finish(before)
    intake.tidy(before)
    assert len(rows(intake.revise(after, before, {"zero_amount": True}))) == 3_000


def test_what_is_hidden_in_one_file_leaves_the_text_of_another_in_place(tmp_path, small_is_large):
    folder = tmp_path / "draft"
    (folder / intake.FILES).mkdir(parents=True)
    people, orders = folder / intake.FILES / "people.csv", folder / intake.FILES / "orders.csv"
    people.write_text("customer_id,phone,churned\n" + "".join(f"C{n},{13812345600 + n},no\n" for n in range(50)))
    orders.write_text(tidy_orders())
    here = intake.stage([people, orders], folder)
    assert [source.text is not None for source in here.sources] == [False, True]
    intake.hide(folder, [{"phone": privacy.REMOVE}, {}], b"k" * 32)
    assert not people.exists()
    assert len(rows(intake.finish(folder))) == 3_000
