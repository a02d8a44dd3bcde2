"""Reviews, surveys and tickets as they are exported need no touch."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_ai.data.schema import guess
from tests.data.shapes import Export, heads, moments, written

WORDS = [
    "the",
    "parcel",
    "came",
    "late",
    "but",
    "the",
    "colour",
    "is",
    "lovely",
    "and",
    "I",
    "would",
    "order",
    "again",
    "from",
    "this",
    "shop",
]


def _sentence(rng: random.Random) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(rng.randrange(6, 25))).capitalize() + "."


def _chinese(rng: random.Random) -> str:
    return "，".join(
        rng.choice(["味道很好", "送餐太慢了", "包装破损", "客服态度不错", "下次还会买", "颜色和图片不一样"])
        for _ in range(3)
    ) + rng.choice("。！")


def yelp() -> Export:
    rng = random.Random(20)
    headings = ["review_id", "user_id", "business_id", "stars", "date", "text", "useful", "funny", "cool"]
    return headings, [[f"r{n:06x}z", f"u{rng.randrange(200)}", f"b{rng.randrange(30)}", rng.randrange(1, 6),
        at.date().isoformat(), _sentence(rng), 0, 1, 0]
                      for n, at in enumerate(moments())]  # fmt: skip


def airline_tweets() -> Export:
    rng = random.Random(21)
    headings = [
        "tweet_id",
        "airline_sentiment",
        "airline_sentiment_confidence",
        "negativereason",
        "airline",
        "name",
        "retweet_count",
        "text",
        "tweet_created",
    ]
    return headings, [[570306133677760513 + n, rng.choice(["negative", "neutral", "positive"]), 0.9, "", "United",
        f"p{n}", 0, "@united " + _sentence(rng),
                       at.strftime("%Y-%m-%d %H:%M:%S -0800")] for n, at in enumerate(moments())]  # fmt: skip


def imdb() -> Export:
    rng = random.Random(22)
    return ["review", "sentiment"], [
        [_sentence(rng) + " <br />" + _sentence(rng), rng.choice(["positive", "negative"])] for _ in range(200)
    ]


def olist_reviews() -> Export:
    rng = random.Random(23)
    headings = [
        "review_id",
        "order_id",
        "review_score",
        "review_comment_title",
        "review_comment_message",
        "review_creation_date",
        "review_answer_timestamp",
    ]
    return headings, [[f"{n:032x}", f"{n + 9:032x}", rng.randrange(1, 6), "", _sentence(rng) if n % 3 else "",
        at.date().isoformat() + " 00:00:00", at.isoformat(" ")]
                      for n, at in enumerate(moments())]  # fmt: skip


def survey() -> Export:
    rng = random.Random(24)
    headings = [
        "Response ID",
        "Submitted At",
        "How likely are you to recommend us?",
        "What could we do better?",
        "Customer ID",
    ]
    return headings, [
        [n, at.strftime("%d/%m/%Y %H:%M"), rng.randrange(0, 11), _sentence(rng), f"C{rng.randrange(100)}"]
        for n, at in enumerate(moments())
    ]


def dianping() -> Export:
    rng = random.Random(25)
    headings = ["评论ID", "用户昵称", "评论时间", "评分", "评论内容", "商品名称"]
    return headings, [
        [n, f"用户{n % 90}", at.strftime("%Y-%m-%d %H:%M:%S"), rng.randrange(1, 6), _chinese(rng), "牛肉面"]
        for n, at in enumerate(moments())
    ]


def only_texts() -> Export:
    rng = random.Random(26)
    return ["评论"], [[_chinese(rng)] for _ in range(80)]


def tickets() -> Export:
    rng = random.Random(27)
    headings = ["Ticket ID", "Customer Name", "Customer Email", "Customer Age", "Product Purchased",
        "Date of Purchase", "Ticket Type", "Ticket Subject",
                "Ticket Description", "Ticket Status", "Ticket Priority", "Ticket Channel",
                    "Customer Satisfaction Rating"]  # fmt: skip
    return headings, [[n, "Marisa O", f"c{n}@x.test", 30, "GoPro Hero", at.date().isoformat(), "Refund request",
        "Setup", _sentence(rng), "Open", "Low", "Chat",
                       rng.randrange(1, 6) if n % 2 else ""] for n, at in enumerate(moments())]  # fmt: skip


TEXTS: dict[Callable[[], Export], dict[str, str]] = {
    yelp: {"feedback_id": "review_id", "customer_id": "user_id", "rating": "stars", "created_at": "date",
        "text": "text"},
    airline_tweets: {"feedback_id": "tweet_id", "label": "airline_sentiment", "text": "text",
        "created_at": "tweet_created"},
    imdb: {"text": "review", "label": "sentiment"},
    olist_reviews: {"feedback_id": "review_id", "rating": "review_score", "text": "review_comment_message",
        "created_at": "review_creation_date"},
    survey: {"feedback_id": "Response ID", "created_at": "Submitted At", "text": "What could we do better?",
        "customer_id": "Customer ID"},
    dianping: {"feedback_id": "评论ID", "created_at": "评论时间", "rating": "评分", "text": "评论内容"},
    only_texts: {"text": "评论"},
    tickets: {"feedback_id": "Ticket ID", "text": "Ticket Description", "rating": "Customer Satisfaction Rating",
        "channel": "Ticket Channel"},
}  # fmt: skip


@pytest.mark.parametrize("export", TEXTS, ids=lambda export: export.__name__)
def test_reviews_and_tickets_need_no_touch(export: Callable[[], Export], tmp_path: Path) -> None:
    mapping = guess(written(tmp_path, *export()))
    assert mapping.table == "feedback"
    found = heads(mapping)
    assert {name: found.get(name) for name in TEXTS[export]} == TEXTS[export]
