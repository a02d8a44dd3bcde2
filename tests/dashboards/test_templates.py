"""Templates: only what the data can carry, and what is left out is said."""

from functools import cache

import pandas as pd
import pytest

from crm_ai import analyses, i18n
from crm_ai.analyses import results
from crm_ai.dashboards import templates
from crm_ai.data import samples
from crm_ai.data.dataset import Dataset

every = pytest.mark.parametrize("name", templates.TEMPLATES)


@cache
def shop() -> Dataset:
    frames = samples.demo(seed=3, customers=300)
    return Dataset.from_frames("demo", **frames | {"feedback": frames["feedback"].head(300)})


@cache
def result(analysis: str, params: tuple):
    module = analyses.load(analysis)
    found = module.run(shop(), analyses.options.parse(module.Params, dict(params)))
    return module.figures(found), results.tables(found)


@every
def test_the_demo_carries_every_tile_of_every_template(name):
    made = templates.made(name, "demo", shop())
    assert len(made.tiles) == len(templates.TEMPLATES[name].slots)
    assert made.left_out == ()
    assert len({tile.id for tile in made.tiles}) == len(made.tiles)
    for tile in made.tiles:
        figures, tables = result(tile.recipe.analysis, tuple(tile.recipe.params.items()))
        assert tile.checked() == tile
        assert tile.kind in ("cards", "findings") or tile.part in (figures if tile.kind == "chart" else tables)


@every
def test_every_row_of_a_template_is_full(name):
    from crm_ai.dashboards.boards import COLUMNS, Board

    board = Board("b", "B", tiles=templates.made(name, "demo", shop()).tiles)
    assert {sum(tile.width for tile in row) for row in board.rows} == {COLUMNS}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_the_data_cannot_carry_is_left_out_and_said(language):
    t = i18n.translator(language)
    bare = Dataset.from_frames("bare", transactions=pd.DataFrame({"ordered_at": [], "amount": []}))
    made = templates.made("sales", "bare", bare, t)
    assert {tile.part for tile in made.tiles} == {"", "revenue", "forecast", "rhythm"}
    assert [t("Overview") in sentence for sentence in made.left_out] == [True, True]
    assert i18n.heading("country", t) in made.left_out[1]


def test_data_of_another_kind_leave_nothing():
    said = Dataset.from_frames("said", feedback=pd.DataFrame({"text": ["good"]}))
    assert templates.made("campaign", "said", said).tiles == ()
    assert [tile.part for tile in templates.made("voice", "said", said).tiles][2:] == [
        "aspects",
        "topics",
        "cloud",
        "topics",
    ]
