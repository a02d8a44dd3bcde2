"""How far can these data be trusted?

Seven dimensions, each a share of rows without fault, so that a score can be read and recomputed. Fences of outliers
are Tukey's (1977), on the logarithms of positive values; a run of empty days is a gap where chance does not explain it.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import pandas as pd

from crm_ai.analyses import EVERY_TABLE, require
from crm_ai.analyses.options import Range
from crm_ai.analyses.quality import checks, columns, days, evidence, fences, reports, scores, spelling
from crm_ai.analyses.quality.drawing import figures
from crm_ai.analyses.quality.wording import findings, shown, stated
from crm_ai.data import schema
from crm_ai.data.dataset import Dataset
from crm_ai.errors import TooLittleData
from crm_ai.progress import Progress, silent

__all__ = ["CARDS", "DRILL", "ICON", "NEEDS", "READING", "TABLES", "TERMS", "TITLE", "Params", "Result"]
__all__ += ["features", "figures", "findings", "run", "shown"]

TITLE = "Data quality"
ICON = ":material/fact_check:"
NEEDS = (
    {"transactions": ("ordered_at",)},
    *({table: (column,)} for table, known in schema.TABLES.items() for column in known),
)
"""Any column of any table will do."""
CARDS = {
    "score": "percent",
    "completeness": "percent",
    "validity": "percent",
    "uniqueness": "percent",
    "consistency": "percent",
    "freshness_days": "number",
    "outlier_share": "percent",
}
TABLES = {
    "dimensions": "Scores",
    "columns": "Column by column",
    "checks": "What was checked",
    "rules": "What cleaning found",
    "near_duplicates": "Same value, other spelling",
    "outliers": "Values far outside the usual",
    "gaps": "Days without rows",
    "by_month": "Rows by month",
}
DRILL = {"scores": ("checks", "dimension"), "filled": ("columns", "column")}
READING = (
    "Every score lies between 0 and 100 % and is a share of rows without fault; a table with several faults in the "
    "same row counts it several times, so the true share is at least as high. The overall score is a mean in which "
    "completeness and validity count three times, uniqueness and consistency twice, freshness, outliers and spelling "
    "once; what cannot be judged is left out. Cancelled orders, returns, refunds, gifts and fees are no faults. The "
    "checks see the data as they are after cleaning; completeness and validity also count the rows that cleaning took "
    "out."
)
TERMS = {
    "score": "Mean of the dimensions that apply; 100 % means that no fault was found.",
    "completeness": "Mean share of filled values over all columns. Customer, date, amount, text and value count three "
    "times, order, product, quantity, rating and target twice, other columns once. Rows taken out because a value was "
    "missing count as empty.",
    "validity": "1 minus the records that could not be read or were taken out as faulty, as a share of all records, "
    "and minus rows dated after the data came in; the mean over the tables. It needs the report of cleaning.",
    "uniqueness": "1 minus the share of rows that repeat a key, or whose order has several customers or days; the "
    "mean over the tables.",
    "consistency": "1 minus the share of rows that contradict others: an amount that is not quantity times price, a "
    "rarer name of a product, a customer who is not in the customer list, a rarer currency.",
    "freshness_days": "Days from the newest row to the day the data came in. The score of freshness is the share of "
    "days that lie in no gap, times limit / days where the newest row is older than the limit.",
    "outlier_share": "Share of the values looked at that lie outside their fences. The fences lie, from the quartiles, "
    "the chosen factor times the quartile range away; for positive values as ratios.",
    "filled_share": "Share of the rows with a value; blanks are none.",
    "distinct": "Different values: counted up to 5 million rows, estimated above, as are the quartiles.",
    "usual": "The middle value of numbers, the most frequent value of texts.",
    "taken_out": "Rows that the rule took out and no earlier rule had.",
    "rows_elsewhere": "Rows that do not have the most frequent spelling.",
    "share_of_total": "What these values hold of the sum of the column.",
    "found": "How many things fail: orders, products, customers or rows.",
    "missing_days": "Days of the month that lie in a gap longer than chance explains.",
}


@dataclass(frozen=True)
class Params:
    """What counts as an outlier, as old, and as worth a word."""

    fence: Annotated[
        float,
        Range(
            "Outlier factor",
            1.5,
            10,
            "How many quartile ranges beyond the quartiles a value must lie to be an outlier.",
            step=0.5,
        ),
    ] = 3.0
    fresh_days: Annotated[
        int, Range("Fresh up to, days", 1, 3650, "How old the newest row may be when the data come in.")
    ] = 31
    least_share: Annotated[
        float,
        Range(
            "Smallest share to report, percent", 0, 50, "Problems in a smaller share of rows are only listed.", step=0.1
        ),
    ] = 0.1


@dataclass(frozen=True)
class Result:
    """Scores and their evidence.

    Attributes:
        dimensions: dimension, score (NaN where it cannot be judged), weight, finding.
        columns: table, column, type, filled_share, distinct, least, most, usual, problems.
        checks: dimension, table, column, check, found, rows, of, share, example; passed checks too.
        rules: table, rule, dimension ("" for none), found, taken_out.
        near_duplicates: table, column, value, spellings, variants, rows, rows_elsewhere.
        outliers: table, column, low, high, n, share, share_of_total, example.
        gaps: table, from, to, days.
        by_month: table, month, rows, missing_days.
        score, completeness, validity, uniqueness, consistency, freshness, spelling: from 0 to 1.
        freshness_days: from the newest row to the day the data came in.
        outlier_share: outliers among the values looked at.
        rows: of all tables.
        median_age_days: age of the middle row on the day the data came in, else on the last day.
        covered: share of the days from the first to the last that lie in no gap.
        first_day, last_day, created: ISO dates, "" where unknown.
        least_share, fresh_days: of the parameters, the share as a share.
    """

    dimensions: pd.DataFrame
    columns: pd.DataFrame
    checks: pd.DataFrame
    rules: pd.DataFrame
    near_duplicates: pd.DataFrame
    outliers: pd.DataFrame
    gaps: pd.DataFrame
    by_month: pd.DataFrame
    score: float
    completeness: float | None
    validity: float | None
    uniqueness: float | None
    consistency: float | None
    freshness: float | None
    spelling: float | None
    freshness_days: float | None
    outlier_share: float | None
    rows: int
    median_age_days: float | None
    covered: float | None
    first_day: str
    last_day: str
    created: str
    least_share: float
    fresh_days: int


def asked_table(params: Params) -> str:
    """See ``analyses.looked_at``."""
    return EVERY_TABLE


def features(data: Dataset, params: Params = Params(), progress: Progress = silent) -> dict[str, pd.DataFrame]:
    """What the engine adds up: columns, checks, values, days and outliers, see the modules of these names.

    Raises:
        TooLittleData: no table has a row.
    """
    progress(0.1, "Looking at every column")
    held = columns.columns(data)
    sizes = {str(table): int(rows) for table, rows in held.groupby("table")["rows"].max().items()}
    if not any(sizes.values()):
        raise TooLittleData("There are no rows in these data: nothing can be said of their quality.")
    progress(0.3, "Checking keys, names and amounts")
    found = {"columns": held, "checks": checks.checks(data, sizes), "days": days.days(data)}
    progress(0.6, "Comparing spellings")
    values = spelling.values(data)
    progress(0.8, "Looking for extreme values")
    return found | {"values": values, "outliers": fences.outliers(data, fences.fences(held, params.fence))}


def run(data: Dataset, params: Params = Params(), progress: Progress = silent) -> Result:
    """Gather the evidence, score it, word it.

    Raises:
        MissingColumns: no table that is known.
        TooLittleData: no row.
    """
    require(NEEDS, data)
    found = features(data, params, progress)
    progress(0.9, "Scoring")
    created, rules = evidence.created_at(data.manifest), reports.rules(data.manifest)
    spellings, gaps = spelling.near_duplicates(found["values"]), days.gaps(found["days"])
    held = evidence.columns(found, rules, data.manifest)
    every = evidence.every_check(found, rules, spellings, created)
    covered = days.covered(found["days"], gaps)
    ages = evidence.ages(found["days"], created)
    scored: dict[str, Any] = {
        "completeness": scores.completeness(held),
        **{name: scores.by_checks(every, name) for name in ("validity", "uniqueness", "consistency")},
        "freshness": scores.freshness(ages["freshness_days"], params.fresh_days, covered),
        **{name: scores.by_values(every, name) for name in ("outliers", "spelling")},
    }
    return stated(
        Result(
            dimensions=evidence.dimensions(scored),
            columns=held,
            checks=every,
            rules=evidence.most_first(rules),
            near_duplicates=spellings.head(spelling.MOST_GROUPS),
            outliers=found["outliers"].drop(columns="of"),
            gaps=gaps.drop(columns="open_days"),
            by_month=days.by_month(found["days"], gaps),
            score=scores.overall(scored),
            outlier_share=None if scored["outliers"] is None else 1 - scored["outliers"],
            covered=covered,
            rows=int(found["columns"].groupby("table")["rows"].max().sum()),
            created="" if created is None else created.date().isoformat(),
            least_share=params.least_share / 100,
            fresh_days=params.fresh_days,
            **ages,
            **{name: scored[name] for name in scored if name != "outliers"},
        )
    )
