"""Every way of writing a table comes back the same; what cannot be read says why."""

import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_ai.data.files.tables import MOST_COLUMNS
from crm_ai.data.sources import read_source, sheets
from crm_ai.errors import BadParameter
from tests.conftest import shared
from tests.data.files_made import FRAME, csv_bytes, read, rejected, rows_of, workbook

TABLE = [
    ["订单号", "name", "note"],
    ["1", "张三", "a, b; c\td | e"],
    ["2", "Émile", 'he said "no"'],
    ["3", "李四", "two\nlines"],
]


# --- encodings, delimiters, line ends -------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_comes_back_whatever_its_encoding_line_ends_and_delimiter(
    encoding: str, end: str, delimiter: str, tmp_path: Path
) -> None:
    source = read(tmp_path, csv_bytes(TABLE, encoding, delimiter, end, quote_all=end == "\r"))
    assert list(source.columns) == TABLE[0]
    assert rows_of(source) == TABLE[1:]
    assert (source.delimiter, source.rejected_rows, source.kind) == (delimiter, 0, "csv")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_western_letters_are_not_taken_for_chinese(encoding: str, tmp_path: Path) -> None:
    rows = [["client", "ville"], ["Hélène Dupré", "Orléans"], ["Jürgen Groß", "Köln"], ["Núñez", "Málaga"]]
    assert rows_of(read(tmp_path, csv_bytes(rows, encoding))) == rows[1:]


def test_a_short_chinese_file_is_not_taken_for_korean(tmp_path: Path) -> None:
    source = read(tmp_path, "姓名,数量\n王芳,3\n".encode("gb18030"))
    assert (source.encoding, source.columns, rows_of(source)) == ("gb18030", ("姓名", "数量"), [["王芳", "3"]])


def test_chinese_after_a_long_english_beginning_is_found(tmp_path: Path) -> None:
    lines = ["id,city"] + [f"{n},London" for n in range(150_000)] + ["150000,上海"]
    source = read(tmp_path, "\n".join(lines).encode("gb18030"))
    assert source.encoding == "gb18030"
    assert rows_of(source)[-1] == ["150000", "上海"]


def test_traditional_chinese_in_big5_is_read(tmp_path: Path) -> None:
    assert rows_of(read(tmp_path, "姓名,評論\n陳小明,餐點很好吃，服務親切\n".encode("big5"))) == [
        ["陳小明", "餐點很好吃，服務親切"]
    ]


def test_one_broken_character_does_not_change_the_encoding_of_the_file(tmp_path: Path) -> None:
    good = "\n".join(["编号,评论", *(f"{n},非常满意的一次购物" for n in range(100))]).encode()
    rows = rows_of(read(tmp_path, good + b"\n100,\xe9\x9d\n"))
    assert rows[0] == ["0", "非常满意的一次购物"]
    assert len(rows) == 101


def test_the_encoding_and_delimiter_can_be_said(tmp_path: Path) -> None:
    source = read(tmp_path, "a;b,c\n1;2,3\n".encode("utf-16-le"), encoding="utf-16-le", delimiter=",")
    assert source.columns == ("a;b", "c")
    with pytest.raises(BadParameter, match="klingon"):
        read(tmp_path, b"a,b\n1,2\n", encoding="klingon")


WRITTEN = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffd\u2028\u2029\x85"), max_size=12
)
CELL = st.builds(str.strip, WRITTEN) | st.sampled_from(
    ["two\nlines", 'a "b" c', "x, y", "1;2", "中文，标点", "#", "'", "\\", "  in  side  ".strip()]
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(2, 5))
    filled = st.lists(CELL, min_size=width, max_size=width).filter(any)
    return [[f"heading {n}" for n in range(width)], *draw(st.lists(filled, min_size=1, max_size=8))]


@settings(max_examples=60, deadline=None)
@given(
    tables(),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_any_table_of_text_comes_back_equal(
    rows: list[list[str]], encoding: str, delimiter: str, end: str, quote_all: bool
) -> None:
    content = csv_bytes(rows, encoding, delimiter, end, quote_all)
    with tempfile.TemporaryDirectory() as folder:
        source = read(Path(folder), content, encoding=None if encoding != "gb18030" else encoding)
        assert list(source.columns) == rows[0]
        assert [[cell or "" for cell in row] for row in rows_of(source)] == rows[1:]
        assert source.rows == len(rows) - 1


# --- shapes ---------------------------------------------------------------------------------------------------------


def test_record_numbers_count_what_was_rejected_and_what_was_rejected_is_kept(tmp_path: Path) -> None:
    source = read(tmp_path, b'a,b,c\n1,2,3\nshort,4\n5,"x\ny",6\n1,2,3,4\n7,"open,8\n9,10,11\n')
    assert duckdb.execute("SELECT _row, a FROM read_parquet(?) ORDER BY 1", [str(source.raw)]).fetchall() == [
        (1, "1"),
        (3, "5"),
        (6, "9"),
    ]
    assert rejected(source) == [
        (2, "Fewer fields than headings", "short,4"),
        (4, "More fields than headings", "1,2,3,4"),
        (5, "A quote is not closed", '7,"open,8'),
    ]
    assert (source.rows, source.rejected_rows) == (3, 3)


def test_a_quote_that_is_never_closed_costs_one_record_of_a_large_file(tmp_path: Path) -> None:
    body = "".join(f'{n},"item {n}",3\n' for n in range(60_000))
    source = read(tmp_path, f'id,item,n\n{body}x,"open,3\n{body}'.encode())
    assert (source.rows, source.rejected_rows) == (120_000, 1)
    assert rejected(source)[0][0] == 60_001


def test_quotes_inside_and_inch_signs_are_text(tmp_path: Path) -> None:
    source = read(tmp_path, b'id\tsize\n1\t5" pipe\n2\t"quoted" word\n3\t"all"\n')
    assert next(row[1] for row in rows_of(source)) == '5" pipe'
    assert source.rejected_rows == 0


def test_where_many_records_are_short_they_are_filled_up(tmp_path: Path) -> None:
    source = read(tmp_path, b"a,b,c,d\n" + b"1,2,3,4\n5,6,7\n8,9,10,11\n" * 20)
    assert source.rows == 60
    assert rows_of(source)[1] == ["5", "6", "7", None]


def test_blanks_as_delimiter_with_and_without_headings(tmp_path: Path) -> None:
    source = read(tmp_path, b" id  date  cds  value\r\n 001 19970101  1   11.77\r\n 002 19970112 12   12.00\r\n")
    assert (source.columns, rows_of(source)[1]) == (("id", "date", "cds", "value"), ["002", "19970112", "12", "12.00"])
    assert read(tmp_path, b" 001 19970101  1   11.77\r\n 002 19970112 12   12.00\r\n").columns == tuple(
        f"column_{n}" for n in range(1, 5)
    )


def test_lines_above_the_headings_are_passed_over(tmp_path: Path) -> None:
    text = "支付宝交易记录\n账号:[x@y.test]\n\n交易号,商品名称,金额\n1,水,3\n2,茶,5\n3,米,9\n"
    assert (source := read(tmp_path, text.encode("gb18030"))).columns == ("交易号", "商品名称", "金额")
    assert source.rows == 3


def test_headings_are_made_unique_and_named(tmp_path: Path) -> None:
    source = read(tmp_path, b"id,ID,,name,_row\n1,2,3,x,5\n2,3,4,y,6\n")
    assert source.columns == ("id", "ID_2", "column_3", "name", "_row_2")


def test_row_names_as_r_writes_them_get_a_column(tmp_path: Path) -> None:
    source = read(tmp_path, b'"x","y"\n"r1",1,2\n"r2",3,4\n')
    assert (source.columns, rows_of(source)[0]) == (("column_1", "x", "y"), ["r1", "1", "2"])


def test_one_text_a_line_is_one_column(tmp_path: Path) -> None:
    text = "review\nGood, really good, and cheap\nBad\nSlow, but friendly; would come again\nNot for me, sorry\n"
    source = read(tmp_path, text.encode())
    assert (source.columns, source.rows, source.delimiter) == (("review",), 4, None)


def test_a_text_and_a_label_without_headings(tmp_path: Path) -> None:
    source = read(tmp_path, b'Loved this place.\t1\rCrust is not good.\t0\rNot tasty, "sadly".\t0\r')
    assert (source.columns, source.rows) == (("column_1", "column_2"), 3)


def test_european_decimals_do_not_win_over_semicolons(tmp_path: Path) -> None:
    source = read(tmp_path, b"artikel;preis;menge\nA;1,50;2,5\nB;2,75;3,5\n")
    assert source.columns == ("artikel", "preis", "menge")


def test_lines_of_items_are_baskets(tmp_path: Path) -> None:
    source = read(tmp_path, b"milk,bread\nbread,butter,milk\nbutter\nmilk,butter,jam,bread\njam,milk\n" * 3)
    assert (source.kind, source.columns, source.rows) == ("baskets", ("order_id", "product_name"), 36)
    assert rows_of(source)[2:5] == [["2", "bread"], ["2", "butter"], ["2", "milk"]]


@pytest.mark.parametrize("text", [b"1 2 3\n2 5\n1 2 5 9\n3\n", b"1 3 5 7 9\n1 4 5 8 9\n2 3 5 7 8\n"])
def test_lines_of_numbers_are_baskets(text: bytes, tmp_path: Path) -> None:
    assert read(tmp_path, text, "x.dat").kind == "baskets"


def test_numbered_item_columns_are_baskets(tmp_path: Path) -> None:
    source = read(tmp_path, b"Item(s),Item 1,Item 2,Item 3\n2,milk,bread,\n1,jam,,\n3,milk,jam,tea\n")
    assert (source.kind, rows_of(source)) == (
        "baskets",
        [["1", "milk"], ["1", "bread"], ["2", "jam"], ["3", "milk"], ["3", "jam"], ["3", "tea"]],
    )


# --- other formats --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [0, 2])
def test_a_workbook_keeps_types_and_shows_mixed_cells_as_written(start: int, tmp_path: Path) -> None:
    source = read(tmp_path, workbook({"One": FRAME}, start), "book.xlsx")
    assert source.columns == tuple(FRAME.columns)
    assert rows_of(source)[0] == [1, "71053", datetime(2024, 1, 2, 3, 4), 1.5, "x"]
    assert rows_of(source)[2] == [3, None, datetime(2024, 3, 4), 3.0, None]


def test_every_sheet_with_a_table_is_read_or_the_one_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(workbook({"A": FRAME, "B": FRAME[["id", "text"]], "empty": FRAME[:0]}))
    assert [source.sheet for source in read_source(tmp_path / "book.xlsx", tmp_path)] == ["A", "B"]
    assert read_source(tmp_path / "book.xlsx", tmp_path, sheet="B")[0].columns == ("id", "text")
    assert sheets(tmp_path / "book.xlsx") == ["A", "B", "empty"]
    with pytest.raises(BadParameter):
        read_source(tmp_path / "book.xlsx", tmp_path, sheet="C")


def test_an_old_workbook_with_three_chinese_sheets(tmp_path: Path) -> None:
    found = read_source(shared("zh_superstore/zh_superstore.xls"), tmp_path)
    assert [(source.sheet, source.rows) for source in found] == [("订单", 10_000), ("退货", 296), ("销售人员", 6)]
    total, day = (
        duckdb.execute(
            "SELECT round(sum(销售额), 3), min(订单日期) FROM read_parquet(?)", [str(found[0].raw)]
        ).fetchone()
        or ()
    )
    assert total == 16117548.237
    assert isinstance(day, date)


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    frame = FRAME.assign(code="c", tags=[["a"], [], ["b", "c"]])
    out = io.BytesIO()
    frame.to_parquet(out)
    source = read(tmp_path, out.getvalue(), "x.csv")
    assert (source.kind, source.columns) == ("parquet", tuple(frame.columns))
    assert rows_of(source)[0][:4] == [1, "c", datetime(2024, 1, 2, 3, 4), 1.5]


@pytest.mark.parametrize("write", [lambda rows: "\n".join(map(json.dumps, rows)), json.dumps])
def test_json_lines_and_arrays_spread_their_objects(write: Callable[[Any], str], tmp_path: Path) -> None:
    rows = [{"id": 1, "customer": {"name": "李", "n": 2}}, {"id": 2, "customer": {"name": "Bo", "n": 3}, "tags": ["x"]}]
    source = read(tmp_path, write(rows).encode(), "x.txt")
    assert (source.kind, source.columns) == ("jsonl", ("id", "customer.name", "customer.n", "tags"))
    assert rows_of(source)[0][:3] == [1, "李", 2]


def test_a_broken_json_line_is_kept_aside(tmp_path: Path) -> None:
    source = read(tmp_path, b'{"id": 1, "text": "a"}\n{"id": 2, "te\n{"id": 3, "text": "c"}\n', "x.jsonl")
    assert (source.rows, rejected(source)) == (2, [(2, "Not a JSON object", '{"id": 2, "te')])


def test_a_packed_file_is_read_like_the_file(tmp_path: Path) -> None:
    plain = csv_bytes(TABLE, "gb18030")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.csv", plain)
        archive.writestr("__MACOSX/._data.csv", b"x")
    for name, content in {
        "a.csv.gz": gzip.compress(plain),
        "a.zip": packed.getvalue(),
        "b": gzip.compress(workbook({"A": FRAME})),
    }.items():
        assert read(tmp_path, content, name).rows == 3


def test_five_thousand_columns_are_read(tmp_path: Path) -> None:
    rows = [[f"c{n}" for n in range(MOST_COLUMNS)], *([str(n) for n in range(MOST_COLUMNS)] for _ in range(3))]
    assert len(read(tmp_path, csv_bytes(rows)).columns) == MOST_COLUMNS


def test_a_source_is_known_by_its_bytes_and_survives_json(tmp_path: Path) -> None:
    one, two = read(tmp_path, csv_bytes(TABLE), "a.csv"), read(tmp_path, csv_bytes(TABLE), "b.csv", name="uploaded.csv")
    assert (one.sha256, two.name) == (two.sha256, "uploaded.csv")
    assert json.loads(json.dumps(one.to_json()))["columns"] == TABLE[0]
