"""Each rule finds what it names, and every row is kept or rejected, never lost."""

import re
from datetime import datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai import i18n
from crm_ai.data import quality
from crm_ai.data.engine import engine
from crm_ai.data.schema import Column, Mapping
from crm_ai.data.sources import Source
from crm_ai.errors import BadFile, BadParameter

TODAY = datetime(2024, 6, 1)
DAY, NEXT, LAST = "2024-01-01", "2024-01-02", "2024-01-03"
READINGS = {
    "ordered_at": "date:%Y-%m-%d|%Y-%m-%d %H:%M:%S",
    "created_at": "date:%Y-%m-%d",
    "time": "date:%Y-%m-%d",
    "quantity": "number",
    "unit_price": "number",
    "amount": "number",
    "value": "number",
    "rating": "number",
    "cancelled": "flag",
    "customer_id": "id",
    "order_id": "id",
}
CONNECTION = engine()


def part(frame, folder, table="transactions", name="sales.csv", headings=None, number=0):
    """A source with canonical headings, and the mapping that takes them as they are."""
    raw = folder / f"raw{number}.parquet"
    columns = tuple(frame.columns)
    rows = frame.astype("string").reset_index(drop=True)
    rows.insert(0, "_row", range(1, len(rows) + 1))
    rows.to_parquet(raw)
    said = headings or {column: column for column in columns}
    mapped = {c: Column(heading, 1, "chosen", READINGS.get(c, "text")) for c, heading in said.items()}
    source = Source(name, raw, columns, len(frame), None, 0, "0" * 64, "csv")
    return quality.Part(source, Mapping(table, mapped))


def cleaned(folder, *parts, **switches):
    """The report and the kept rows."""
    path = folder / "kept.parquet"
    result = quality.clean(CONNECTION, parts, switches, path, TODAY)
    return result, pd.read_parquet(path)


def clean_frame(tmp_path, frame, table="transactions", **switches):
    result, kept = cleaned(tmp_path, part(frame, tmp_path, table), **switches)
    return result.report, kept


def finding(report, rule):
    return next(found for found in report.rules if found.id == rule)


def sales(**columns):
    """Three good lines, with some columns replaced."""
    good = {
        "customer_id": ["1", "2", "3"],
        "order_id": ["a", "b", "c"],
        "ordered_at": ["2024-01-01", "2024-01-02", "2024-01-03"],
        "product_id": ["p", "q", "r"],
        "quantity": ["1", "2", "3"],
        "unit_price": ["10", "20", "30"],
    }
    return pd.DataFrame(good | columns)


@pytest.mark.parametrize(
    ("rule", "columns"),
    [
        ("unreadable_date", {"ordered_at": ["2024-01-01", "soon", "2024-01-03"]}),
        ("missing_date", {"ordered_at": ["2024-01-01", " ", "2024-01-03"]}),
        ("impossible_date", {"ordered_at": ["2024-01-01", "1899-12-30", "2024-01-03"]}),
        ("impossible_date", {"ordered_at": ["2024-01-01", "9999-12-31", "2024-01-03"]}),
        ("unreadable_number", {"quantity": ["1", "two", "3"]}),
        ("missing_amount", {"unit_price": ["1", None, "3"]}),
        ("cancelled", {"cancelled": ["no", "yes", "no"]}),
        ("missing_customer", {"customer_id": ["1", "", "3"]}),
        ("missing_customer", {"customer_id": ["1", "NULL", "3"]}),
        ("nonpositive_quantity", {"quantity": ["1", "0", "3"]}),
        ("nonpositive_price", {"unit_price": ["1", "0", "3"]}),
        ("negative_amount", {"amount": ["1", "-5", "3"]}),
        ("placeholder_product", {"product_id": ["p", "None", "r"]}),
        ("placeholder_product", {"product_name": ["p", "无", "r"]}),
    ],
)
def test_a_rule_that_is_on_takes_out_the_row_it_means(tmp_path, rule, columns):
    report, kept = clean_frame(tmp_path, sales(**columns))
    found = finding(report, rule)
    assert (found.on, found.count, found.removed) == (True, 1, 1)
    assert found.sample[0]["row"] == 2
    assert kept["order_id"].tolist() == ["a", "c"]
    assert (report.rows, report.kept, report.rejected) == (3, 2, 1)


@pytest.mark.parametrize(
    ("rule", "columns"),
    [
        ("zero_amount", {"amount": ["1", "0", "3"]}),
        ("missing_product", {"product_id": ["p", "", "r"]}),
        ("charges", {"product_id": ["p", "POST", "r"]}),
        ("charges", {"product_name": ["p", "运费", "r"]}),
    ],
)
def test_a_rule_that_is_off_counts_but_takes_nothing_until_it_is_switched_on(tmp_path, rule, columns):
    report, kept = clean_frame(tmp_path, sales(**columns))
    assert (finding(report, rule).count, finding(report, rule).removed, len(kept)) == (1, 0, 3)
    report, kept = clean_frame(tmp_path, sales(**columns), **{rule: True})
    assert (finding(report, rule).removed, len(kept)) == (1, 2)


def test_exact_duplicates_are_equal_in_every_column_of_the_file_and_the_first_stays(tmp_path):
    frame = pd.concat([sales(note=["x", "y", "z"]), sales(note=["x", "other", "z"])])
    one = part(frame, tmp_path, headings={name: name for name in sales().columns})
    result, kept = cleaned(tmp_path, one, duplicates=True)
    assert finding(result.report, "duplicates").removed == 2
    assert kept["order_id"].tolist() == ["a", "b", "c", "b"]


def test_duplicates_are_found_across_files(tmp_path):
    parts = [part(sales(), tmp_path, number=n, name=f"{n}.csv") for n in range(2)]
    result, kept = cleaned(tmp_path, *parts)
    assert finding(result.report, "duplicates").count == 3
    assert finding(result.report, "duplicates").sample[0]["source"] == "1.csv"
    assert kept["order_id"].tolist() == ["a", "b", "c", "a", "b", "c"]


def test_a_file_without_any_customer_keeps_its_rows_and_loses_the_empty_column(tmp_path):
    report, kept = clean_frame(tmp_path, sales(customer_id=["", None, " "]))
    assert len(kept) == 3
    assert "customer_id" not in kept
    assert list(report.empty) == ["customer_id"]
    assert "missing_customer" not in [rule.id for rule in report.rules]


def test_rules_apply_only_where_their_columns_are(tmp_path):
    report, _ = clean_frame(tmp_path, sales()[["order_id", "product_id"]])
    assert {rule.id for rule in report.rules} == {"placeholder_product", "missing_product", "charges", "duplicates"}
    assert (report.before.orders, report.before.amount, report.before.customers) == (3, None, None)


def test_a_row_falls_to_the_first_rule_that_finds_it_and_counts_for_all(tmp_path):
    report, _ = clean_frame(tmp_path, sales(customer_id=["1", "", "3"], quantity=["1", "-1", "3"]))
    assert [(f.id, f.count, f.removed) for f in report.rules if f.count and f.on] == [
        ("missing_customer", 1, 1),
        ("nonpositive_quantity", 1, 0),
        ("negative_amount", 1, 0),
    ]


def test_the_amount_is_quantity_times_price_unless_mapped(tmp_path):
    _, kept = clean_frame(tmp_path, sales())
    assert kept["amount"].tolist() == [10, 40, 90]
    _, kept = clean_frame(tmp_path, sales(amount=["9.5", "38", "0"]))
    assert kept["amount"].tolist() == [9.5, 38, 0]
    _, kept = clean_frame(tmp_path, sales().drop(columns="quantity"))
    assert kept["amount"].tolist() == [10, 20, 30]


def test_totals_stand_before_and_after(tmp_path):
    report, _ = clean_frame(tmp_path, sales(quantity=["1", "-2", "3"], order_id=["a", "b", "a"]))
    assert report.before == quality.Totals(rows=3, orders=2, customers=3, amount=60.0)
    assert report.after == quality.Totals(rows=2, orders=1, customers=2, amount=100.0)


def test_orders_without_numbers_are_counted_by_customer_and_moment(tmp_path):
    frame = sales(customer_id=["1", "1", "2"], ordered_at=["2024-01-01", "2024-01-01", "2024-01-01"])
    report, _ = clean_frame(tmp_path, frame.drop(columns="order_id"))
    assert report.after.orders == 2


def test_a_file_that_lies_in_the_future_as_a_whole_is_believed(tmp_path):
    report, _ = clean_frame(tmp_path, sales(ordered_at=["2031-01-01", "2031-01-02", "2031-01-03"]))
    assert finding(report, "impossible_date").count == 0


def test_a_lone_date_in_the_future_far_behind_the_rest_is_impossible(tmp_path):
    days = ["2024-01-01"] * 30 + ["2030-01-01"]
    report, _ = clean_frame(tmp_path, pd.DataFrame({"ordered_at": days, "amount": "1"}))
    assert finding(report, "impossible_date").removed == 1


@pytest.mark.parametrize(
    ("table", "columns", "rule", "on"),
    [
        ("customers", {"customer_id": ["1", "", "3"]}, "missing_id", True),
        ("customers", {"customer_id": ["1", "1", "3"]}, "duplicate_id", True),
        ("series", {"time": [DAY, "x", LAST], "value": ["1", "2", "3"]}, "unreadable_time", True),
        ("series", {"time": [DAY, NEXT, ""], "value": ["1", "2", "3"]}, "missing_time", True),
        ("series", {"time": [DAY, NEXT, LAST], "value": ["1", "x", "3"]}, "unreadable_value", True),
        ("series", {"time": [DAY, NEXT, LAST], "value": ["1", "", "3"]}, "missing_value", True),
        ("series", {"time": [DAY, DAY, LAST], "value": ["1", "2", "3"]}, "duplicate_time", False),
        ("feedback", {"text": ["good", " ", "bad"]}, "empty_text", True),
        ("feedback", {"text": ["good", "good", "bad"]}, "duplicate_feedback", False),
        ("feedback", {"text": ["a", "b", "c"], "rating": ["5", "five", "1"]}, "unreadable_rating", False),
        ("feedback", {"text": ["a", "b", "c"], "created_at": [DAY, "?", DAY]}, "unreadable_created_at", False),
        ("feedback", {"text": ["a", "b", "c"], "created_at": [DAY, "0001-01-01", DAY]}, "impossible_created_at", False),
    ],
)
def test_the_other_tables_have_rules_of_their_own(tmp_path, table, columns, rule, on):
    report, kept = clean_frame(tmp_path, pd.DataFrame(columns), table)
    assert (finding(report, rule).count, finding(report, rule).removed) == (1, int(on))
    assert len(kept) == 3 - on


def test_series_with_names_may_share_times(tmp_path):
    frame = pd.DataFrame({"series_id": ["a", "b"], "time": ["2024-01-01", "2024-01-01"], "value": ["1", "2"]})
    report, _ = clean_frame(tmp_path, frame, "series")
    assert finding(report, "duplicate_time").count == 0


def test_customers_without_an_id_are_numbered_by_their_rows(tmp_path):
    frame = pd.DataFrame({"age": ["31", "42"], "target": ["yes", "no"]})
    attributes = {"age": Column("age", 1, "chosen", "number")}
    source = part(frame, tmp_path, "customers", headings={"target": "target"})
    mapping = Mapping("customers", source.mapping.columns, attributes)
    result, kept = cleaned(tmp_path, quality.Part(source.source, mapping))
    assert kept.to_dict("list") == {"customer_id": ["1", "2"], "target": ["yes", "no"], "age": [31.0, 42.0]}
    assert result.report.after.customers == 2


def test_files_of_one_table_with_other_columns_are_appended_by_name(tmp_path):
    first = part(sales()[["order_id", "ordered_at", "quantity", "unit_price"]], tmp_path, number=0)
    other = pd.DataFrame({"Betrag": ["7"], "Datum": ["2024-02-01"]})
    second = part(other, tmp_path, number=1, headings={"amount": "Betrag", "ordered_at": "Datum"})
    _, kept = cleaned(tmp_path, second, first, missing_amount=False)
    assert len(kept) == 4
    assert kept["amount"].tolist()[0] == 7
    assert kept["order_id"].isna().tolist() == [True, False, False, False]


def test_amounts_of_files_that_map_them_and_files_that_do_not_stand_together(tmp_path):
    first = part(sales(), tmp_path, number=0)
    other = pd.DataFrame({"amount": ["7"], "ordered_at": ["2024-02-01"], "customer_id": ["9"]})
    _, kept = cleaned(tmp_path, first, part(other, tmp_path, number=1))
    assert kept["amount"].tolist() == [10, 40, 90, 7]


def test_a_constant_stands_in_every_row(tmp_path):
    one = part(sales(), tmp_path)
    mapping = Mapping("transactions", one.mapping.columns, constants={"currency": "EUR"})
    _, kept = cleaned(tmp_path, quality.Part(one.source, mapping))
    assert kept["currency"].tolist() == ["EUR"] * 3


@pytest.mark.parametrize(
    ("column", "what"),
    [("ordered_at", "No date in the column Written"), ("quantity", "No number in the column Written")],
)
def test_a_column_of_which_nothing_can_be_read_stops_with_its_heading_and_a_value(tmp_path, column, what):
    frame = sales(**{column: ["lorem", "ipsum", "dolor"]}).rename(columns={column: "Written"})
    said = {name: name for name in sales().columns} | {column: "Written"}
    with pytest.raises(BadFile, match=what) as caught:
        cleaned(tmp_path, part(frame, tmp_path, headings=said))
    assert "lorem" in str(caught.value)


def test_a_rule_that_does_not_exist_is_named():
    with pytest.raises(BadParameter, match="no cleaning rule dupes"):
        quality.check({"dupes": True})


def test_an_empty_table_is_reported_as_empty(tmp_path):
    report, kept = clean_frame(tmp_path, sales().head(0))
    assert (report.rows, report.kept, report.rejected, len(kept)) == (0, 0, 0, 0)


TEXTS = st.sampled_from(["", " ", "1", "-1", "0", "x", "2024-01-01", "1800-01-01", "NONE", "2", None])


@settings(max_examples=15, deadline=None)
@given(
    rows=st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), max_size=8),
    on=st.sets(st.sampled_from(quality.rules_of("transactions"))),
)
def test_every_row_is_kept_or_rejected(tmp_path_factory, rows, on):
    folder = tmp_path_factory.mktemp("rows")
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "quantity", "unit_price"], dtype="string")
    one = part(frame, folder)
    switches = {rule.id: rule in on for rule in quality.rules_of("transactions")}
    try:
        result, kept = cleaned(folder, one, **switches)
    except BadFile:
        return
    rejected = folder / "rejected.parquet"
    count = quality.write_rejected(CONNECTION, [result], rejected)
    gone = pd.read_parquet(rejected)
    report = result.report
    assert report.rows == len(frame) == len(kept) + len(gone)
    assert report.rejected == count == sum(rule.removed for rule in report.rules)
    assert all(rule.removed <= rule.count for rule in report.rules)
    assert set(gone["reason"]) <= {rule.id for rule in on}


def rejected_of(tmp_path, frame, headings=None):
    one = part(frame, tmp_path, headings=headings)
    result, _ = cleaned(tmp_path, one)
    path = tmp_path / "rejected.parquet"
    quality.write_rejected(CONNECTION, [result], path)
    return path


def test_rejected_rows_carry_source_row_reason_and_the_text_of_the_file(tmp_path):
    gone = pd.read_parquet(rejected_of(tmp_path, sales(quantity=["1", "minus", "-3"])))
    assert gone[["source", "row", "reason", "quantity"]].values.tolist() == [
        ["sales.csv", 2, "unreadable_number", "minus"],
        ["sales.csv", 3, "nonpositive_quantity", "-3"],
    ]


def test_headings_of_the_file_do_not_hide_the_reason(tmp_path):
    frame = sales(quantity=["1", "2", "0"], Reason=["a", "b", "gift"])
    gone = pd.read_parquet(rejected_of(tmp_path, frame, {name: name for name in sales().columns}))
    assert gone[["reason", "Reason (file)"]].values.tolist() == [["nonpositive_quantity", "gift"]]


def test_rejected_rows_of_files_with_other_headings_stand_in_one_table(tmp_path):
    first, second = sales(quantity=["0", "2", "3"]), sales(quantity=["1", "2", "-1"]).rename(columns=str.upper)
    said = {name: name.upper() for name in sales().columns}
    parts = [part(first, tmp_path), part(second.assign(EXTRA="e"), tmp_path, number=1, name="B.csv", headings=said)]
    result, _ = cleaned(tmp_path, *parts)
    path = tmp_path / "rejected.parquet"
    assert quality.write_rejected(CONNECTION, [result], path) == 2
    gone = pd.read_parquet(path).astype(object)
    assert gone[["source", "quantity"]].values.tolist() == [["B.csv", "-1"], ["sales.csv", "0"]]
    assert gone["EXTRA"].isna().tolist() == [False, True]


def test_records_that_could_not_be_split_are_rejected_too(tmp_path):
    one = part(sales(), tmp_path)
    broken = tmp_path / "broken.parquet"
    pd.DataFrame({"source": ["sales.csv"], "row": [4], "reason": ["too_many_fields"], "text": ["a,b,c,d"]}).to_parquet(
        broken
    )
    source = Source(**{**one.source.__dict__, "rejected": broken, "rejected_rows": 1})
    result, _ = cleaned(tmp_path, quality.Part(source, one.mapping))
    path = tmp_path / "rejected.parquet"
    assert quality.write_rejected(CONNECTION, [result], path) == 1
    assert (result.report.rows, result.report.kept, result.report.rejected, result.report.broken) == (4, 3, 1, 1)
    assert pd.read_parquet(path)["text"].tolist() == ["a,b,c,d"]


def test_the_csv_of_rejected_rows_starts_no_formula_and_opens_in_a_spreadsheet(tmp_path):
    path = rejected_of(tmp_path, sales(quantity=["0", "-2", "3"], product_id=["=HYPERLINK(1)", "@x", "r"]))
    quality.write_csv(path, tmp_path / "rejected.csv")
    assert (tmp_path / "rejected.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(tmp_path / "rejected.csv", dtype=str)
    assert read["product_id"].tolist() == ["'=HYPERLINK(1)", "'@x"]
    assert read["quantity"].tolist() == ["0", "-2"]


def test_every_rule_speaks_chinese_and_has_an_id_of_its_own():
    known = i18n.catalogue("zh")
    assert [text for rule in quality.RULES for text in (rule.label, rule.help) if text not in known] == []
    assert len({rule.id for rule in quality.RULES}) == len(quality.RULES)
    assert all(re.fullmatch(r"[a-z_]+", rule.id) for rule in quality.RULES)
