"""Rows of a report that are no records: totals, footers, headings that come again, ruled lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mode

import duckdb

from crm_ai.data.files.tables import ROW, RawTable, connection, count_rows, quoted
from crm_ai.data.missing import MISSING

TOTALS, FOOTER, HEADINGS, RULE = "A totals row", "A footer", "Headings repeated", "A ruled line"
"""Reasons why a row is no record; texts to translate."""
MOST_SEARCHED = 100_000
"""Rows up to which all are looked at; of more only the first and the last, unless one of those is no record."""
FIRST, LAST = 20_000, 40
MOST_LABELS, MOST_CELLS = 6, 60  # columns in which a label may stand, and that are looked at
LEAST_USUAL = 4
SPARSE = 0.7
"""A totals row has at most this share of the cells that a record has."""
_TOTAL = (
    r"(?:grand|sub|report|overall|page|sheet)?-?totals?(?:general|amount)?|sum|summe|gesamt(?:summe)?|totale|итого|всего|"
    r"(?:本页|本頁|本单|本月|本年|当页|分类)?(?:合计|合計|小计|小計|总计|總計|累计|累計|共计|共計|总和|總和)(?:金额|数量)?|\*{1,3}"
)
_IS_TOTAL = rf"^(?:{_TOTAL})(?:[:：=(（].*)?$"
_IS_FOOTER = (
    r"^(?:generated|printed|exported|created|report|run) ?(?:on|by|at|date|time)\b|^page \d|^copyright|^©|^end of|"
    r"^confidential|^\(?\d+ (?:rows?|records?)|^第 ?\d+ ?页|^共 ?\d+ ?[页条行]|^(?:备注|说明|注)[:：]|"
    r"^(?:制表|制单|审核|打印|导出|报表|操作|复核|记账)(?:人|员|日期|时间)?[:：]"
)
_IS_RULE = r"^[-=_*+.]{3,}$"
_LABEL = "replace(replace(lower(trim(coalesce({cells}))), ' ', ''), '\u3000', '')"


@dataclass(frozen=True)
class _Row:
    number: int
    cells: tuple[str, ...]

    @property
    def filled(self) -> list[str]:
        return [cell for cell in self.cells if cell.lower() not in ("", *MISSING)]

    @property
    def is_total(self) -> bool:
        return bool(re.fullmatch(_IS_TOTAL, re.sub(r"\s", "", self.label.lower())))

    @property
    def label(self) -> str:
        return next(iter(self.filled), "")


def without_furniture(table: RawTable, folder: Path, name: str) -> RawTable:
    """The table without the rows that are no records; those are kept among the rejected ones, with the reason."""
    if table.kind not in ("csv", "excel") or table.rows < 2 or len(table.columns) < 2:
        return table
    con = connection()
    reasons = _reasons(con, table)
    if not reasons or len(reasons) >= table.rows:
        return table
    kept, rejected = folder / f"{table.path.stem}_kept.parquet", folder / f"{table.path.stem}_no_records.parquet"
    con.execute("CREATE TEMP TABLE gone AS SELECT unnest($1) AS _row, unnest($2) AS reason", [*_columns(reasons)])
    con.sql("SELECT * FROM raw WHERE _row NOT IN (SELECT _row FROM gone) ORDER BY _row").write_parquet(str(kept))
    texts = ", ".join(f"CAST({quoted(column)} AS VARCHAR)" for column in table.columns)
    con.sql(
        f"SELECT $name AS source, _row AS row, reason, concat_ws(', ', {texts}) AS text "  # noqa: S608 - quoted headings
        f"FROM raw JOIN gone USING (_row) {_before(table)} ORDER BY row",
        params={"name": name} | ({"before": str(table.rejected)} if table.rejected else {}),
    ).write_parquet(str(rejected))
    return replace(
        table, path=kept, rows=count_rows(kept), rejected=rejected, rejected_rows=table.rejected_rows + len(reasons)
    )


def _before(table: RawTable) -> str:
    return "UNION ALL BY NAME SELECT source, row, reason, text FROM read_parquet($before)" if table.rejected else ""


def _columns(reasons: dict[int, str]) -> tuple[list[int], list[str]]:
    return list(reasons), list(reasons.values())


def _reasons(con: duckdb.DuckDBPyConnection, table: RawTable) -> dict[int, str]:
    """Number of a row -> why it is no record."""
    columns = table.columns[:MOST_CELLS]
    usual = _usual(con, table, columns)
    tail = f"_row > {table.rows - LAST} ORDER BY _row DESC LIMIT {LAST}"  # numbers have gaps, but never fall behind
    last = sorted(_rows(con, table, columns, tail), key=lambda row: row.number)
    found = {row.number: reason for row in _suspects(con, table, columns) if (reason := _reason(row, columns, usual))}
    return found | _ending(con, table, last, found, usual)


def _reason(row: _Row, columns: Sequence[str], usual: int) -> str:
    filled = row.filled
    pairs = zip(row.cells, columns, strict=True)
    if len(filled) > 1 and sum(" ".join(cell.split()) == heading for cell, heading in pairs) >= 0.8 * len(filled):
        return HEADINGS
    if any(row.cells) and all(re.fullmatch(_IS_RULE, cell) for cell in filter(None, row.cells)):
        return RULE
    return TOTALS if row.is_total and len(filled) <= SPARSE * usual else ""


def _ending(
    con: duckdb.DuckDBPyConnection, table: RawTable, last: Sequence[_Row], found: dict[int, str], usual: int
) -> dict[int, str]:
    """Footers, and totals that fill all cells: they stand at the end only."""
    gone: dict[int, str] = {}
    for row in reversed([row for row in last if row.number not in found]):
        if _is_footer(row, usual):
            gone[row.number] = FOOTER
        elif row.is_total and _adds_up(con, table, row):
            gone[row.number] = TOTALS
        else:
            break
    return gone


def _is_footer(row: _Row, usual: int) -> bool:
    """A remark of one cell below a table of several columns, or a line such as "Generated on ..."."""
    filled = len(row.filled)
    called_so = re.search(_IS_FOOTER, row.label.lower()) and filled <= max(0.5 * usual, 1) < usual
    return bool(called_so) or filled == 1 < LEAST_USUAL <= usual


def _adds_up(con: duckdb.DuckDBPyConnection, table: RawTable, row: _Row) -> bool:
    """Whether a number of the row is the sum of those above it."""
    sums = ", ".join(
        f"sum(TRY_CAST(replace(CAST({quoted(column)} AS VARCHAR), ',', '') AS DOUBLE))"
        for column in table.columns[:MOST_CELLS]
    )
    above = con.execute(f"SELECT {sums} FROM raw WHERE _row < ?", [row.number]).fetchone() or ()  # noqa: S608
    numbers = [_number(cell) for cell in row.cells]
    pairs = [(number, total) for number, total in zip(numbers, above, strict=True) if number and total]
    return any(abs(number - total) <= 1e-6 * abs(total) for number, total in pairs)


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None


def _usual(con: duckdb.DuckDBPyConnection, table: RawTable, columns: Sequence[str]) -> int:
    """How many cells a record has, mostly."""
    con.register("raw", con.read_parquet(str(table.path)))
    sample = _rows(con, table, columns, f"_row <= {FIRST} ORDER BY _row LIMIT 500")
    return mode([len(row.filled) for row in sample] or [0])


def _suspects(con: duckdb.DuckDBPyConnection, table: RawTable, columns: Sequence[str]) -> list[_Row]:
    """Rows whose first cells are a label of totals, a rule, or a heading."""
    cells = [f"nullif(trim(CAST({quoted(column)} AS VARCHAR)), '')" for column in columns[:MOST_LABELS]]
    label = _LABEL.format(cells=", ".join([*cells, "''"]))
    heading = f"CAST({quoted(columns[0])} AS VARCHAR) = $heading OR CAST({quoted(columns[1])} AS VARCHAR) = $second"
    part = "" if table.rows <= MOST_SEARCHED else f"(_row <= {FIRST} OR _row > {table.rows - LAST}) AND "
    where = (
        f"{part}(regexp_full_match({label}, $total) OR regexp_full_match({label}, $rule) OR {heading}) LIMIT {FIRST}"
    )
    values = {"total": _IS_TOTAL, "rule": _IS_RULE, "heading": columns[0], "second": columns[1]}
    return _rows(con, table, columns, where, values)


def _rows(
    con: duckdb.DuckDBPyConnection, table: RawTable, columns: Sequence[str], where: str, values: dict | None = None
) -> list[_Row]:
    texts = ", ".join(f"coalesce(trim(CAST({quoted(column)} AS VARCHAR)), '')" for column in columns)
    query = f"SELECT {ROW}, {texts} FROM raw WHERE {where}"  # noqa: S608 - headings are quoted
    return [_Row(number, tuple(cells)) for number, *cells in con.execute(query, values or {}).fetchall()]
