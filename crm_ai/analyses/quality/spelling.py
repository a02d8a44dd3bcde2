"""Values that differ in case, width, blanks or punctuation only.

The engine counts the values of a column, the most frequent MOST_VALUES come back; here they are folded: NFKC makes
full width half, case folding capital small, and runs of blanks and punctuation one blank. A hyphen counts as a blank
between letters or digits only, and signs that carry a meaning (+ # % & *) stay: A+ is not A-.
"""

import re
import unicodedata
from collections.abc import Iterator

import ibis
import pandas as pd

from crm_ai.analyses.quality.columns import kind
from crm_ai.data.dataset import Dataset
from crm_ai.data.schema import TABLES

COLUMNS = ("customer_id", "product_name", "category", "country", "channel", "currency", "label", "series_id")
MOST_VALUES = 100_000
MOST_ATTRIBUTES = 20
MOST_GROUPS, MOST_VARIANTS, LONGEST = 2_000, 6, 60
_BLANK = re.compile(r"[\s._,;:!?'\"()\[\]{}/\\·•、。，；：“”‘’…《》【】「」『』]+|(?<=[^\W_])\s*[-‐‑‒–—]\s*(?=[^\W_])")


def folded(text: str) -> str:
    """The text as it is compared; the text itself where nothing is left of it."""
    return _BLANK.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip() or text


def values(data: Dataset) -> pd.DataFrame:
    """table, column, value, rows: the most frequent values of the columns that are compared."""
    found = [_values(data, table, column) for table, column in _compared(data)]
    empty = pd.DataFrame({"table": [], "column": [], "value": [], "rows": []})
    return pd.concat(found, ignore_index=True) if found else empty.astype({"rows": "int64"})


def near_duplicates(values: pd.DataFrame) -> pd.DataFrame:
    """table, column, value (the most frequent spelling), spellings, variants (with rows), rows, rows_elsewhere."""
    keys = values.assign(key=[folded(value) for value in values["value"]])
    by = ["table", "column", "key"]
    several = keys[keys.duplicated(by, keep=False)]
    found = [_group(str(table), str(column), rows) for (table, column, _), rows in several.groupby(by, sort=False)]
    names = ["table", "column", "value", "spellings", "variants", "rows", "rows_elsewhere"]
    frame = pd.DataFrame(found, columns=names).astype(dict.fromkeys(("spellings", "rows", "rows_elsewhere"), "int64"))
    order = ["rows_elsewhere", "rows", "table", "column", "value"]
    return frame.sort_values(order, ascending=[False, False, True, True, True], ignore_index=True)


def _compared(data: Dataset) -> Iterator[tuple[str, str]]:
    """Text columns that name things; of customers the first MOST_ATTRIBUTES attributes too."""
    for name in (table for table in TABLES if table in data.tables):
        table = data.tables[name]
        texts = [column for column in table.columns if kind(table[column]) == "text"]
        yield from ((name, column) for column in COLUMNS if column in texts)
        if name == "customers":
            others = [column for column in texts if column not in (*COLUMNS, *TABLES[name])]
            yield from ((name, column) for column in others[:MOST_ATTRIBUTES])


def _values(data: Dataset, name: str, column: str) -> pd.DataFrame:
    table = data.tables[name]
    known = table.filter(table[column].notnull())
    counts = known.group_by(value=known[column]).aggregate(rows=known.count())
    frame = data.frame(counts.order_by(ibis.desc("rows"), "value").limit(MOST_VALUES))
    frame = frame[frame["value"].str.strip() != ""]
    return frame.assign(table=name, column=column)[["table", "column", "value", "rows"]]


def _group(table: str, column: str, rows: pd.DataFrame) -> dict[str, object]:
    rows = rows.sort_values(["rows", "value"], ascending=[False, True])
    shown = [f"{value[:LONGEST]} ({n:,})" for value, n in zip(rows["value"], rows["rows"], strict=True)]
    more = [f"+{len(shown) - MOST_VARIANTS}"] if len(shown) > MOST_VARIANTS else []
    return {
        "table": table,
        "column": column,
        "value": rows["value"].iloc[0],
        "spellings": len(rows),
        "variants": " / ".join(shown[:MOST_VARIANTS] + more),
        "rows": int(rows["rows"].sum()),
        "rows_elsewhere": int(rows["rows"].iloc[1:].sum()),
    }
