"""Delimited text to a raw table: DuckDB reads what is well-formed, a patient reader the rest, record by record."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb

from crm_ai.data.files.baskets import baskets_of, read_baskets
from crm_ai.data.files.dialects import BLANK, GAP, Dialect, blank_fields, csv_format, sniff
from crm_ai.data.files.encodings import encoding_of, text_blocks, transcoded
from crm_ai.data.files.large import is_tidy, text_of, write_sample
from crm_ai.data.files.tables import ROW, RawTable, Rejects, connection, count_rows, csv_rows, filled, named
from crm_ai.errors import BadFile
from crm_ai.progress import Progress

SAMPLE = 1 << 18
MOST_LINES = 200
"""Lines one quoted field may run over before its quote counts as not closed."""
TOO_FEW = "Fewer fields than headings"
TOO_MANY = "More fields than headings"
OPEN_QUOTE = "A quote is not closed"
_STRICT = """
    SELECT row_number() OVER () AS _row, * FROM read_csv($path, auto_detect=false, header=$header, skip=$skip,
        columns=$columns, delim=$delimiter, quote=$quote, escape=$escape, max_line_size=16777216)
"""


def read_text(
    path: Path,
    folder: Path,
    name: str,
    encoding: str | None,
    delimiter: str | None,
    progress: Progress,
    whole: bool = False,
) -> RawTable:
    """Read a text file in whatever encoding and dialect it is; unless it is wanted whole, only a sample of a large one.

    Raises:
        BadFile: it is no table.
    """
    if not whole and encoding is None and is_tidy(path) and (sampled := _sampled(path, folder, name, delimiter)):
        return sampled
    progress(0.1, "Finding the encoding")
    found = encoding_of(path, name, encoding)
    text = path if found.plain else transcoded(path, folder / "text.csv", found.name)
    sample = _sample(text, found.name if found.plain else "utf-8")
    progress(0.3, "Reading the records")
    dialect = sniff(sample, delimiter)
    basket = None if delimiter else baskets_of(sample)
    if basket and (basket.header or not dialect.is_table):
        return read_baskets(text, folder, name, basket, found.name)
    columns = named(dialect.headings, name)
    if not dialect.headings or (len(columns) == 1 and not sample.strip()):
        raise BadFile("{name} is empty.", name=name)
    return _read(text, folder, name, dialect, columns, found.name)


def _sampled(path: Path, folder: Path, name: str, delimiter: str | None) -> RawTable | None:
    """A sample of a large tidy table, which stays in place; None when it is something else."""
    part = folder / "sample.csv"
    share = write_sample(path, part)
    sample = _sample(part, "utf-8")
    dialect = sniff(sample, delimiter)
    text = text_of(path, dialect)
    if text is None or (baskets_of(sample) and not dialect.is_table):
        return None
    raw = _read(part, folder, name, dialect, named(dialect.headings, name), "utf-8")
    return replace(raw, rows=round(raw.rows / share), rejected=None, rejected_rows=0, text=text)


def _sample(path: Path, encoding: str) -> str:
    """The beginning of the text, whole lines, line ends as LF."""
    text = ""
    for block in text_blocks(path, "utf-8-sig" if encoding.startswith("utf-8") else encoding):
        text += block[: SAMPLE - len(text)]
        if len(text) >= SAMPLE:
            return text.replace("\r\n", "\n").rpartition("\n")[0] or text
    return text.replace("\r\n", "\n")


def _read(text: Path, folder: Path, name: str, dialect: Dialect, columns: tuple[str, ...], encoding: str) -> RawTable:
    raw = folder / "raw.parquet"
    rejected, rejected_rows = None, 0
    if not _read_strictly(text, raw, dialect, columns):
        rejected, rejected_rows = _read_patiently(text, raw, name, dialect, columns)
    rows = filled(count_rows(raw), name)
    return RawTable(raw, columns, rows, "csv", rejected, rejected_rows, encoding, dialect.delimiter or None)


def _read_strictly(text: Path, raw: Path, dialect: Dialect, columns: tuple[str, ...]) -> bool:
    """Whether every record was well-formed, and so was read."""
    if dialect.delimiter in (BLANK, GAP, ""):
        return False
    options = {
        "path": str(text),
        "header": dialect.header,
        "skip": dialect.skip,
        "columns": dict.fromkeys(columns, "VARCHAR"),
        "delimiter": dialect.delimiter,
        "quote": dialect.quote,
        "escape": dialect.escape if dialect.quote else "",
    }
    try:
        connection().sql(_STRICT, params=options).write_parquet(str(raw))
    except duckdb.Error:
        return False
    return True


def _read_patiently(
    text: Path, raw: Path, name: str, dialect: Dialect, columns: tuple[str, ...]
) -> tuple[Path | None, int]:
    """Read record by record; what does not fit is kept with its reason. Where many are short, they are filled up."""
    with Rejects(raw.parent, name) as rejects:
        short = _write_fitting(text, raw.with_suffix(".csv"), dialect, columns, rejects, fill_up=False)
    if short:
        with Rejects(raw.parent, name) as rejects:
            _write_fitting(text, raw.with_suffix(".csv"), dialect, columns, rejects, fill_up=True)
    kinds = {ROW: "BIGINT"} | dict.fromkeys(columns, "VARCHAR")
    csv_rows(raw.with_suffix(".csv"), kinds).write_parquet(str(raw))
    return rejects.parquet(raw.with_name("rejected.parquet")), rejects.rows


def _write_fitting(
    text: Path, target: Path, dialect: Dialect, columns: tuple[str, ...], rejects: Rejects, fill_up: bool
) -> bool:
    """Write the records that fit; whether so many were short that they should be filled up."""
    number, few, width = 0, 0, len(columns)
    with target.open("w", encoding="utf-8", newline="") as out:
        write = csv.writer(out).writerow
        for number, (fields, line) in enumerate(_records(text, dialect, width), 1):
            if fields is not None and len(fields) > width and not any(fields[width:]):
                fields = fields[:width]
            if fields is not None and (len(fields) == width or (fill_up and len(fields) < width)):
                write([number, *fields, *[""] * (width - len(fields))])
                continue
            few += fields is not None and len(fields) < width
            rejects.add(number, OPEN_QUOTE if fields is None else TOO_FEW if len(fields) < width else TOO_MANY, line)
    return not fill_up and few > max(0.1 * number, 3)


def _records(text: Path, dialect: Dialect, width: int) -> Iterator[tuple[list[str] | None, str]]:
    """Each record's fields (None where a quote is not closed) and its text; empty lines are no records."""
    lines = _lines(text, dialect.skip)
    header_due = dialect.header
    waiting: deque[str] = deque()
    while line := waiting.popleft() if waiting else next(lines, ""):
        if not line.strip("\r\n" if dialect.delimiter == "\t" else " \r\n"):
            continue
        fields, whole = _one(line, waiting, lines, dialect, width)
        if header_due:
            header_due = False
            continue
        yield fields, whole.rstrip("\r\n")


def _one(
    line: str, waiting: deque[str], lines: Iterator[str], dialect: Dialect, width: int
) -> tuple[list[str] | None, str]:
    """The record that begins with a line; lines it does not need go back to those waiting."""
    if dialect.delimiter in (BLANK, GAP):
        return blank_fields(line, dialect.delimiter), line
    if not dialect.quote or dialect.quote not in line:
        bare = line.rstrip("\r\n")
        return (bare.split(dialect.delimiter) if dialect.delimiter else [bare]), line
    fields, is_open = _parsed(line, dialect)
    taken: list[str] = []
    while is_open and len(taken) < MOST_LINES and (more := waiting.popleft() if waiting else next(lines, "")):
        taken.append(more)
        if dialect.quote in more:
            fields, is_open = _parsed(line + "".join(taken), dialect)
    if taken and (fields is None or len(fields) != width):
        waiting.extendleft(reversed(taken))
        return None, line
    if fields is None and not is_open:
        fields = next(csv.reader([line.rstrip("\r\n")], **csv_format(dialect.delimiter, dialect.quote, dialect.escape)))
    return fields, line + "".join(taken)


def _parsed(text: str, dialect: Dialect) -> tuple[list[str] | None, bool]:
    """The fields of one record, and whether a quote is still open; None for the fields when quotes stand astray."""
    form = csv_format(dialect.delimiter, dialect.quote, dialect.escape)
    try:
        return next(csv.reader([text.rstrip("\r\n")], strict=True, **form)), False
    except csv.Error as error:
        return None, "unexpected end" in str(error)


def _lines(text: Path, skip: int) -> Iterator[str]:
    with text.open(encoding="utf-8-sig", errors="replace", newline="\n") as file:
        for number, line in enumerate(file):
            if number >= skip:
                yield line
