"""The contract every analysis keeps (crm_ai/analyses/__init__.py says what it is)."""

import ast
import re
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_ai import analyses, i18n
from crm_ai.analyses import options, results
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset
from crm_ai.errors import CrmError
from crm_ai.recipes import Recipe
from crm_ai.store import Workspace

PAGES = Path(__file__).parents[1] / "pages"
CHINESE = i18n.translator("zh")
PARTS = ["TITLE", "ICON", "NEEDS", "CARDS", "TABLES", "DRILL", "READING", "TERMS", "Params", "Result"]

every = pytest.mark.parametrize("name", analyses.ALL)


@cache
def shop() -> dict[str, pd.DataFrame]:
    """A small demo shop."""
    frames = samples.demo(seed=3, customers=300)
    return frames | {"feedback": frames["feedback"].head(300)}


@cache
def data() -> Dataset:
    return Dataset.from_frames("demo", **shop())


@cache
def answer(name: str):
    return analyses.load(name).run(data())


def same(left, right) -> None:
    """Two results hold the same tables and numbers."""
    assert results.tables(left).keys() == results.tables(right).keys()
    for table, frame in results.tables(left).items():
        pd.testing.assert_frame_equal(frame, results.tables(right)[table], check_dtype=False, obj=table)
    assert results.metrics(left) == pytest.approx(results.metrics(right), nan_ok=True)


@every
def test_the_module_has_every_part_in_the_order_of_the_contract(name):
    module = analyses.load(name)
    assert (module.__doc__ or "").strip()
    here = [part for part in vars(module) if part in PARTS]
    assert here == PARTS
    assert all(callable(getattr(module, part)) for part in ("features", "run", "figures", "findings"))


@every
def test_parameters_have_defaults_that_survive_json(name):
    kind = analyses.load(name).Params
    assert options.parse(kind, options.to_json(kind())) == kind()


@every
def test_cards_tables_and_drills_name_what_the_result_has(name):
    module, result = analyses.load(name), answer(name)
    tables, figures = results.tables(result), module.figures(result)
    assert module.TABLES.keys() <= tables.keys()
    assert all(hasattr(result, metric) for metric in module.CARDS)
    for figure, (table, column) in module.DRILL.items():
        assert figure in figures
        assert column in tables[table]


@every
def test_numbers_that_do_not_exist_are_none(name):
    assert all(np.isfinite(value) for value in results.metrics(answer(name)).values())


@every
def test_the_same_data_give_the_same_result(name):
    same(answer(name), analyses.load(name).run(data()))


@every
def test_the_result_survives_the_store(name, tmp_path):
    store, module = Workspace(tmp_path), analyses.load(name)
    store.save_result("key", answer(name), {})
    back = store.load_result("key", name)
    same(answer(name), back)
    assert module.findings(back) == module.findings(answer(name))
    assert module.figures(back).keys() == module.figures(answer(name)).keys()


@every
def test_figures_and_findings_leave_the_result_as_it_was(name):
    module, result = analyses.load(name), answer(name)
    before = {table: frame.copy() for table, frame in results.tables(result).items()}
    module.figures(result)
    module.findings(result)
    for table, frame in results.tables(result).items():
        pd.testing.assert_frame_equal(frame, before[table])


@every
def test_figures_are_small_titled_and_plain(name):
    for label, figure in analyses.load(name).figures(answer(name)).items():
        assert figure.layout.title.text, label
        assert sum(len(trace.x) for trace in figure.data if getattr(trace, "x", None) is not None) <= 20_000, label
        assert len(figure.to_json()) < 2_000_000, label


@every
def test_findings_are_sentences_in_both_languages(name):
    module = analyses.load(name)
    english, chinese = module.findings(answer(name)), module.findings(answer(name), CHINESE)
    assert english
    assert len(english) == len(chinese)
    assert all(re.search(r"[\u4e00-\u9fff]", sentence) for sentence in chinese)
    assert not any(re.search(r"\b(nan|None|inf)\b", sentence) for sentence in english)
    titles = [figure.layout.title.text for figure in module.figures(answer(name), CHINESE).values()]
    assert all(re.search(r"[\u4e00-\u9fff]", title) for title in titles)


@every
def test_headings_of_tables_and_cards_have_their_chinese(name):
    module, result = analyses.load(name), answer(name)
    known = i18n.catalogue("zh").keys()
    columns = {column for table in module.TABLES for column in results.tables(result)[table].columns}
    assert {i18n.heading(c) for c in columns | module.CARDS.keys()} - known == set()


# ---- data that cannot carry an answer ----------------------------------------------------------------------------


def bent() -> dict[str, dict[str, pd.DataFrame]]:
    """The demo shop, bent in the ways of uploads that went wrong."""
    lines, people, texts = (shop()[table] for table in ("transactions", "customers", "feedback"))
    first = lines.customer_id.iloc[0]
    few = [c for c in lines.columns if c in ("ordered_at", "amount")]
    return {
        "no rows": {table: frame.head(0) for table, frame in shop().items()},
        "one row": {table: frame.head(1) for table, frame in shop().items()},
        "two rows": {table: frame.head(2) for table, frame in shop().items()},
        "one customer": {"transactions": lines[lines.customer_id == first], "feedback": texts.head(3)},
        "one product": {"transactions": lines.assign(product_id="p", product_name="p", category="c")},
        "one day": {"transactions": lines.assign(ordered_at=lines.ordered_at.iloc[0]), "customers": people.head(20)},
        "constant": {
            "transactions": lines.assign(amount=1.0, quantity=1, unit_price=1.0),
            "customers": people.assign(**{c: people[c].iloc[0] for c in people.columns if c != "customer_id"}),
            "feedback": texts.head(60).assign(text="good"),
        },
        "only dates and amounts": {"transactions": lines[few]},
        "empty columns": {
            "transactions": lines.assign(product_name=None, category=None, country=None),
            "feedback": texts.head(30).assign(text=None),
        },
        "negative and huge": {"transactions": lines.assign(amount=np.where(lines.index % 2, -1e15, 1e15))},
    }


@every
@pytest.mark.parametrize("case", list(bent()))
def test_bent_data_get_an_answer_or_a_sentence(name, case):
    module, result = analyses.load(name), None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", module=r"ibis\.")
        try:
            result = module.run(Dataset.from_frames(case, **bent()[case]))
            said = module.findings(result)
            module.figures(result)
        except CrmError as error:
            said = [str(error)] if error.text(CHINESE) != str(error) else []
    assert said
    assert all(len(sentence) > 10 for sentence in said)
    assert result is None or all(np.isfinite(value) for value in results.metrics(result).values())


@every
def test_data_of_another_kind_are_refused_with_the_columns_that_lack(name):
    with pytest.raises(CrmError, match="columns"):
        analyses.load(name).run(Dataset.from_frames(products=pd.DataFrame({"product_id": ["a"]})))


# ---- order and pages ----------------------------------------------------------------------------------------------


@every
def test_no_analysis_remembers_the_one_before(name):
    expected = answer(name)
    analyses.load("overview").run(Dataset.from_frames("other", transactions=shop()["transactions"].head(500)))
    same(expected, Recipe("demo", name).run(data()))


@every
def test_its_page_is_thin_and_asks_for_the_role_first(name):
    text = (PAGES / f"{name}.py").read_text("utf-8")
    body = [s for s in ast.parse(text).body if not isinstance(s, ast.Import | ast.ImportFrom)]
    assert text.count("\n") <= 40
    assert "require_role" in ast.unparse(body[1])
