"""Who will buy in the days ahead, or has another label, and how sure is that?

Histories before a cut-off predict purchases after it; the test cut-off lies later than all training labels. Labels of
a customers table are tested on customers held out. Logistic regression, a decision tree, gradient boosting (Friedman
2001) and a support vector machine (Cortes & Vapnik 1995), calibrated and chosen by cross-validation inside the
training data, stand beside a simple rule and the plain average, with bootstrap intervals.
"""

from dataclasses import dataclass
from typing import Annotated

import pandas as pd

from crm_ai.analyses import require
from crm_ai.analyses.options import Choice, Pick, Range, Text
from crm_ai.analyses.purchases import asking, everyone, evidence
from crm_ai.analyses.purchases.asking import Question
from crm_ai.analyses.purchases.drawing import figures
from crm_ai.analyses.purchases.wording import findings, shown
from crm_ai.data.dataset import Dataset
from crm_ai.methods.propensity import MODELS, Propensity
from crm_ai.progress import Progress, silent

__all__ = ["CARDS", "DRILL", "ICON", "METHODS", "NEEDS", "READING", "TABLES", "TERMS", "TITLE", "Params", "Result"]
__all__ += ["features", "figures", "findings", "run", "shown"]

TITLE = "Purchases"
ICON = ":material/target:"
NEEDS = (
    {"transactions": ("customer_id", "ordered_at")},
    {"customers": ("customer_id",)},
    {"customers": ("target",)},
)
CARDS = {
    "expected_events": "number",
    "lift_top_decile": "score",
    "roc_auc": "score",
    "roc_auc_baseline": "score",
    "average_precision": "score",
    "brier": "score",
}
TABLES = {
    "scores": "Customers by chance",
    "models": "Models compared",
    "drivers": "What the model goes by",
    "checks": "Columns to check",
    "holdout": "Test customers",
}
DRILL = {"lift": ("scores", "decile")}
READING = (
    "Every figure of quality is measured on customers or on a period that the model had not seen. "
    "Customers are ranked by their chance; group 1 is the tenth with the highest. "
    "The gains chart says what share of the buyers you reach when you contact only the best part of the list. "
    "In the calibration chart the points should lie on the dashed line: then 30 % means that 30 of 100 buy. "
    "Where the simple rule does as well as the model, use the rule. "
    "Drivers say what the model goes by, not what causes a purchase."
)
TERMS = {
    "expected_events": "Sum of the chances: how many customers should buy, or have the label.",
    "roc_auc": "How often the model ranks a buyer above a customer who does not buy: 0.5 is guessing, 1 is perfect.",
    "roc_auc_baseline": "The same for the simple rule: who bought last buys next, or the best single column alone.",
    "average_precision": "Average share of buyers among the customers picked, best first; "
    "guessing gives the share of buyers.",
    "brier": "Mean squared distance between chance and outcome; lower is better.",
    "ece": "How far chances and real shares are apart on average; 0 is perfect.",
    "lift_top_decile": "How many times as often the tenth with the highest chances buys, against the average.",
    "probability": "Chance of a purchase within the period, or of the label.",
    "decile": "1 is the tenth of customers with the highest chances, 10 the lowest.",
    "importance": "How much the ranking loses when the column is shuffled.",
    "single_auc": "How well the column ranks customers all alone: 1 means that it gives the answer away.",
}
METHODS = MODELS
MOST = 2_000_000
"""Rows from which is learnt: more are those of a sample of the customers, always the same."""
MOST_LISTED = 500_000
"""Customers who are listed where the model learnt from a sample: those with the highest chances."""


@dataclass(frozen=True)
class Params:
    """What is predicted, how far ahead, and by which model."""

    target: Annotated[
        str,
        Pick(
            "What to predict",
            asking.targets,
            "A purchase in the days ahead, or a column of the customers table that says yes or no. "
            "Automatic takes the purchase where there are orders.",
        ),
    ] = ""
    horizon_days: Annotated[
        int | str,
        Range(
            "Days ahead",
            1,
            365,
            "How far ahead a purchase counts. Automatic takes 90 days, or less where the history is short.",
            auto=True,
        ),
    ] = "auto"
    model: Annotated[
        str,
        Choice(
            "Model",
            {
                "auto": "Best in cross-validation",
                "logistic_regression": "Logistic regression",
                "svm": "Support vector machine",
                "decision_tree": "Decision tree",
                "gradient_boosting": "Gradient boosting",
            },
            "Automatic picks by cross-validation inside the training data; the plainest among equals.",
        ),
    ] = "auto"
    leave_out: Annotated[
        str,
        Text("Leave out columns", "Columns of the customers table that are known only afterwards, parted by commas."),
    ] = ""


@dataclass(frozen=True)
class Result:
    """Scored customers, and how far to trust the scores.

    Attributes:
        scores: customer_id, probability (0 to 1), decile (1 is the highest), reasons (English), reason_codes (JSON of
            [feature, value] pairs); best first.
        models: model, role (used, model, rule, average), roc_auc, roc_auc_low, roc_auc_high (95 % bootstrap interval),
            average_precision, brier, ece, lift_top_decile; all on the test customers.
        drivers: feature, importance (loss of ROC AUC on the test customers when shuffled), spread, direction (up,
            down, mixed, flat, levels), strongest (the level with the highest chance, "" for numbers).
        checks: column, single_auc (None where not measured), why (copy, pure, rests, name: may know the answer; id,
            constant, free_text: not used).
        holdout: customer_id, actual (0 or 1), probability, baseline (probability by the simple rule).
        roc_auc ... lift_top_decile: of the model used; roc_auc_low, roc_auc_high: its 95 % interval.
        *_baseline: of the simple rule. roc_auc_gain, _low, _high: paired difference of ROC AUC to the rule.
        roc_auc_without_suspects: without the columns under suspicion, None where there are none.
        base_rate: share of events among test customers; expected_rate: what the model expected there.
        expected_events: sum of the chances of those whose label is unknown, or of all where there are none.
        n_customers, n_unknown (without a label yet), n_train, n_test: counts.
        target: "purchase" or the column; yes: the value that counts; model: used; baseline_column: of the simple rule.
        share_learnt: of the customers; below 1 the model learnt from a sample, ``scores`` lists the best of all (of the
            sample for labels), and n_customers and expected_events are of all.
        horizon_days: None for labels. train_cutoffs, test_cutoff, score_date: ISO dates, "" for labels.
    """

    scores: pd.DataFrame
    models: pd.DataFrame
    drivers: pd.DataFrame
    checks: pd.DataFrame
    holdout: pd.DataFrame
    roc_auc: float
    roc_auc_low: float | None
    roc_auc_high: float | None
    roc_auc_baseline: float
    roc_auc_gain: float
    roc_auc_gain_low: float | None
    roc_auc_gain_high: float | None
    roc_auc_without_suspects: float | None
    average_precision: float
    average_precision_baseline: float
    brier: float
    brier_baseline: float
    ece: float
    ece_baseline: float
    lift_top_decile: float
    lift_top_decile_baseline: float
    base_rate: float
    expected_rate: float
    expected_events: float
    n_customers: int
    n_unknown: int
    n_train: int
    n_test: int
    target: str
    yes: str
    model: str
    baseline_column: str
    horizon_days: int | None
    train_cutoffs: tuple[str, ...]
    test_cutoff: str
    score_date: str
    share_learnt: float = 1.0


def asked_table(params: Params) -> str:
    """See ``analyses.looked_at``."""
    return "" if params.target in ("", "purchase") else "customers"


def features(data: Dataset, target: str = "") -> pd.DataFrame:
    """A row a customer and purchase day, or the customers table where a column of it is the target; see ``MOST``."""
    return asking.answers(data, target, MOST)


def run(data: Dataset, params: Params = Params(), progress: Progress = silent) -> Result:
    """Train, test on what was not seen, refit on everything, and score.

    Raises:
        MissingColumns: neither orders with customers nor a customers table is there.
        TooLittleData: the history is too short, or there are too few customers of either kind.
        BadParameter: the target or a column to leave out is not there.
    """
    require(NEEDS, data)
    progress(0.05, "Reading the customers")
    frame = features(data, params.target)
    question = _question(data, params, frame)
    progress(0.2, "Training and testing the models")
    answers = evidence.sit(question, list(MODELS) if params.model == "auto" else [params.model])
    progress(0.6, "Looking for what drives the chances")
    found = evidence.explained(question, answers[0])
    progress(0.75, "Scoring the customers")
    model = evidence.refitted(question, evidence.used(answers))
    best = _best(data, model, question) if frame.attrs["share"] < 1 and question.timetable else None
    scores = evidence.scores(question, model, best)
    progress(0.9, "Measuring the models")
    more = {"share_learnt": frame.attrs["share"]}
    return Result(**scores, **found, **evidence.measured(answers), **evidence.told(question, answers), **more)


def _best(data: Dataset, model: Propensity, question: Question) -> everyone.Best:
    assert question.timetable is not None
    return everyone.scored(data, asking.purchase_days(data), model, question.timetable, MOST_LISTED)


def _question(data: Dataset, params: Params, frame: pd.DataFrame) -> Question:
    if asking.is_purchase(data, params.target):
        return asking.ask_purchase(frame, params.horizon_days)
    return asking.ask_label(frame, params.target, params.leave_out)
