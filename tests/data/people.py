"""People who do not exist, and things that only look like them."""

import random
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from crm_ai.data.privacy.checksums import id_check
from crm_ai.data.sources import Source


def _words(text: str) -> list[str]:
    return [word.replace("_", " ") for word in text.split()]


KEY = b"a key of the tests, 32 bytes...."
CHINESE = _words("王伟 李娜 张秀英 刘洋 陈静 杨丽 赵强 黄磊 周军 吴勇 徐艳 孙杰 胡涛 朱明 高超 欧阳娜 林志 何平 郭鑫")
ENGLISH = _words(
    "John_Smith Mary_Johnson Robert_Brown Linda_Davis Peter_Müller Anna_Kowalska José_García Chloé_Dubois Erik_Larsen "
    "Priya_Sharma Wei_Zhang David_O'Brien Sarah_Connor-Lee Laura_Rossi Omar_Haddad Emma_Wilson"
)
PRODUCTS = _words("Red_Mug Garden_Chair Tea_Pot Green_Lamp Wall_Clock Cotton_Towel Steel_Knife Paper_Lantern Oak_Table")
FOODS = _words("黄瓜 白菜 方便面 金枪鱼 牛奶 苹果 面包 马铃薯 鸡蛋 米饭 高粱 花生 石榴 包子")
FIRMS = _words("Acme_Inc Müller_GmbH Blue_Sky_Ltd North_Trading_Co Sun_Foods_LLC Best_Bakery Green_Partners City_Bank")
CITIES = _words("Paris Lyon Berlin Hamburg Madrid Rome Vienna Oslo Dublin Boston Austin")


def id_card(rng: random.Random) -> str:
    born = date(1940, 1, 1) + timedelta(days=rng.randrange(27_000))
    body = f"{rng.choice(['110101', '310104', '440305', '510107'])}{born:%Y%m%d}{rng.randrange(1000):03}"
    return body + id_check(body)


def with_luhn(body: str) -> str:
    """The digits and their check digit, reckoned the long way."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return body + str(-total % 10)


def bank_card(rng: random.Random) -> str:
    start, length = rng.choice(
        [("622202", 19), ("621700", 19), ("4", 16), ("5412", 16), ("37", 15), ("6011", 16), ("955880", 19)]
    )
    return with_luhn(start + "".join(rng.choice("0123456789") for _ in range(length - len(start) - 1)))


def mobile(rng: random.Random) -> str:
    return f"1{rng.choice(['38', '39', '50', '77', '86', '99'])}{rng.randrange(10**8):08}"


def phone(rng: random.Random) -> str:
    """In one of the forms that people write."""
    number, last = mobile(rng), rng.randrange(10**4)
    forms = [
        number,
        f"+86 {number}",
        f"{number[:3]}-{number[3:7]}-{number[7:]}",
        f"010-{rng.randrange(2, 10)}{rng.randrange(10**7):07}",
        f"+44 20 7946 {last:04}",
        f"(212) 555-{last:04}",
        f"+49 30 901820 {last:04}",
        f"0755-8{rng.randrange(10**7):07}",
    ]
    return rng.choice(forms)


def email(rng: random.Random) -> str:
    name, place = rng.choice(["anna", "li.wei", "j_smith", "x+y"]), rng.choice(["example.com", "qq.com", "mail.co.uk"])
    return f"{name}{rng.randrange(10**6)}@{place}"


def address(rng: random.Random) -> str:
    n = rng.randrange(1, 300)
    return rng.choice(
        [
            f"{n} Main Street",
            f"Hauptstraße {n}",
            f"浙江省杭州市西湖区文三路{n}号",
            f"北京市朝阳区建国路{n}号院2单元",
            f"{n} rue de Rivoli",
        ]
    )


def source(folder: Path, columns: dict[str, list[object]], rejected: list[str] | None = None) -> Source:
    """A source of these columns, as the readers write it."""
    folder.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(columns)
    rows = len(frame)
    frame.insert(0, "_row", range(1, rows + 1))
    raw, broken = folder / "raw.parquet", folder / "raw_rejected.parquet"
    duckdb.from_df(frame).write_parquet(str(raw))
    if rejected is not None:
        lines = {
            "source": "s.csv",
            "row": range(1, len(rejected) + 1),
            "reason": "More fields than headings",
            "text": rejected,
        }
        duckdb.from_df(pd.DataFrame(lines)).write_parquet(str(broken))
    return Source(
        "s.csv",
        raw,
        tuple(columns),
        rows,
        broken if rejected is not None else None,
        len(rejected or ()),
        "0" * 64,
        "csv",
    )


def cells(path: Path) -> list[tuple[object, ...]]:
    return duckdb.read_parquet(str(path)).fetchall()


def column(treated: Source, heading: str) -> list[object]:
    place = ["_row", *treated.columns].index(heading)
    return [row[place] for row in sorted(cells(treated.raw))]
