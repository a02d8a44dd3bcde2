"""Orders as shops, tills and sales systems export them need no touch."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from crm_ai.data.schema import guess
from tests.data.shapes import Export, heads, moments, values, written

GOODS = [
    ("A-101", "Blue mug", "Kitchen", 7.5),
    ("A-102", "Red scarf", "Clothes", 19.0),
    ("B-7", "Oak desk, small", "Home", 129.99),
]


def shopify() -> Export:
    rng = random.Random(2)
    headings = ["Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Currency", "Subtotal",
        "Shipping", "Taxes",
                "Total", "Discount Amount", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price",
                    "Lineitem sku",
                "Shipping Country", "Cancelled at", "Refunded Amount", "Source"]  # fmt: skip
    rows = []
    for n, at in enumerate(moments()):
        sku, name, _, price = rng.choice(GOODS)
        stamp = at.strftime("%Y-%m-%d %H:%M:%S -0500")
        rows.append([f"#{1000 + n}", f"c{rng.randrange(80)}@shop.test", "paid", stamp, "fulfilled", "USD", price, 5,
            1, price + 6, 0,
                     stamp, rng.randrange(1, 4), name, price, sku, "US", "", 0, "web"])  # fmt: skip
    return headings, rows


def woocommerce() -> Export:
    rng = random.Random(3)
    headings = ["Order Number", "Order Status", "Order Date", "Customer Note", "Email (Billing)",
        "Country Code (Billing)",
                "Order Total Amount", "Item Name", "SKU", "Quantity", "Item Cost",
                    "Order Shipping Amount"]  # fmt: skip
    rows = []
    for n, at in enumerate(moments()):
        sku, name, _, price = rng.choice(GOODS)
        count = rng.randrange(1, 4)
        status = "Cancelled" if n % 17 == 0 else "Completed"
        rows.append([5000 + n, status, at.strftime("%Y-%m-%d %H:%M"), "", f"m{rng.randrange(60)}@x.test", "DE",
            price * count, name,
                     sku, count, price, 4.9])  # fmt: skip
    return headings, rows


def taobao() -> Export:
    rng = random.Random(4)
    headings = ["订单编号", "买家会员名", "买家应付货款", "买家应付邮费", "总金额", "买家实际支付金额", "订单状态",
        "收货人姓名", "收货地址",
                "订单创建时间", "订单付款时间", "宝贝标题", "宝贝种类", "宝贝总数量", "店铺名称"]  # fmt: skip
    rows = []
    for n, at in enumerate(moments()):
        price = rng.choice([39.9, 59.0, 128.0])
        status = "交易关闭" if n % 9 == 0 else "交易成功"
        rows.append([f"20240{n:09d}", f"买家{rng.randrange(70)}", price, 0, price, price, status, "张三",
            "上海市 浦东新区",
                     at.strftime("%Y-%m-%d %H:%M:%S"), at.strftime("%Y-%m-%d %H:%M:%S"), "纯棉短袖T恤 夏季新款", 1,
                         1, "小店"])  # fmt: skip
    return headings, rows


def jd() -> Export:
    rng = random.Random(5)
    headings = [
        "订单号",
        "商品ID",
        "商品名称",
        "订购数量",
        "京东价",
        "订单金额",
        "应付金额",
        "下单帐号",
        "下单时间",
        "订单状态",
    ]
    rows = []
    for n, at in enumerate(moments()):
        count = rng.randrange(1, 3)
        rows.append([f"2{n:011d}", rng.randrange(100, 120), "无线鼠标 静音", count, "￥59.00",
            f"￥{59 * count:.2f}", f"￥{59 * count:.2f}",
                     f"jd_{rng.randrange(50)}", at.strftime("%Y/%m/%d %H:%M:%S"), "完成"])  # fmt: skip
    return headings, rows


def salesforce() -> Export:
    rng = random.Random(6)
    headings = ["Opportunity ID", "Account Name", "Stage", "Amount", "Close Date", "Product Name", "Lead Source"]
    stages = ["Closed Won", "Closed Lost", "Closed Won", "Negotiation"]
    return headings, [
        [f"006{n:09d}", f"Firm {rng.randrange(40)}", rng.choice(stages), f"${rng.randrange(1, 90)},000.00",
            at.strftime("%m/%d/%Y"),
         rng.choice(GOODS)[1], rng.choice(["Web", "Partner"])]
        for n, at in enumerate(moments())
    ]  # fmt: skip


def german_erp() -> Export:
    rng = random.Random(7)
    headings = [
        "Invoice No",
        "Customer No",
        "Invoice Date",
        "Article No",
        "Article Name",
        "Qty",
        "Unit Price",
        "Line Total",
    ]
    rows = []
    for n, at in enumerate(moments()):
        count, price = rng.randrange(1, 30), rng.choice([7.5, 1249.9])
        total = f"{count * price:,.2f}".translate(str.maketrans(",.", ".,"))
        rows.append([f"R{n // 2:05d}", f"K{rng.randrange(50):04d}", at.strftime("%d.%m.%Y"), "4711", "Schraube M8",
            count,
                     f"{price:,.2f}".translate(str.maketrans(",.", ".,")), total])  # fmt: skip
    return headings, rows


def ta_feng() -> Export:
    rng = random.Random(8)
    headings = [
        "TRANSACTION_DT",
        "CUSTOMER_ID",
        "AGE_GROUP",
        "PIN_CODE",
        "PRODUCT_SUBCLASS",
        "PRODUCT_ID",
        "AMOUNT",
        "ASSET",
        "SALES_PRICE",
    ]
    return headings, [
        [f"{at.month}/{at.day}/{at.year}", f"{rng.randrange(80):08d}", "45-49", "115", 110411,
            rng.randrange(4710000000000, 4710000000100),
         rng.randrange(1, 4), 30, rng.randrange(20, 90)]
        for at in moments()
    ]  # fmt: skip


def olist_items() -> Export:
    rng = random.Random(9)
    headings = ["order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price",
        "freight_value",
                "customer_unique_id", "order_purchase_timestamp", "product_category_name", "order_status"]  # fmt: skip
    return headings, [
        [f"{n:032x}", 1, f"{rng.randrange(50):032x}", "s", (at + timedelta(days=5)).isoformat(" "), 59.9, 13.1,
            f"{rng.randrange(90):032x}",
         at.isoformat(" "), "toys", "canceled" if n % 40 == 0 else "delivered"]
        for n, at in enumerate(moments())
    ]  # fmt: skip


def instacart_like() -> Export:
    rng = random.Random(10)
    headings = ["Member_number", "Date", "itemDescription"]
    return headings, [[rng.randrange(1000, 1080), at.strftime("%d-%m-%Y"), rng.choice(GOODS)[1]] for at in moments()]


def superstore() -> Export:
    rng = random.Random(11)
    headings = ["Row ID", "Order ID", "Order Date", "Ship Date", "Ship Mode", "Customer ID", "Customer Name",
        "Segment", "Country", "City",
                "State", "Region", "Product ID", "Category", "Sub-Category", "Product Name", "Sales", "Quantity",
                    "Discount", "Profit"]  # fmt: skip
    rows = []
    for n, at in enumerate(moments()):
        sku, name, category, price = rng.choice(GOODS)
        rows.append([n + 1, f"CA-2024-{n // 2}", at.strftime("%m/%d/%Y"),
            (at + timedelta(days=3)).strftime("%m/%d/%Y"), "First Class",
                     f"CG-{rng.randrange(60)}", "Claire Gute", "Consumer", "United States", "Henderson", "Kentucky",
                         "South", sku, category,
                     "Bookcases", name, price * 2, 2, 0, 12.5])  # fmt: skip
    return headings, rows


def supermarket() -> Export:
    rng = random.Random(12)
    headings = ["Invoice ID", "Branch", "City", "Customer type", "Gender", "Product line", "Unit price", "Quantity",
        "Tax 5%", "Total", "Date",
                "Time", "Payment", "cogs", "gross margin percentage", "gross income", "Rating"]  # fmt: skip
    rows = []
    for n, at in enumerate(moments()):
        rows.append([f"750-67-{n:04d}", rng.choice("ABC"), "Yangon", "Member", "Female", rng.choice(["Food",
            "Sports"]), 10.5, 2, 1.05, 22.05,
                     f"{at.month}/{at.day}/{at.year}", at.strftime("%H:%M"), "Cash", 21, 4.76, 1.05, 8.1])  # fmt: skip
    return headings, rows


def mixed_chinese_till() -> Export:
    rng = random.Random(13)
    headings = ["小票号", "会员卡号", "商品条码", "品名", "数量", "售价", "实收金额", "销售日期", "门店"]
    return headings, [
        [
            f"XP{n // 3:06d}",
            f"{rng.randrange(60):08d}",
            6901234567890,
            "纯牛奶 250ml",
            2,
            3.5,
            7.0,
            f"{at.year}年{at.month}月{at.day}日",
            "一店",
        ]
        for n, at in enumerate(moments())
    ]


def amount_only() -> Export:
    rng = random.Random(14)
    return ["用户ID", "消费日期", "消费金额"], [
        [rng.randrange(60), at.strftime("%Y%m%d"), rng.randrange(5, 90)] for at in moments()
    ]


def events() -> Export:
    rng = random.Random(15)
    headings = ["event_time", "order_id", "product_id", "category_id", "category_code", "brand", "price", "user_id"]
    return headings, [
        [at.strftime("%Y-%m-%d %H:%M:%S UTC"), 2294359932054536986 + n, 1515966223509089906, 2268105426648170900,
            "electronics.tablet",
         "samsung", 162.01, 1515915625441993984 + rng.randrange(60)]
        for n, at in enumerate(moments())
    ]  # fmt: skip


EXPORTS: dict[Callable[[], Export], tuple[str, dict[str, str]]] = {
    shopify: ("transactions", {"order_id": "Name", "customer_id": "Email", "ordered_at": "Created at",
        "product_id": "Lineitem sku",
              "product_name": "Lineitem name", "quantity": "Lineitem quantity", "unit_price": "Lineitem price",
                  "country": "Shipping Country",
              "currency": "Currency"}),
    woocommerce: ("transactions", {"order_id": "Order Number", "customer_id": "Email (Billing)",
        "ordered_at": "Order Date",
                  "product_name": "Item Name", "product_id": "SKU", "quantity": "Quantity", "unit_price": "Item Cost",
                  "cancelled": "Order Status"}),
    taobao: ("transactions", {"order_id": "订单编号", "customer_id": "买家会员名", "ordered_at": "订单创建时间",
        "amount": "总金额",
             "product_name": "宝贝标题", "quantity": "宝贝总数量", "cancelled": "订单状态", "channel": "店铺名称"}),
    jd: ("transactions", {"order_id": "订单号", "customer_id": "下单帐号", "ordered_at": "下单时间",
        "product_id": "商品ID",
         "product_name": "商品名称", "quantity": "订购数量", "amount": "订单金额"}),
    salesforce: ("transactions", {"order_id": "Opportunity ID", "customer_id": "Account Name",
        "ordered_at": "Close Date", "amount": "Amount",
                 "product_name": "Product Name", "cancelled": "Stage", "channel": "Lead Source"}),
    german_erp: ("transactions", {"order_id": "Invoice No", "customer_id": "Customer No", "ordered_at": "Invoice Date",
                 "product_id": "Article No", "product_name": "Article Name", "quantity": "Qty",
                     "unit_price": "Unit Price",
                 "amount": "Line Total"}),
    ta_feng: ("transactions", {"customer_id": "CUSTOMER_ID", "ordered_at": "TRANSACTION_DT",
        "product_id": "PRODUCT_ID"}),
    olist_items: ("transactions", {"order_id": "order_id", "customer_id": "customer_unique_id",
        "ordered_at": "order_purchase_timestamp",
                  "product_id": "product_id", "category": "product_category_name", "amount": "price",
                      "cancelled": "order_status"}),
    instacart_like: ("transactions", {"customer_id": "Member_number", "ordered_at": "Date",
        "product_name": "itemDescription"}),
    superstore: ("transactions", {"order_id": "Order ID", "customer_id": "Customer ID", "ordered_at": "Order Date",
        "product_id": "Product ID",
                 "product_name": "Product Name", "category": "Category", "quantity": "Quantity", "amount": "Sales",
                     "country": "Country"}),
    supermarket: ("transactions", {"order_id": "Invoice ID", "ordered_at": "Date", "category": "Product line",
        "unit_price": "Unit price",
                  "quantity": "Quantity", "amount": "Total", "channel": "Branch"}),
    mixed_chinese_till: ("transactions", {"order_id": "小票号", "customer_id": "会员卡号", "ordered_at": "销售日期",
        "product_id": "商品条码",
                         "product_name": "品名", "quantity": "数量", "unit_price": "售价", "amount": "实收金额",
                             "channel": "门店"}),
    amount_only: ("transactions", {"customer_id": "用户ID", "ordered_at": "消费日期", "amount": "消费金额"}),
    events: ("transactions", {"customer_id": "user_id", "order_id": "order_id", "ordered_at": "event_time",
        "product_id": "product_id",
             "amount": "price"}),
}  # fmt: skip


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.__name__)
def test_exports_of_shops_and_tills_need_no_touch(export: Callable[[], Export], tmp_path: Path) -> None:
    table, expected = EXPORTS[export]
    source = written(tmp_path, *export())
    mapping = guess(source)
    assert mapping.table == table
    found = heads(mapping)
    assert {name: found.get(name) for name in expected} == expected
    assert all(value is not None and value == value for value in values(source, mapping.columns["ordered_at"]))
