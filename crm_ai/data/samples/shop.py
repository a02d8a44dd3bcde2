"""Orders and customers of the demo shop: who buys how often, when, and what together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

START = np.datetime64("2023-07-01")
DAYS = 731
"""Two whole years, 24 whole months: to 2025-06-30."""

WEEKLY = (0.85, 0.85, 0.9, 0.95, 1.1, 1.3, 1.05)
YEARLY_SWING, YEARLY_PEAK = 0.25, 345  # share up and down, day of the year of the peak
GROWTH = 0.25  # a year
HOLIDAYS = {
    "2023-11-11": 1.6,
    "2023-11-24": 1.7,
    "2023-12-25": 0.6,
    "2024-01-01": 0.6,
    "2024-02-10": 0.6,
    "2024-06-18": 1.6,
    "2024-11-11": 1.6,
    "2024-11-29": 1.7,
    "2024-12-25": 0.6,
    "2025-01-01": 0.6,
    "2025-01-29": 0.6,
    "2025-06-18": 1.6,
}
SURGES, OUTAGES = 9, 3
SURGE, OUTAGE = 4.0, 0.2

TOGETHER = 0.6
"""Share of baskets with the antecedent of a rule into which its consequent is put as well."""

CHURN = {
    "intercept": -0.2,
    "tenure_months": -0.045,
    "support_tickets": 0.7,
    "late_deliveries": 0.8,
    "plan": -1.1,
    "newsletter": -0.6,
}
CHURN_NOISE = 0.5

COUNTRIES = ("China", "Germany", "Singapore", "United Kingdom", "United States")
COUNTRY_SHARES = (0.45, 0.15, 0.1, 0.15, 0.15)
CHANNELS = ("App", "Store", "Web")
CHANNEL_SHARES = (0.45, 0.15, 0.4)
AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")


@dataclass(frozen=True)
class Habit:
    """How the customers of one segment buy; (low, high) without the high end."""

    share: float
    orders: tuple[int, int]
    first_day: tuple[int, int]
    last_day: tuple[int, int]
    lines: tuple[int, int]
    quantity: tuple[int, int]
    tenure_months: tuple[int, int]


HABITS = {
    "Champions": Habit(0.12, (38, 60), (0, 1), (DAYS - 1, DAYS), (2, 5), (1, 3), (25, 61)),
    "Loyal": Habit(0.25, (11, 20), (0, 1), (DAYS - 1, DAYS), (1, 4), (1, 3), (24, 61)),
    "Big spenders": Habit(0.08, (3, 6), (0, 1), (DAYS - 60, DAYS), (3, 6), (6, 12), (24, 49)),
    "New": Habit(0.2, (1, 3), (DAYS - 75, DAYS - 20), (DAYS - 1, DAYS), (1, 4), (1, 3), (1, 4)),
    "Lapsed": Habit(0.35, (2, 6), (0, 1), (200, DAYS - 300), (1, 4), (1, 3), (20, 49)),
}

# category, then: product in English and Chinese, price, popularity
ASSORTMENT = {
    "Tea 茶": (
        ("Green tea 绿茶", 8.5, 1.8),
        ("Jasmine tea 茉莉花茶", 9.2, 1.5),
        ("Black tea 红茶", 7.8, 1.4),
        ("Oolong tea 乌龙茶", 12.4, 1.2),
        ("Pu-erh tea 普洱茶", 18.6, 0.8),
        ("Chamomile tea 洋甘菊茶", 6.9, 1.0),
    ),
    "Coffee 咖啡": (
        ("Coffee beans 咖啡豆", 14.9, 2.0),
        ("Ground coffee 咖啡粉", 11.5, 1.2),
        ("Filter papers 滤纸", 3.2, 0.7),
        ("Coffee capsules 咖啡胶囊", 9.9, 1.1),
        ("Cold brew 冷萃咖啡", 5.4, 1.0),
        ("Coffee grinder 磨豆机", 39.0, 0.4),
    ),
    "Tableware 餐具": (
        ("Teapot 茶壶", 28.0, 1.7),
        ("Tea cups 茶杯", 16.5, 0.7),
        ("Mug 马克杯", 8.9, 1.3),
        ("Dinner plate 餐盘", 10.8, 0.9),
        ("Chopsticks 筷子", 4.5, 1.0),
        ("Soup bowl 汤碗", 6.2, 0.9),
    ),
    "Kitchen 厨房": (
        ("Wok 炒锅", 45.0, 1.5),
        ("Spatula 锅铲", 5.9, 0.6),
        ("Chef knife 菜刀", 32.0, 1.5),
        ("Cutting board 砧板", 15.8, 0.6),
        ("Rice cooker 电饭煲", 59.0, 0.5),
        ("Steamer 蒸笼", 21.5, 0.7),
    ),
    "Snacks 零食": (
        ("Dark chocolate 黑巧克力", 4.8, 1.6),
        ("Butter cookies 黄油曲奇", 6.5, 1.4),
        ("Roasted nuts 坚果", 7.9, 1.3),
        ("Dried mango 芒果干", 5.2, 1.2),
        ("Honey 蜂蜜", 11.9, 0.9),
        ("Mooncakes 月饼", 19.9, 0.6),
    ),
    "Home 家居": (
        ("Scented candle 香薰蜡烛", 13.5, 1.8),
        ("Candle holder 烛台", 9.4, 0.6),
        ("Cushion 抱枕", 17.2, 0.8),
        ("Blanket 毛毯", 34.0, 0.7),
        ("Table lamp 台灯", 42.0, 0.5),
        ("Photo frame 相框", 8.8, 0.8),
    ),
    "Care 洗护": (
        ("Shampoo 洗发水", 9.8, 1.8),
        ("Conditioner 护发素", 9.8, 0.7),
        ("Hand soap 洗手皂", 3.9, 1.4),
        ("Bath towel 浴巾", 14.0, 0.8),
        ("Body lotion 身体乳", 12.6, 0.9),
        ("Face mask 面膜", 6.6, 1.1),
    ),
    "Paper 文具": (
        ("Fountain pen 钢笔", 24.0, 1.5),
        ("Ink 墨水", 7.2, 0.6),
        ("Notebook 笔记本", 6.4, 1.2),
        ("Gift wrap 包装纸", 3.6, 1.8),
        ("Ribbon 丝带", 2.8, 0.7),
        ("Greeting card 贺卡", 2.5, 1.1),
    ),
}

RULES = (
    ("Teapot", "Tea cups"),
    ("Coffee beans", "Filter papers"),
    ("Wok", "Spatula"),
    ("Chef knife", "Cutting board"),
    ("Scented candle", "Candle holder"),
    ("Shampoo", "Conditioner"),
    ("Fountain pen", "Ink"),
    ("Gift wrap", "Ribbon"),
)


def products() -> pd.DataFrame:
    """product_id, product_name, category, unit_price, weight."""
    rows = [(name, category, price, weight) for category, items in ASSORTMENT.items() for name, price, weight in items]
    frame = pd.DataFrame(rows, columns=["product_name", "category", "unit_price", "weight"])
    frame.insert(0, "product_id", [f"P{n:03d}" for n in range(101, 101 + len(frame))])
    return frame


def rules() -> tuple[tuple[str, str], ...]:
    """RULES as product ids."""
    ids = products()["product_id"].to_numpy()
    return tuple((str(ids[a]), str(ids[b])) for a, b in _rule_numbers())


def yearly() -> tuple[float, ...]:
    """Mean factor of each month of the year, January first."""
    days = START + np.arange(DAYS)
    months = pd.Series(_yearly(days)).groupby(pd.DatetimeIndex(days).month).mean()
    return tuple(float(value) for value in months.round(4))


def people(rng: np.random.Generator, customers: int) -> pd.DataFrame:
    """customer_id, segment, country and how each one buys; the order of ids tells nothing."""
    names = list(HABITS)
    shares = np.cumsum([habit.share for habit in HABITS.values()])
    kind = rng.permutation(np.searchsorted(shares, (np.arange(customers) + 0.5) / customers))
    draws = {
        name: _between(rng, kind, [getattr(habit, name) for habit in HABITS.values()])
        for name in ("orders", "first_day", "last_day", "tenure_months")
    }
    ids = [f"C{n:05d}" for n in range(1, customers + 1)]
    segment, country = np.array(names, dtype=object)[kind], _pick(rng, COUNTRIES, COUNTRY_SHARES, customers)
    return pd.DataFrame({"customer_id": ids, "segment": segment, "country": country, "kind": kind, **draws})


def anomalies(rng: np.random.Generator) -> pd.DataFrame:
    """date, factor: days far from each other, from holidays and from both ends."""
    taken = [int((np.datetime64(day) - START).astype(int)) for day in HOLIDAYS]
    chosen: list[int] = []
    for day in map(int, rng.permutation(np.arange(30, DAYS - 30))):
        near = min((abs(day - other) for other in chosen), default=DAYS)
        if near >= 21 and min(abs(day - other) for other in taken) >= 7:
            chosen.append(day)
        if len(chosen) == SURGES + OUTAGES:
            break
    frame = pd.DataFrame({"date": START + np.array(chosen), "factor": [SURGE] * SURGES + [OUTAGE] * OUTAGES})
    return frame.astype({"date": "datetime64[us]"}).sort_values("date", ignore_index=True)


def day_weights(anomalies: pd.DataFrame) -> np.ndarray:
    """How much of the trade falls on each day: week, year, growth, holidays, anomalies."""
    days = START + np.arange(DAYS)
    weekday = pd.DatetimeIndex(days).day_of_week
    weights = np.array(WEEKLY)[weekday] * _yearly(days) * (1 + GROWTH * np.arange(DAYS) / 365)
    factors = {pd.Timestamp(day): factor for day, factor in HOLIDAYS.items()}
    factors |= dict(zip(anomalies["date"], anomalies["factor"], strict=True))
    weights[[(day.to_datetime64() - START).astype("timedelta64[D]").astype(int) for day in factors]] *= list(
        factors.values()
    )
    return weights


def transactions(rng: np.random.Generator, people: pd.DataFrame, weights: np.ndarray) -> pd.DataFrame:
    """Canonical order lines, in order of time."""
    owner, when = _orders(rng, people, weights)
    channel = _pick(rng, CHANNELS, CHANNEL_SHARES, len(owner))
    kind = people["kind"].to_numpy()[owner]
    order, product = _lines(rng, kind)
    goods = products()
    quantity = _between(rng, kind[order], [habit.quantity for habit in HABITS.values()])
    price = goods["unit_price"].to_numpy()[product]
    return pd.DataFrame(
        {
            "order_id": np.array([f"B{n:06d}" for n in range(1, len(owner) + 1)], dtype=object)[order],
            "customer_id": people["customer_id"].to_numpy()[owner[order]],
            "ordered_at": when[order],
            **{name: goods[name].to_numpy()[product] for name in ("product_id", "product_name", "category")},
            "quantity": quantity,
            "unit_price": price,
            "amount": np.round(quantity * price, 2),
            "country": people["country"].to_numpy()[owner[order]],
            "channel": channel[order],
        }
    )


def attributes(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """customer_id, attributes, target: 1 who left, by the log-odds of CHURN with noise."""
    size = len(people)
    frame = pd.DataFrame(
        {
            "customer_id": people["customer_id"],
            "country": people["country"],
            "age_band": _pick(rng, AGE_BANDS, (0.12, 0.28, 0.25, 0.17, 0.11, 0.07), size),
            "plan": _pick(rng, ("Basic", "Plus"), (0.65, 0.35), size),
            "newsletter": _pick(rng, ("no", "yes"), (0.5, 0.5), size),
            "tenure_months": people["tenure_months"],
            "support_tickets": rng.poisson(0.9, size),
            "late_deliveries": rng.poisson(0.6, size),
        }
    )
    coded = frame.assign(intercept=1, plan=frame["plan"].eq("Plus"), newsletter=frame["newsletter"].eq("yes"))
    odds = sum(coded[name].to_numpy(dtype=float) * value for name, value in CHURN.items())
    odds = odds + rng.normal(0, CHURN_NOISE, size)
    return frame.assign(target=(rng.random(size) < 1 / (1 + np.exp(-odds))).astype("int64"))


def _yearly(days: np.ndarray) -> np.ndarray:
    of_year = pd.DatetimeIndex(days).day_of_year.to_numpy()
    return 1 + YEARLY_SWING * np.cos(2 * np.pi * (of_year - YEARLY_PEAK) / 365.25)


def _rule_numbers() -> list[tuple[int, int]]:
    names = [name.rsplit(" ", 1)[0] for name in products()["product_name"]]
    return [(names.index(a), names.index(b)) for a, b in RULES]


def _orders(rng: np.random.Generator, people: pd.DataFrame, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row of the customer and moment of each order, in order of time."""
    owner = np.repeat(np.arange(len(people)), people["orders"].to_numpy())
    reach = np.concatenate([[0.0], np.cumsum(weights)])
    low, high = (reach[people[name].to_numpy()[owner] + more] for name, more in (("first_day", 0), ("last_day", 1)))
    day = np.searchsorted(reach, low + rng.random(len(owner)) * (high - low), side="right") - 1
    minute = (8 * 60 + 14 * 60 * (rng.random(len(owner)) + rng.random(len(owner))) / 2).astype(int)
    when = (START + np.minimum(day, DAYS - 1)).astype("datetime64[us]") + minute.astype("timedelta64[m]")
    sequence = np.argsort(when, kind="stable")
    return owner[sequence], when[sequence]


def _lines(rng: np.random.Generator, kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Order and product of each line, the consequents of rules put in; a product once an order."""
    counts = _between(rng, kind, [habit.lines for habit in HABITS.values()])
    order = np.repeat(np.arange(len(kind)), counts)
    weight = products()["weight"].to_numpy()
    product = _draw(rng, weight / weight.sum(), len(order))
    follows = np.full(len(weight), -1)
    for antecedent, consequent in _rule_numbers():
        follows[antecedent] = consequent
    added = (follows[product] >= 0) & (rng.random(len(order)) < TOGETHER)
    keys = np.concatenate([order * len(weight) + product, (order * len(weight) + follows[product])[added]])
    return tuple(np.divmod(np.unique(keys), len(weight)))  # type: ignore[return-value]


def _between(rng: np.random.Generator, kind: np.ndarray, ranges: list[tuple[int, int]]) -> np.ndarray:
    """A whole number from the range of each one's kind."""
    low, high = np.array(ranges).T
    return low[kind] + np.floor(rng.random(len(kind)) * (high - low)[kind]).astype(int)


def _draw(rng: np.random.Generator, shares: np.ndarray, size: int) -> np.ndarray:
    return np.minimum(np.searchsorted(np.cumsum(shares), rng.random(size), side="right"), len(shares) - 1)


def _pick(rng: np.random.Generator, values: tuple[str, ...], shares: tuple[float, ...], size: int) -> np.ndarray:
    return np.array(values, dtype=object)[_draw(rng, np.array(shares), size)]
