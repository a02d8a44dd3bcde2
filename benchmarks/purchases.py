"""Purchases beside what a user would otherwise write: CalibratedClassifierCV over a scikit-learn pipeline.

python benchmarks/purchases.py [FOLDER WITH online_retail AND telco_churn]
Both learn from the same rows and are tested on the same rows; they run in turn; CPU seconds, best of three.
Ours also compares four models, explains, and scores and words the reasons of every customer within its time.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from crm_ai.analyses import purchases
from crm_ai.data.dataset import Dataset
from crm_ai.methods import evaluation

DATA = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data")
NUMBERS, TEXTS = make_column_selector(dtype_include="number"), make_column_selector(dtype_exclude="number")
RETAIL = """SELECT CAST(CAST(CustomerID AS BIGINT) AS VARCHAR) customer_id, InvoiceNo order_id,
    InvoiceDate ordered_at, Quantity * UnitPrice amount FROM read_parquet(?)
    WHERE CustomerID IS NOT NULL AND NOT starts_with(InvoiceNo, 'C') AND Quantity > 0 AND UnitPrice > 0"""
Learn = tuple[pd.DataFrame, np.ndarray, pd.DataFrame]


def logistic() -> CalibratedClassifierCV:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = make_column_transformer((numbers, NUMBERS), (OneHotEncoder(handle_unknown="ignore"), TEXTS))
    return CalibratedClassifierCV(make_pipeline(columns, LogisticRegression(max_iter=1000)), cv=5)


def boosting() -> CalibratedClassifierCV:
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = make_column_transformer((codes, TEXTS), remainder="passthrough")
    return CalibratedClassifierCV(make_pipeline(columns, HistGradientBoostingClassifier(random_state=0)), cv=5)


def rfm(lines: pd.DataFrame, cut: pd.Timestamp) -> pd.DataFrame:
    """The usual three columns by customer, from before the cut-off."""
    past = lines[lines["ordered_at"] < cut].groupby("customer_id")
    return pd.DataFrame(
        {"r": (cut - past["ordered_at"].max()).dt.days, "f": past["order_id"].nunique(), "m": past["amount"].sum()}
    )


def retail(lines: pd.DataFrame, result: purchases.Result) -> Learn:
    """Training rows at our cut-offs, and our test rows, as a user would make them."""
    days = pd.Timedelta(days=result.horizon_days or 0)
    parts = [(rfm(lines, cut), cut) for cut in map(pd.Timestamp, result.train_cutoffs)]
    later = [lines["ordered_at"].between(cut, cut + days, inclusive="left") for _, cut in parts]
    bought = [part.index.isin(lines[mask]["customer_id"]) for (part, _), mask in zip(parts, later, strict=True)]
    test = rfm(lines, pd.Timestamp(result.test_cutoff)).reindex(result.holdout["customer_id"])
    return pd.concat([part for part, _ in parts]), np.concatenate(bought), test


def telco(table: pd.DataFrame, result: purchases.Result) -> Learn:
    columns = table.set_index("customer_id").assign(TotalCharges=lambda f: pd.to_numeric(f["TotalCharges"], "coerce"))
    train = columns.drop(index=result.holdout["customer_id"].tolist())
    test = columns.reindex(result.holdout["customer_id"]).drop(columns="Churn")
    return train.drop(columns="Churn"), (train["Churn"] == "Yes").to_numpy(), test


def compare(name: str, frame: pd.DataFrame, data: Dataset, make: Callable[..., Learn]) -> None:
    """Three rounds in turn; a row of the table each."""
    result = purchases.run(data)
    seconds: dict[str, list[float]] = {"ours": [], "logistic": [], "boosting": []}
    found = {"ours": result.holdout["probability"].to_numpy()}
    for _ in range(3):
        seconds["ours"].append(timed(purchases.run, data)[1])
        for peer in (logistic, boosting):
            found[peer.__name__], took = timed(predicted, peer(), make, frame, result)
            seconds[peer.__name__].append(took)
    actual = result.holdout["actual"].to_numpy(float)
    for who, chance in found.items():
        row = [f"{figure(actual, chance):.4f}" for figure in (evaluation.roc_auc, evaluation.brier, evaluation.ece)]
        ratio = min(seconds["ours"]) / min(seconds[who])
        print(f"| {name} | {who} | {' | '.join(row)} | {min(seconds[who]):.2f} | {ratio:.2f} |")


def predicted(model: Any, make: Callable[..., Learn], frame: pd.DataFrame, result: purchases.Result) -> np.ndarray:
    train, labels, test = make(frame, result)
    return model.fit(train, labels).predict_proba(test)[:, 1]


def timed(work: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    start = time.process_time()
    return work(*given), time.process_time() - start


if __name__ == "__main__":
    print("| data | who | ROC AUC | Brier | ECE | CPU s | ours / theirs |\n|---|---|---|---|---|---|---|")
    orders = duckdb.execute(RETAIL, [str(DATA / "online_retail/online_retail_2010_2011.parquet")]).df()
    compare("Online Retail", orders, Dataset.from_frames(transactions=orders), retail)
    people = pd.read_csv(DATA / "telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv")
    people.columns = people.columns.str.replace("customerID", "customer_id")
    compare("Telco churn", people, Dataset.from_frames(customers=people), telco)
