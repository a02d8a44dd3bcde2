"""M4: our models beside statsmodels and statsforecast on the same series, in turn.

python benchmarks/forecast.py [EVERY] [PYTHON_WITH_STATSFORECAST]

Peers get each EVERYth series (12). The second argument is an interpreter in whose environment statsforecast is
installed (it wants an older pandas); else that peer is left out. CPU seconds; needs the shared data.
"""

import csv
import gzip
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel
from threadpoolctl import threadpool_limits

from crm_ai.methods.forecasting import accuracy, forecast_all
from crm_ai.methods.forecasting.backtest import Plan, forecasts
from crm_ai.methods.forecasting.panel import batches

M4 = Path(__file__).parents[2] / "shared" / "data" / "m4"
PEER = """
import json, sys, time, numpy as np
from statsforecast.models import AutoARIMA, AutoETS, DynamicOptimizedTheta
series, horizon = json.load(sys.stdin); out = {}
for name, model in {"ets": AutoETS(1), "theta": DynamicOptimizedTheta(1), "arima": AutoARIMA(season_length=1)}.items():
    fit = lambda y: model.forecast(np.array(y), horizon)["mean"].tolist()
    fit(series[0]); start = time.process_time()
    out[name] = [[fit(y) for y in series], time.process_time() - start]
json.dump(out, sys.stdout)
"""


def rows(path: Path) -> list[np.ndarray]:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    return [np.array([float(x) for x in row[1:] if x]) for row in list(csv.reader(text.splitlines()))[1:]]


def once(name: str, train: list[np.ndarray]) -> np.ndarray:
    means = np.zeros((len(train), 13))
    for places, batch in batches(train, 1, (), 13):
        means[places] = forecasts(batch, Plan((), 13), [name])[0, :, -1]
    return means


def auto(train: list[np.ndarray], season: int, horizon: int, longer: tuple[float, ...]) -> tuple[np.ndarray, ...]:
    means, widths = np.zeros((len(train), horizon)), np.zeros((2, len(train), horizon))
    for outcome in forecast_all(train, season, horizon, "auto", longer):
        means[outcome.rows], widths[:, outcome.rows] = outcome.mean, outcome.half_width
    return means, widths


def timed(work: Callable) -> tuple:
    start = time.process_time()
    return work(), time.process_time() - start


def peers(train: list[np.ndarray], horizon: int, python: str | None) -> dict[str, dict[str, tuple]]:
    fits = {
        "ets": lambda y: ETSModel(y, error="add", trend="add", damped_trend=True).fit(disp=False).forecast(horizon),
        "theta": lambda y: ThetaModel(y, deseasonalize=False).fit().forecast(horizon),
        "arima": lambda y: ARIMA(y, order=(1, 1, 1)).fit().forecast(horizon),
    }
    found = {name: {"statsmodels": timed(lambda f=f: np.array([f(y) for y in train]))} for name, f in fits.items()}
    if python:
        text = json.dumps([[y.tolist() for y in train], horizon])
        answer = subprocess.run(
            [python, "-c", PEER], input=text, capture_output=True, text=True, check=True, env={"OMP_NUM_THREADS": "1"}
        ).stdout
        for name, (means, seconds) in json.loads(answer).items():
            found[name]["statsforecast"] = (np.array(means), seconds)
    return found


def against_peers(every: int, python: str | None) -> None:
    train, test = rows(M4 / "Weekly-train.csv.gz")[::every], np.array(rows(M4 / "Weekly-test.csv")[::every])
    scale = np.array([accuracy.naive_scale(y, 1) for y in train])[:, None]
    print(f"\n{len(train)} weekly series, no season\n\n| model | by | CPU s | MASE | s to ours |\n|" + " --- |" * 5)
    for name, others in peers(train, 13, python).items():
        ours = timed(lambda n=name: once(n, train))
        for who, (means, seconds) in {"ours": ours, **others}.items():
            error = accuracy.mase(test, means, scale)
            print(f"| {name} | {who} | {seconds:.2f} | {error:.3f} | {seconds / ours[1]:.1f} |")


def against_m4(kind: str, season: int, scaled: int, horizon: int, longer: tuple[float, ...]) -> None:
    train, test = rows(M4 / f"{kind}-train.csv.gz"), np.array(rows(M4 / f"{kind}-test.csv"))
    scale = np.array([accuracy.naive_scale(y, scaled) for y in train])[:, None]
    (means, widths), seconds = timed(lambda: auto(train, season, horizon, longer))
    sis = accuracy.msis(test, means - widths[1], means + widths[1], scale)
    held = [accuracy.coverage(test, means - w, means + w) for w in widths]
    errors = [accuracy.smape(test, means), accuracy.mase(test, means, scale), sis, *held, seconds]
    print(f"| {kind} | {season} | " + " | ".join(f"{number:.3f}" for number in errors) + " |")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    threadpool_limits(1)  # several threads only slow the peers' small matrices down
    against_peers(int(sys.argv[1]) if len(sys.argv) > 1 else 12, sys.argv[2] if len(sys.argv) > 2 else None)
    print("\n| auto | season | sMAPE | MASE | MSIS | in 80 % | in 95 % | CPU s |\n|" + " --- |" * 8)
    for setting in (("Weekly", 1, 1, 13, ()), ("Weekly", 52, 1, 13, ()), ("Hourly", 24, 24, 48, (168.0,))):
        against_m4(*setting)
