"""Names of people: in a text where it says that they are one, and what a single name looks like."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

WORDS = Path(__file__).with_name("words.txt")
_TITLES = ("先生", "女士", "小姐", "太太")
_CALLED = ("我叫", "名叫", "名字叫", "名字是", "本人叫", "姓名", "联系人", "收件人", "收货人")
_SAID = ("my name",)
_GREETED = ("dear", "hi", "hello", "hey")
_CLOSED = ("regards", "sincerely", "yours", "cheers", "wishes", "thanks", "thank you")
HINTS = rf"(?i:{'|'.join([*_TITLES, *_CALLED, *_SAID, *_CLOSED])}|(?:^|\n)\s*(?:{'|'.join(_GREETED)}))"
"""For RE2: without one of these a text names nobody."""

_CHINESE = "(?:(?![的了是在这那位个么也都不很])[\u4e00-\u9fff])"
_WORD = r"(?:[A-Z]['’])?[A-ZÀ-Þ][a-zà-ÿ'’-]+"
_LATIN = rf"(?P<it>{_WORD}(?: (?:[A-Z]\.|{_WORD})){{0,2}})"
_TITLE = f"(?:{'|'.join(_TITLES)})"
_AFTER = rf"(?=[^\u4e00-\u9fff]|$|{_TITLE}|电话|手机|今|是|在|来|的|住|想|要|有|和|从)"
_GREETING = rf"(?:^|\n)\s*(?i:{'|'.join(_GREETED)}),? "
_CLOSING = rf"(?i:{'|'.join(_CLOSED)})"


@cache
def words(title: str) -> frozenset[str]:
    """The entries of words.txt under a title: characters for single surnames, words for the others.

    Raises:
        KeyError: there is no such title.
    """
    lists = dict(re.findall(r"^\[(.+?)\]\n(.+?)(?=\n\n|\Z)", WORDS.read_text("utf-8"), re.M | re.S))
    parts = lists[title].split()
    return frozenset("".join(parts) if title in ("surnames", "rarer surnames") else parts)


def surnames(common: bool = False) -> str:
    """Chinese surnames as a regular expression; of the single ones only the hundred commonest when asked so."""
    single = words("surnames") | (frozenset() if common else words("rarer surnames"))
    return f"(?:{'|'.join(sorted(words('double surnames')))}|[{''.join(sorted(single))}])"


def names_in(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of the names that a text gives as such."""
    low = "\n" + text.strip().lower()
    for pattern, hints, given in _forms():
        if any(hint in low for hint in hints):
            yield from (found.span("it") for found in pattern.finditer(text) if _is_name(found["it"], given))


def _is_name(name: str, given: bool) -> bool:
    """Whether it is nobody's title; where asked so, whether it begins with a name that people are given."""
    parts = name.lower().split()
    return not words("nobody") & set(parts) and (not given or parts[0] in words("given names"))


@cache
def _forms() -> tuple[tuple[re.Pattern[str], tuple[str, ...], bool], ...]:
    """Forms in which a text names a person, a word that is always in them, and whether only given names are sure."""
    own = rf"(?P<it>{surnames()}{_CHINESE}{{1,2}}?)"
    starts = tuple(f"\n{word}" for word in _GREETED)
    before = r"(?:^|[，。！？、；：,.!?;:\s]|尊敬的|亲爱的|您好|你好|联系|找|我是|我叫)"
    forms = (
        (rf"(?:{'|'.join(_CALLED)})[:：是为]?\s*{own}{_AFTER}", _CALLED, False),
        (rf"(?:我是|我叫)(?P<it>{surnames()}{_CHINESE}{{0,2}}?){_TITLE}", _TITLES, False),
        (rf"{before}{own}{_TITLE}", _TITLES, False),
        (rf"(?i:my name is|my name's|my name:)\s+{_LATIN}", _SAID, False),
        (rf"{_GREETING}(?:Mr|Mrs|Ms|Miss|Dr|Prof|Mx)\.? {_LATIN}", starts, False),
        (rf"{_GREETING}{_LATIN}(?=\s*[,!:\n]|\s*$)", starts, True),
        (rf"{_CLOSING}\s*[,!.]?\s*\n\s*{_LATIN}\s*(?:\n|$)", _CLOSED, False),
        (rf"(?i:regards|sincerely),\s+{_LATIN}\s*\.?\s*$", _CLOSED, False),
    )
    return tuple((re.compile(form), hints, given) for form, hints, given in forms)
