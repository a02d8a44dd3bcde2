"""Which column is which in real data, and what a person may say about it."""

import tempfile
from pathlib import Path

import duckdb
import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai.data.schema import TABLES, Mapping, guess, remap
from crm_ai.data.sources import Source, read_source
from crm_ai.errors import BadFile, BadParameter
from tests.conftest import shared
from tests.data.shapes import heads, values, written

RETAIL = {
    "customer_id": "CustomerID", "order_id": "InvoiceNo", "ordered_at": "InvoiceDate", "product_id": "StockCode",
    "product_name": "Description", "quantity": "Quantity", "unit_price": "UnitPrice", "country": "Country",
        "cancelled": "InvoiceNo",
}  # fmt: skip
CHINESE = {
    "CustomerID": "客户编号", "InvoiceNo": "订单号", "InvoiceDate": "下单时间", "StockCode": "商品编码",
        "Description": "商品名称",
    "Quantity": "数量", "UnitPrice": "单价", "Country": "国家",
}  # fmt: skip
REAL = {
    "online_retail/online_retail_2010_12.csv.gz": ("transactions", RETAIL),
    "online_retail/online_retail_2010_2011.parquet": ("transactions", RETAIL),
    "cdnow/CDNOW_master.txt.gz": ("transactions", {"customer_id": "customer_id", "ordered_at": "date",
        "quantity": "number_of_cds", "amount": "dollar_value"}),
    "cdnow/CDNOW_sample.txt": ("transactions", {"customer_id": "column_1", "ordered_at": "column_3",
        "quantity": "column_4", "amount": "column_5"}),
    "retail_transactions/Retail_Data_Transactions.csv.gz": ("transactions", {"customer_id": "customer_id",
        "ordered_at": "trans_date", "amount": "tran_amount"}),
    "retail_transactions/Retail_Data_Response.csv.gz": ("customers", {"customer_id": "customer_id",
        "target": "response"}),
    "zh_superstore/zh_superstore.xls": ("transactions", {"customer_id": "客户 ID", "order_id": "订单 ID",
        "ordered_at": "订单日期", "product_id": "产品 ID",
                                        "product_name": "产品名称", "category": "类别", "quantity": "数量",
                                            "amount": "销售额", "country": "国家"}),
    "zh_tmall_orders/tmall_order_report.csv": ("transactions", {"order_id": "订单编号",
        "ordered_at": "订单创建时间", "amount": "总金额", "country": "收货地址"}),
    "zh_taobao_beauty/a.csv": ("transactions", {"ordered_at": "update_time", "product_id": "id",
        "product_name": "title", "unit_price": "price",
                               "quantity": "sale_count", "channel": "店名"}),
    "bakery/BreadBasket_DMS.csv.gz": ("transactions", {"order_id": "Transaction", "ordered_at": "Date",
        "product_name": "Item"}),
    "groceries/groceries.csv": ("transactions", {"order_id": "order_id", "product_name": "product_name"}),
    "crm_sales/sales_pipeline.csv": ("transactions", {"customer_id": "account", "order_id": "opportunity_id",
        "ordered_at": "close_date",
                                     "product_name": "product", "amount": "close_value", "cancelled": "deal_stage"}),
    "clothing/womens_full.csv.gz": ("feedback", {"feedback_id": "column_1", "text": "Review Text",
        "rating": "Rating", "label": "Recommended IND", "product_id": "Clothing ID"}),
    "amazon_alexa/amazon_alexa.tsv": ("feedback", {"created_at": "date", "text": "verified_reviews",
        "rating": "rating", "label": "feedback", "product_id": "variation"}),
    "uci_sentences/amazon_cells_labelled.txt": ("feedback", {"text": "column_1", "label": "column_2"}),
    "zh_reviews/waimai_10k.csv": ("feedback", {"text": "review", "label": "label"}),
    "zh_reviews/online_shopping_10_cats.csv.gz": ("feedback", {"text": "review", "label": "label",
        "product_id": "cat"}),
    "banking77/test.csv": ("feedback", {"text": "text", "label": "category"}),
    "telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv": ("customers", {"customer_id": "customerID",
        "target": "Churn"}),
    "bank_marketing/UCI_bank-additional-full.csv.gz": ("customers", {"target": "y"}),
    "marketing_campaign/old.csv": ("customers", {"customer_id": "ID", "target": "Response"}),
    "hillstrom/hillstrom.csv.gz": ("customers", {"target": "visit", "treatment": "segment"}),
    "online_shoppers/online_shoppers_intention.csv": ("customers", {"target": "Revenue"}),
    "mall_customers/Mall_Customers.csv": ("customers", {"customer_id": "CustomerID"}),
    "wholesale/wholesale_customers.csv": ("customers", {}),
    "aus_retail/aus_retail.csv.gz": ("series", {"series_id": "Series ID", "time": "Month", "value": "Turnover"}),
    "prophet_examples/example_wp_log_peyton_manning.csv": ("series", {"time": "ds", "value": "y"}),
    "nab/data/realKnownCause/nyc_taxi.csv": ("series", {"time": "timestamp", "value": "value"}),
}  # fmt: skip


@pytest.mark.parametrize("path", REAL)
def test_real_files_need_no_touch(path: str, tmp_path: Path) -> None:
    source = read_source(shared(path), tmp_path)[0]
    mapping = guess(source)
    assert (mapping.table, heads(mapping)) == REAL[path]
    assert all(0 < column.confidence <= 1 and column.why for column in mapping.columns.values())


def test_cancelled_orders_are_told_by_the_letter_before_their_number(tmp_path: Path) -> None:
    source = read_source(shared("online_retail/online_retail_2010_12.csv.gz"), tmp_path)[0]
    column = guess(source).columns["cancelled"]
    raw = ibis.duckdb.connect().read_parquet(source.raw)
    truth = duckdb.execute(
        "SELECT count(*) FROM read_parquet(?) WHERE starts_with(InvoiceNo, 'C')", [str(source.raw)]
    ).fetchone()
    assert column.reading == "prefix:C"
    assert truth
    assert raw.aggregate(n=column.value(raw).sum()).to_pandas()["n"][0] == truth[0] > 0


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """Every twentieth line of Online Retail."""
    path = shared("online_retail/online_retail_2010_2011.parquet")
    return duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)]).df().iloc[::20].reset_index(drop=True)


def checked(source: Source, lines: pd.DataFrame, expected: dict[str, str]) -> None:
    """The guess, and that dates and sums are those of the original."""
    mapping = guess(source)
    assert heads(mapping) == expected
    raw = ibis.duckdb.connect().read_parquet(source.raw)
    typed = raw.select(**{name: column.value(raw) for name, column in mapping.columns.items()}).to_pandas()
    assert (typed["ordered_at"] == lines["InvoiceDate"].dt.floor("min")).all()
    assert typed["quantity"].sum() == lines["Quantity"].sum()
    assert typed["unit_price"].sum() == pytest.approx(lines["UnitPrice"].sum())
    assert typed["customer_id"].dropna().tolist() == [str(int(value)) for value in lines["CustomerID"].dropna()]
    assert typed["product_id"].tolist() == lines["StockCode"].tolist()
    assert typed["cancelled"].sum() == lines["InvoiceNo"].str.startswith("C").sum()


def test_online_retail_as_csv_with_its_own_headings(lines: pd.DataFrame, tmp_path: Path) -> None:
    stamps = lines["InvoiceDate"].map(lambda at: f"{at.month}/{at.day}/{at.year} {at.hour}:{at.minute:02d}")
    lines.assign(InvoiceDate=stamps).to_csv(tmp_path / "retail.csv", index=False)
    checked(read_source(tmp_path / "retail.csv", tmp_path)[0], lines, RETAIL)


def test_online_retail_with_chinese_headings_in_gb18030(lines: pd.DataFrame, tmp_path: Path) -> None:
    stamps = lines["InvoiceDate"].dt.strftime("%d/%m/%Y %H:%M")
    lines.assign(InvoiceDate=stamps).rename(columns=CHINESE).to_csv(
        tmp_path / "订单.csv", index=False, encoding="gb18030"
    )
    source = read_source(tmp_path / "订单.csv", tmp_path)[0]
    assert source.encoding == "gb18030"
    checked(source, lines, {name: CHINESE[heading] for name, heading in RETAIL.items()})


def test_online_retail_as_a_workbook(lines: pd.DataFrame, tmp_path: Path) -> None:
    codes = lines["StockCode"].map(lambda code: int(code) if code.isdigit() and code[0] != "0" else code)
    numbers = lines["InvoiceNo"].map(lambda number: int(number) if number.isdigit() else number)
    lines.assign(StockCode=codes, InvoiceNo=numbers).to_excel(
        tmp_path / "retail.xlsx", index=False, engine="xlsxwriter"
    )
    checked(read_source(tmp_path / "retail.xlsx", tmp_path)[0], lines, RETAIL)


def test_m4_in_long_form_steps_by_the_unit_of_its_names(tmp_path: Path) -> None:
    wide = pd.read_csv(shared("m4/Weekly-train.csv.gz"), nrows=5)
    long = wide.melt("V1", var_name="ds", value_name="y").dropna().rename(columns={"V1": "unique_id"})
    long["ds"] = long["ds"].str[1:].astype(int) - 1
    long.sort_values(["unique_id", "ds"]).to_csv(tmp_path / "m4.csv", index=False)
    source = read_source(tmp_path / "m4.csv", tmp_path)[0]
    mapping = guess(source)
    assert (mapping.table, heads(mapping)) == ("series", {"series_id": "unique_id", "time": "ds", "value": "y"})
    first = values(source, mapping.columns["time"])[:3]
    assert [str(moment)[:10] for moment in first] == ["2000-01-03", "2000-01-10", "2000-01-17"]


# --- dates ----------------------------------------------------------------------------------------------------------

HEADS = ["customer_id", "order date", "amount"]


def test_one_day_above_twelve_far_down_decides_the_order_of_day_and_month(tmp_path: Path) -> None:
    rows = [[n % 50, f"{n % 12 + 1:02d}/{n % 7 + 1:02d}/2024", 5] for n in range(20_000)]
    rows[19_001][1] = "05/25/2024"
    assert guess(written(tmp_path, HEADS, rows)).columns["ordered_at"].reading == "date:%m/%d/%Y"
    rows[19_001][1] = "25/05/2024"
    assert guess(written(tmp_path, HEADS, rows)).columns["ordered_at"].reading == "date:%d/%m/%Y"


def test_a_format_that_only_some_rows_have_is_read_too(tmp_path: Path) -> None:
    rows = [[n % 50, f"2024-01-{n % 28 + 1:02d}", 5] for n in range(8_000)]
    rows[7_777][1] = "2024年3月5日"
    source = written(tmp_path, HEADS, rows)
    assert not any(value != value for value in values(source, guess(source).columns["ordered_at"]))


def test_the_currency_of_the_price_signs_becomes_a_constant(tmp_path: Path) -> None:
    source = written(tmp_path, HEADS, [[n % 9, f"2024-01-{n % 28 + 1:02d}", f"£{n}.50"] for n in range(60)])
    assert guess(source).constants == {"currency": "GBP"}


def test_an_order_total_that_stands_on_every_line_is_not_the_amount_of_the_line(tmp_path: Path) -> None:
    headings = ["Order ID", "Order Date", "Item Name", "Quantity", "Item Price", "Order Total"]
    rows = [[n // 3, "2024-02-01", f"p{n % 3}", 1 + n % 3, 10, 60] for n in range(90)]
    found = heads(guess(written(tmp_path, headings, rows)))
    assert "amount" not in found
    assert found["quantity"] == "Quantity"
    assert (
        heads(guess(written(tmp_path, headings, [[*row[:5], row[3] * 10] for row in rows])))["amount"] == "Order Total"
    )


# --- what a person says ---------------------------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path: Path) -> Source:
    rows = [[f"u{n % 7}", f"{n % 28 + 1:02d}.03.2024", f"1.{n:03d},50", "ja"] for n in range(40)]
    return written(tmp_path, ["wer", "wann", "wieviel", "egal"], rows, delimiter=";")


def test_a_correction_gets_its_reading_from_the_content(source: Source) -> None:
    mapping = remap(source, "transactions", {"customer_id": "wer", "ordered_at": "wann", "amount": "wieviel"})
    assert mapping.columns["ordered_at"].reading == "date:%d.%m.%Y"
    assert mapping.columns["amount"].reading == "number_comma"
    assert values(source, mapping.columns["amount"])[:2] == [1000.5, 1001.5]
    assert {column.confidence for column in mapping.columns.values()} == {1.0}


@pytest.mark.parametrize(
    ("table", "headings"),
    [("nothing", {}), ("transactions", {"customer": "wer"}), ("transactions", {"customer_id": "who"})],
)
def test_an_unknown_table_name_or_heading_is_refused(source: Source, table: str, headings: dict[str, str]) -> None:
    with pytest.raises(BadParameter):
        remap(source, table, headings)


def test_the_guess_can_be_asked_for_another_table(source: Source) -> None:
    assert {guess(source, table).table for table in TABLES} == set(TABLES)
    with pytest.raises(BadParameter):
        guess(source, "orders")


def test_a_mapping_survives_json(source: Source) -> None:
    for table in TABLES:
        mapping = guess(source, table)
        assert Mapping.from_json(mapping.to_json()) == mapping


def test_a_file_that_is_no_table_we_know_is_left_out(tmp_path: Path) -> None:
    assert guess(written(tmp_path, ["region", "manager"], [["North", "Ann"], ["South", "Bo"]])).table == ""


def test_attributes_with_names_of_the_table_keep_apart(tmp_path: Path) -> None:
    rows = [[n, n % 2, n * 2, "x"] for n in range(50)]
    mapping = guess(written(tmp_path, ["Customer ID", "churn", "Target", "TARGET 2"], rows), "customers")
    assert set(mapping.attributes) == {"target_2", "target_2_2"}


HEADINGS = st.sampled_from(
    ["id", "date", "Time", "amount", "customer id", "order id", "text", "label", "y", "ds", "数量", "时间", "x"]
)
CELLS = st.sampled_from(
    ["", " ", "1", "0", "1e999", "-5", "1,5", "2024-01-01", "31/31/2024", "10:20", "C12", "12", "#1", "yes", "V2"]
)
CELLS |= st.text(max_size=8) | st.floats().map(str) | st.dates().map(str)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    headings = draw(st.lists(HEADINGS, min_size=1, max_size=5))
    row = st.lists(CELLS, min_size=len(headings), max_size=len(headings))
    return headings, draw(st.lists(row, min_size=1, max_size=12))


@settings(max_examples=25, deadline=None)
@given(tables())
def test_any_file_that_can_be_read_can_be_guessed_at_and_typed(table: tuple[list[str], list[list[str]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            source = written(Path(folder), *table)
        except BadFile:
            return
        for mapping in (guess(source), *(guess(source, name) for name in TABLES)):
            for column in (*mapping.columns.values(), *mapping.attributes.values()):
                assert len(values(source, column)) == source.rows
