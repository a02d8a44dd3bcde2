"""Workbooks: several sheets, merged cells, formulas, errors, old kinds, tables in web pages, bombs."""

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import openpyxl
import xlsxwriter

from tests.data.odd_files.cases import (
    AMOUNT,
    FIRST,
    HEAD,
    LINES,
    QUANTITY,
    Case,
    Rows,
    bad,
    good,
    other,
    table,
)  # fmt: skip
from tests.data.odd_files.packed import zipped_files

Painter = Callable[[xlsxwriter.Workbook], None]
NATIVE = table(date=lambda day: day, quantity=int, price=float)


def book(paint: Painter, **options: Any) -> Callable[[], bytes]:
    def made() -> bytes:
        out = io.BytesIO()
        workbook = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd", **options})
        paint(workbook)
        workbook.close()
        return out.getvalue()

    return made


def _sheet(workbook: xlsxwriter.Workbook, rows: Rows, name: str | None = None, top: int = 0) -> Any:
    sheet = workbook.add_worksheet(name)
    for place, row in enumerate(rows):
        sheet.write_row(top + place, 0, row)
    return sheet


def of_rows(*sheets: Rows) -> Callable[[], bytes]:
    return book(lambda workbook: [_sheet(workbook, rows) for rows in sheets] and None)


def _titled(workbook: xlsxwriter.Workbook) -> None:
    sheet = _sheet(workbook, NATIVE, top=3)
    sheet.merge_range(0, 0, 0, 5, "Sales report 2024")
    sheet.merge_range(1, 0, 1, 5, "Shop: North")


def _two_rows(workbook: xlsxwriter.Workbook) -> None:
    sheet = _sheet(workbook, NATIVE, top=1)
    sheet.merge_range(0, 0, 0, 2, "Order")
    sheet.merge_range(0, 3, 0, 5, "Item")


def _two_rows_chinese(workbook: xlsxwriter.Workbook) -> None:
    """订单编号, 下单日期 and 客户编号 run over both rows; 商品 stands over 名称, 数量, 单价."""
    sheet = _sheet(workbook, table(chinese=True, head=[""] * 3 + ["名称", "数量", "单价"]), top=1)
    for place, heading in enumerate(("订单编号", "下单日期", "客户编号")):
        sheet.merge_range(0, place, 1, place, heading)
    sheet.merge_range(0, 3, 0, 5, "商品")


def _two_rows_of_months(workbook: xlsxwriter.Workbook) -> None:
    rows = [
        ["", "", "Sales", "Returns", "Sales", "Returns"],
        *([f"C{n}", f"Shop {n % 3}", n, 1, n + 1, 0] for n in range(20)),
    ]
    sheet = _sheet(workbook, rows, top=1)
    for place, heading in enumerate(("Customer ID", "Shop")):
        sheet.merge_range(0, place, 1, place, heading)
    sheet.merge_range(0, 2, 0, 3, "January")
    sheet.merge_range(0, 4, 0, 5, "February")


def _merged_down(workbook: xlsxwriter.Workbook) -> None:
    sheet = _sheet(workbook, [row if not n or n % 2 else ["", "", "", *row[3:]] for n, row in enumerate(NATIVE)])
    for order in range(6):
        for place in range(3):
            sheet.merge_range(1 + 2 * order, place, 2 + 2 * order, place, "")
            sheet.write(1 + 2 * order, place, NATIVE[1 + 2 * order][place])


def _first_line_only(workbook: xlsxwriter.Workbook) -> None:
    _sheet(workbook, [row if not n or n % 2 else ["", "", "", *row[3:]] for n, row in enumerate(NATIVE)])


def _covered(workbook: xlsxwriter.Workbook) -> None:
    _sheet(workbook, [["Sales report"], ["Made by", "Ann"], ["Period", "2024"]], "Cover")
    _sheet(workbook, NATIVE, "Data")
    _sheet(workbook, [["Notes"], ["All prices without tax."]], "Notes")
    workbook.add_worksheet("Empty")


def _monthly(workbook: xlsxwriter.Workbook) -> None:
    for month in range(3):
        _sheet(workbook, [NATIVE[0], *NATIVE[1 + 4 * month : 5 + 4 * month]], f"2024-0{month + 1}")


def _hidden(workbook: xlsxwriter.Workbook) -> None:
    _sheet(workbook, NATIVE, "Data")
    _sheet(workbook, NATIVE, "Old data").hide()


def _all_hidden(workbook: xlsxwriter.Workbook) -> None:
    _sheet(workbook, [["Nothing here"]], "Cover")
    _sheet(workbook, NATIVE, "Data").hide()


def _chart_sheet(workbook: xlsxwriter.Workbook) -> None:
    _sheet(workbook, NATIVE, "Data")
    chart = workbook.add_chart({"type": "line"})
    chart.add_series({"values": "=Data!$F$2:$F$13"})
    workbook.add_chartsheet("Chart").set_chart(chart)


def _formulas(cached: bool) -> Painter:
    def paint(workbook: xlsxwriter.Workbook) -> None:
        sheet = _sheet(workbook, [[*NATIVE[0], "Amount"], *NATIVE[1:]])
        for place, line in enumerate(LINES, 1):
            value = line[4] * line[5] if cached else ""
            sheet.write_formula(place, 6, f"=E{place + 1}*F{place + 1}", value=value)

    return paint


def _errors(workbook: xlsxwriter.Workbook) -> None:
    sheet = _sheet(workbook, [[*NATIVE[0], "Margin"], *[[*row, 1.5] for row in NATIVE[1:]]])
    for place, error in enumerate(("#N/A", "#REF!", "#DIV/0!", "#VALUE!"), 2):
        sheet.write_formula(place, 6, "=A1", value=error)


def _totals(workbook: xlsxwriter.Workbook) -> None:
    _sheet(
        workbook,
        [*NATIVE, [], ["合计", "", "", "", QUANTITY, AMOUNT], ["制表人：张三", "", "", "审核人：李四", "", ""]],
    )


def _error_totals(workbook: xlsxwriter.Workbook) -> None:
    sheet = _sheet(workbook, NATIVE)
    sheet.write(13, 3, "Total")
    sheet.write_formula(13, 4, "=SUM(E2:E13)", value=QUANTITY)


def _right_and_below(workbook: xlsxwriter.Workbook) -> None:
    sheet = workbook.add_worksheet()
    for place, row in enumerate(NATIVE):
        sheet.write_row(4 + place, 2, row)


def _beside(workbook: xlsxwriter.Workbook) -> None:
    sheet = _sheet(workbook, NATIVE)
    sheet.write(2, 9, "checked")
    sheet.write(700, 0, "printed for Ann")


def _styled(workbook: xlsxwriter.Workbook) -> None:
    sheet = _sheet(workbook, NATIVE)
    grey = workbook.add_format({"bg_color": "#eeeeee"})
    for row in range(13, 5000):
        sheet.write_blank(row, 0, None, grey)


def _styled_to_the_end() -> bytes:
    """The last cell is added by hand: the writer would go through all rows before it."""
    far = '<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    made = patched(book(_styled), SHEET, "</sheetData>", far)
    return patched(made, SHEET, r'<dimension ref="[^"]+"/>', '<dimension ref="A1:XFD1048576"/>')()


def _mixed_types(workbook: xlsxwriter.Workbook) -> None:
    rows = [list(row) for row in NATIVE]
    for place, row in enumerate(rows[1:]):
        row[1] = row[1] if place % 3 else f"{row[1]:%Y-%m-%d}"
        row[4] = row[4] if place % 2 else str(row[4])
    book_rows = rows
    sheet = workbook.add_worksheet()
    for place, row in enumerate(book_rows):
        for column, cell in enumerate(row):
            (sheet.write_string if isinstance(cell, str) else sheet.write)(place, column, cell)


def _texts(workbook: xlsxwriter.Workbook) -> None:
    sheet = workbook.add_worksheet()
    for place, row in enumerate(table()):
        for column, cell in enumerate(row):
            sheet.write_string(place, column, cell)


def _serials(workbook: xlsxwriter.Workbook) -> None:
    _sheet(workbook, table(date=lambda day: (day - datetime(1899, 12, 30)).days, quantity=int, price=float))


def _odd_values(workbook: xlsxwriter.Workbook) -> None:
    sheet = _sheet(workbook, [[*NATIVE[0], "Gift"], *[[*row, bool(n % 2)] for n, row in enumerate(NATIVE[1:])]])
    sheet.write_rich_string(1, 3, "Tea ", workbook.add_format({"bold": True}), "pot")
    sheet.write_url(2, 3, "https://example.com/cup", string="Green cup")
    sheet.write_comment(3, 3, "a note")


def patched(made: Callable[[], bytes], part: str, old: str, new: str, drop: str = "") -> Callable[[], bytes]:
    """A workbook in one part of which a pattern is replaced, or from which a part is dropped."""

    def again() -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(made())) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for name in archive.namelist():
                content = archive.read(name)
                content = re.sub(old.encode(), new.encode(), content) if name == part else content
                if not drop or name != drop:
                    target.writestr(name, content)
        return out.getvalue()

    return again


def _by_openpyxl() -> bytes:
    made = openpyxl.Workbook()
    for row in NATIVE:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


PLAIN = of_rows(NATIVE)
SHEET = "xl/worksheets/sheet1.xml"
WORKBOOKS: list[Case] = [
    good("a workbook", PLAIN, "orders.xlsx"),
    good("a workbook called .csv", PLAIN),
    good("a workbook called .xls", PLAIN, "orders.xls"),
    good("a workbook by another program", _by_openpyxl, "orders.xlsx"),
    good("merged titles above the headings", book(_titled), "orders.xlsx"),
    good("two rows of headings", book(_two_rows), "orders.xlsx"),
    good("two rows of Chinese headings, some over both", book(_two_rows_chinese), "orders.xlsx"),
    other("two rows of headings with months above", book(_two_rows_of_months), "sales.xlsx", table="customers", rows=20,
          totals={"january_sales": 190, "february_sales": 210, "february_returns": 0}),
    good("cells merged down the lines of an order", book(_merged_down), "orders.xlsx",
         cells={(1, "order_id"): "SO-1001", (11, "order_id"): "SO-1006", (1, "ordered_at"): datetime(2024, 1, 5)}),
    good("the order only in its first line, not merged", book(_first_line_only), "orders.xlsx",
         cells={(1, "order_id"): "SO-1001", (11, "order_id"): "SO-1006", (1, "ordered_at"): datetime(2024, 1, 5)}),
    good("a cover sheet, notes and an empty sheet", book(_covered), "orders.xlsx"),
    good("one sheet a month", book(_monthly), "orders.xlsx"),
    good("a hidden sheet with the same orders", book(_hidden), "orders.xlsx"),
    good("orders in a hidden sheet only", book(_all_hidden), "orders.xlsx"),
    good("a chart sheet", book(_chart_sheet), "orders.xlsx"),
    good("formulas with cached values", book(_formulas(True)), "orders.xlsx"),
    good("formulas without cached values", book(_formulas(False)), "orders.xlsx"),
    good("error cells", book(_errors), "orders.xlsx"),
    good("合计 and 制表人 below", book(_totals), "orders.xlsx", rejected=2, reasons=("A footer", "A totals row")),
    good("a totals row of formulas", book(_error_totals), "orders.xlsx", rejected=1),
    good("a table that starts at C5", book(_right_and_below), "orders.xlsx"),
    good("remarks beside and far below the table", book(_beside), "orders.xlsx", rejected=1),
    good("formatted empty cells down to the last row", _styled_to_the_end, "orders.xlsx"),
    good("dates of 1904", book(lambda b: _sheet(b, NATIVE) and None, date_1904=True), "orders.xlsx"),
    good("dates and numbers partly as text", book(_mixed_types), "orders.xlsx"),
    good("everything as text", book(_texts), "orders.xlsx"),
    good("dates as serial numbers", book(_serials), "orders.xlsx"),
    good("booleans, rich text, links and notes", book(_odd_values), "orders.xlsx"),
    good("a wrong dimension", patched(PLAIN, SHEET, r'<dimension ref="[^"]+"/>', '<dimension ref="A1"/>'),
         "orders.xlsx"),
    good("a dimension of all cells", patched(PLAIN, SHEET, r'ref="A1:F13"', 'ref="A1:XFD1048576"'), "orders.xlsx"),
    good("cells without references", patched(PLAIN, SHEET, r' r="[A-Z]+\d+"', ""), "orders.xlsx"),
    good("without styles", patched(of_rows(table()), "", "", "", drop="xl/styles.xml"), "orders.xlsx"),
    bad("a workbook without rows", of_rows([HEAD]), "no sheet"),
    bad("a workbook without sheets", zipped_files({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<workbook/>"}),
        ""),
    bad("a workbook that was cut off", lambda: PLAIN()[:-900], "cut off", "orders.xlsx"),
    bad("a workbook whose sheet is missing", patched(PLAIN, "", "", "", drop=SHEET), "", "orders.xlsx"),
    bad("a workbook whose sheet was cut off", patched(PLAIN, SHEET, '(?s)<row r="7".*', "<row "), "", "orders.xlsx"),
    bad("a protected workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024)
        + "EncryptedPackage".encode("utf-16-le") + bytes(512), "password", "orders.xlsx"),
]  # fmt: skip

XLS = (
    "c-rllU1%It6oAj2|CycaUz18(C`-"
    "YpX#?4&iXiQ3tp+W&sa7mn)J=AjrOiy3Zq)do)tW~^^hwc&LVfV1>PuB@X|)wZl$QEX2nb2_%_l`cq|JKn*)!|hIzj_lsP0+j&OPUzd%t_<+@I"
    "Mwceb=}_`}tUaD{9E9hTZISSg#p%T1IbV0pVOv&r4TtKF09N?Zp6X_@e8-`BQ`p^Wz;Xz+pY8KwXi@!AX1up<hC$~Ba&)Q7r|eb|htfVa_-"
    "hgH<8GNqH0uAuaN@;pxIon(2H(#`0*ARdLYwH-sZ^DN$@t)sF$$aX)XI`d?y!T@|JXYq@#iH@%ccg4;6{_Ct@t>MEFz<`bgVGv8b0PlhaFpDxg"
    "H8tF5EI>a7`w0Bnt^oX!tm;#hp8eX|1)%*m)o%Zd-"
    "N7JUX@5gA01iU?Nm?XxIH|ueItzJc+z8?Wm*58&Lj8u$22IAwecQYwyRF^|asYSF9B4&TRD{!JJdPSOlP&b$HB%2;&DJdXKO8n&mGQVa8KB2QJ"
    "BO<yBUK%1R!30Z9n>q+QH%5{9ui}55QLS<ndz?YMk?EgZEkHoU73iU-"
    "A{&5?CtKjKHK#hCG#c|_30=Ix$TMQxvs~iZtm7@?lw;zPPCa7mCdY=7P*gU0}7Nc(NZts)425BPv;+)7_U7+mV<PFb&k0k<x_<=yd-O2<vf-"
    "2LDK3F)mTsI%hc)`%CDxhAJ-"
    "w?2ge6EbMGPYd4);`kuys2ZSAI1{$|Y2{kZGnwR7LsZo&M~vBl^6k6x%9hIM%CHn6_@9fA#FgLvyrDWBAmyWlPHJ4#pmWqWkABKN(`XL$iG%MA"
    "ggL}^EpPe*h$jh|IV(^1pAnt__p)lAe(=7<cAAdY-"
    ";FK8Z(qYR&)*0@Y^Y;H>sM@HfV`Uv7!R6F;M<Vb>+LC_R}Mue}Jpb^1kf<^?72^tYRsy(PD1U-"
    "YGcY47Doe1ZdpcBDof=+}!Cg?=SQ|&bu1QU!5f}s!$BFr<vAVQuA1`!HOFo;m5+V@+@7|aZUNj^m;m_&H|jK*b>P-"
    "22fgfbJ%R2<fqbS79C1WO@UM0kn`mJ(@;2rHOirQ#5}$r$Vmf=xdCOt6U%GQn0NZ7XxhPQ~Gl?FJK^41%K&93ni!1V@Rqqs%2I6^GaTWDITw!6"
    "lyoCb&fSnF+2EX;+y`ZYmDj=S(Je83a!uctrS}37!&ZPnk<zDh|gA$ry4OgdF*-WI~Pz+7}v^r6ZkF=29*dhsRD@Oz<-"
    "ZzC!Sc;4#5hBJC@4$xp>$zAVSEMJvNGxkcd1;h*9`PkPdmp8Rh`&}$yh%Z))Va-"
    "A1ko4@N^#%rnfndCn!4?={$7XGQc2SU8ZFuSbzvl2{^v?Z>xPV&7_$|FdRVINFTKlUwq{^Bc#NRQ{LD;EE`CA3`r(sKIwFZ2HZq(fn0"
)
"""An old workbook with the orders, deflated, in base 85."""
OLD: list[Case] = [
    good("XLS of 1997", lambda: zlib.decompress(base64.b85decode(XLS)), "orders.xls", cells=FIRST),
    bad("XLS that was cut off", lambda: zlib.decompress(base64.b85decode(XLS))[:2000], "", "orders.xls"),
]
CASES = [*WORKBOOKS, *OLD]
