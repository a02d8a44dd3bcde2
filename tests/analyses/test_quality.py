"""Planted faults are found and counted, clean data score 1, a naive twin agrees, and odd data get sentences."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai import i18n
from crm_ai.analyses import quality
from crm_ai.analyses.quality import columns, days, fences, reports, scores, spelling
from crm_ai.data.dataset import Dataset

CHINESE = i18n.translator("zh")
DAYS = pd.date_range("2025-01-01", "2025-12-31").astype("datetime64[us]")
TOOK_IN = "2026-01-10T08:00:00+00:00"


def clean() -> pd.DataFrame:
    """Two orders of one line a day for a year: nothing is wrong with them."""
    n = np.arange(2 * len(DAYS))
    quantity, price = 1.0 + n % 5, 2.0 + n % 7
    return pd.DataFrame(
        {
            "customer_id": [f"C{i % 90:03d}" for i in n],
            "order_id": [f"A{i:05d}" for i in n],
            "ordered_at": DAYS[n // 2],
            "product_id": [f"P{i % 11}" for i in n],
            "product_name": [f"Tea no. {i % 11}" for i in n],
            "category": [("green", "black")[i % 2] for i in n],
            "quantity": quantity,
            "unit_price": price,
            "amount": quantity * price,
            "currency": "EUR",
        }
    )


def show(manifest: dict[str, Any] | None = None, params: dict[str, Any] | None = None, **tables: pd.DataFrame) -> Any:
    made = Dataset.from_frames(**tables)
    data = Dataset("data", made.fingerprint, made.tables, {"name": "data"} | (manifest or {}))
    return quality.run(data, quality.Params(**(params or {})))


def check(result: Any, name: str, column: str | None = None) -> tuple[int, int, str]:
    """found, rows and example of a check."""
    rows = result.checks[result.checks["check"] == name]
    rows = rows if column is None else rows[rows["column"] == column]
    row = rows.iloc[0]
    return int(row["found"]), int(row["rows"]), row["example"]


def report(
    rows: int, kept: int, *rules: tuple[str, int, int, bool], broken: int = 0, empty: tuple[str, ...] = ()
) -> Any:
    """What the manifest says of one table: rules are (id, count, removed, on)."""
    told = [{"id": i, "label": i, "help": "", "on": on, "count": n, "removed": r} for i, n, r, on in rules]
    return {"rows": rows, "kept": kept, "rejected": rows - kept, "broken": broken, "rules": told, "empty": list(empty)}


# ---- data without fault ------------------------------------------------------------------------------------------


def test_clean_data_score_one_in_every_dimension():
    kept = {"transactions": report(730, 730, ("missing_date", 0, 0, True), ("unreadable_date", 0, 0, True))}
    people = pd.DataFrame({"customer_id": [f"C{i:03d}" for i in range(90)], "plan": ["a", "b"] * 45})
    result = show({"created_at": TOOK_IN, "report": kept}, transactions=clean(), customers=people)
    assert result.dimensions["score"].tolist() == [1.0] * 7
    assert (result.score, result.outlier_share, result.freshness_days) == (1.0, 0.0, 10.0)
    assert (result.checks["found"] == 0).all()
    assert not result.columns["problems"].any()
    assert "good shape" in quality.findings(result)[1]


def test_what_cannot_be_judged_is_left_out_of_the_score():
    result = show(transactions=clean()[["product_id", "quantity"]])
    assert (result.validity, result.consistency, result.freshness, result.freshness_days) == (None,) * 4
    assert result.score == 1.0
    assert result.dimensions.set_index("dimension").loc["validity", "finding"].startswith("Cannot be judged")


# ---- each kind of fault ------------------------------------------------------------------------------------------


def test_empty_values_are_counted_blanks_too_and_weighted():
    lines = clean().assign(category=lambda f: f["category"].where(f.index >= 73))
    lines.loc[:145, "currency"] = "  "
    lines.loc[:72, "customer_id"] = None
    result = show(transactions=lines)
    filled = result.columns.set_index("column")["filled_share"]
    assert filled[["category", "currency", "customer_id", "amount"]].tolist() == pytest.approx([0.9, 0.8, 0.9, 1.0])
    weights = {"customer_id": 3, "ordered_at": 3, "amount": 3, "order_id": 2, "product_id": 2, "product_name": 2}
    total = sum(weights.values()) + 2 + 3
    assert result.completeness == pytest.approx(1 - (3 * 0.1 + 0.1 + 0.2) / total)


def test_rows_taken_out_for_want_of_a_value_and_columns_left_out_count_as_empty():
    kept = report(1000, 730, ("missing_customer", 300, 270, True), empty=("channel",))
    result = show({"report": {"transactions": kept}}, transactions=clean())
    filled = result.columns.set_index("column")["filled_share"]
    assert filled["customer_id"] == pytest.approx(0.73)
    assert filled["channel"] == 0
    assert result.validity == 1
    assert any("no value at all" in sentence for sentence in quality.findings(result))


def test_repeated_lines_customers_and_feedback_are_counted():
    lines = pd.concat([clean(), clean().head(20), clean().head(5)])
    people = pd.DataFrame({"customer_id": ["a", "a", "b", "c", "c", "c"]})
    texts = pd.DataFrame({"feedback_id": ["1", "1", "2", None, None], "text": list("vwxyz")})
    result = show(transactions=lines, customers=people, feedback=texts)
    assert check(result, "repeated_lines") == (20, 25, "A00000")
    assert check(result, "repeated_customers") == (2, 3, "a")
    assert check(result, "repeated_feedback") == (1, 1, "1")
    assert result.uniqueness == pytest.approx(1 - np.mean([25 / 755, 3 / 6, 1 / 5]))


def test_orders_with_several_customers_or_days_are_counted():
    lines = clean()
    more = lines.iloc[[10, 11, 12]].assign(customer_id=["other", "other", lines.customer_id[12]], product_id="more")
    more["ordered_at"] = more["ordered_at"] + pd.to_timedelta([0, 0, 1], "D")
    result = show(transactions=pd.concat([lines, more]))
    assert check(result, "customers_of_order") == (2, 4, "A00010")
    assert check(result, "days_of_order") == (1, 2, "A00012")


def test_times_of_a_series_given_twice_are_counted():
    series = pd.DataFrame({"series_id": "s", "time": [*DAYS, *DAYS[:3]], "value": 1.0})
    assert check(show(series=series), "repeated_times")[:2] == (3, 3)


def test_amounts_names_and_currencies_that_contradict_are_counted():
    lines = clean()
    lines.loc[:6, "amount"] += 1
    lines.loc[lines.index[lines.product_id == "P3"][:4], "product_name"] = "Coffee"
    lines.loc[lines.index[lines.product_name == "Tea no. 5"][:2], "product_id"] = "P99"
    lines.loc[700:, "currency"] = "USD"
    result = show(transactions=lines)
    assert check(result, "amount_differs") == (7, 7, "A00000")
    assert check(result, "names_of_product") == (1, 4, "P3")
    assert check(result, "products_of_name") == (1, 2, "Tea no. 5")
    assert check(result, "currencies") == (2, 30, "EUR")
    assert result.consistency == pytest.approx(1 - (7 + 4 + 2 + 30) / 730)


def test_prices_rounded_to_a_cent_do_not_contradict_the_amount():
    lines = clean().assign(quantity=300.0, unit_price=0.33, amount=100.0)
    assert check(show(transactions=lines), "amount_differs") == (0, 0, "")


def test_buyers_who_are_not_in_the_customer_list_are_counted():
    people = pd.DataFrame({"customer_id": [f"C{i:03d}" for i in range(2, 90)]})
    lines = clean()
    rows = int(lines["customer_id"].isin(["C000", "C001"]).sum())
    assert check(show(transactions=lines, customers=people), "unknown_customers") == (2, rows, "C000")


def test_spellings_that_differ_in_case_width_blanks_or_punctuation_are_one_value():
    names = ["ACME Ltd"] * 5 + ["acme ltd."] * 3 + ["ＡＣＭＥ　Ｌｔｄ", "Other", "Other"]
    people = pd.DataFrame({"customer_id": [f"c{i}" for i in range(11)], "company": names})
    result = show(customers=people)
    row = result.near_duplicates.iloc[0]
    assert (row["column"], row["value"], row["spellings"], row["rows"], row["rows_elsewhere"]) == (
        "company",
        "ACME Ltd",
        3,
        9,
        4,
    )
    assert row["variants"] == "ACME Ltd (5) / acme ltd. (3) / ＡＣＭＥ　Ｌｔｄ (1)"
    assert check(result, "spellings", "company")[:2] == (1, 4)
    assert result.spelling == pytest.approx(1 - 4 / 22)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("T-Shirt", "t shirt", True),
        ("北京（朝阳）", "北京(朝阳)", True),
        ("１２３", "123", True),
        ("STRASSE", "straße", True),
        ("A+", "A-", False),
        ("C", "C#", False),
        ("1-23", "12-3", False),
        ("C-001", "C001", False),
        ("?", "!", False),
        ("", " ", False),
    ],
)
def test_only_what_carries_no_meaning_is_folded(left, right, same):
    assert (spelling.folded(left) == spelling.folded(right)) == same


def test_extreme_values_are_found_with_their_rows_and_their_share_of_the_total():
    lines = clean()
    lines.loc[[100, 200], "quantity"] = [5000.0, 9000.0]
    result = show(transactions=lines)
    row = result.outliers.set_index("column").loc["quantity"]
    assert row["n"] == 2
    assert row["example"] == "9,000 (A00200); 5,000 (A00100)"
    assert row["share_of_total"] == pytest.approx(14_000 / lines["quantity"].sum())
    assert result.outlier_share == pytest.approx(2 / (3 * 730))
    assert show(transactions=lines, params={"least_share": 1.0}).score == result.score


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", ["lognormal", "normal", "uniform", "counts", "often nothing"])
def test_values_without_outliers_lie_within_the_fences(shape, seed):
    rng = np.random.default_rng(seed)
    values = {
        "lognormal": rng.lognormal(3, 1, 3000),
        "normal": rng.normal(50, 10, 3000),
        "uniform": rng.uniform(1, 60, 3000),
        "often nothing": rng.negative_binomial(0.7, 0.03, 3000).astype(float),
        "counts": 1.0 + rng.poisson(1.2, 3000),
    }[shape]
    row = {"table": "series", "column": "value", "type": "number", "filled": 3000, "distinct": 99}
    row["smallest"] = values.min()
    quantiles = dict(zip(columns.QUANTILES, np.quantile(values, columns.LEVELS), strict=True))
    fence = fences.fences(pd.DataFrame([row | quantiles]), 3.0).iloc[0]
    assert ((values < fence["low"]) | (values > fence["high"])).mean() <= 0.001


def test_zeros_among_positive_values_are_no_outliers():
    lines = clean()
    lines.loc[:9, "amount"] = 0.0
    assert check(show(transactions=lines), "outside", "amount")[0] == 0


def test_several_series_have_no_common_fence():
    series = pd.DataFrame({"series_id": ["a", "b"] * 50, "time": DAYS[:100], "value": [1.0, 1e6] * 50})
    assert show(series=series).outlier_share is None


def test_old_data_and_dates_to_come_are_told():
    old = show({"created_at": "2026-12-31T00:00:00+00:00"}, transactions=clean())
    assert (old.freshness_days, old.freshness) == (365.0, pytest.approx(31 / 365))
    assert "365 days before the data came in" in quality.findings(old)[1]
    early = show({"created_at": "2025-12-20T00:00:00+00:00"}, transactions=clean())
    assert check(early, "future_dates") == (20, 20, "2025-12-31")
    assert early.validity == pytest.approx(1 - 20 / 730)
    assert early.freshness_days == 0


def test_without_the_day_of_arrival_the_gaps_alone_tell_of_freshness():
    lines = clean()
    result = show(transactions=lines[~lines["ordered_at"].between("2025-03-01", "2025-03-20")])
    assert result.freshness_days is None
    gap = result.gaps.iloc[0]
    assert (str(gap["from"].date()), str(gap["to"].date()), gap["days"]) == ("2025-03-01", "2025-03-20", 20)
    assert result.freshness == pytest.approx(1 - 20 / 365)
    assert result.by_month.set_index("month")["missing_days"]["2025-03-01"] == 20


def test_faulty_records_count_and_business_does_not():
    kept = report(
        1000,
        730,
        ("unreadable_date", 40, 30, True),
        ("cancelled", 200, 200, True),
        ("impossible_created_at", 5, 0, False),
        ("duplicates", 35, 35, True),
        broken=5,
    )
    result = show({"report": {"transactions": kept}}, transactions=clean())
    assert result.validity == pytest.approx(1 - (30 + 5 + 5) / 1000)
    assert result.uniqueness == pytest.approx(1 - 35 / 1000)
    taken = result.rules.set_index("rule")
    assert taken.loc["cancelled", ["dimension", "found", "taken_out"]].tolist() == ["", 200, 200]
    assert taken.loc["Unreadable records", "taken_out"] == 5


def test_every_rule_of_cleaning_counts_against_one_dimension():
    from crm_ai.data.quality import RULES

    parts = {rule.id: reports.dimension(rule.id) for rule in RULES}
    assert set(parts.values()) <= {"", *scores.WEIGHTS}
    assert parts["missing_customer"] == "completeness"
    assert parts["duplicate_id"] == "uniqueness"
    assert parts["placeholder_product"] == "validity"
    assert parts["cancelled"] == reports.dimension("replaced_customer") == ""


# ---- gaps --------------------------------------------------------------------------------------------------------


def found(dates: pd.DatetimeIndex) -> list[str]:
    frame = pd.DataFrame({"table": "series", "day": dates.astype("datetime64[us]"), "rows": 1})
    return [f"{gap['from']:%m-%d}/{gap['days']}" for gap in days.gaps(frame).to_dict("records")]


def test_a_missing_day_week_or_month_is_a_gap_where_nothing_else_is_missing():
    assert found(DAYS.delete(100)) == ["04-11/1"]
    assert found(pd.date_range("2025-01-06", periods=50, freq="W-MON").delete(20)) == ["05-20/13"]
    assert found(pd.date_range("2022-01-01", periods=36, freq="MS").delete(20)) == ["08-02/60"]


def test_closed_weekdays_are_no_gaps_but_a_missing_week_is():
    workdays = pd.bdate_range("2025-01-01", "2025-12-31")
    assert found(workdays) == []
    assert found(workdays[(workdays < "2025-06-02") | (workdays > "2025-06-06")]) == ["05-31/9"]


@pytest.mark.parametrize("share", [0.95, 0.6, 0.3])
def test_days_that_are_empty_by_chance_are_hardly_ever_gaps(share):
    flagged = 0
    for seed in range(20):
        some = np.random.default_rng(seed).random(730) < share
        flagged += len(found(pd.date_range("2023-01-01", periods=730)[some]))
    assert flagged <= 6


# ---- properties --------------------------------------------------------------------------------------------------

texts = st.sampled_from(["a", "A", " b", "B", "ｃ", "", None])
numbers = st.one_of(st.none(), st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 2)))
rows = st.lists(st.tuples(texts, texts, texts, texts, numbers, numbers, st.integers(0, 400)), min_size=1, max_size=40)


def made(cells: list[Any]) -> pd.DataFrame:
    names = ["customer_id", "order_id", "product_id", "product_name", "quantity", "amount", "ordered_at"]
    frame = pd.DataFrame(cells, columns=names)
    frame[["quantity", "amount"]] = frame[["quantity", "amount"]].astype("float64")
    frame[names[:4]] = frame[names[:4]].astype("str")
    start = np.datetime64("2024-01-01", "us")
    return frame.assign(ordered_at=(start + frame["ordered_at"].to_numpy("timedelta64[D]")).astype("datetime64[us]"))


@settings(max_examples=6)
@given(rows)
def test_scores_lie_between_0_and_1_and_the_order_of_rows_does_not_matter(cells):
    frame = made(cells)
    result, turned = show(transactions=frame), show(transactions=frame.iloc[::-1])
    assert result.dimensions["score"].dropna().between(0, 1).all()
    assert 0 <= result.score <= 1
    assert result.checks["share"].between(0, 1).all()
    for name in ("dimensions", "columns", "checks", "near_duplicates", "gaps"):
        pd.testing.assert_frame_equal(getattr(result, name), getattr(turned, name))


@settings(max_examples=10)
@given(rows)
def test_checks_agree_with_a_naive_twin(cells):
    frame = made(cells)
    result = show(transactions=frame)
    assert check(result, "repeated_lines")[1] == int(frame.duplicated().sum())
    known = frame[frame["order_id"].notna()]
    several = known.groupby("order_id")["customer_id"].nunique().pipe(lambda s: s[s > 1])
    assert check(result, "customers_of_order")[:2] == (len(several), int(known["order_id"].isin(several.index).sum()))
    pairs = frame.dropna(subset=["product_id", "product_name"]).groupby(["product_id", "product_name"]).size()
    names = pairs.groupby("product_id").agg(["size", "sum", "max"]).query("size > 1")
    assert check(result, "names_of_product")[:2] == (len(names), int((names["sum"] - names["max"]).sum()))
    told = result.columns.set_index("column")
    blank = frame["product_name"].fillna("").str.strip() == ""
    assert told.loc["product_name", "filled_share"] == pytest.approx(1 - blank.mean())
    assert told.loc["product_name", "distinct"] == frame.loc[~blank, "product_name"].nunique()


def test_estimates_of_large_tables_come_near(monkeypatch, retail):
    exact = columns.columns(retail)
    monkeypatch.setattr(columns, "MOST_EXACT", 1000)
    near = columns.columns(retail)
    assert near["distinct"].to_numpy() == pytest.approx(exact["distinct"].to_numpy(), rel=0.25)
    assert near["q50"].to_numpy() == pytest.approx(exact["q50"].to_numpy(), rel=0.1, nan_ok=True)
    assert near["filled"].tolist() == exact["filled"].tolist()


# ---- words and pictures ------------------------------------------------------------------------------------------


def test_findings_name_the_worst_first_with_number_consequence_and_advice():
    lines = clean()
    lines.loc[:364, "customer_id"] = None
    lines.loc[:20, "amount"] += 5
    said = quality.findings(show(transactions=lines))
    assert said[0].startswith("Overall score ")
    assert said[1].startswith("“Customer id” in “Order lines” is empty in 50.0\u00a0% of the rows")
    assert said[2].startswith("Amounts that are not quantity times price: 21 (2.9\u00a0%).")
    assert len(said) <= 7


def test_small_problems_are_listed_but_not_told():
    lines = clean()
    lines.loc[0, "amount"] += 5
    quiet = show(transactions=lines, params={"least_share": 1.0})
    assert "good shape" in quality.findings(quiet)[1]
    assert check(quiet, "amount_differs")[0] == 1


def test_tables_and_charts_speak_the_language_of_the_reader():
    result = show({"created_at": TOOK_IN}, transactions=pd.concat([clean(), clean().head(9)]))
    shown = quality.shown(result, CHINESE)
    assert "重复的订单行" in shown["checks"]["check"].tolist()
    assert shown["columns"]["table"].unique().tolist() == ["订单行"]
    assert "唯一性" in quality.figures(result, CHINESE)["scores"].data[0].y


def test_online_retail_has_the_faults_that_are_known_of_it(retail, retail_frame):
    result = quality.run(retail)
    keys = [name for name in retail_frame.columns if name != "country"]
    assert check(result, "repeated_lines")[1] == int(retail_frame.duplicated(keys).sum())
    names = retail_frame.groupby("product_id")["product_name"].nunique()
    assert check(result, "names_of_product")[0] == int((names > 1).sum())
    assert result.gaps["from"].dt.strftime("%Y-%m-%d").tolist() == ["2010-12-24", "2011-04-22"]
    top = result.outliers.set_index("column").loc["quantity", "example"]
    assert top.startswith("80,995 (581483); 74,215 (541431)")
