"""What an odd file is, what should come of it, and the orders that most of them hold."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Rows = list[list[Any]]
Cell = tuple[int, str]


@dataclass(frozen=True)
class Case:
    """One file.

    Attributes:
        name: what is wrong with it.
        content: makes its bytes.
        file: its name.
        refused: by a sentence, which has these ``words``.
        table: canonical table it makes.
        rows: kept after cleaning.
        totals: canonical column -> sum.
        cells: (row, canonical column) -> value.
        rejected: rows that were taken out, where that matters.
        reasons: of the rejected rows, where that matters.
        alone: read in a process of its own.
    """

    name: str
    content: Callable[[], bytes]
    file: str = "orders.csv"
    refused: bool = False
    words: str = ""
    table: str = "transactions"
    rows: int | None = None
    totals: Mapping[str, float] = field(default_factory=dict)
    cells: Mapping[Cell, Any] = field(default_factory=dict)
    rejected: int | None = None
    reasons: tuple[str, ...] = ()
    alone: bool = False


HEAD = ["Order ID", "Order Date", "Customer ID", "Product", "Quantity", "Unit Price"]
CHINESE_HEAD = ["订单编号", "下单日期", "客户编号", "商品名称", "数量", "单价"]
_NAMES = ("Tea pot", "Green cup", "Big bowl", "Tray", "Spoon", "Tea box")
_CHINESE_NAMES = ("紫砂茶壶", "青瓷杯子", "大号汤碗", "竹制托盘", "不锈钢勺", "茶叶礼盒")
LINES = tuple(
    (f"SO-{1001 + n // 2}", datetime(2024, 1 + n // 4, 5 + 2 * n), f"C{10 + n % 5}", n % 6, 1 + n % 4, 100.5 * (n + 1))
    for n in range(12)
)
"""Order, date, customer, product, quantity, price: twelve lines of six orders."""
QUANTITY = float(sum(line[4] for line in LINES))
AMOUNT = sum(line[4] * line[5] for line in LINES)
FIRST = {(0, "order_id"): "SO-1001", (0, "ordered_at"): datetime(2024, 1, 5), (11, "customer_id"): "C11"}
DAY = "%Y-%m-%d"


def table(
    *,
    head: Sequence[str] = HEAD,
    chinese: bool = False,
    date: Callable[[datetime], Any] = lambda day: day.strftime(DAY),
    quantity: Callable[[int], Any] = str,
    price: Callable[[float], Any] = lambda price: f"{price:.2f}",
    product: Callable[[str], Any] = str,
) -> Rows:
    """The orders as rows of cells, the headings first."""
    names = _CHINESE_NAMES if chinese else _NAMES
    body = [
        [order, date(day), customer, product(names[place]), quantity(count), price(cost)]
        for order, day, customer, place, count, cost in LINES
    ]
    return [list(CHINESE_HEAD if chinese and head is HEAD else head), *body]


def text(rows: Rows, delimiter: str = ",", end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


def good(name: str, content: Callable[[], bytes] | bytes | str | Rows, file: str = "orders.csv", **more: Any) -> Case:
    """A file that holds the twelve orders, and perhaps something besides."""
    wanted = {"rows": 12, "totals": {"quantity": QUANTITY, "amount": AMOUNT}, "cells": FIRST} | more
    return Case(name, _made(content), file, **wanted)


def other(
    name: str, content: Callable[[], bytes] | bytes | str | Rows, file: str = "orders.csv", **wanted: Any
) -> Case:
    """A file that holds something else."""
    return Case(name, _made(content), file, **wanted)


def bad(
    name: str, content: Callable[[], bytes] | bytes | str | Rows, words: str, file: str = "orders.csv", **more: Any
) -> Case:
    """A file that must be refused with a sentence that has these words."""
    return Case(name, _made(content), file, refused=True, words=words, **more)


def _made(content: Callable[[], bytes] | bytes | str | Rows) -> Callable[[], bytes]:
    if callable(content):
        return content
    if isinstance(content, list):
        content = text(content)
    made = content.encode() if isinstance(content, str) else content
    return lambda: made
