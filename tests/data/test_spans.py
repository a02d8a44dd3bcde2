"""The cells a sheet spans, counted at a glance, as a naive twin counts them."""

import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_ai.data.files.alphabets import certain
from crm_ai.data.files.grids import Merged, read_grid
from crm_ai.data.files.sizes import check_size
from crm_ai.data.files.spans import TooLarge, patient_span, quick_span
from tests.data.files_made import FRAME, workbook

CELLS = st.lists(st.tuples(st.integers(1, 16_384), st.integers(1, 1_048_576)), min_size=1, max_size=30)


def letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def sheet(cells: list[tuple[int, int]], form: str = '<c r="{}"><v>1</v></c>') -> bytes:
    body = "".join(f'<row r="{row}">{form.format(letters(column) + str(row))}</row>' for column, row in cells)
    return f"<worksheet><cols><col min='1'/></cols><sheetData>{body}</sheetData></worksheet>".encode()


@given(CELLS, st.integers(1, 200))
def test_a_glance_sees_what_counting_sees(cells: list[tuple[int, int]], block: int) -> None:
    content, file = sheet(cells), io.BytesIO(sheet(cells))
    found = quick_span(iter(lambda: file.read(block), b""), most=0)
    assert found.trusted
    assert (found.cells, found.columns, found.rows) == (len(cells), max(c for c, _ in cells), max(r for _, r in cells))
    patient = patient_span([content], most=1 << 40)
    assert (patient.columns, patient.rows) == (found.columns, found.rows)


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 1_048_576)), min_size=1, max_size=60), st.integers(1, 300))
def test_rows_are_never_told_too_few(cells: list[tuple[int, int]], block: int) -> None:
    file = io.BytesIO(sheet(cells))
    found = quick_span(iter(lambda: file.read(block), b""), most=1 << 40)
    assert found.rows >= max(row for _, row in cells)
    assert (found.cells, found.columns) == (len(cells), max(column for column, _ in cells))


@pytest.mark.parametrize("odd", ['<c r="XFD1"/>', '<c r="A1048576"/>', "<c/>", '<x:c r="A9"/>', '<c s="1" r="B9"/>'])
def test_one_odd_cell_among_usual_ones_is_seen(odd: str) -> None:
    usual = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="C{n}"/></row>' for n in range(1, 2_000))
    content = (usual + odd + usual).encode()
    found = quick_span([content[n : n + 5_000] for n in range(0, len(content), 5_000)], most=1 << 40)
    assert not found.trusted or found.columns == 16_384 or found.rows == 1_048_576


@pytest.mark.parametrize(
    "form", ["<c r='{}'><v>1</v></c>", '<x:c r="{}"/>', '<c  r="{}"/>', '<c s="1" r="{}"/>', "<c/>"]
)
def test_cells_that_are_oddly_written_are_not_trusted(form: str) -> None:
    assert not quick_span([sheet([(3, 7)], form)], most=0).trusted


def test_empty_cells_span_nothing_and_entities_are_refused() -> None:
    assert patient_span([sheet([(16_384, 1_048_576)], '<c r="{}" s="1"/>')], most=10).square == 0
    with pytest.raises(TooLarge):
        patient_span([b"<!DOCTYPE x [<!ENTITY a 'ha'>]><x/>"], most=10)


def test_a_usual_workbook_passes(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook({"A": FRAME}))
    check_size(path, "a.xlsx")


def test_headings_in_two_rows_become_one(tmp_path: Path) -> None:
    rows = [["Customer ID", "January", "", "February", ""], ["", "Sales", "Returns", "Sales", "Returns"],
            *([f"C{n}", n, 1, n, 0] for n in range(9))]  # fmt: skip
    merged = [Merged(0, 0, 1, 0), Merged(0, 1, 0, 2), Merged(0, 3, 0, 4)]
    table = read_grid(rows, tmp_path / "a.parquet", "a", merged=merged)
    assert table is not None
    assert table.columns == ("Customer ID", "January Sales", "January Returns", "February Sales", "February Returns")
    assert table.rows == 9


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5, codec="gb2312"), min_size=40, max_size=200))
def test_chinese_is_taken_for_no_other_language(text: str) -> None:
    assert certain(("订单,客户,商品,数量,单价,日期\n" + text).encode("gb2312")) is None


@given(st.lists(st.sampled_from(re.findall(r"\w+", "crème brûlée à la façon de Noël déjà été où Größe für Öl")),
                min_size=30, max_size=80))  # fmt: skip
def test_western_text_is_taken_for_no_other_language(words: list[str]) -> None:
    assert certain(" ".join(words).encode("cp1252")) is None
