"""The exams are sat, and what they show is written down: the fields of the Result."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_ai.analyses.purchases import asking, reasons
from crm_ai.analyses.purchases.asking import Exam, Question
from crm_ai.analyses.purchases.everyone import Best
from crm_ai.methods import drivers, evaluation, leaks, propensity
from crm_ai.methods.propensity import Propensity

_ROLES = {"used": 0, "model": 1, "rule": 2, "average": 3}
_COLUMNS = ["model", "role", "roc_auc", "roc_auc_low", "roc_auc_high"]
_COLUMNS += ["average_precision", "brier", "ece", "lift_top_decile"]


@dataclass(frozen=True)
class Answer:
    """One exam, sat.

    Attributes:
        models: those that sat it; chosen: the one that cross-validation prefers.
        found: probabilities of the test rows by each model, by the "rule" and by the "average".
        rule: the column that the simple rule goes by.
        singles: column -> ROC AUC of it alone in training, best first; None for purchases.
    """

    exam: Exam
    models: dict[str, Propensity]
    chosen: str
    found: dict[str, np.ndarray]
    rule: str
    singles: pd.Series | None


def sit(question: Question, names: list[str]) -> list[Answer]:
    """Train the models named on each exam's training rows, and let them answer its test rows."""
    return [_sat(question, exam, names) for exam in question.exams]


def used(answers: list[Answer]) -> str:
    """The model that most exams chose."""
    return Counter(answer.chosen for answer in answers).most_common(1)[0][0]


def explained(question: Question, answer: Answer) -> dict[str, Any]:
    """drivers, checks, and the ROC AUC without the columns under suspicion."""
    model, exam = answer.models[answer.chosen], answer.exam
    importance = drivers.importance(model, exam.test)
    effects = drivers.effects(model, exam.test.frame)
    ways = [effects[name] for name in importance["feature"]]
    strongest = [str(way.values[way.score.argmax()]) if way.direction == "levels" else "" for way in ways]
    suspects = leaks.suspects(exam.train, pd.Series(dtype=float) if answer.singles is None else answer.singles)
    return {
        "drivers": importance.assign(direction=[way.direction for way in ways], strongest=strongest),
        "checks": _checks(suspects, question.left_out),
        "roc_auc_without_suspects": _without(exam, suspects["column"].tolist(), answer.chosen),
    }


def scores(question: Question, model: Propensity, best: Best | None = None) -> dict[str, Any]:
    """The customer list by a model refitted on all rows with a label, best first.

    Args:
        best: of all customers, where the question holds a sample of them only.
    """
    probability = question.scored(model)
    effects = drivers.effects(model, question.frame)
    if best is not None:
        listed = _listed(question, effects, best.customers, best.frame, best.probability, best.expected / best.found)
        sums = {"n_customers": best.found, "expected_events": best.expected, "n_unknown": best.found}
        return {"scores": listed.assign(decile=best.deciles), **sums}
    listed = _listed(question, effects, question.customers, question.frame, probability, float(probability.mean()))
    return {"scores": listed, "n_customers": len(listed), **_expected(question, probability)}


def refitted(question: Question, name: str) -> Propensity:
    """The model, learnt from all rows with a label."""
    return propensity.fit([name], question.final, question.log, question.unused)[name]


def _listed(
    question: Question,
    effects: dict[str, drivers.Effect],
    customers: np.ndarray,
    frame: pd.DataFrame,
    probability: np.ndarray,
    average: float,
) -> pd.DataFrame:
    codes = reasons.codes(effects, frame, probability, average)
    columns = {
        "customer_id": customers,
        "probability": probability,
        "decile": evaluation.deciles(probability),
        "reasons": [reasons.sentence(code, str, question.target == asking.PURCHASE) for code in codes],
        "reason_codes": codes,
    }
    return pd.DataFrame(columns).sort_values("probability", ascending=False, kind="stable").reset_index(drop=True)


def measured(answers: list[Answer]) -> dict[str, Any]:
    """All figures on the test rows."""
    actual = np.concatenate([answer.exam.test.labels for answer in answers])
    found = {name: np.concatenate([answer.found[name] for answer in answers]) for name in answers[0].found}
    found["used"] = np.concatenate([answer.found[answer.chosen] for answer in answers])
    draws = evaluation.bootstrap(actual, found, evaluation.weighted_roc_auc)
    row, rule = evaluation.summary(actual, found["used"]), evaluation.summary(actual, found["rule"])
    return {
        **row,
        **{f"{name}_baseline": value for name, value in rule.items()},
        **_bounds("roc_auc", draws["used"]),
        "roc_auc_gain": row["roc_auc"] - rule["roc_auc"],
        **_bounds("roc_auc_gain", draws["used"] - draws["rule"]),
        "models": _models(actual, found, draws, used(answers)),
        "holdout": _holdout(answers, actual, found),
        "base_rate": float(actual.mean()),
        "expected_rate": float(found["used"].mean()),
        "n_test": len(actual),
    }


def told(question: Question, answers: list[Answer]) -> dict[str, Any]:
    """What was asked, and with what."""
    return {
        "n_train": sum(len(answer.exam.train.labels) for answer in answers) // len(answers),
        "target": question.target,
        "yes": question.yes,
        "model": used(answers),
        "baseline_column": Counter(answer.rule for answer in answers).most_common(1)[0][0],
        **_dates(question),
    }


def _sat(question: Question, exam: Exam, names: list[str]) -> Answer:
    models = propensity.fit(names, exam.train, question.log, question.unused)
    found = {name: model.probability(exam.test.frame) for name, model in models.items()}
    singles = None if question.target == asking.PURCHASE else leaks.alone(exam.train)
    rule, by_rule = asking.baseline(exam, singles)
    average = np.full(len(exam.test.labels), exam.train.labels.mean())
    chosen = propensity.choose(models, exam.train.labels)
    return Answer(exam, models, chosen, {**found, "rule": by_rule, "average": average}, rule, singles)


def _checks(suspects: pd.DataFrame, left_out: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "column": pd.Series([*suspects["column"], *left_out], dtype="str"),
            "single_auc": pd.Series([*suspects["single_auc"], *(None for _ in left_out)], dtype=float),
            "why": pd.Series([*suspects["why"], *left_out.values()], dtype="str"),
        }
    )


def _without(exam: Exam, columns: list[str], name: str) -> float | None:
    if not columns or len(columns) == len(exam.train.frame.columns):
        return None
    score = propensity.quick(name, exam.train.without(columns), exam.test.frame)
    return evaluation.roc_auc(exam.test.labels, score)


def _expected(question: Question, probability: np.ndarray) -> dict[str, Any]:
    """How many events the customers without a label should bring; all customers where every label is known."""
    unknown = np.setdiff1d(np.arange(len(probability)), question.known)
    counted = probability[unknown] if len(unknown) else probability
    return {"expected_events": float(counted.sum()), "n_unknown": len(unknown)}


def _models(actual: np.ndarray, found: dict[str, np.ndarray], draws: dict[str, np.ndarray], name: str) -> pd.DataFrame:
    """A row a model: the used one, the others, the rule, the average."""
    rows = [_row(who, name, actual, found[who], draws[who]) for who in found if who != name]
    frame = pd.DataFrame(rows)[_COLUMNS]
    return frame.sort_values("role", key=lambda role: role.map(_ROLES), kind="stable").reset_index(drop=True)


def _row(who: str, name: str, actual: np.ndarray, probability: np.ndarray, draws: np.ndarray) -> dict[str, Any]:
    role = who if who in _ROLES else "model"
    quality = evaluation.summary(actual, probability)
    return {"model": name if who == "used" else who, "role": role, **quality, **_bounds("roc_auc", draws)}


def _bounds(name: str, draws: np.ndarray) -> dict[str, float | None]:
    low, high = evaluation.interval(draws)
    return {f"{name}_low": low, f"{name}_high": high}


def _holdout(answers: list[Answer], actual: np.ndarray, found: dict[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": np.concatenate([answer.exam.customers for answer in answers]),
            "actual": actual.astype(int),
            "probability": found["used"],
            "baseline": found["rule"],
        }
    )


def _dates(question: Question) -> dict[str, Any]:
    plan = question.timetable
    if plan is None:
        return {"horizon_days": None, "train_cutoffs": (), "test_cutoff": "", "score_date": ""}
    return {
        "horizon_days": plan.horizon,
        "train_cutoffs": tuple(_iso(day) for day in plan.train),
        "test_cutoff": _iso(plan.test),
        "score_date": _iso(plan.score),
    }


def _iso(day: int) -> str:
    return str(np.datetime64(day, "D"))
