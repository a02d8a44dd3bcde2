"""Sentiment without labels, ours beside VADER, TextBlob and SnowNLP; the whole analysis on the demo.

python benchmarks/feedback.py [ROWS]      at most ROWS texts a set, 0 for all (SnowNLP takes minutes then)

Needs the shared data; a library that is not installed is left out. Every set is read by all in turn, in one process.
"""

import csv
import io
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from crm_ai.analyses import feedback
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.text.ratings import scores
from crm_ai.text.sentiment import UNCLEAR

DATA = Path(__file__).parents[2] / "shared" / "data"
Reader = Callable[[list[str]], np.ndarray]


def uci(name: str) -> pd.DataFrame:
    raw = (DATA / "uci_sentences" / f"{name}_labelled.txt").read_bytes().decode("latin-1").replace("\r\n", "\n")
    rows = [row for row in csv.reader(io.StringIO(raw.replace("\r", "\n")), delimiter="\t") if len(row) == 2]
    return pd.DataFrame(rows, columns=["text", "label"]).astype({"label": int})


def reviews(file: str) -> pd.DataFrame:
    return pd.read_csv(DATA / "zh_reviews" / file).rename(columns={"review": "text"})[["text", "label"]].dropna()


def ours(learn: bool) -> Callable[[pd.DataFrame], np.ndarray]:
    def read(frame: pd.DataFrame) -> np.ndarray:
        data = Dataset.from_frames("set", feedback=frame)
        return feedback.run(data, feedback.Params(use_labels=learn)).texts["score"].to_numpy()

    return read


def peers(chinese: bool) -> dict[str, Reader]:
    found: dict[str, Reader] = {}
    if not chinese and find_spec("vaderSentiment"):
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        vader = SentimentIntensityAnalyzer()
        found["VADER"] = lambda texts: np.array([vader.polarity_scores(text)["compound"] for text in texts])
    if not chinese and find_spec("textblob"):
        from textblob import TextBlob

        found["TextBlob"] = lambda texts: np.array([TextBlob(text).sentiment.polarity for text in texts])
    if chinese and find_spec("snownlp"):
        from snownlp import SnowNLP

        found["SnowNLP"] = lambda texts: np.array([SnowNLP(text).sentiments - 0.5 for text in texts])
    return found


def compare(name: str, frame: pd.DataFrame, chinese: bool) -> None:
    """A row a reader: accuracy, macro-F1, its ratio to ours, what is called unclear, CPU (ours: the whole analysis)."""
    texts, right = frame["text"].astype(str).tolist(), frame["label"].to_numpy()
    runs = {"ours, no labels": ours(False), "ours, learnt (out-of-fold)": ours(True)}
    runs |= {peer: lambda f, read=read: read(texts) for peer, read in peers(chinese).items()}
    base = 0.0
    for reader, run in runs.items():
        start = time.process_time()
        said = run(frame)
        seconds = time.process_time() - start
        accuracy, macro = scores(right, said)
        clear = np.abs(said) >= UNCLEAR if reader.startswith("ours") else np.ones(len(said), dtype=bool)
        base = base or macro
        figures = f"{accuracy:.3f} | {macro:.3f} | {macro / base:.2f} | {1 - clear.mean():.2f} | "
        figures += f"{scores(right[clear], said[clear])[0]:.3f} | {seconds:.1f}"
        print(f"| {name} | {len(frame):,} | {reader} | {figures} |", flush=True)


def main(rows: int) -> None:
    start = time.perf_counter()
    result = feedback.run(Dataset.from_frames("demo", feedback=samples.demo()["feedback"]))
    seconds, cpu = time.perf_counter() - start, time.process_time()
    print(f"Demo shop, {result.n_texts:,} comments, first result with imports: {seconds:.1f} s ({cpu:.1f} s of CPU)\n")
    print("| set | texts | reader | accuracy | macro-F1 | ratio | unclear | right where clear | CPU seconds |")
    print("|---|--:|---|--:|--:|--:|--:|--:|--:|")
    sets = {f"uci {n}": (uci(n), False) for n in ("amazon_cells", "imdb", "yelp")}
    sets |= {f: (reviews(f), True) for f in ("waimai_10k.csv", "online_shopping_10_cats.csv.gz")}
    for name, (frame, chinese) in sets.items():
        part = frame.sample(rows, random_state=0) if 0 < rows < len(frame) else frame
        compare(name.split(".")[0], part.reset_index(drop=True), chinese)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
