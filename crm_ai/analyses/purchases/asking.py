"""From data to exams: what is learnt from, what it is tested on, and who is scored."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from crm_ai.data.dataset import Dataset
from crm_ai.data.sampling import share_for, thinned
from crm_ai.errors import BadParameter, TooLittleData
from crm_ai.methods import labels, leaks
from crm_ai.methods.histories import Histories, Timetable, timetable
from crm_ai.methods.propensity import Calibration, Propensity, Sample, folds, places

PURCHASE = "purchase"
FEWEST = 10
"""Customers with and without the event that training and test each need."""
MOST_TRAINED = 20_000
"""Rows a model learns from; more make it slower and hardly better. Taken with a seed."""
MOST_TESTED = 50_000
TOLD_BY_OTHERS = ("recency_days", "usual_gap_days", "amount")
"""Overdue is recency over the usual gap, amount is orders times the average: twice the same blurs what drives."""
HOLD_OUT_FROM = 2_000
"""From this many labelled customers on a quarter is held out; below, each of five parts is tested in turn."""


@dataclass(frozen=True)
class Exam:
    """What is learnt from and what it is tested on; no row of the one tells about the other.

    Attributes:
        train, test: rows with labels.
        customers: shape (test rows,), ids.
    """

    train: Sample
    test: Sample
    customers: np.ndarray


@dataclass(frozen=True)
class Question:
    """All that a run needs to know.

    Attributes:
        target: "purchase" or the column that is predicted.
        exams: one, or five that together test every row once.
        final: rows the last model learns from.
        customers, frame: who is scored, and what is known of them.
        seen: place in ``frame`` of each row of ``final``, where the scored rows are those learnt from.
        known: place in ``frame`` of each row whose label is known.
        yes: the value of the column that counts as the event.
        timetable: cut-offs of a purchase question.
        log: whether numbers are taken as logarithms.
        unused: columns that the rule and the reasons need but the models do not learn from.
        left_out: column -> why it is not used.
    """

    target: str
    exams: tuple[Exam, ...]
    final: Sample
    customers: np.ndarray
    frame: pd.DataFrame
    seen: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))
    known: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))
    yes: str = ""
    timetable: Timetable | None = None
    log: bool = False
    unused: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def trained(self) -> int:
        return sum(len(exam.train.labels) for exam in self.exams) // len(self.exams)

    def scored(self, model: Propensity) -> np.ndarray:
        """Probability of each customer; of one learnt from, by a model that had not seen the customer."""
        found = model.probability(self.frame)
        found[self.seen] = model.unseen[: len(self.seen)]
        return found


def can_ask_purchase(data: Dataset) -> bool:
    return data.has("transactions", "customer_id", "ordered_at")


def is_purchase(data: Dataset, target: str) -> bool:
    """Whether purchases are asked for; without a target they are where there are orders."""
    return target == PURCHASE or (not target and can_ask_purchase(data))


def targets(data: Dataset) -> list[str]:
    """What can be predicted: "purchase", and columns of the customers table with two values."""
    found = [PURCHASE] if can_ask_purchase(data) else []
    if not data.has("customers"):
        return found
    table = data.table("customers")
    counts = data.frame(table.aggregate(**{f"c{i}": table[name].nunique() for i, name in enumerate(table.columns)}))
    few = [name for i, name in enumerate(table.columns) if 2 <= counts[f"c{i}"].iloc[0] <= 3]
    if not few:
        return found
    return found + labels.offered(data.frame(table.select(few).distinct(), most=100_000))


def purchase_days(data: Dataset, share: float = 1.0) -> ir.Table:
    """A row a customer and day with a purchase: customer_id, day, lines, amount (where known); a share of them."""
    lines = data.table("transactions", "customer_id", "ordered_at")
    known = lines.filter(lines.customer_id.notnull() & lines.ordered_at.notnull())
    known = thinned(known, ["customer_id"], share)
    sums = {"amount": known.amount.sum()} if "amount" in known.columns else {}
    day = known.ordered_at.truncate("D").name("day")
    return known.group_by([known.customer_id, day]).aggregate(lines=known.count(), **sums)


def ask_purchase(days: pd.DataFrame, horizon: int | str) -> Question:
    """Who will buy? Learnt at earlier cut-offs, tested at the last one with a full label window.

    Raises:
        TooLittleData: the history is too short, or nearly nobody or everybody buys.
    """
    if days.empty:
        raise TooLittleData("There are no orders with a customer and a date: nothing can be learnt from.")
    past = Histories.of(days)
    plan = timetable(int(past.day.min()), int(past.day.max()), horizon)
    test, train = _at(past, plan, plan.test), _together([_at(past, plan, cutoff) for cutoff in plan.train])
    _enough_bought(train.labels, plan.horizon)
    _enough_bought(test.labels, plan.horizon)
    frame = past.before(plan.score, plan.windows, plan.horizon, plan.history)
    tested = test.at_most(MOST_TESTED)
    return Question(
        target=PURCHASE,
        exams=(Exam(train.at_most(MOST_TRAINED), tested, past.customers[tested.groups]),),
        final=_together([test, train]).at_most(MOST_TRAINED),
        customers=past.customers[frame.index.to_numpy()],
        frame=frame.reset_index(drop=True),
        timetable=plan,
        log=True,
        unused=TOLD_BY_OTHERS,
    )


def ask_label(customers: pd.DataFrame, target: str, leave_out: str) -> Question:
    """Who has the label? Learnt from some customers, tested on others.

    Raises:
        BadParameter: the target or a column to leave out is not there.
        TooLittleData: there are too few customers of either kind, or no columns to learn from.
    """
    table = customers.reset_index(drop=True)
    label = labels.label(table.drop(columns="customer_id", errors="ignore"), target or _first(table))
    kept = labels.attributes(_without(table, label.column, leave_out))
    ids = table["customer_id"].astype(str) if "customer_id" in table else (table.index + 1).astype(str).to_series()
    if kept.frame.empty or not len(kept.frame.columns):
        raise TooLittleData("The customers table has no other column to learn from: add what is known of them.")
    known = np.flatnonzero(np.isfinite(label.values))
    whole = Sample(kept.frame, np.nan_to_num(label.values), pd.factorize(ids)[0]).rows(known)
    _enough_labelled(whole.labels)
    taken = places(whole.labels, MOST_TRAINED)
    return Question(
        target=label.column,
        exams=tuple(_split(whole, ids.to_numpy(object)[known])),
        final=whole.rows(taken),
        customers=ids.to_numpy(object),
        frame=kept.frame,
        seen=known[taken],
        known=known,
        yes=label.yes,
        left_out=kept.left_out,
    )


def baseline(exam: Exam, singles: pd.Series | None) -> tuple[str, np.ndarray]:
    """The simple rule beside the model, calibrated too: the most recent buyers, or the best column alone.

    Args:
        singles: how well each column ranks alone, best first; None for purchases.

    Returns:
        the column it goes by, and the probability of each test row.
    """
    if singles is None:
        recent = [-np.log1p(part.frame["recency_days"].to_numpy()) for part in (exam.train, exam.test)]
        return "recency_days", Calibration.of(recent[0], exam.train.labels)(recent[1])
    best = str(singles.index[0])
    return best, leaks.Rates.of(exam.train.frame[best], exam.train.labels)(exam.test.frame[best])


def _at(past: Histories, plan: Timetable, cutoff: int) -> Sample:
    frame = past.before(cutoff, plan.windows, plan.horizon, plan.history)
    known = frame.index.to_numpy()
    bought = past.bought(cutoff, cutoff + plan.horizon)[known].astype(float)
    return Sample(frame.reset_index(drop=True), bought, known)


def _together(parts: list[Sample]) -> Sample:
    joined = [np.concatenate(list(values)) for values in zip(*((p.labels, p.groups) for p in parts), strict=True)]
    return Sample(pd.concat([p.frame for p in parts], ignore_index=True), *joined)


def _enough_bought(found: np.ndarray, horizon: int) -> None:
    """Stop where nearly nobody or nearly everybody buys."""
    yes, no = _counts(found)
    if min(yes, no) < FEWEST:
        raise TooLittleData(
            "At least {needed} customers who bought within {horizon} days and {needed} who did not are needed; "
            "there are {yes} and {no}. Choose another horizon or add customers.",
            needed=FEWEST,
            horizon=horizon,
            yes=yes,
            no=no,
        )


def _enough_labelled(found: np.ndarray) -> None:
    """Stop where the label is nearly always the same."""
    yes, no = _counts(found)
    if min(yes, no) < FEWEST:
        raise TooLittleData(
            "At least {needed} customers with the label and {needed} without it are needed; there are {yes} and {no}.",
            needed=FEWEST,
            yes=yes,
            no=no,
        )


def _counts(found: np.ndarray) -> tuple[int, int]:
    return int(found.sum()), int(len(found) - found.sum())


def _first(table: pd.DataFrame) -> str:
    """The column that most likely is the label."""
    found = labels.offered(table.drop(columns="customer_id", errors="ignore"))
    if not found:
        raise TooLittleData(
            "No column of the customers table has two values to predict: add a label such as churned yes or no."
        )
    return found[0]


def _without(table: pd.DataFrame, target: str, leave_out: str) -> pd.DataFrame:
    named = [name.strip() for name in leave_out.replace("，", ",").replace("、", ",").split(",") if name.strip()]
    absent = [name for name in named if name not in table]
    if absent:
        raise BadParameter(
            "There is no column {columns} to leave out: the columns are {known}.",
            columns=absent,
            known=[str(name) for name in table],
        )
    return table.drop(columns=[target, "customer_id", *named], errors="ignore")


def _split(whole: Sample, ids: np.ndarray) -> list[Exam]:
    large = len(whole.labels) >= HOLD_OUT_FROM
    place = folds(whole.labels, whole.groups, 4 if large else 5)
    return [_exam(whole, ids, place == fold) for fold in range(1 if large else 5)]


def _exam(whole: Sample, ids: np.ndarray, held: np.ndarray) -> Exam:
    tested = np.flatnonzero(held)
    tested = tested[np.sort(places(whole.labels[tested], MOST_TESTED))]
    train = whole.rows(np.flatnonzero(~held)).at_most(MOST_TRAINED)
    return Exam(train, whole.rows(tested), ids[tested])


def answers(data: Dataset, target: str, most: int) -> pd.DataFrame:
    """The engine's part for this target: a frame for one of the two questions.

    At most about ``most`` rows, of a sample of the customers where there are more; ``attrs["share"]`` is their share.
    """
    if is_purchase(data, target):
        return _some(data, purchase_days(data), partial(purchase_days, data), most)
    table = data.table("customers")
    if "customer_id" not in table.columns:
        return _some(data, table, lambda share: table, most)
    return _some(data, table, partial(thinned, table, ["customer_id"]), most)


def _some(data: Dataset, table: ir.Table, part: Callable[[float], ir.Table], most: int) -> pd.DataFrame:
    """All rows, or the part that a share of the customers makes."""
    frame, share = data.few(table, most), 1.0
    if frame is None:
        share = share_for(most, int(data.value(table.count())))
        frame = data.frame(part(share))
    frame.attrs["share"] = share
    return frame
