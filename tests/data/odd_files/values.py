"""How numbers, dates, flags and missing values are written."""

from datetime import datetime

from tests.data.odd_files.cases import (
    LINES,
    QUANTITY,
    Case,
    Rows,
    good,
    other,
    table,
    text,
)  # fmt: skip

WIDE = str.maketrans("0123456789.,:-/ ", "０１２３４５６７８９．，：－／\u3000")
MONTHS = ("Jan", "Feb", "Mar")


def _wide(value: object) -> str:
    return str(value).translate(WIDE)


def _european(price: float) -> str:
    return f"{price:,.2f}".translate(str.maketrans(",.", ".,"))


def _with(heading: str, values: list[str]) -> Rows:
    """The orders with another column; its values come again and again."""
    head, *body = table()
    return [[*head, heading], *[[*row, values[n % len(values)]] for n, row in enumerate(body)]]


def _missing(word: str) -> Rows:
    """The last four customers missing, and the last two prices: without them there are eight orders."""
    rows = table()
    for row in rows[-4:]:
        row[2] = word
    for row in rows[-2:]:
        row[5] = word
    return rows


KEPT_AMOUNT = sum(line[4] * line[5] for line in LINES[:-4])
QUARTERLY = sum(line[4] * line[5] for line in LINES if LINES.index(line) % 4)

NUMBERS: list[Case] = [
    good("full-width digits and points", table(quantity=_wide, price=lambda p: _wide(f"{p:,.2f}"))),
    good("prices as 1,234.50元", table(chinese=True, price=lambda p: f"{p:,.2f}元")),
    good("prices as ￥1,234.5", table(chinese=True, price=lambda p: f"￥{p:,.1f}")),
    good("prices as CNY 1,234.50", table(price=lambda p: f"CNY {p:,.2f}")),
    good("prices in 万", table(chinese=True, price=lambda p: f"{p / 10_000:.5f}万")),
    good("prices in 万元 with a sign before", table(chinese=True, price=lambda p: f"￥{p / 10_000:.5f} 万元")),
    good("prices in 亿", table(chinese=True, price=lambda p: f"{p / 1e8:.9f}亿")),
    good("prices in 千 and 百", table(chinese=True, price=lambda p: f"{p / 1e3:.5f}千" if p > 500 else f"{p / 100}百")),
    good("prices in K", table(price=lambda p: f"${p / 1e3:.5f}K")),
    good("prices as 1.234,50 €", text(table(price=lambda p: f"{_european(p)} €"), ";")),
    good("prices as 1 234,50", text(table(price=lambda p: _european(p).replace(".", " ")), ";")),
    good("prices with narrow no-break spaces", text(table(price=lambda p: _european(p).replace(".", "\u202f")), ";")),
    good("prices as 1'234.50", table(price=lambda p: f"{p:,.2f}".replace(",", "'"))),
    good("prices as 1’234.50 with a curly apostrophe", table(price=lambda p: f"{p:,.2f}".replace(",", "’"))),
    good("prices as 1.234,50 in a file of commas", table(price=_european)),
    good("prices with three decimals", table(price=lambda p: f"{p:.3f}")),
    good("prices in scientific notation", table(price=lambda p: f"{p:.5E}")),
    good("quantities with units", table(quantity=lambda n: f"{n}件", chinese=True)),
    good("quantities in pcs", table(quantity=lambda n: f"{n} pcs")),
    good("quantities in kg", table(quantity=lambda n: f"{n}kg")),
    good("quantities with decimals", table(quantity=lambda n: f"{n}.000")),
    good("quantities with thousands separators", table(quantity=lambda n: f"{n * 1000:,}"),
         totals={"quantity": QUANTITY * 1000}),
    good("negative numbers in brackets", text([*table(), ["SO-1006", "2024-03-27", "C11", "Tray", "1", "(1,234.50)"]]),
         rows=None, cells={}, totals={}),
    good("returns with the minus after", [[*row[:4], f"{row[4]}-" if n == 12 else row[4], row[5]]
         for n, row in enumerate(table())], rows=None, totals={}, cells={(0, "order_id"): "SO-1001"}),
    good("percentages beside", _with("Growth", ["12%", "5 %", "0%", "７％"])),
    good("order numbers in scientific notation", [[f"1.2345{n // 2}E+12" if n else row[0], *row[1:]]
         for n, row in enumerate(table())], cells={}),
    good("order numbers with leading zeros", [[f"000{n // 2}" if n else row[0], *row[1:]]
         for n, row in enumerate(table())], cells={(0, "order_id"): "0000", (11, "order_id"): "0006"}),
    good("order numbers of 19 digits", [[f"310000000000000000{n // 2}" if n else row[0], *row[1:]]
         for n, row in enumerate(table())], cells={(0, "order_id"): "3100000000000000000"}),
    good("order numbers with an apostrophe before", [["'" + f"{n // 2}" if n else row[0], *row[1:]]
         for n, row in enumerate(table())], cells={}),
    good("order numbers with a tab after", [[f"{n}\t" if n else row[0], *row[1:]]
         for n, row in enumerate(table())], cells={(0, "order_id"): "1"}),
]  # fmt: skip

DATES: list[Case] = [
    good(f"dates as {name}", table(date=written, chinese=any("年" in part for part in name)), **more)
    for name, written, more in (
        ("2024年3月5日", lambda d: f"{d.year}年{d.month}月{d.day}日", {}),
        ("２０２４年３月５日", lambda d: _wide(f"{d.year}年{d.month}月{d.day}日"), {}),
        ("2024年3月5日 下午3:05", lambda d: f"{d.year}年{d.month}月{d.day}日 下午3:05",
         {"cells": {(0, "ordered_at"): datetime(2024, 1, 5, 15, 5)}}),
        ("2024年3月5日 15时30分20秒", lambda d: f"{d.year}年{d.month}月{d.day}日 15时30分20秒",
         {"cells": {(0, "ordered_at"): datetime(2024, 1, 5, 15, 30, 20)}}),
        ("2024年3月5日 星期二", lambda d: f"{d.year}年{d.month}月{d.day}日 星期{'一二三四五六日'[d.weekday()]}", {}),
        ("2024-03-05 周二", lambda d: f"{d:%Y-%m-%d} 周{'一二三四五六日'[d.weekday()]}", {}),
        ("2024.3.5", lambda d: f"{d.year}.{d.month}.{d.day}", {}),
        ("2024/3/5 9:05", lambda d: f"{d.year}/{d.month}/{d.day} 9:05",
         {"cells": {(0, "ordered_at"): datetime(2024, 1, 5, 9, 5)}}),
        ("31.12.2023", lambda d: f"{d:%d.%m.%Y}", {}),
        ("31/12/2023", lambda d: f"{d:%d/%m/%Y}", {}),
        ("12/31/2023", lambda d: f"{d:%m/%d/%Y}", {}),
        ("12/31/23", lambda d: f"{d:%m/%d/%y}", {}),
        ("31.12.23", lambda d: f"{d:%d.%m.%y}", {}),
        ("24-12-31, the year first", lambda d: f"{d:%y-%m-%d}", {}),
        ("24/3/5, the year first", lambda d: f"{d.year % 100}/{d.month}/{d.day}", {}),
        ("20240305", lambda d: f"{d:%Y%m%d}", {}),
        ("20240305.0", lambda d: f"{d:%Y%m%d}.0", {}),
        ("5 Mar 2024", lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}", {}),
        ("Mar 5, 2024 3:05 PM", lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year} 3:05 PM",
         {"cells": {(0, "ordered_at"): datetime(2024, 1, 5, 15, 5)}}),
        ("2024-03-05T08:30:00Z", lambda d: f"{d:%Y-%m-%d}T08:30:00Z",
         {"cells": {(0, "ordered_at"): datetime(2024, 1, 5, 8, 30)}}),
        ("2024-03-05T08:30:00.123+08:00", lambda d: f"{d:%Y-%m-%d}T08:30:00.123+08:00",
         {"cells": {(0, "ordered_at"): datetime(2024, 1, 5, 8, 30, 0, 123_000)}}),
        ("Excel serial numbers", lambda d: str((d - datetime(1899, 12, 30)).days), {}),
        ("Excel serial numbers with decimals", lambda d: f"{(d - datetime(1899, 12, 30)).days}.5",
         {"cells": {(0, "ordered_at"): datetime(2024, 1, 5, 12)}}),
        ("text and Excel serial numbers mixed",
         lambda d: f"{d:%Y-%m-%d}" if d.day % 3 else str((d - datetime(1899, 12, 30)).days), {}),
        ("seconds since 1970", lambda d: str(int((d - datetime(1970, 1, 1)).total_seconds())), {}),
        ("milliseconds since 1970", lambda d: str(int((d - datetime(1970, 1, 1)).total_seconds() * 1000)), {}),
    )
]  # fmt: skip

WORDS: list[Case] = [
    good(f"missing values written as {word!r}", _missing(word), rows=8, totals={"amount": KEPT_AMOUNT}, rejected=4,
         reasons=("missing_customer",), cells={(0, "customer_id"): "C10"})
    for word in ("NaN", "NULL", "N/A", "-", "--", "无", "空", "#N/A", "None", "\\N", "（空）")
] + [
    other(f"cancelled orders marked by {marks[0]!r} and {marks[1]!r}", _with("Cancelled", [*marks, marks[1]]),
          table="transactions", rows=8)
    for marks in (("yes", "no"), ("Y", "N"), ("TRUE", "FALSE"), ("是", "否"), ("1", "0"), ("√", "×"), ("on", "off"))
]  # fmt: skip

CASES = [*NUMBERS, *DATES, *WORDS]
