"""What cleaning told when the data came in: which rule stands for which dimension, and what it found."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

MISSING = {
    "missing_date": "ordered_at",
    "missing_amount": "amount",
    "missing_customer": "customer_id",
    "missing_product": "product_name",
    "missing_id": "customer_id",
    "missing_time": "time",
    "missing_value": "value",
    "empty_text": "text",
}
"""Rule that takes out rows without a value -> the column."""
BUSINESS = frozenset(
    {"cancelled", "nonpositive_quantity", "nonpositive_price", "negative_amount", "zero_amount", "charges"}
)
"""Rules whose rows are no faults: cancellations, returns, gifts, refunds, fees."""
REPLACED = "replaced"
"""How the rules begin whose rows a newer file replaces: no faults either."""
KEPT = ("unreadable", "impossible", "placeholder")
"""Rules whose rows are faults also where the rule is off and the rows stay."""
NAMES = ["table", "rule", "id", "dimension", "found", "taken_out", "faults", "of"]


def rules(manifest: Mapping[str, Any]) -> pd.DataFrame:
    """NAMES: a row a rule that applied; ``faults`` are the rows it counts against its dimension, out of ``of``.

    Records that could not be read as rows at all stand under the rule "Unreadable records".
    """
    found = [row for table, report in manifest.get("report", {}).items() for row in _table(table, report)]
    frame = pd.DataFrame(found, columns=NAMES)
    texts = dict.fromkeys(("table", "rule", "id", "dimension"), "str")
    return frame.astype(texts | dict.fromkeys(("found", "taken_out", "faults", "of"), "int64"))


def missing(rules: pd.DataFrame) -> dict[tuple[str, str], int]:
    """(table, column) -> rows that were taken out because it was empty."""
    gone = rules[rules["id"].isin(list(MISSING)) & (rules["taken_out"] > 0)]
    return {(row["table"], MISSING[row["id"]]): int(row["taken_out"]) for row in gone.to_dict("records")}


def empty(manifest: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """(table, column, rows) of mapped columns without a single value: cleaning left them out."""
    reports = manifest.get("report", {}).items()
    return [(table, column, int(report["kept"])) for table, report in reports for column in report.get("empty", ())]


def dimension(rule: str) -> str:
    """Which dimension the rows of a rule count against; "" for none."""
    if rule in MISSING:
        return "completeness"
    if rule in BUSINESS or rule.startswith(REPLACED):
        return ""
    return "uniqueness" if rule.startswith("duplicate") else "validity"


def _table(table: str, report: Mapping[str, Any]) -> list[dict[str, Any]]:
    head = {"table": table, "of": int(report["rows"])}
    found = [head | _rule(rule) for rule in report["rules"]]
    broken = int(report.get("broken", 0))
    lost = {"rule": "Unreadable records", "id": "broken", "dimension": "validity", "found": broken}
    return [*found, head | lost | {"taken_out": broken, "faults": broken}] if broken else found


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    found, removed, part = int(rule["count"]), int(rule["removed"]), dimension(rule["id"])
    faults = found if not rule["on"] and rule["id"].startswith(KEPT) else removed
    counts = {"found": found, "taken_out": removed, "faults": faults if part else 0}
    return {"rule": rule["label"], "id": rule["id"], "dimension": part} | counts
