"""Exports as shops, tills, customer systems and help desks write them need no touch."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm_ai.data.schema import guess
from tests.data.shapes import Rows, heads, values, written

DAY = datetime(2024, 3, 1, 9, 30)
GOODS = [("A-101", "Blue mug", "Kitchen", 7.5), ("A-102", "Red scarf", "Clothes", 19.0), ("B-7", "Oak desk, small", "Home", 129.99)]
WORDS = "the parcel came late but the colour is lovely and I would order again from this shop".split()


def _moments(n: int = 300) -> list[datetime]:
    rng = random.Random(1)
    return sorted(DAY + timedelta(minutes=rng.randrange(200 * 24 * 60)) for _ in range(n))


def shopify() -> tuple[list[str], Rows]:
    rng = random.Random(2)
    headings = ["Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Currency", "Subtotal", "Shipping", "Taxes",
                "Total", "Discount Amount", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku",
                "Shipping Country", "Cancelled at", "Refunded Amount", "Source"]  # fmt: skip
    rows = []
    for n, at in enumerate(_moments()):
        sku, name, _, price = rng.choice(GOODS)
        stamp = at.strftime("%Y-%m-%d %H:%M:%S -0500")
        rows.append([f"#{1000 + n}", f"c{rng.randrange(80)}@shop.test", "paid", stamp, "fulfilled", "USD", price, 5, 1, price + 6, 0,
                     stamp, rng.randrange(1, 4), name, price, sku, "US", "", 0, "web"])  # fmt: skip
    return headings, rows


def woocommerce() -> tuple[list[str], Rows]:
    rng = random.Random(3)
    headings = ["Order Number", "Order Status", "Order Date", "Customer Note", "Email (Billing)", "Country Code (Billing)",
                "Order Total Amount", "Item Name", "SKU", "Quantity", "Item Cost", "Order Shipping Amount"]  # fmt: skip
    rows = []
    for n, at in enumerate(_moments()):
        sku, name, _, price = rng.choice(GOODS)
        count = rng.randrange(1, 4)
        status = "Cancelled" if n % 17 == 0 else "Completed"
        rows.append([5000 + n, status, at.strftime("%Y-%m-%d %H:%M"), "", f"m{rng.randrange(60)}@x.test", "DE", price * count, name,
                     sku, count, price, 4.9])  # fmt: skip
    return headings, rows


def taobao() -> tuple[list[str], Rows]:
    rng = random.Random(4)
    headings = ["订单编号", "买家会员名", "买家应付货款", "买家应付邮费", "总金额", "买家实际支付金额", "订单状态", "收货人姓名", "收货地址",
                "订单创建时间", "订单付款时间", "宝贝标题", "宝贝种类", "宝贝总数量", "店铺名称"]  # fmt: skip
    rows = []
    for n, at in enumerate(_moments()):
        price = rng.choice([39.9, 59.0, 128.0])
        status = "交易关闭" if n % 9 == 0 else "交易成功"
        rows.append([f"20240{n:09d}", f"买家{rng.randrange(70)}", price, 0, price, price, status, "张三", "上海市 浦东新区",
                     at.strftime("%Y-%m-%d %H:%M:%S"), at.strftime("%Y-%m-%d %H:%M:%S"), "纯棉短袖T恤 夏季新款", 1, 1, "小店"])  # fmt: skip
    return headings, rows


def jd() -> tuple[list[str], Rows]:
    rng = random.Random(5)
    headings = ["订单号", "商品ID", "商品名称", "订购数量", "京东价", "订单金额", "应付金额", "下单帐号", "下单时间", "订单状态"]
    rows = []
    for n, at in enumerate(_moments()):
        count = rng.randrange(1, 3)
        rows.append([f"2{n:011d}", rng.randrange(100, 120), "无线鼠标 静音", count, "￥59.00", f"￥{59 * count:.2f}", f"￥{59 * count:.2f}",
                     f"jd_{rng.randrange(50)}", at.strftime("%Y/%m/%d %H:%M:%S"), "完成"])  # fmt: skip
    return headings, rows


def salesforce() -> tuple[list[str], Rows]:
    rng = random.Random(6)
    headings = ["Opportunity ID", "Account Name", "Stage", "Amount", "Close Date", "Product Name", "Lead Source"]
    stages = ["Closed Won", "Closed Lost", "Closed Won", "Negotiation"]
    return headings, [
        [f"006{n:09d}", f"Firm {rng.randrange(40)}", rng.choice(stages), f"${rng.randrange(1, 90)},000.00", at.strftime("%m/%d/%Y"),
         rng.choice(GOODS)[1], rng.choice(["Web", "Partner"])]
        for n, at in enumerate(_moments())
    ]  # fmt: skip


def german_erp() -> tuple[list[str], Rows]:
    rng = random.Random(7)
    headings = ["Invoice No", "Customer No", "Invoice Date", "Article No", "Article Name", "Qty", "Unit Price", "Line Total"]
    rows = []
    for n, at in enumerate(_moments()):
        count, price = rng.randrange(1, 30), rng.choice([7.5, 1249.9])
        total = f"{count * price:,.2f}".translate(str.maketrans(",.", ".,"))
        rows.append([f"R{n // 2:05d}", f"K{rng.randrange(50):04d}", at.strftime("%d.%m.%Y"), "4711", "Schraube M8", count,
                     f"{price:,.2f}".translate(str.maketrans(",.", ".,")), total])  # fmt: skip
    return headings, rows


def ta_feng() -> tuple[list[str], Rows]:
    rng = random.Random(8)
    headings = ["TRANSACTION_DT", "CUSTOMER_ID", "AGE_GROUP", "PIN_CODE", "PRODUCT_SUBCLASS", "PRODUCT_ID", "AMOUNT", "ASSET", "SALES_PRICE"]
    return headings, [
        [f"{at.month}/{at.day}/{at.year}", f"{rng.randrange(80):08d}", "45-49", "115", 110411, rng.randrange(4710000000000, 4710000000100),
         rng.randrange(1, 4), 30, rng.randrange(20, 90)]
        for at in _moments()
    ]  # fmt: skip


def olist_items() -> tuple[list[str], Rows]:
    rng = random.Random(9)
    headings = ["order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value",
                "customer_unique_id", "order_purchase_timestamp", "product_category_name", "order_status"]  # fmt: skip
    return headings, [
        [f"{n:032x}", 1, f"{rng.randrange(50):032x}", "s", (at + timedelta(days=5)).isoformat(" "), 59.9, 13.1, f"{rng.randrange(90):032x}",
         at.isoformat(" "), "toys", "canceled" if n % 40 == 0 else "delivered"]
        for n, at in enumerate(_moments())
    ]  # fmt: skip


def instacart_like() -> tuple[list[str], Rows]:
    rng = random.Random(10)
    headings = ["Member_number", "Date", "itemDescription"]
    return headings, [[rng.randrange(1000, 1080), at.strftime("%d-%m-%Y"), rng.choice(GOODS)[1]] for at in _moments()]


def superstore() -> tuple[list[str], Rows]:
    rng = random.Random(11)
    headings = ["Row ID", "Order ID", "Order Date", "Ship Date", "Ship Mode", "Customer ID", "Customer Name", "Segment", "Country", "City",
                "State", "Region", "Product ID", "Category", "Sub-Category", "Product Name", "Sales", "Quantity", "Discount", "Profit"]  # fmt: skip
    rows = []
    for n, at in enumerate(_moments()):
        sku, name, category, price = rng.choice(GOODS)
        rows.append([n + 1, f"CA-2024-{n // 2}", at.strftime("%m/%d/%Y"), (at + timedelta(days=3)).strftime("%m/%d/%Y"), "First Class",
                     f"CG-{rng.randrange(60)}", "Claire Gute", "Consumer", "United States", "Henderson", "Kentucky", "South", sku, category,
                     "Bookcases", name, price * 2, 2, 0, 12.5])  # fmt: skip
    return headings, rows


def supermarket() -> tuple[list[str], Rows]:
    rng = random.Random(12)
    headings = ["Invoice ID", "Branch", "City", "Customer type", "Gender", "Product line", "Unit price", "Quantity", "Tax 5%", "Total", "Date",
                "Time", "Payment", "cogs", "gross margin percentage", "gross income", "Rating"]  # fmt: skip
    rows = []
    for n, at in enumerate(_moments()):
        rows.append([f"750-67-{n:04d}", rng.choice("ABC"), "Yangon", "Member", "Female", rng.choice(["Food", "Sports"]), 10.5, 2, 1.05, 22.05,
                     f"{at.month}/{at.day}/{at.year}", at.strftime("%H:%M"), "Cash", 21, 4.76, 1.05, 8.1])  # fmt: skip
    return headings, rows


def mixed_chinese_till() -> tuple[list[str], Rows]:
    rng = random.Random(13)
    headings = ["小票号", "会员卡号", "商品条码", "品名", "数量", "售价", "实收金额", "销售日期", "门店"]
    return headings, [
        [f"XP{n // 3:06d}", f"{rng.randrange(60):08d}", 6901234567890, "纯牛奶 250ml", 2, 3.5, 7.0, f"{at.year}年{at.month}月{at.day}日", "一店"]
        for n, at in enumerate(_moments())
    ]


def amount_only() -> tuple[list[str], Rows]:
    rng = random.Random(14)
    return ["用户ID", "消费日期", "消费金额"], [[rng.randrange(60), at.strftime("%Y%m%d"), rng.randrange(5, 90)] for at in _moments()]


def events() -> tuple[list[str], Rows]:
    rng = random.Random(15)
    headings = ["event_time", "order_id", "product_id", "category_id", "category_code", "brand", "price", "user_id"]
    return headings, [
        [at.strftime("%Y-%m-%d %H:%M:%S UTC"), 2294359932054536986 + n, 1515966223509089906, 2268105426648170900, "electronics.tablet",
         "samsung", 162.01, 1515915625441993984 + rng.randrange(60)]
        for n, at in enumerate(_moments())
    ]  # fmt: skip


EXPORTS: dict[Callable[[], tuple[list[str], Rows]], tuple[str, dict[str, str]]] = {
    shopify: ("transactions", {"order_id": "Name", "customer_id": "Email", "ordered_at": "Created at", "product_id": "Lineitem sku",
              "product_name": "Lineitem name", "quantity": "Lineitem quantity", "unit_price": "Lineitem price", "country": "Shipping Country",
              "currency": "Currency"}),
    woocommerce: ("transactions", {"order_id": "Order Number", "customer_id": "Email (Billing)", "ordered_at": "Order Date",
                  "product_name": "Item Name", "product_id": "SKU", "quantity": "Quantity", "unit_price": "Item Cost",
                  "cancelled": "Order Status"}),
    taobao: ("transactions", {"order_id": "订单编号", "customer_id": "买家会员名", "ordered_at": "订单创建时间", "amount": "总金额",
             "product_name": "宝贝标题", "quantity": "宝贝总数量", "cancelled": "订单状态", "channel": "店铺名称"}),
    jd: ("transactions", {"order_id": "订单号", "customer_id": "下单帐号", "ordered_at": "下单时间", "product_id": "商品ID",
         "product_name": "商品名称", "quantity": "订购数量", "amount": "订单金额"}),
    salesforce: ("transactions", {"order_id": "Opportunity ID", "customer_id": "Account Name", "ordered_at": "Close Date", "amount": "Amount",
                 "product_name": "Product Name", "cancelled": "Stage", "channel": "Lead Source"}),
    german_erp: ("transactions", {"order_id": "Invoice No", "customer_id": "Customer No", "ordered_at": "Invoice Date",
                 "product_id": "Article No", "product_name": "Article Name", "quantity": "Qty", "unit_price": "Unit Price",
                 "amount": "Line Total"}),
    ta_feng: ("transactions", {"customer_id": "CUSTOMER_ID", "ordered_at": "TRANSACTION_DT", "product_id": "PRODUCT_ID"}),
    olist_items: ("transactions", {"order_id": "order_id", "customer_id": "customer_unique_id", "ordered_at": "order_purchase_timestamp",
                  "product_id": "product_id", "category": "product_category_name", "amount": "price", "cancelled": "order_status"}),
    instacart_like: ("transactions", {"customer_id": "Member_number", "ordered_at": "Date", "product_name": "itemDescription"}),
    superstore: ("transactions", {"order_id": "Order ID", "customer_id": "Customer ID", "ordered_at": "Order Date", "product_id": "Product ID",
                 "product_name": "Product Name", "category": "Category", "quantity": "Quantity", "amount": "Sales", "country": "Country"}),
    supermarket: ("transactions", {"order_id": "Invoice ID", "ordered_at": "Date", "category": "Product line", "unit_price": "Unit price",
                  "quantity": "Quantity", "amount": "Total", "channel": "Branch"}),
    mixed_chinese_till: ("transactions", {"order_id": "小票号", "customer_id": "会员卡号", "ordered_at": "销售日期", "product_id": "商品条码",
                         "product_name": "品名", "quantity": "数量", "unit_price": "售价", "amount": "实收金额", "channel": "门店"}),
    amount_only: ("transactions", {"customer_id": "用户ID", "ordered_at": "消费日期", "amount": "消费金额"}),
    events: ("transactions", {"customer_id": "user_id", "order_id": "order_id", "ordered_at": "event_time", "product_id": "product_id",
             "amount": "price"}),
}  # fmt: skip


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.__name__)
def test_exports_of_shops_and_tills_need_no_touch(export: Callable[[], tuple[list[str], Rows]], tmp_path: Path) -> None:
    table, expected = EXPORTS[export]
    source = written(tmp_path, *export())
    mapping = guess(source)
    assert mapping.table == table
    found = heads(mapping)
    assert {name: found.get(name) for name in expected} == expected
    assert all(value is not None and value == value for value in values(source, mapping.columns["ordered_at"]))


# --- texts ----------------------------------------------------------------------------------------------------------


def _sentence(rng: random.Random) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(rng.randrange(6, 25))).capitalize() + "."


def _chinese(rng: random.Random) -> str:
    return "，".join(rng.choice(["味道很好", "送餐太慢了", "包装破损", "客服态度不错", "下次还会买", "颜色和图片不一样"]) for _ in range(3)) + rng.choice("。！")


def yelp() -> tuple[list[str], Rows]:
    rng = random.Random(20)
    headings = ["review_id", "user_id", "business_id", "stars", "date", "text", "useful", "funny", "cool"]
    return headings, [[f"r{n:06x}z", f"u{rng.randrange(200)}", f"b{rng.randrange(30)}", rng.randrange(1, 6), at.date().isoformat(), _sentence(rng), 0, 1, 0]
                      for n, at in enumerate(_moments())]  # fmt: skip


def airline_tweets() -> tuple[list[str], Rows]:
    rng = random.Random(21)
    headings = ["tweet_id", "airline_sentiment", "airline_sentiment_confidence", "negativereason", "airline", "name", "retweet_count", "text", "tweet_created"]
    return headings, [[570306133677760513 + n, rng.choice(["negative", "neutral", "positive"]), 0.9, "", "United", f"p{n}", 0, "@united " + _sentence(rng),
                       at.strftime("%Y-%m-%d %H:%M:%S -0800")] for n, at in enumerate(_moments())]  # fmt: skip


def imdb() -> tuple[list[str], Rows]:
    rng = random.Random(22)
    return ["review", "sentiment"], [[_sentence(rng) + " <br />" + _sentence(rng), rng.choice(["positive", "negative"])] for _ in range(200)]


def olist_reviews() -> tuple[list[str], Rows]:
    rng = random.Random(23)
    headings = ["review_id", "order_id", "review_score", "review_comment_title", "review_comment_message", "review_creation_date", "review_answer_timestamp"]
    return headings, [[f"{n:032x}", f"{n + 9:032x}", rng.randrange(1, 6), "", _sentence(rng) if n % 3 else "", at.date().isoformat() + " 00:00:00", at.isoformat(" ")]
                      for n, at in enumerate(_moments())]  # fmt: skip


def survey() -> tuple[list[str], Rows]:
    rng = random.Random(24)
    headings = ["Response ID", "Submitted At", "How likely are you to recommend us?", "What could we do better?", "Customer ID"]
    return headings, [[n, at.strftime("%d/%m/%Y %H:%M"), rng.randrange(0, 11), _sentence(rng), f"C{rng.randrange(100)}"] for n, at in enumerate(_moments())]


def dianping() -> tuple[list[str], Rows]:
    rng = random.Random(25)
    headings = ["评论ID", "用户昵称", "评论时间", "评分", "评论内容", "商品名称"]
    return headings, [[n, f"用户{n % 90}", at.strftime("%Y-%m-%d %H:%M:%S"), rng.randrange(1, 6), _chinese(rng), "牛肉面"] for n, at in enumerate(_moments())]


def only_texts() -> tuple[list[str], Rows]:
    rng = random.Random(26)
    return ["评论"], [[_chinese(rng)] for _ in range(80)]


def tickets() -> tuple[list[str], Rows]:
    rng = random.Random(27)
    headings = ["Ticket ID", "Customer Name", "Customer Email", "Customer Age", "Product Purchased", "Date of Purchase", "Ticket Type", "Ticket Subject",
                "Ticket Description", "Ticket Status", "Ticket Priority", "Ticket Channel", "Customer Satisfaction Rating"]  # fmt: skip
    return headings, [[n, "Marisa O", f"c{n}@x.test", 30, "GoPro Hero", at.date().isoformat(), "Refund request", "Setup", _sentence(rng), "Open", "Low", "Chat",
                       rng.randrange(1, 6) if n % 2 else ""] for n, at in enumerate(_moments())]  # fmt: skip


TEXTS: dict[Callable[[], tuple[list[str], Rows]], dict[str, str]] = {
    yelp: {"feedback_id": "review_id", "customer_id": "user_id", "rating": "stars", "created_at": "date", "text": "text"},
    airline_tweets: {"feedback_id": "tweet_id", "label": "airline_sentiment", "text": "text", "created_at": "tweet_created"},
    imdb: {"text": "review", "label": "sentiment"},
    olist_reviews: {"feedback_id": "review_id", "rating": "review_score", "text": "review_comment_message", "created_at": "review_creation_date"},
    survey: {"feedback_id": "Response ID", "created_at": "Submitted At", "text": "What could we do better?", "customer_id": "Customer ID"},
    dianping: {"feedback_id": "评论ID", "created_at": "评论时间", "rating": "评分", "text": "评论内容"},
    only_texts: {"text": "评论"},
    tickets: {"feedback_id": "Ticket ID", "text": "Ticket Description", "rating": "Customer Satisfaction Rating", "channel": "Ticket Channel"},
}  # fmt: skip


@pytest.mark.parametrize("export", TEXTS, ids=lambda export: export.__name__)
def test_reviews_and_tickets_need_no_touch(export: Callable[[], tuple[list[str], Rows]], tmp_path: Path) -> None:
    mapping = guess(written(tmp_path, *export()))
    assert mapping.table == "feedback"
    found = heads(mapping)
    assert {name: found.get(name) for name in TEXTS[export]} == TEXTS[export]


# --- customers ------------------------------------------------------------------------------------------------------


def bank_churn() -> tuple[list[str], Rows]:
    rng = random.Random(30)
    headings = ["RowNumber", "CustomerId", "Surname", "CreditScore", "Geography", "Gender", "Age", "Tenure", "Balance", "NumOfProducts", "HasCrCard",
                "IsActiveMember", "EstimatedSalary", "Exited"]  # fmt: skip
    return headings, [[n + 1, 15634602 + n, "Hill", rng.randrange(400, 850), rng.choice(["France", "Spain"]), rng.choice(["Male", "Female"]), rng.randrange(18, 80),
                       rng.randrange(10), rng.random() * 1e5, 2, rng.randrange(2), rng.randrange(2), 101348.88, int(rng.random() < 0.2)] for n in range(300)]  # fmt: skip


def telecom_zh() -> tuple[list[str], Rows]:
    rng = random.Random(31)
    headings = ["客户编号", "性别", "年龄", "套餐", "在网时长", "月消费金额", "投诉次数", "是否流失"]
    return headings, [[f"K{n:05d}", rng.choice("男女"), rng.randrange(18, 70), rng.choice(["畅享", "青春"]), rng.randrange(60), rng.random() * 200, rng.randrange(5),
                       rng.choice("是否否否")] for n in range(300)]  # fmt: skip


def shopify_customers() -> tuple[list[str], Rows]:
    rng = random.Random(32)
    headings = ["Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "City", "Country Code", "Total Spent", "Total Orders", "Note", "Tags"]
    return headings, [[6000 + n, "Ann", "Lee", f"a{n}@x.test", "yes", "Leeds", "GB", round(rng.random() * 300, 2), rng.randrange(9), "", "vip"] for n in range(200)]


def campaign_test() -> tuple[list[str], Rows]:
    rng = random.Random(33)
    headings = ["user_id", "test group", "converted", "total ads", "most ads day", "most ads hour"]
    return headings, [[1069124 + n, rng.choice(["ad", "ad", "psa"]), str(rng.random() < 0.05), rng.randrange(200), "Monday", 20] for n in range(400)]


def card_customers() -> tuple[list[str], Rows]:
    rng = random.Random(34)
    headings = ["CLIENTNUM", "Attrition_Flag", "Customer_Age", "Gender", "Dependent_count", "Education_Level", "Income_Category", "Total_Trans_Amt", "Total_Trans_Ct"]
    return headings, [[768805383 + n, rng.choice(["Existing Customer", "Attrited Customer"]), 45, "M", 3, "High School", "$60K - $80K", rng.randrange(900, 9000), 42]
                      for n in range(200)]  # fmt: skip


CUSTOMERS: dict[Callable[[], tuple[list[str], Rows]], dict[str, str]] = {
    bank_churn: {"customer_id": "CustomerId", "target": "Exited"},
    telecom_zh: {"customer_id": "客户编号", "target": "是否流失"},
    shopify_customers: {"customer_id": "Customer ID"},
    campaign_test: {"customer_id": "user_id", "target": "converted", "treatment": "test group"},
    card_customers: {"customer_id": "CLIENTNUM", "target": "Attrition_Flag"},
}  # fmt: skip


@pytest.mark.parametrize("export", CUSTOMERS, ids=lambda export: export.__name__)
def test_customer_tables_need_no_touch(export: Callable[[], tuple[list[str], Rows]], tmp_path: Path) -> None:
    source = written(tmp_path, *export())
    mapping = guess(source)
    assert mapping.table == "customers"
    found = heads(mapping)
    assert {name: found.get(name) for name in CUSTOMERS[export]} == CUSTOMERS[export]
    assert len(mapping.attributes) + len(mapping.columns) == len(source.columns)


# --- series ---------------------------------------------------------------------------------------------------------


def walmart() -> tuple[list[str], Rows]:
    rng = random.Random(40)
    headings = ["Store", "Dept", "Date", "Weekly_Sales", "IsHoliday"]
    return headings, [[store, dept, (DAY + timedelta(weeks=w)).date().isoformat(), round(rng.random() * 5e4, 2), "FALSE"]
                      for store in (1, 2) for dept in (1, 2, 3) for w in range(40)]  # fmt: skip


def store_items() -> tuple[list[str], Rows]:
    rng = random.Random(41)
    return ["date", "store", "item", "sales"], [[(DAY + timedelta(days=d)).date().isoformat(), store, item, rng.randrange(50)]
                                                for store in (1, 2) for item in (1, 2) for d in range(60)]  # fmt: skip


def daily_sales_zh() -> tuple[list[str], Rows]:
    rng = random.Random(42)
    return ["日期", "销售额"], [[(DAY + timedelta(days=d)).strftime("%Y/%m/%d"), f"{rng.randrange(1000, 9000):,}"] for d in range(120)]


def m4_long() -> tuple[list[str], Rows]:
    rng = random.Random(43)
    return ["unique_id", "ds", "y"], [[f"W{s}", n, rng.random() * 1e4] for s in range(1, 6) for n in range(1, 80)]


def m4_melted() -> tuple[list[str], Rows]:
    rng = random.Random(44)
    return ["V1", "variable", "value"], [[f"W{s}", f"V{n + 1}", rng.random() * 1e4] for s in range(1, 6) for n in range(1, 80)]


def months_by_region() -> tuple[list[str], Rows]:
    rng = random.Random(45)
    return ["月份", "地区", "品类", "销量"], [[f"2023-{m:02d}", r, c, rng.randrange(900)] for r in ("华东", "华南") for c in ("食品", "日化") for m in range(1, 13)]


SERIES: dict[Callable[[], tuple[list[str], Rows]], tuple[dict[str, str], str]] = {
    walmart: ({"series_id": "Store", "time": "Date", "value": "Weekly_Sales"}, "2024-03-01"),
    store_items: ({"series_id": "store", "time": "date", "value": "sales"}, "2024-03-01"),
    daily_sales_zh: ({"time": "日期", "value": "销售额"}, "2024-03-01"),
    m4_long: ({"series_id": "unique_id", "time": "ds", "value": "y"}, "2000-01-03"),
    m4_melted: ({"series_id": "V1", "time": "variable", "value": "value"}, "2000-01-10"),
    months_by_region: ({"time": "月份", "value": "销量"}, "2023-01-01"),
}


@pytest.mark.parametrize("export", SERIES, ids=lambda export: export.__name__)
def test_series_need_no_touch_and_have_one_value_a_moment(export: Callable[[], tuple[list[str], Rows]], tmp_path: Path) -> None:
    expected, start = SERIES[export]
    source = written(tmp_path, *export())
    mapping = guess(source)
    assert mapping.table == "series"
    found = heads(mapping)
    assert {name: found.get(name) for name in expected} == expected
    times = values(source, mapping.columns["time"])
    assert str(min(times))[:10] == start
    names = values(source, mapping.columns["series_id"]) if "series_id" in found else [""] * len(times)
    assert len(set(zip(names, times, strict=True))) == len(times)
    assert all(isinstance(value, float) for value in values(source, mapping.columns["value"]))
