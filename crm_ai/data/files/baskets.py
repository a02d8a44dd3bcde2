"""Files whose lines are baskets: the names or numbers of what was bought together, as many as there were."""

import csv
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_ai.data.files.dialects import BLANK, DELIMITERS, Record, is_value, records
from crm_ai.data.files.tables import ROW, RawTable, count_rows, csv_rows, filled, write_clean

COLUMNS = ("order_id", "product_name")
MOST_LENGTH = 60
LEAST_LINES, LEAST_FILLED_UP = 5, 20
_NUMBERED = re.compile(r"\s*(items?|product|item\(s\)|商品)?[ _]?\(?s?\)?\d*\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Baskets:
    """How baskets are written.

    Attributes:
        delimiter: between items.
        header: whether a first line numbers the items.
        first: "" when the first field is an item, "id" when it names the basket, "count" when it counts its items.
    """

    delimiter: str
    header: bool = False
    first: str = ""


def baskets_of(sample: str) -> Baskets | None:
    """How the baskets of a text are written; None when it is something else."""
    lines = [line for line in sample.split("\n") if line.strip()][:2000]
    if len(lines) < 2:
        return None
    if _are_numbers(lines):
        return Baskets(BLANK)
    for delimiter in DELIMITERS:
        if found := _listed("\n".join(lines), delimiter):
            return found
    return None


def read_baskets(text: Path, folder: Path, name: str, baskets: Baskets, encoding: str) -> RawTable:
    """One row an item: order_id is the number of the line, or what its first field says."""
    raw, clean = folder / "raw.parquet", folder / "raw.csv"
    write_clean(clean, _items(text, baskets))
    csv_rows(clean, {ROW: "BIGINT", **dict.fromkeys(COLUMNS, "VARCHAR")}).write_parquet(str(raw))
    rows = filled(count_rows(raw), name)
    return RawTable(raw, COLUMNS, rows, "baskets", encoding=encoding, delimiter=baskets.delimiter)


def _items(text: Path, baskets: Baskets) -> Iterator[tuple[int, str, str]]:
    number = 0
    for line, record in enumerate(_records(text, baskets), 1):
        order = record[0].strip() if baskets.first == "id" and record else str(line)
        for item in record[1 if baskets.first else 0 :]:
            if item.strip():
                number += 1
                yield number, order, item.strip()


def _records(text: Path, baskets: Baskets) -> Iterator[Record]:
    with text.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        if baskets.header:
            next(file)
        if baskets.delimiter == BLANK:
            yield from (line.split() for line in file)
        else:
            yield from csv.reader(file, delimiter=baskets.delimiter)


def _are_numbers(lines: Sequence[str]) -> bool:
    """Lines of whole numbers parted by blanks, of different lengths or each in rising order (the FIMI format)."""
    if not all(re.fullmatch(r"\s*\d+(?: +\d+)*\s*", line) for line in lines):
        return False
    baskets = [list(map(int, line.split())) for line in lines]
    lengths = Counter(map(len, baskets))
    rising = all(all(a < b for a, b in itertools.pairwise(basket)) for basket in baskets)
    return len(lengths) > 2 or (rising and max(lengths) >= 5)


def _listed(sample: str, delimiter: str) -> Baskets | None:
    whole = records(sample, delimiter)
    split = [_trimmed(record) for record in whole]
    if not split or max(map(len, split)) < 3:
        return None
    filled_up = len(set(map(len, whole))) == 1
    header = len(split[0]) >= 3 and all(_NUMBERED.fullmatch(cell) for cell in split[0])
    body = [record for record in split[header:] if record]
    first = _first_field(body, header and "(s)" in split[0][0].lower())
    items = [record[1:] if first else record for record in body]
    enough = header or len(items) >= (LEAST_FILLED_UP if filled_up else LEAST_LINES)
    return Baskets(delimiter, header, first) if enough and _look_like_baskets(items, header) else None


def _first_field(body: Sequence[Record], counts: bool) -> str:
    firsts = [record[0].strip() for record in body]
    if not all(first.isdigit() for first in firsts) or all(
        cell.strip().isdigit() for record in body for cell in record
    ):
        return ""
    if counts or all(int(record[0]) == len(record) - 1 for record in body):
        return "count"
    return "id" if len(set(firsts)) == len(firsts) else ""


def _look_like_baskets(items: Sequence[Record], header: bool) -> bool:
    """Lines of differing length whose items are short, come again, and stand now here, now there."""
    lengths = Counter(map(len, items))
    if header:
        return len(lengths) > 1
    flat = [item.strip() for record in items for item in record]
    twice = sum(len(set(record)) < len(record) for record in items)
    if flat.count("") + twice > 0.05 * len(flat) or lengths.most_common(1)[0][1] > 0.7 * len(items) or not flat:
        return False
    places = defaultdict(set)
    for record in items:
        for place, item in enumerate(record):
            places[item.strip()].add(place)
    times = Counter(flat)
    again = [item for item, number in times.items() if number > 1]
    wandering = sum(len(places[item]) > 1 for item in again)
    valued = sum(map(is_value, flat))
    return (
        sum(len(item) <= MOST_LENGTH for item in flat) >= 0.98 * len(flat)
        and (valued <= 0.2 * len(flat) or all(item.isdigit() for item in flat))
        and len(again) >= 0.2 * len(times)
        and wandering >= 0.5 * len(again)
        and len(times) <= 0.8 * len(flat)
    )


def _trimmed(record: Record) -> Record:
    """Without the empty fields at the end that fill a basket up."""
    while record and not record[-1].strip():
        record = record[:-1]
    return record
