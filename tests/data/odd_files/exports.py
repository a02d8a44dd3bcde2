"""What shops, ERP systems and offices export: headings, signs and furniture as they have them."""

from datetime import datetime

from tests.data.odd_files.cases import AMOUNT, LINES, QUANTITY, Case, Rows, good, text
from tests.data.odd_files.sheets import of_rows


def _lines(*columns: str, **how: str) -> Rows:
    """Headings, each with a format of o (order), d (day), c (customer), p (product), q, u (price), a (amount), n."""
    values = [
        dict(
            zip("odcpquan", (order[3:], day, customer, product, quantity, price, quantity * price, number), strict=True)
        )
        for number, (order, day, customer, product, quantity, price) in enumerate(LINES)
    ]
    pairs = [column.split("=", 1) for column in columns]
    return [[head for head, _ in pairs], *[[form.format(**value) for _, form in pairs] for value in values]]


ORDER = {(0, "order_id"): "1001", (0, "ordered_at"): datetime(2024, 1, 5)}


def _once(rows: Rows, *places: int) -> Rows:
    """The cells of these columns only in the first of the two lines of an order."""
    return [[("" if i in places and n and not n % 2 else c) for i, c in enumerate(row)] for n, row in enumerate(rows)]


TAOBAO = _lines(
    '订单编号=="{o}"', "买家会员名=tb_{c}", "买家实际支付金额={a:.2f}", "订单状态=交易成功",
    "收货地址 =浙江省 杭州市 西湖区", "订单创建时间={d:%Y-%m-%d %H:%M:%S}", "宝贝标题 =商品{p}", "宝贝总数量={q}",
)  # fmt: skip
JD = _lines(
    "订单编号\t={o}\t", "下单帐号=jd_{c}", "商品编号=1000{p}", "商品名称=商品{p}", "数量={q}", "京东价=￥{u:.2f}",
    "应付金额={a:.2f}", "订单状态=完成", "下单时间={d:%Y/%m/%d %H:%M}",
)  # fmt: skip
KINGDEE = _lines(
    "单据编号=XSCKD{o}", "日期={d:%Y/%m/%d}", "客户=客户{c}有限公司", "物料编码=01.02.{p}", "物料名称=商品{p}",
    "单位=件", "实发数量={q}", "含税单价={u:,.4f}", "价税合计={a:,.2f}",
)  # fmt: skip
YONYOU = _lines(
    "单据号={o}", "业务日期={d:%Y-%m-%d}", "客户编码={c}", "存货编码=CH{p}", "存货名称=商品{p}", "数量={q}.00",
    "含税单价={u:.2f}", "价税合计={a:.2f}", "制单人=张三",
)  # fmt: skip
SHOPIFY = _lines(
    "Name=#{o}", "Email={c}@example.com", "Financial Status=paid", "Paid at={d:%Y-%m-%d} 10:00:00 +0800",
    "Currency=USD", "Subtotal={a:.2f}", "Shipping=5.00", "Total={a:.2f}", "Created at={d:%Y-%m-%d} 09:00:00 +0800",
    "Lineitem quantity={q}", "Lineitem name=Product {p}", "Lineitem price={u:.2f}", "Lineitem sku=SKU-{p}",
)  # fmt: skip
AMAZON = _lines(
    "amazon-order-id=026-{o}-0001", "purchase-date={d:%Y-%m-%d}T08:00:00+00:00", "order-status=Shipped",
    "sku=SKU-{p}", "asin=B00{p}", "product-name=Product {p}", "quantity={q}", "currency=EUR", "item-price={a:.2f}",
    "ship-country=DE",
)  # fmt: skip
SAP = _lines(
    "Sales Doc.=45{o}", "Item=  10", "Doc. Date={d:%d.%m.%Y}", "Sold-to={c}", "Material=MAT-{p}",
    "Description=Product {p}", "Order Qty={q}", "Net value={a:,.2f}", "Curr.=EUR",
)  # fmt: skip
ODOO = _once(_lines(
    "Order Reference=S{o}", "Order Date={d:%Y-%m-%d} 10:00:00", "Customer=Company {c}",
    "Order Lines/Product=[P{p}] Tea", "Order Lines/Quantity={q}", "Order Lines/Unit Price={u}",
    "Order Lines/Subtotal={a}",
), 0, 1, 2)  # fmt: skip
SALESFORCE = _lines(
    "Opportunity Name=Deal {o}", "Opportunity ID=0065g00000{n:03d}AAA", "Account Name=Company {c}",
    'Close Date={d:%m/%d/%Y}', "Stage=Closed Won", "Amount=USD {a:,.2f}", "Product=Product {p}",
)  # fmt: skip


def _alv() -> str:
    """A list as SAP prints it: bars and dashes, blanks around the values, decimal commas, two pages."""
    head, *body = SAP
    body = [
        [*row[:7], f"{float(row[7].replace(',', '')):,.2f}".translate(str.maketrans(",.", ".,")), row[8]]
        for row in body
    ]
    widths = [max(len(row[i]) for row in [head, *body]) for i in range(len(head))]

    def line(row: list[str]) -> str:
        return "|" + "|".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + "|"

    rule = "-" * len(line(head))
    top = ["03.04.2024                Orders                       1", "", rule, line(head), rule]
    total = line(["*", "", "", "", "", "", "", f"{AMOUNT:,.2f}".translate(str.maketrans(",.", ".,")), "EUR"])
    return "\n".join([*top, *map(line, body[:6]), rule, "", *top, *map(line, body[6:]), rule, total, rule]) + "\n"


def _numbered(rows: Rows) -> Rows:
    """With a column of running numbers, a title above and totals and signatures below."""
    head, *body = rows
    width = len(head)
    made = [["序号", *head], *[[str(n), *row] for n, row in enumerate(body, 1)]]
    total = ["合计", *[""] * (width - 3), f"{QUANTITY}", "", f"{AMOUNT:,.2f}"]
    return [["销售出库单列表"], ["期间：2024-01-01 至 2024-03-31"], *made, total, ["制单：张三", "", "审核：李四"]]


SPENT = {"amount": AMOUNT}
BOTH = {"quantity": QUANTITY, "amount": AMOUNT}
CASES: list[Case] = [
    good("Taobao", lambda: text(TAOBAO).encode("gb18030"), totals=BOTH,
         cells=ORDER | {(0, "customer_id"): "tb_C10"}),
    good("JD", lambda: text(JD).encode("gb18030"), totals=BOTH, cells={(0, "order_id"): "1001"}),
    good("Kingdee, the order in its first line only", lambda: text(_once(KINGDEE, 0, 1, 2)).encode("gb18030"),
         totals=BOTH, cells={(1, "order_id"): "XSCKD1001", (1, "customer_id"): "客户C10有限公司"}),
    good("Kingdee with title, totals and signatures", of_rows(_numbered(KINGDEE)), "销售出库单.xlsx", totals=BOTH,
         cells={(0, "order_id"): "XSCKD1001"}, rejected=2),
    good("Yonyou", lambda: text(YONYOU, "\t").encode("utf-16"), "明细.xls", totals=BOTH, cells=ORDER),
    good("Shopify", text(_once(SHOPIFY, 2, 3, 4, 5, 6, 7)), totals=BOTH, cells={(0, "order_id"): "#1001"}),
    good("Amazon", text(AMAZON, "\t"), "orders.txt", totals=BOTH,
         cells={(0, "order_id"): "026-1001-0001", (0, "ordered_at"): datetime(2024, 1, 5, 8)}),
    good("SAP, a list with bars and dashes", _alv(), "orders.txt", totals=BOTH, cells={(0, "order_id"): "451001"}),
    good("Odoo, the order in its first line only", text(ODOO), totals=BOTH,
         cells={(1, "order_id"): "S1001", (1, "ordered_at"): datetime(2024, 1, 5, 10),
                (1, "customer_id"): "Company C10"}),
    good("Salesforce with a footer", text(SALESFORCE) + '\n\n"Grand Totals (12 records)"\n"Confidential Information - '
         'Do Not Distribute"\n"Copyright (c) 2000-2024 All rights reserved."\n', totals=SPENT, cells={
             (0, "ordered_at"): datetime(2024, 1, 5)}),
]  # fmt: skip
