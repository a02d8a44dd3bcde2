"""The words of a text: English by letters, Chinese by a dictionary (rjieba), stop words left out.

Traditional Chinese is parted on its simplified form and given back as it was written.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from crm_ai.text.sentences import clean, lines

_PARTS = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_]))*")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_TELLING = frozenset(
    "好差慢快贵烂脏冷凉热甜酸苦辣咸香臭硬软薄厚坏假旧美丑吵乱油腻糊卡胖瘦赞爱坑汤饭菜肉面鱼书水茶酒床车味"
)
"""Single characters that say something alone; all others are left out."""
_LONGEST = 40


def words(text: object) -> list[str]:
    """The telling words of a text in their order, lower case. Never raises."""
    return telling(tokens(text))


def telling(found: Sequence[str]) -> list[str]:
    """Those of the tokens that say something alone."""
    stop = stop_words()
    return [word for word in found if word not in stop and _telling(word)]


def tokens(text: object) -> list[str]:
    """Every word of a text in its order, stop words too, lower case; numbers and punctuation are left out."""
    found: list[str] = []
    for part in _PARTS.findall(clean(text).lower().replace("’", "'")):
        if _HAN.match(part):
            found += _chinese(part)
        else:
            found.append(part[:_LONGEST])
    return found


def terms(found: Sequence[str]) -> list[str]:
    """What a classifier looks at: the tokens, and pairs of neighbours ("not good" differs from "good")."""
    return [*found, *(f"{a} {b}" for a, b in pairwise(found))]


@lru_cache
def stop_words() -> frozenset[str]:
    """English and simplified Chinese words that say little."""
    return frozenset(word for name in ("en", "zh") for word in " ".join(lines(f"stopwords/{name}.txt")).split())


def simplified(text: str) -> str:
    """Traditional characters as simplified ones, one for one."""
    return text.translate(_table())


def _telling(word: str) -> bool:
    if not _HAN.match(word):
        return len(word) > 1
    plain = simplified(word)
    return plain not in stop_words() and (len(word) > 1 or plain in _TELLING)


def _chinese(run: str) -> Iterable[str]:
    """Parted on the simplified form; the pieces are cut from what was written."""
    import rjieba

    start = 0
    for word in rjieba.cut(simplified(run)):
        yield run[start : start + len(word)]
        start += len(word)


@lru_cache
def _table() -> dict[int, str]:
    rows = lines("traditional.txt")
    return {ord(a): b for old, new in zip(rows[::2], rows[1::2], strict=True) for a, b in zip(old, new, strict=True)}
