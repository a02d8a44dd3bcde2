"""Models of intents: few examples, both languages, kept as arrays, and published sets."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from crm_ai.errors import BadFile, MissingExtra, UnknownName
from crm_ai.replies import demo, embedding, scope
from crm_ai.replies.confidence import for_examples
from crm_ai.replies.keeping import from_bytes, to_bytes
from crm_ai.replies.learning import learn, stacked
from crm_ai.text import minilm
from tests.conftest import shared

ODD = ["", None, "🤖🤖", "a" * 5_000, "\x00\ud800", "我" * 3_000, "{{7*7}}", "  \n "]


def banking(file: str) -> pd.DataFrame:
    return pd.read_csv(shared(f"banking77/{file}.csv"))


def lines(file: str) -> list[str]:
    return shared(file).read_text("utf-8").splitlines()


def some(frame: pd.DataFrame, shots: int, seed: int, intents: list[str]) -> pd.DataFrame:
    kept = frame[frame["category"].isin(intents)].sample(frac=1, random_state=seed)
    return kept.groupby("category").head(shots)


def right(model, texts, names) -> float:
    return float((np.array(model.names)[model.read(texts).intent] == np.array(names)).mean())


def test_five_examples_in_two_languages_are_a_start(by_meaning, words_only):
    asked = {
        "where's the parcel I ordered": "order_status",
        "帮我把这个订单取消": "cancel_order",
        "开一张发票": "invoice",
        "can I send the item back to you": "return_item",
        "积分可以换什么": "loyalty_points",
    }
    assert right(by_meaning, list(asked), list(asked.values())) == 1.0
    assert right(words_only, list(asked), list(asked.values())) >= 0.6


def test_probabilities_add_up_whatever_is_written(by_meaning, words_only):
    for model in (by_meaning, words_only):
        read = model.read(ODD)
        np.testing.assert_allclose(read.probability.sum(axis=1), 1, atol=1e-5)
        assert ((read.sure >= 0) & (read.sure <= 1)).all()
        assert model.read([]).intent.shape == (0,)


def test_a_message_reads_the_same_alone_and_among_others(by_meaning):
    texts = ["where is my parcel", "取消订单", "a much longer message that makes others wait for it, please " * 5]
    together = by_meaning.read(texts)
    for place, text in enumerate(texts):
        np.testing.assert_allclose(by_meaning.read([text]).probability[0], together.probability[place], atol=1e-4)


def test_many_messages_are_read_in_batches(words_only, monkeypatch):
    texts = ["where is my parcel", "取消订单", "an invoice please", "", "points"]
    whole = words_only.read(texts)
    monkeypatch.setattr("crm_ai.replies.intents.BATCH", 2)
    parts = words_only.read(texts)
    np.testing.assert_array_equal(whole.probability, parts.probability)
    np.testing.assert_array_equal(whole.nearest, parts.nearest)


def test_learning_twice_gives_the_same_numbers(few, words_only):
    texts, names = few
    again = learn(texts[::-1], names[::-1], reading="words")
    np.testing.assert_array_equal(again.wording.weights, words_only.wording.weights)
    assert again.mix == words_only.mix


@pytest.mark.parametrize("which", ["words_only", "by_meaning"])
def test_a_model_is_kept_and_found_again(which, request):
    model = request.getfixturevalue(which)
    again = from_bytes(to_bytes(model))
    texts = ["where is my parcel", "取消订单", "what a day"]
    np.testing.assert_array_equal(model.read(texts).probability, again.read(texts).probability)
    assert (again.names, again.reading, again.texts, again.scope) == (
        model.names,
        model.reading,
        model.texts,
        model.scope,
    )
    np.testing.assert_array_equal(again.tried.sure, model.tried.sure)


def test_a_kept_model_is_arrays_and_json_alone(words_only):
    content = to_bytes(words_only)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert all(name.endswith(".npy") for name in file.namelist())
        assert not any(b"'|O'" in file.read(name)[:200] for name in file.namelist())


@pytest.mark.parametrize("damage", [lambda c: b"", lambda c: b"junk", lambda c: c[:200], lambda c: c[: len(c) // 2]])
def test_a_damaged_file_is_refused_with_a_sentence(words_only, damage):
    with pytest.raises(BadFile):
        from_bytes(damage(to_bytes(words_only)))


def test_a_pickle_is_not_opened():
    file = io.BytesIO()
    np.savez(file, document=np.array([{"format": 1}], dtype=object))
    with pytest.raises(BadFile):
        from_bytes(file.getvalue())


def test_a_reader_that_does_not_help_gets_hardly_any_weight():
    rng = np.random.default_rng(0)
    truth = np.arange(300) % 3
    good = np.eye(3)[truth] * 0.8 + rng.normal(0, 0.1, (300, 3))
    noise = rng.normal(0, 1, (300, 3))
    by_meaning, by_words = stacked(good, noise, truth)
    assert by_meaning > 50 * by_words


def test_probabilities_are_as_sure_as_held_out_examples_allow(few):
    texts, names = few
    shuffled = np.random.default_rng(0).permutation(names)
    model = learn(texts, shuffled, "words")  # nothing to learn, hence nothing to be sure of
    assert model.read(["where is my parcel", "取消订单"]).probability.max() < 0.5


def test_signs_are_those_of_a_loop():
    rng = np.random.default_rng(0)
    scores, near, words, intent = rng.random((6, 3)), rng.random((6, 9)), rng.random((6, 9)), np.arange(9) % 3
    found = scope.signs(scores, near, words, intent)
    for row in range(6):
        first, second = np.sort(scores[row])[::-1][:2]
        same = intent == scores[row].argmax()
        np.testing.assert_allclose(found[row], [first, first - second, near[row, same].max(), words[row, same].max()])


def test_unknown_readings_are_refused():
    with pytest.raises(UnknownName):
        embedding.embedder("tea leaves")


def test_the_extra_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(minilm, "find_spec", lambda name: None)
    minilm.with_english.cache_clear()
    with pytest.raises(MissingExtra):
        embedding.embedder("meaning_plus")


@pytest.mark.skipif(embedding.best_reading() != "meaning_plus", reason="needs the extra")
def test_the_english_encoder_leaves_other_languages_to_the_common_one():
    minilm.with_english.cache_clear()
    places = minilm.with_english()(["where is my order", "我的订单到哪里了", "order 订单", "Größe? café – 5 €"])
    np.testing.assert_allclose(np.linalg.norm(places, axis=1), 1, atol=1e-3)
    assert (np.abs(places[:, : minilm.DIMENSIONS]).sum(axis=1) > 0).tolist() == [True, False, False, True]


def test_the_demo_has_enough_examples_of_every_intent():
    counts = pd.DataFrame(demo.rows("examples")).groupby(["intent", "language"]).size()
    assert counts.min() >= 12
    assert counts.index.get_level_values("intent").nunique() >= 12


def test_phrases_in_another_style_are_understood_more_often_than_not(phrases, desk):
    inside = [row for row in phrases if row["intent"]]
    for language in ("en", "zh"):
        rows = [row for row in inside if row["language"] == language]
        assert (
            right(desk.intents, [row["text"] for row in rows], [row["intent"] for row in rows]) > 0.55
        )  # chance is 0.07


def test_what_no_example_knows_is_mostly_left_to_a_person(phrases, desk):
    read = desk.intents.read([row["text"] for row in phrases])
    about = np.array([bool(row["intent"]) for row in phrases])
    assert roc_auc_score(about, read.sure) > 0.75
    assert (read.sure[~about] >= desk.least).mean() < 0.2


@pytest.mark.slow
def test_ten_examples_of_twenty_intents_of_banking77():
    test = banking("test")
    names = sorted(test["category"].unique())[::3][:20]
    train, unseen = some(banking("train"), 10, 0, names), test[test["category"].isin(names)]
    model = learn(train["text"], train["category"], "meaning")
    assert right(model, unseen["text"], unseen["category"]) > 0.84  # 20 of the 77 are easier than all
    bound = for_examples(model.tried, 0.9)
    read = model.read(unseen["text"])
    alone = read.inside & (read.sure >= bound.least)
    hits = np.array(model.names)[read.intent] == unseen["category"].to_numpy()
    assert hits[alone].mean() > 0.9
    assert alone.mean() > 0.3


@pytest.mark.slow
def test_snips_intents_from_ten_examples():
    train, test = (
        pd.DataFrame({part: lines(f"snips/{half}.{part}") for part in ("seq.in", "label")})
        for half in ("train", "test")
    )
    kept = train.sample(frac=1, random_state=0).groupby("label").head(10)
    model = learn(kept["seq.in"], kept["label"], "meaning")
    assert right(model, test["seq.in"], test["label"]) > 0.9
