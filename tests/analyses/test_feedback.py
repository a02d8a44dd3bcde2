"""The feedback analysis: planted truths, honest figures, odd texts."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score, f1_score
from statsmodels.stats.proportion import proportion_confint

from crm_ai.analyses import feedback, results
from crm_ai.analyses.feedback import tables
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.errors import MissingColumns, TooLittleData
from crm_ai.i18n import translator
from tests.conftest import shared

ROWS = 1_200


def dataset(**columns) -> Dataset:
    return Dataset.from_frames("texts", feedback=pd.DataFrame(columns))


def answer(texts, params: feedback.Params = feedback.Params(), **columns) -> feedback.Result:
    return feedback.run(dataset(text=texts, **columns), params)


@pytest.fixture(scope="module")
def comments() -> pd.DataFrame:
    """Comments of the demo shop, and what was planted in them."""
    return samples.demo()["feedback"].head(ROWS).merge(samples.truth().feedback, on="feedback_id", validate="1:1")


@pytest.fixture(scope="module")
def unrated(comments) -> feedback.Result:
    """The answer without ratings."""
    columns = ["feedback_id", "created_at", "text"]
    return feedback.run(Dataset.from_frames("demo", feedback=comments[columns]))


@pytest.fixture(scope="module")
def rated(comments) -> feedback.Result:
    """The answer with ratings."""
    columns = ["feedback_id", "created_at", "text", "rating"]
    return feedback.run(Dataset.from_frames("demo", feedback=comments[columns]))


# ---- planted truths ----------------------------------------------------------------------------------------------


def test_planted_sentiment_is_recovered_without_ratings(comments, unrated):
    clear = comments["sentiment"].isin(["positive", "negative"]).to_numpy()
    right = comments["sentiment"][clear] == "positive"
    assert f1_score(right, unrated.texts["score"][clear] > 0, average="macro") > 0.93


def test_planted_languages_are_recovered(comments, unrated):
    assert (unrated.texts["language"].to_numpy() == comments["language"].to_numpy()).mean() > 0.99


def test_planted_subjects_are_recovered_as_topics_and_as_aspects(comments, unrated):
    pure = (comments["sentiment"] != "mixed").to_numpy()
    assert adjusted_rand_score(comments["topic"][pure], unrated.texts["topic"][pure]) > 0.5
    named = [topic in said for topic, said in zip(comments["topic"], unrated.texts["aspects"], strict=True)]
    assert np.mean(named) > 0.85


def test_a_planted_trend_is_told_and_no_trend_is_not():
    when = pd.date_range("2023-01-01", periods=480, freq="D")
    rng = np.random.default_rng(0)
    worse = rng.random(480) < np.linspace(0.1, 0.8, 480)
    said = {True: "It broke and the service was terrible", False: "Very good, I am happy with it"}
    rising = answer([f"{said[bool(w)]}, day {n}" for n, w in enumerate(worse)], created_at=when)
    assert rising.trend_p < 1e-6
    assert rising.trend_start < 0.3 < 0.6 < rising.trend_end
    assert any("rises over time" in sentence for sentence in feedback.findings(rising))
    flat = answer([f"{said[bool(w)]}, day {n}" for n, w in enumerate(rng.permutation(worse))], created_at=when)
    assert any("no trend beyond chance" in sentence for sentence in feedback.findings(flat))


def test_what_is_complained_about_is_named():
    late = [f"The delivery was terribly late, parcel {n}" for n in range(60)]
    fine = [f"The quality is excellent, number {n}" for n in range(60)]
    said = feedback.findings(answer(late + fine))
    assert any(sentence.startswith("Most complaints are about Delivery") for sentence in said)
    assert any(sentence.startswith("Most praise is for Quality") for sentence in said)


# ---- honest figures ----------------------------------------------------------------------------------------------


def test_rows_keep_their_order_and_their_ids(comments, unrated):
    assert unrated.texts["feedback_id"].tolist() == comments["feedback_id"].tolist()
    assert answer(["good", "bad", ""]).texts["feedback_id"].tolist() == ["1", "2", "3"]


def test_shares_are_those_of_the_texts(unrated):
    texts = unrated.texts
    assert unrated.n_texts == len(texts)
    assert unrated.share_positive == pytest.approx((texts["sentiment"] == "positive").mean())
    assert unrated.share_negative == pytest.approx((texts["sentiment"] == "negative").mean())
    assert (
        unrated.topics["texts"].sum()
        == unrated.by_month["texts"].sum()
        == unrated.languages["texts"].sum()
        == len(texts)
    )
    assert texts["score"].between(-1, 1).all()


def test_without_ratings_there_is_no_accuracy(unrated):
    assert unrated.accuracy is None
    assert unrated.macro_f1 is None
    assert unrated.evaluation.empty
    assert any("no ratings to check against" in sentence for sentence in feedback.findings(unrated))


def test_ratings_are_learnt_from_and_compared_with_simple_ways(comments, rated):
    table = rated.evaluation.set_index("method")
    clear = comments["rating"].notna() & (comments["rating"] != 3)
    assert table["texts"].tolist() == [int(clear.sum())] * 3
    assert table["macro_f1"]["learnt"] >= table["macro_f1"]["zero_label"] > table["macro_f1"]["majority"]
    assert rated.accuracy == table["accuracy"]["learnt"]


def test_the_accuracy_is_that_of_the_scores_that_are_shown(comments, rated):
    clear = (comments["rating"].notna() & (comments["rating"] != 3)).to_numpy()
    said = rated.texts["score"].to_numpy()[clear] > 0
    assert rated.accuracy == pytest.approx((said == (comments["rating"][clear] > 3)).mean())


def test_random_ratings_are_not_learnt():
    rng = np.random.default_rng(0)
    texts = [f"item {rng.integers(50)} in colour {rng.integers(50)} of series {n}" for n in range(600)]
    found = answer(texts, rating=rng.choice([1.0, 5.0], 600))
    assert 0.4 < found.accuracy < 0.6


def test_ratings_may_be_left_unused(comments):
    columns = ["text", "rating"]
    data = Dataset.from_frames("demo", feedback=comments[columns].head(500))
    found = feedback.run(data, feedback.Params(use_labels=False))
    assert found.mix == "zero_label"
    assert found.evaluation["method"].tolist() == ["majority", "zero_label"]
    assert found.accuracy is not None


@pytest.mark.parametrize(("part", "whole"), [(0, 10), (3, 10), (10, 10), (500, 1200)])
def test_intervals_are_those_of_wilson(part, whole):
    low, high = tables.wilson(np.array([part]), np.array([whole]))
    assert (low[0], high[0]) == pytest.approx(proportion_confint(part, whole, method="wilson"), abs=1e-4)


def test_the_trend_test_is_that_of_the_rows_one_by_one():
    from scipy.stats import chi2, pearsonr

    rng = np.random.default_rng(0)
    n, negative = rng.integers(20, 60, 8), rng.integers(2, 20, 8)
    months = pd.DataFrame({"month": pd.date_range("2024-01-01", periods=8, freq="MS"), "texts": n})
    p_value, _, _ = tables.trend(months.assign(share_negative=negative / n))
    time = np.repeat(np.arange(8), n)
    side = np.concatenate([np.r_[np.ones(k), np.zeros(m - k)] for k, m in zip(negative, n, strict=True)])
    assert p_value == pytest.approx(chi2.sf(n.sum() * pearsonr(time, side).statistic ** 2, 1))


def test_large_tables_are_sampled_and_the_rest_is_read_by_a_student(comments, monkeypatch):
    from crm_ai.analyses.feedback import reading

    monkeypatch.setattr(reading, "MOST_SENTENCES", 400)
    found = feedback.run(Dataset.from_frames("demo", feedback=comments[["text"]]))
    assert 200 < found.n_read < 500
    rest = (comments["sentiment"].isin(["positive", "negative"])).to_numpy()
    right = (comments["sentiment"] == "positive")[rest]
    assert f1_score(right, found.texts["score"][rest] > 0, average="macro") > 0.88
    assert (found.texts["topic"] > 0).all()
    assert any("judged by their words" in sentence for sentence in feedback.findings(found))


# ---- parameters --------------------------------------------------------------------------------------------------


def test_one_language_may_be_chosen(comments):
    found = feedback.run(
        Dataset.from_frames("d", feedback=comments[["text"]].head(300)), feedback.Params(language="zh")
    )
    assert set(found.texts["language"]) == {"zh"}
    assert found.n_texts == (comments["language"].head(300) == "zh").sum()
    with pytest.raises(TooLittleData, match="language"):
        answer(["only English here"], feedback.Params(language="zh"))


def test_the_number_of_topics_and_the_word_are_as_asked(comments):
    data = Dataset.from_frames("d", feedback=comments[["text"]].head(400))
    found = feedback.run(data, feedback.Params(n_topics=5, word="delivery", vectors="glove"))
    assert found.n_topics == len(found.topics) == 5
    assert set(found.neighbours["word"]) == {"delivery"}
    rare = feedback.run(data, feedback.Params(word="xylophone"))
    assert rare.neighbours.empty
    assert any("too rare" in sentence for sentence in feedback.findings(rare))


# ---- odd texts ---------------------------------------------------------------------------------------------------

ODD = {
    "one text": ["Very good"],
    "all equal": ["good"] * 50,
    "one long text": ["I like it. " * 100_000],
    "some empty": ["Very good, thanks", "", None, "   ", "太差了，不推荐"],
    "only emoji": ["👍", "😡", "😀😀"],
    "emoji and dots": ["👍", "...", "!!!"],
    "markup": ["<b>Great</b> &amp; cheap <script>alert(1)</script>", "<div>Awful</div>"],
    "formulas": ["=1+1 great", "{n} of %s and {0} is bad", "$x^2$ fine"],
    "many languages": ["Très bon", "とても悪いです", "Очень плохо, не рекомендую", "Excelente producto"],
    "broken characters": ["\ud800 good", "bad\x00 news", "ok\u202e"],
}


@pytest.mark.parametrize("case", list(ODD))
def test_odd_texts_get_an_answer_without_a_warning(case):
    texts = [text.encode("utf-8", "replace").decode() if text else text for text in ODD[case]]
    data = dataset(text=pd.Series(texts, dtype=object), rating=np.arange(len(texts)) % 5 + 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", module=r"ibis\.")
        found = feedback.run(data)
        feedback.figures(found)
        assert feedback.findings(found)
    assert len(found.texts) == len(texts)
    assert all(np.isfinite(value) for value in results.metrics(found).values())


def test_emoji_alone_have_a_sentiment():
    assert answer(["👍", "😡"]).texts["sentiment"].tolist() == ["positive", "negative"]


def test_empty_texts_are_unclear_and_do_not_count():
    found = answer(["Very good", "", None])
    assert found.texts["sentiment"].tolist() == ["positive", "unclear", "unclear"]
    assert (found.n_texts, found.n_empty, found.share_positive) == (1, 2, 1.0)


def test_other_languages_are_said_to_be_less_sure():
    said = feedback.findings(answer(ODD["many languages"]))
    assert any("less sure" in sentence for sentence in said)


def test_nothing_to_read_is_a_sentence():
    with pytest.raises(TooLittleData, match="no text to read"):
        answer(["", "...", None])
    with pytest.raises(MissingColumns):
        feedback.run(Dataset.from_frames("none", feedback=pd.DataFrame({"rating": [1, 2]})))


# ---- what people see ---------------------------------------------------------------------------------------------


def test_codes_are_in_words_of_the_language(rated):
    chinese = feedback.shown(rated, translator("zh"))
    assert set(chinese["texts"]["sentiment"]) <= {"正面", "负面", "不明确"}
    assert "配送" in set(chinese["aspects"]["aspect"])
    assert chinese["texts"]["language"].equals(rated.texts["language"])


def test_selections_in_charts_find_their_rows(rated):
    figures = feedback.figures(rated, translator("zh"))
    for figure, (table, column) in feedback.DRILL.items():
        picked = {str(row[0]) for trace in figures[figure].data for row in trace.customdata}
        assert picked <= set(feedback.shown(rated, translator("zh"))[table][column].astype(str))


def test_text_of_the_data_is_shown_as_text():
    found = answer(["<b>bold</b> claim about <i>price</i>", "a < b & c, bad quality"] * 30, feedback.Params(word="<b>"))
    assert "<b>" not in str([figure.layout.title.text for figure in feedback.figures(found).values()])


@pytest.mark.slow
def test_clothing_reviews_are_read_from_their_stars():
    frame = pd.read_csv(shared("clothing/womens_full.csv.gz")).sample(700, random_state=0)
    found = answer(frame["Review Text"].tolist(), rating=frame["Rating"].astype(float).tolist())
    assert len(found.texts) == 700
    assert found.macro_f1 > found.evaluation.set_index("method")["macro_f1"]["majority"] + 0.3
