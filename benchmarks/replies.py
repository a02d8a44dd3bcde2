"""Intents of messages: ours beside the most frequent one, the nearest by common words, and TF-IDF with regression.

python benchmarks/replies.py [SEEDS]      draws of few examples, and of intents held out; 3 by default

Needs the shared data; the reading meaning_plus needs the extra ``meaning``. Vectors of a text are made once for all
runs and left out of the seconds of learning; milliseconds a message are those of one alone, all of it. CPU time.
"""

import csv
import json
import re
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline

from crm_ai.replies import confidence, demo, embedding, intents, learning
from crm_ai.replies.intents import Intents
from crm_ai.text.words import tokens

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
READINGS = embedding.READINGS[: embedding.READINGS.index(embedding.best_reading()) + 1]
Frame = pd.DataFrame
MEMORY: dict[tuple[str, str], np.ndarray] = {}


def remembered(texts: list[str], reading: str) -> np.ndarray | None:
    """As ``embedding.vectors``, each text once."""
    new = [text for text in dict.fromkeys(texts) if (text, reading) not in MEMORY]
    found = embedding.vectors(new or ["-"], reading)
    if found is None:
        return None
    MEMORY.update({(text, reading): row for text, row in zip(new, found, strict=False)})
    return np.array([MEMORY[text, reading] for text in texts]).reshape(len(texts), found.shape[1])


def frame(texts: Sequence[str], names: Sequence[str]) -> Frame:
    return pd.DataFrame({"text": list(texts), "intent": list(names)})


def banking() -> tuple[Frame, Frame]:
    halves = [pd.read_csv(DATA / "banking77" / f"{half}.csv") for half in ("train", "test")]
    return frame(halves[0]["text"], halves[0]["category"]), frame(halves[1]["text"], halves[1]["category"])


def snips() -> tuple[Frame, Frame]:
    def lines(half: str, part: str) -> list[str]:
        return (DATA / "snips" / f"{half}.{part}").read_text("utf-8").splitlines()

    train, test = (frame(lines(half, "seq.in"), lines(half, "label")) for half in ("train", "test"))
    return train, test


def crosswoz() -> tuple[Frame, Frame]:
    """What customers ask for: a restaurant, hotel, sight, metro or taxi; thanks. Other turns are left out."""
    with zipfile.ZipFile(DATA / "crosswoz" / "val.json.zip") as file:
        dialogues = json.loads(file.read(file.namelist()[0]))
    turns = [
        [(m["content"], name) for m in one["messages"] if m["role"] == "usr" and (name := _asks(m["dialog_act"]))]
        for one in dialogues.values()
    ]
    split = len(turns) * 4 // 5
    both = [[pair for one in some for pair in one] for some in (turns[:split], turns[split:])]
    train, test = (frame(*zip(*pairs, strict=True)) for pairs in both)
    return train, test


def _asks(acts: list[list[str]]) -> str:
    asked = {act[1] for act in acts if act[0] == "Request"}
    if len(asked) == 1 and {act[1] for act in acts if act[0] != "General"} == asked:
        return asked.pop()
    return "thank" if {(act[0], act[1]) for act in acts} == {("General", "thank")} else ""


def zh_rasa() -> tuple[Frame, Frame]:
    """Every other example of both bots; intents with fewer than six are left out."""
    rows = []
    for file in ("chatbot_rasa_nlu.md", "shopping_nlu.md"):
        name = ""
        for line in (DATA / "zh_rasa" / file).read_text("utf-8").splitlines():
            if line.startswith("##"):
                name = line.split("intent:")[1].strip(" :") if "intent:" in line else ""
            elif line.startswith("- ") and name:
                rows.append((re.sub(r"\[(.+?)\]\(.+?\)", r"\1", line[2:]), name))
    found = frame(*zip(*rows, strict=True)).drop_duplicates("text")
    found = found[found.groupby("intent")["text"].transform("size") >= 6]
    place = found.groupby("intent").cumcount() % 2
    return found[place == 0], found[place == 1]


def shop(language: str) -> tuple[Frame, Frame]:
    """The demo's examples in both languages, and phrases of another style in one."""
    rows = demo.rows("examples")
    with (ROOT / "tests" / "replies" / "phrases.csv").open(encoding="utf-8", newline="") as file:
        asked = [row for row in csv.DictReader(file) if row["intent"] and row["language"] == language]
    train, test = (frame([r["text"] for r in some], [r["intent"] for r in some]) for some in (rows, asked))
    return train, test


def shots(train: Frame, number: int, seed: int) -> Frame:
    return train.sample(frac=1, random_state=seed).groupby("intent").head(number)


def majority(train: Frame, test: Frame) -> np.ndarray:
    return np.full(len(test), train["intent"].mode()[0], dtype=object)


def overlap(train: Frame, test: Frame) -> np.ndarray:
    """The intent of the example with the largest share of common words."""
    known = [set(tokens(text)) for text in train["text"]]
    names = train["intent"].to_numpy()
    asked = [set(tokens(text)) for text in test["text"]]
    return np.array([names[int(np.argmax([len(a & b) / max(1, len(a | b)) for b in known]))] for a in asked])


def usual(train: Frame, test: Frame) -> Pipeline:
    """TF-IDF of words (of one to three characters for Chinese messages) and logistic regression, as in a tutorial."""
    chinese = test["text"].str.contains("[\u4e00-\u9fff]").mean() > 0.5
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3)) if chinese else TfidfVectorizer()
    return make_pipeline(vectorizer, LogisticRegression(C=10, max_iter=200)).fit(train["text"], train["intent"])


def say(data: str, who: str, test: Frame, said: np.ndarray, rest: str = "| | | ") -> None:
    right = test["intent"].to_numpy()
    macro = f1_score(right, said, average="macro", zero_division=0)
    print(f"| {data} | {who} | {(said == right).mean():.3f} | {macro:.3f} {rest}|", flush=True)


def ours(model: Intents, test: Frame, seconds: float) -> tuple[np.ndarray, str]:
    """What was understood, and: answered alone at 95 % wished, right among those, seconds to learn."""
    read = model.read(test["text"].tolist())
    said = np.array(model.names)[read.intent]
    bound = confidence.for_examples(model.tried, 0.95)
    alone = read.inside & (read.sure >= (2.0 if bound.least is None else bound.least))
    right = (said == test["intent"].to_numpy())[alone]
    precision = f"{right.mean():.3f}" if alone.any() else "–"
    return said, f"| {alone.mean():.2f} | {precision} | {seconds:.1f} "


def timed(learn: Callable[[], Intents]) -> tuple[Intents, float]:
    start = time.process_time()
    return learn(), time.process_time() - start


def compare(data: str, train: Frame, test: Frame, naive: bool = True) -> None:
    if naive:
        say(data, "most frequent", test, majority(train, test))
        say(data, "nearest by common words", test, overlap(train, test))
    say(data, "TF-IDF + logistic regression", test, usual(train, test).predict(test["text"]))
    for reading in READINGS:
        remembered([embedding.plain(text) for text in train["text"]], reading)
        model, seconds = timed(lambda reading=reading: learning.learn(train["text"], train["intent"], reading))
        said, rest = ours(model, test, seconds)
        say(data, f"ours, {reading}", test, said, rest)


def scopes(train: Frame, test: Frame, seeds: int) -> None:
    """ROC AUC of telling intents that were learnt from a third that was not."""
    print("\n| a third of the intents held out, seed | TF-IDF + regression | " + " | ".join(READINGS[1:]) + " |")
    print("|--:|" + "--:|" * len(READINGS))
    names = sorted(train["intent"].unique())
    for seed in range(seeds):
        unseen = np.random.default_rng(seed).choice(names, len(names) // 3, replace=False)
        known, inside = train[~train["intent"].isin(unseen)], ~test["intent"].isin(unseen)
        found = [roc_auc_score(inside, usual(known, test).predict_proba(test["text"]).max(axis=1))]
        for reading in READINGS[1:]:
            model = learning.learn(known["text"], known["intent"], reading)
            found.append(roc_auc_score(inside, model.read(test["text"].tolist()).sure))
        print(f"| {seed} | " + " | ".join(f"{value:.3f}" for value in found) + " |", flush=True)


def one_by_one(train: Frame, test: Frame) -> None:
    """Milliseconds of CPU for one message, encoder and all; the median of 100."""
    intents.vectors = embedding.vectors
    for reading in READINGS:
        model = learning.learn(train["text"], train["intent"], reading)
        spent = []
        for text in test["text"].head(110):
            start = time.process_time()
            model.read([text])
            spent.append(1000 * (time.process_time() - start))
        print(f"One message by {reading}: {np.median(spent[10:]):.1f} ms", flush=True)


def sets(seeds: int) -> Iterator[tuple[str, Frame, Frame, bool]]:
    for seed in range(seeds):
        train, test = banking()
        yield f"Banking77, 10 an intent, seed {seed}", shots(train, 10, seed), test, seed == 0
    yield f"Banking77, all ({len(train):,})", train, test, False
    for name, (train, test) in {"SNIPS": snips(), "CrossWOZ": crosswoz()}.items():
        yield f"{name}, 10 an intent", shots(train, 10, 0), test, True
    yield "zh_rasa, half", *zh_rasa(), True
    yield "demo shop, English phrases", *shop("en"), True
    yield "demo shop, Chinese phrases", *shop("zh"), True


def main(seeds: int) -> None:
    learning.vectors = intents.vectors = remembered
    print("| data | who | accuracy | macro-F1 | answered alone | right of these | s to learn |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for name, train, test, naive in sets(seeds):
        compare(name, train, test, naive)
    scopes(*banking(), seeds)
    print()
    one_by_one(shots(banking()[0], 10, 0), banking()[1])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
