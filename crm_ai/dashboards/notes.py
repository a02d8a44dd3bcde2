"""Notes on boards: Markdown that people write, made safe.

No HTML, no pictures, and no links but those inside this installation ("/segments?..."): a note cannot load, run or lead
to anything elsewhere. What is not allowed stays as the text it is.
"""

import re
from functools import lru_cache
from typing import Any

INSIDE = re.compile(r"(/\w|[?#])[^\s\\]*")


def html(text: str) -> str:
    """The note as HTML."""
    return str(_reader().render(text))


def tokens(text: str) -> Any:
    """The note as markdown-it tokens, for forms that are not HTML."""
    return _reader().parse(text)


@lru_cache(maxsize=1)
def _reader() -> Any:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    reader.disable(["image", "autolink", "html_inline", "html_block"])
    reader.validateLink = lambda url: bool(INSIDE.fullmatch(url))  # type: ignore[method-assign]
    return reader
