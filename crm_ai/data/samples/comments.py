"""Comments of the demo shop, English and Chinese, each with a known sentiment and topic."""

import numpy as np
import pandas as pd

from crm_ai.data.samples.shop import CHANNEL_SHARES, CHANNELS, DAYS, START, products

COMMENTS = 4000
SENTIMENTS = ("positive", "negative", "neutral", "mixed")
SENTIMENT_SHARES = (0.45, 0.3, 0.15, 0.1)
TOPICS = ("delivery", "quality", "price", "service", "packaging", "website")
RATED = 0.6
STARS = {"positive": (4, 6), "negative": (1, 3), "neutral": (3, 4), "mixed": (2, 5)}
"""Stars that go with a sentiment: from, and up to but without."""

# {product} is filled in; the two halves of a mixed comment are a praise and a complaint of two topics
CLAUSES = {
    ("en", "delivery"): {
        "positive": (
            "the parcel arrived a day early",
            "delivery was quick and the driver was careful",
            "shipping took only {n} days, faster than promised",
            "it came exactly on the day they said",
        ),
        "negative": (
            "the delivery was {n} days late",
            "the courier left the parcel in the rain",
            "tracking showed nothing for {n} days and then it arrived at the wrong address",
            "I waited {n} days and it still has not arrived",
        ),
        "neutral": (
            "delivery took {n} days",
            "the parcel was handed over by the courier in the afternoon",
            "it was shipped from the nearest warehouse",
        ),
    },
    ("en", "quality"): {
        "positive": (
            "the {product} is very well made",
            "the quality of the {product} is excellent",
            "after {n} weeks of daily use the {product} still looks new",
            "I love the {product}, it feels solid and lasts",
        ),
        "negative": (
            "the {product} broke after {n} days",
            "the {product} feels cheap and is badly made",
            "the quality of the {product} is disappointing",
            "the {product} was faulty and useless",
        ),
        "neutral": (
            "the {product} is as described",
            "the {product} is of average quality, about what one would expect",
            "I have had the {product} for {n} weeks now",
        ),
    },
    ("en", "price"): {
        "positive": (
            "the {product} is great value for money",
            "such a good price for the {product}, and with a discount on top",
            "it is cheaper than anywhere else and worth every cent",
            "a real bargain, the {product} cost me less than expected",
        ),
        "negative": (
            "the {product} is overpriced",
            "far too expensive for what the {product} is",
            "the price went up twice in {n} weeks, what a rip-off",
            "I paid too much, the {product} is a waste of money",
        ),
        "neutral": (
            "the {product} costs about the same as in other shops",
            "the price of the {product} has not changed in {n} weeks",
            "I bought the {product} at the regular price",
        ),
    },
    ("en", "service"): {
        "positive": (
            "customer service answered within minutes and was very helpful",
            "the support team solved my problem in a friendly way",
            "the staff were kind and replaced it at once",
            "the refund was handled wonderfully by support",
        ),
        "negative": (
            "customer service was rude and unhelpful",
            "support ignored my emails for {n} days",
            "nobody answers the phone, terrible service",
            "the support team refused my refund",
        ),
        "neutral": (
            "I asked customer service about my order",
            "support answered on the next working day",
            "I wrote to the support team about an exchange",
        ),
    },
    ("en", "packaging"): {
        "positive": (
            "beautifully packed, a perfect gift",
            "the box was sturdy and nothing was damaged",
            "the packaging is lovely and easy to open",
            "everything was wrapped with great care",
        ),
        "negative": (
            "the box arrived crushed and torn",
            "the packaging was damaged and the {product} leaked",
            "terrible wrapping, the {product} was broken in the box",
            "the package was open and dirty",
        ),
        "neutral": (
            "the {product} comes in a plain cardboard box",
            "the packaging is paper, with the {product} in a bag inside",
            "the box holds {n} pieces",
        ),
    },
    ("en", "website"): {
        "positive": (
            "the app is easy to use and fast",
            "ordering on the website was simple and clear",
            "I like the new checkout, it works perfectly",
            "the website makes it a pleasure to find things",
        ),
        "negative": (
            "the app keeps crashing at checkout",
            "the website is slow and confusing",
            "I could not log in for {n} days, so annoying",
            "the payment page failed {n} times",
        ),
        "neutral": (
            "I ordered through the app this time",
            "the website has a new menu",
            "I found the {product} on the website under new items",
        ),
    },
    ("zh", "delivery"): {
        "positive": (
            "物流很快，提前一天就到了",
            "快递小哥态度好，送货上门",
            "发货速度快，{n}天就收到了",
            "配送准时，非常满意",
        ),
        "negative": (
            "快递太慢了，晚了{n}天才到",
            "快递员把包裹扔在雨里，真气人",
            "物流信息{n}天不更新，还送错地址",
            "等了{n}天还没收到货，太失望了",
        ),
        "neutral": ("快递用了{n}天送到", "包裹是下午由快递员送来的", "从最近的仓库发的货"),
    },
    ("zh", "quality"): {
        "positive": (
            "{product}做工精细，质量非常好",
            "{product}的质量很棒，很结实",
            "{product}用了{n}周还跟新的一样",
            "很喜欢这个{product}，手感好又耐用",
        ),
        "negative": (
            "{product}用了{n}天就坏了",
            "{product}质量很差，做工粗糙",
            "{product}的质量让人失望",
            "{product}有毛病，根本没法用",
        ),
        "neutral": ("{product}和描述的一样", "{product}质量一般，跟预想的差不多", "{product}已经用了{n}周了"),
    },
    ("zh", "price"): {
        "positive": (
            "{product}价格实惠，性价比高",
            "{product}价格便宜，还打了折，很划算",
            "比别家便宜，物超所值",
            "价格太值了，{product}比想象中便宜",
        ),
        "negative": (
            "{product}太贵了，不值这个价",
            "{product}价格虚高，性价比太低",
            "{n}周涨了两次价，太坑了",
            "买贵了，{product}纯属浪费钱",
        ),
        "neutral": ("{product}的价格和别家差不多", "{product}的价格{n}周没有变过", "按原价买的{product}"),
    },
    ("zh", "service"): {
        "positive": (
            "客服回复很快，非常耐心",
            "客服态度特别好，问题马上解决了",
            "售后很贴心，马上给换了新的",
            "客服退款处理得很好，点赞",
        ),
        "negative": (
            "客服态度恶劣，一点也不帮忙",
            "客服{n}天不回消息，太差劲了",
            "电话没人接，服务太糟糕",
            "售后拒绝退款，非常生气",
        ),
        "neutral": ("向客服咨询了订单的事", "客服第二个工作日回复了", "联系了售后，问换货的流程"),
    },
    ("zh", "packaging"): {
        "positive": (
            "包装很精美，送礼很合适",
            "包装盒很结实，没有一点破损",
            "包装漂亮，打开也方便",
            "每一件都包装得很用心",
        ),
        "negative": (
            "包装盒压扁了，还破了口",
            "包装破损，{product}都漏出来了",
            "包装太差，{product}在盒子里碎了",
            "收到时包装是打开的，还很脏",
        ),
        "neutral": ("{product}是普通纸盒包装", "包装是纸的，{product}装在里面的袋子里", "一盒装{n}件"),
    },
    ("zh", "website"): {
        "positive": (
            "手机应用好用，打开很快",
            "网站下单简单清楚，体验很好",
            "新的结算页面很方便，喜欢",
            "网站找东西很轻松，很满意",
        ),
        "negative": (
            "手机应用一结算就闪退",
            "网站又慢又乱，很难用",
            "{n}天登录不上，太烦人了",
            "付款页面失败了{n}次，太差了",
        ),
        "neutral": ("这次是用手机应用下的单", "网站换了新的菜单", "在网站的新品里看到了{product}"),
    },
}

FRAMES = {
    "en": {
        "positive": (
            ("", "Very happy: ", "Great! ", "Wonderful shop, ", "Third order and again ", "So pleased, "),
            (
                ".",
                ", thank you!",
                ". Would buy again.",
                ". Highly recommended!",
                ", my family loves it.",
                ". Five stars.",
            ),
        ),
        "negative": (
            ("", "Very unhappy: ", "Sadly, ", "What a disappointment, ", "Never again, ", "I am annoyed: "),
            (
                ".",
                ", I want my money back.",
                ". Would not buy again.",
                ". Not recommended!",
                ", really bad.",
                ". One star.",
            ),
        ),
        "neutral": (
            ("", "For information: ", "Just a note, ", "This time ", "To sum up, ", "So far, "),
            (
                ".",
                ", nothing else to report.",
                ". That is all.",
                ". It was order number {k}.",
                ".",
                ". Ordered last month.",
            ),
        ),
        "mixed": (("", "Mixed feelings: ", "Well, ", "Overall ", "Hm, "), (".", ", so I am torn.", ". Three stars.")),
    },
    "zh": {
        "positive": (
            ("", "很满意，", "太好了！", "这家店不错，", "第三次买了，", "真心喜欢，"),
            ("。", "，谢谢！", "。会回购的。", "，推荐购买！", "，家人都喜欢。", "，五星好评。"),
        ),
        "negative": (
            ("", "很不满意，", "可惜，", "太失望了，", "再也不买了，", "真烦，"),
            ("。", "，要求退款。", "。不会再买了。", "，不推荐！", "，真的很差。", "，给一星。"),
        ),
        "neutral": (
            ("", "说明一下，", "记录一下，", "这次", "总的来说，", "目前为止，"),
            ("。", "，其他没什么。", "。就这些。", "。订单号是{k}。", "。", "。上个月买的。"),
        ),
        "mixed": (("", "有好有坏，", "怎么说呢，", "整体来看，", "嗯，"), ("。", "，有点纠结。", "，给三星。")),
    },
}
BUT = {"en": (", but ", "; however, ", ". On the other hand, "), "zh": ("，但是", "，不过", "，可是")}


def feedback(
    rng: np.random.Generator, customers: np.ndarray, size: int = COMMENTS
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The canonical feedback table in order of time, and feedback_id, language, sentiment, topic."""
    ids = [f"F{n:05d}" for n in range(1, size + 1)]
    labels = pd.DataFrame(
        {
            "feedback_id": ids,
            "language": rng.choice(["en", "zh"], size).astype(object),
            "sentiment": rng.choice(SENTIMENTS, size, p=SENTIMENT_SHARES).astype(object),
            "topic": rng.choice(TOPICS, size).astype(object),
        }
    )
    goods = products()
    product = rng.integers(0, len(goods), size)
    frame = pd.DataFrame(
        {
            "feedback_id": ids,
            "customer_id": customers[rng.integers(0, len(customers), size)],
            "created_at": np.sort(_moments(rng, size)),
            "text": _texts(rng, labels, goods["product_name"].to_numpy()[product]),
            "rating": _ratings(rng, labels["sentiment"]),
            "product_id": goods["product_id"].to_numpy()[product],
            "channel": rng.choice(CHANNELS, size, p=CHANNEL_SHARES).astype(object),
        }
    )
    return frame, labels


def _moments(rng: np.random.Generator, size: int) -> np.ndarray:
    minutes = rng.integers(0, DAYS * 24 * 60, size)
    return START.astype("datetime64[us]") + minutes.astype("timedelta64[m]")


def _ratings(rng: np.random.Generator, sentiments: pd.Series) -> np.ndarray:
    low, high = np.array([STARS[sentiment] for sentiment in sentiments]).T
    return np.where(rng.random(len(low)) < RATED, rng.integers(low, high), np.nan)


def _texts(rng: np.random.Generator, labels: pd.DataFrame, names: np.ndarray) -> list[str]:
    """One text a row of ``labels``; ``draws`` says which of the phrases each one takes."""
    draws = rng.integers(0, 1 << 30, (len(labels), 6))
    rows = zip(labels["language"], labels["sentiment"], labels["topic"], names, draws.tolist(), strict=True)
    return [_text(*row) for row in rows]


def _text(language: str, sentiment: str, topic: str, name: str, draws: list[int]) -> str:
    english, chinese = name.rsplit(" ", 1)
    openings, endings = FRAMES[language][sentiment]
    text = _of(openings, draws[0]) + _body(language, sentiment, topic, draws) + _of(endings, draws[1])
    product = english.lower() if language == "en" else chinese
    text = text.format(product=product, n=2 + draws[2] % 9, k=100000 + draws[3] % 900000)
    return text[0].upper() + text[1:]


def _body(language: str, sentiment: str, topic: str, draws: list[int]) -> str:
    if sentiment != "mixed":
        return _of(CLAUSES[language, topic][sentiment], draws[4])
    other = TOPICS[(TOPICS.index(topic) + 1 + draws[5] % (len(TOPICS) - 1)) % len(TOPICS)]
    praise = _of(CLAUSES[language, topic]["positive"], draws[4])
    return praise + _of(BUT[language], draws[2]) + _of(CLAUSES[language, other]["negative"], draws[3])


def _of(phrases: tuple[str, ...], draw: int) -> str:
    return phrases[draw % len(phrases)]
