"""From files to a dataset: appended, cleaned, counted, and the same again tomorrow."""

import gzip
import json
import subprocess
import sys

import duckdb
import pandas as pd
import pytest

import crm_ai
from crm_ai.data import intake, samples, schema
from crm_ai.data.dataset import Dataset
from crm_ai.errors import BadFile, BadParameter, CrmError, TooLittleData
from tests.conftest import shared

SALES = """Order No,Customer ID,Order Date,Product,Quantity,Unit Price
1001,C1,2024-01-05,Tea,2,3.50
1002,C2,2024-01-06,Mug,1,8.00
1003,,2024-01-07,Tea,1,3.50
1004,C1,2024-01-08,Mug,-1,8.00
1005,C3,soon,Tea,4,3.50
1006,C3,2024-01-09,Tea,4,3.50
"""
MORE = SALES.splitlines()[0] + "\n1007,C4,2024-02-01,Bowl,2,5.00\n"
CUSTOMERS = "Customer ID,Age,Plan,Churn\nC1,31,Basic,yes\nC2,45,Plus,no\nC3,28,Basic,no\nC4,51,Plus,yes\n"


@pytest.fixture
def files(tmp_path):
    """Writes text files and gives their paths."""

    def write(**texts):
        paths = [tmp_path / f"{name}.csv" for name in texts]
        for path, text in zip(paths, texts.values(), strict=True):
            path.write_text(text, "utf-8")
        return paths

    return write


def report(data, table="transactions"):
    return data.manifest["report"][table]


def found(data, rule):
    return next(item for item in report(data)["rules"] if item["id"] == rule)


def test_a_file_becomes_a_dataset_with_a_report(files, tmp_path):
    data = intake.ingest(files(sales=SALES), tmp_path / "shop")
    rows = data.frame(data.table("transactions"))
    assert rows[["order_id", "customer_id", "amount"]].values.tolist() == [
        ["1001", "C1", 7],
        ["1002", "C2", 8],
        ["1006", "C3", 14],
    ]
    whole = report(data)
    assert (whole["rows"], whole["kept"], whole["rejected"]) == (6, 3, 3)
    assert [(r["id"], r["removed"]) for r in whole["rules"] if r["removed"]] == [
        ("unreadable_date", 1),
        ("missing_customer", 1),
        ("nonpositive_quantity", 1),
    ]
    assert data.name == "sales"


def test_the_manifest_says_all_that_was_done_and_survives_a_move_of_the_folder(files, tmp_path):
    data = intake.ingest(files(sales=SALES), tmp_path / "shop", name="Tea shop", rules={"missing_customer": False})
    manifest = json.loads((tmp_path / "shop" / "manifest.json").read_text("utf-8"))
    assert {"name", "created_at", "fingerprint", "tables", "sources", "mappings", "rules", "report"} <= set(manifest)
    assert (manifest["name"], manifest["rules"]) == ("Tea shop", {"missing_customer": False})
    assert not manifest["sources"][0]["raw"].startswith("/")
    (tmp_path / "shop").rename(tmp_path / "moved")
    assert Dataset.open(tmp_path / "moved").fingerprint == data.fingerprint
    again = intake.finish(tmp_path / "moved")
    assert report(again)["kept"] == 3


def test_files_of_one_table_are_appended_and_other_tables_stand_beside(files, tmp_path):
    data = intake.ingest(files(sales=SALES, more=MORE, people=CUSTOMERS), tmp_path / "shop")
    assert set(data.tables) == {"transactions", "customers"}
    assert report(data)["kept"] == 4
    assert report(data, "customers")["kept"] == 4
    assert data.frame(data.tables["transactions"])["order_id"].tolist() == ["1001", "1002", "1006", "1007"]
    assert data.name == "sales +2"


def test_rejected_rows_of_all_tables_lie_in_one_file_with_reasons(files, tmp_path):
    people = CUSTOMERS + "".join(f"C{n},{n},Basic,no\n" for n in range(5, 40)) + "C4,51,Plus,yes\n"
    intake.ingest(files(sales=SALES, people=people), tmp_path / "shop")
    gone = pd.read_parquet(tmp_path / "shop" / intake.REJECTED)
    assert gone[["source", "row", "reason"]].values.tolist() == [
        ["people.csv", 40, "duplicate_id"],
        ["sales.csv", 3, "missing_customer"],
        ["sales.csv", 4, "nonpositive_quantity"],
        ["sales.csv", 5, "unreadable_date"],
    ]
    assert gone["Order Date"].tolist()[3] == "soon"


def test_equal_bytes_mapping_and_rules_give_an_equal_fingerprint_whatever_the_names(files, tmp_path):
    one, two = files(sales=SALES, copy=SALES)
    first = intake.ingest([one], tmp_path / "a", name="x")
    second = intake.ingest([two], tmp_path / "b", name="y", names=["other.csv"])
    assert first.fingerprint == second.fingerprint
    explicit = intake.ingest([one], tmp_path / "c", rules={"missing_customer": True})
    assert explicit.fingerprint == first.fingerprint


@pytest.mark.parametrize("change", ["bytes", "rules", "mapping"])
def test_other_bytes_mapping_or_rules_give_another_fingerprint(files, tmp_path, change):
    one, two = files(sales=SALES, other=SALES.replace("8.00", "9.00"))
    first = intake.ingest([one], tmp_path / "a")
    staged = intake.stage([two if change == "bytes" else one], tmp_path / "b")
    mapping = intake.wished(staged, {"country": "Product"}) if change == "mapping" else None
    second = intake.finish(tmp_path / "b", mapping, {"duplicates": True} if change == "rules" else None)
    assert first.fingerprint != second.fingerprint


def test_another_mapping_or_rule_is_finished_without_reading_the_files_again(files, tmp_path):
    paths = files(sales=SALES)
    here = intake.stage(paths, tmp_path / "shop")
    first = intake.finish(tmp_path / "shop")
    paths[0].unlink()
    mapping = intake.merged(here.sources[0], here.guesses[0], {"category": "Product"})
    second = intake.finish(tmp_path / "shop", [mapping], {"missing_customer": False})
    assert second.has("transactions", "category")
    assert not second.has("transactions", "product_name")
    assert report(second)["kept"] == 4
    assert first.frame(first.tables["transactions"].count()).iloc[0, 0] == 3, "an open dataset keeps its rows"


def test_tables_of_long_ago_are_cleared_away(files, tmp_path):
    intake.stage(files(sales=SALES), tmp_path / "shop")
    for rules in ({}, {"missing_customer": False}, {"nonpositive_quantity": False}, {"unreadable_date": False}):
        last = intake.finish(tmp_path / "shop", rules=rules)
    kept = list((tmp_path / "shop" / "tables").iterdir())
    assert len(kept) == 2
    assert last.manifest["tables"]["transactions"] in [f"tables/{path.name}" for path in kept]


def test_rules_that_leave_nothing_leave_the_dataset_as_it_was(files, tmp_path):
    returns = "Order No,Order Date,Quantity,Unit Price\n1,2024-01-05,-1,2\n2,2024-01-06,-2,3\n"
    kept = {"nonpositive_quantity": False, "negative_amount": False}
    data = intake.ingest(files(returns=returns), tmp_path / "shop", rules=kept)
    before = (tmp_path / "shop" / intake.REJECTED).read_bytes()
    with pytest.raises(TooLittleData, match="None of the 2 rows"):
        intake.finish(tmp_path / "shop")
    assert Dataset.open(tmp_path / "shop").fingerprint == data.fingerprint
    assert (tmp_path / "shop" / intake.REJECTED).read_bytes() == before


def test_finishing_again_without_a_change_only_renames(files, tmp_path):
    first = intake.ingest(files(sales=SALES), tmp_path / "shop")
    again = intake.finish(tmp_path / "shop", name="Renamed")
    assert (again.name, again.fingerprint) == ("Renamed", first.fingerprint)
    assert again.manifest["created_at"] == first.manifest["created_at"]


def test_what_is_staged_can_be_looked_at_before_it_counts(files, tmp_path):
    intake.stage(files(sales=SALES), tmp_path / "shop", names=["Verkauf.csv"])
    here = intake.staged(tmp_path / "shop")
    assert not (tmp_path / "shop" / "manifest.json").exists()
    assert here.sources[0].name == "Verkauf.csv"
    assert here.guesses[0].table == "transactions"
    preview = here.preview(0, 2)
    assert list(preview.columns) == SALES.splitlines()[0].split(",")
    assert preview["Order Date"].tolist() == ["2024-01-05", "2024-01-06"]


def test_progress_rises_to_its_end(files, tmp_path):
    told = []
    intake.ingest(files(sales=SALES, more=MORE), tmp_path / "shop", progress=lambda share, text: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_source_can_be_left_out(files, tmp_path):
    intake.stage(files(sales=SALES, people=CUSTOMERS), tmp_path / "shop")
    data = intake.finish(tmp_path / "shop", [None, schema.Mapping("", {})])
    assert set(data.tables) == {"transactions"}


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        (SALES.splitlines()[0] + "\n", BadFile, "."),
        (
            SALES.replace("2024-01-", "day "),
            BadFile,
            "No date in the column Order Date can be read, for example day 05",
        ),
        (
            "Order No,Customer ID,Order Date,Quantity,Unit Price\n1,C1,2024-01-05,-1,2\n",
            TooLittleData,
            "nonpositive_quantity",
        ),
        (",".join(f"x{n}" for n in range(2000)) + "\n" + ",".join(["1"] * 2000) + "\n", BadFile, "2000 columns"),
        ("", BadFile, "."),
    ],
    ids=["header only", "no readable date", "nothing left", "too many columns", "empty"],
)
def test_bad_files_stop_with_a_sentence(files, tmp_path, text, kind, sentence):
    with pytest.raises(kind, match=sentence):
        intake.ingest(files(sales=text), tmp_path / "shop")
    assert not (tmp_path / "shop" / "manifest.json").exists()


def test_unknown_rules_headings_and_columns_are_named(files, tmp_path):
    here = intake.stage(files(sales=SALES), tmp_path / "shop")
    with pytest.raises(BadParameter, match="no cleaning rule nonsense"):
        intake.finish(tmp_path / "shop", rules={"nonsense": True})
    with pytest.raises(BadParameter, match="no column Preis"):
        intake.wished(here, {"amount": "Preis"})
    with pytest.raises(BadParameter, match="No table has the columns colour"):
        intake.wished(here, {"colour": "Product"})


def test_files_that_are_gone_are_to_be_uploaded_again(tmp_path):
    with pytest.raises(BadFile, match="upload them again"):
        intake.staged(tmp_path)


def test_a_file_of_no_known_table_says_so(files, tmp_path):
    intake.stage(files(sales=SALES), tmp_path / "shop")
    with pytest.raises(BadFile, match="choose a table"):
        intake.finish(tmp_path / "shop", [schema.Mapping("", {})])
    with pytest.raises(BadParameter, match="2 mappings for 1 files"):
        intake.finish(tmp_path / "shop", [None, None])


def test_what_a_person_says_wins_over_the_guess_and_keeps_the_rest(files, tmp_path):
    here = intake.stage(files(sales=SALES), tmp_path / "shop")
    mapping = intake.wished(here, {"category": "Product"})[0]
    assert mapping.columns["category"].heading == "Product"
    assert "product_name" not in mapping.columns
    assert mapping.columns["unit_price"] == here.guesses[0].columns["unit_price"]


def test_what_a_person_says_of_one_file_leaves_the_others_alone(files, tmp_path):
    here = intake.stage(files(sales=SALES, people=CUSTOMERS), tmp_path / "shop")
    sales, people = intake.wished(here, {"category": "Product"})
    assert sales.columns["category"].heading == "Product"
    assert people == here.guesses[1]


def test_a_column_that_is_looked_through_keeps_its_reading_and_a_removed_one_goes(files, tmp_path):
    here = intake.stage(files(sales=SALES), tmp_path / "shop")
    guess = here.guesses[0]
    headings = {name: column.heading for name, column in guess.columns.items() if name != "product_name"}
    mapping = intake.corrected(here.sources[0], guess, headings)
    assert mapping.columns == {name: column for name, column in guess.columns.items() if name != "product_name"}


def test_inspect_tells_roles_types_and_quality_as_json(files):
    described = json.loads(json.dumps(intake.inspect(files(sales=SALES))))["sources"][0]
    assert {
        "file": "sales.csv",
        "kind": "csv",
        "delimiter": ",",
        "rows": 6,
        "table": "transactions",
    }.items() <= described.items()
    assert described["columns"]["Order Date"]["role"] == "ordered_at"
    assert {h: c["type"] for h, c in described["columns"].items()} == {
        "Order No": "id",
        "Customer ID": "id",
        "Order Date": "date",
        "Product": "text",
        "Quantity": "number",
        "Unit Price": "number",
    }
    assert described["rejected_rows"] == 3
    assert described["quality"]["after"]["amount"] == 29
    assert next(r for r in described["quality"]["rules"] if r["id"] == "duplicates")["count"] == 0


def test_inspect_of_an_unknown_file_has_types_but_no_roles(files):
    described = intake.inspect(files(odd="alpha;beta\nq w;5\nw e;6\n"))["sources"][0]
    assert described["table"] is None
    assert described["quality"] is None
    assert {c["role"] for c in described["columns"].values()} == {None}
    assert described["columns"]["beta"]["type"] == "number"


def test_the_demo_comes_back_to_the_same_numbers(tmp_path):
    data = intake.demo_dataset(tmp_path / "demo")
    for name, table in samples.demo().items():
        back = data.frame(data.tables[name])
        pd.testing.assert_frame_equal(back[list(table.columns)], table, check_dtype=False)
    assert [report(data, name)["rejected"] for name in data.tables] == [0, 0, 0]


def test_read_and_run_are_the_public_door(files):
    data = crm_ai.read(*files(sales=SALES, people=CUSTOMERS), rules={"missing_customer": False}, name="Tea")
    assert (data.name, report(data)["kept"]) == ("Tea", 4)
    assert crm_ai.run("overview", data).revenue == 32.5
    with pytest.raises(crm_ai.CrmError, match="no analysis dreams"):
        crm_ai.run("dreams", data)


def test_read_takes_a_mapping_and_a_table(files):
    path = files(notes="when,what\n2024-01-01,good tea\n2024-01-02,bad mug\n")[0]
    data = crm_ai.read(path, mapping={"text": "what", "created_at": "when"}, table="feedback")
    assert data.frame(data.table("feedback", "text", "created_at"))["text"].tolist() == ["good tea", "bad mug"]


def test_the_demo_is_one_call_away():
    assert set(crm_ai.demo().tables) == {"transactions", "customers", "feedback"}
    assert {"read", "run", "Dataset", "Recipe", "CrmError"} <= set(dir(crm_ai))
    assert crm_ai.Recipe("d", "overview").analysis == "overview"
    with pytest.raises(AttributeError, match="nonsense"):
        _ = crm_ai.nonsense


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, crm_ai; print([m for m in ('pandas', 'ibis', 'duckdb', 'sklearn') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=samples.__file__.split("crm_ai")[0],
    )
    assert done.stdout.strip() == "[]"


REAL = {
    "cdnow/CDNOW_master.txt.gz": ({}, (69_659, 67_591, 23_570, 2_500_315.63)),
    "retail_transactions/Retail_Data_Transactions.csv.gz": ({}, (125_000, 124_208, 6_889, 8_123_989.0)),
    "zh_superstore/zh_superstore.xls": ({}, (10_000, 2_773, 790, 16_117_548.237)),
    "zh_tmall_orders/tmall_order_report.csv": ({}, (28_010, 28_010, None, 2_995_760.61)),
    "bakery/BreadBasket_DMS.csv.gz": ({}, (20_507, 9_465, None, None)),
}


@pytest.mark.parametrize("path", REAL)
def test_real_files_give_their_published_figures_without_a_touch(path, tmp_path):
    _, (rows, orders, customers, amount) = REAL[path]
    after = report(intake.ingest([shared(path)], tmp_path / "real"))["after"]
    assert (after["rows"], after["orders"], after["customers"]) == (rows, orders, customers)
    assert after["amount"] == (amount if amount is None else pytest.approx(amount, abs=0.001))


@pytest.mark.parametrize(
    ("heading", "total"), [("总金额", 2_995_760.61), ("买家实际支付金额", 1_902_487.15), ("退款金额", 572_335.92)]
)
def test_the_three_totals_of_tmall_come_by_mapping_the_amount(heading, total, tmp_path):
    here = intake.stage([shared("zh_tmall_orders/tmall_order_report.csv")], tmp_path / "tmall")
    data = intake.finish(tmp_path / "tmall", intake.wished(here, {"amount": heading}))
    assert report(data)["after"]["orders"] == 28_010
    assert round(report(data)["after"]["amount"], 2) == total


def test_cdnow_counts_its_purchases_of_zero_and_takes_them_out_when_asked(tmp_path):
    intake.stage([shared("cdnow/CDNOW_master.txt.gz")], tmp_path / "cdnow")
    data = intake.finish(tmp_path / "cdnow")
    assert (found(data, "zero_amount")["count"], found(data, "zero_amount")["removed"]) == (80, 0)
    data = intake.finish(tmp_path / "cdnow", rules={"zero_amount": True})
    assert report(data)["kept"] == 69_659 - 80


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_online_retail_as_an_uploaded_file_comes_out_to_the_cent(tmp_path, encoding):
    path = tmp_path / "retail.csv"
    source = shared("online_retail/online_retail_2010_2011.parquet")
    frame = duckdb.execute(
        "SELECT * REPLACE (strftime(InvoiceDate, '%m/%d/%Y %H:%M') AS InvoiceDate) FROM read_parquet(?)", [str(source)]
    ).df()
    if encoding == "gb18030":
        frame.columns = ["订单号", "商品编码", "商品名称", "数量", "订单日期", "单价", "客户编号", "国家"]
    frame.to_csv(path, index=False, encoding=encoding)
    data = intake.ingest([path], tmp_path / "retail")
    before, after = report(data)["before"], report(data)["after"]
    assert round(before["amount"], 2) == 9_747_747.93
    assert (after["rows"], after["orders"], after["customers"]) == (397_884, 18_532, 4_338)
    assert round(after["amount"], 2) == 8_911_407.90
    assert (found(data, "duplicates")["count"], found(data, "missing_customer")["count"]) == (5_268, 135_080)


@pytest.mark.parametrize("content", [b"\x00\x01\x02" * 500, b"PK\x03\x04broken", gzip.compress(b"")])
def test_anything_at_all_gives_a_sentence_never_another_error(tmp_path, content):
    path = tmp_path / "anything.csv"
    path.write_bytes(content)
    with pytest.raises(CrmError):
        intake.ingest([path], tmp_path / "shop")
