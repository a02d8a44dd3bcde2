"""Everything a user can see has its Chinese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_ai import analyses, errors, i18n
from crm_ai.analyses import options

ROOT = Path(__file__).parents[1]
ERRORS = {kind.__name__ for kind in (errors.CrmError, *errors.CrmError.__subclasses__())}
CATALOGUES = sorted((ROOT / "crm_ai" / "locale" / "zh_CN").glob("*.po"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_BOTH = {
    "",
    "crm_ai",
    "K-means",
    "DBSCAN",
    "RFM",
    "Word2Vec",
    "FastText",
    "GloVe",
    "Theta",
    "ETS",
    "ARIMA",
    "Apriori",
    "Eclat",
}


def spoken(path: Path) -> set[str]:
    """Literal texts of a module that go through t(), into an error, or out as a stage of progress."""
    found = set()
    for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        place = {"t": 0, "progress": 1} | dict.fromkeys(ERRORS, 0)
        if name in place and len(call.args) > place[name]:
            found |= set(literals(call.args[place[name]]))
    return found


def literals(node: ast.AST) -> Iterator[str]:
    """The texts an expression may be: those of a choice too, but not the key of a look-up."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.Subscript | ast.Call):
        for child in ast.iter_child_nodes(node):
            yield from literals(child)


def described(name: str) -> set[str]:
    """What the navigation, the form and the tables of an analysis say."""
    module = analyses.load(name)
    found = {analyses.question(name), module.TITLE, module.READING, *module.TABLES.values(), *module.TERMS.values()}
    for option, _ in options.options(module.Params).values():
        found |= {option.label, option.help, *getattr(option, "options", {}).values()}
    return found | {i18n.heading(term) for term in [*module.TERMS, *module.CARDS]}


def missing(texts: set[str]) -> list[str]:
    known = i18n.catalogue("zh")
    return sorted(
        text for text in texts if text not in known and text not in SAME_IN_BOTH and re.search("[A-Za-z]{2}", text)
    )


@pytest.mark.parametrize("path", sorted((ROOT / "crm_ai").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_text_of_a_module_has_its_chinese(path):
    assert missing(spoken(path)) == []


@pytest.mark.parametrize("name", analyses.ALL)
def test_everything_an_analysis_describes_has_its_chinese(name):
    assert missing(described(name)) == []


@pytest.mark.parametrize("text", [pytest.param(t, id=t[:40]) for t in i18n.catalogue("zh")])
def test_a_translation_has_the_places_of_its_text(text):
    places = re.compile(r"\{(\w*)[^}]*\}")
    assert set(places.findall(i18n.catalogue("zh")[text])) == set(places.findall(text))


def test_no_text_is_translated_twice():
    seen: dict[str, str] = {}
    for path in CATALOGUES:
        for text in re.findall(r'^msgid "(.+)"$', path.read_text("utf-8"), re.M):
            assert text not in seen, f"{text!r} stands in {seen[text]} and {path.name}"
            seen[text] = path.name


def test_chinese_is_chinese():
    known = i18n.catalogue("zh")
    words = {text: re.sub(r"\{\w*\}", "", text) for text in known.keys() - SAME_IN_BOTH}
    assert [text for text, left in words.items() if len(left) > 12 and not CHINESE.search(known[text])] == []
