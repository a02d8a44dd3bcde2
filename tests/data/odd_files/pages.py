"""OpenDocument, XML spreadsheets, web pages and archives that hold tables."""

import base64
import zipfile
from datetime import datetime
from typing import Any

from tests.data.odd_files.bombs import LAUGHS
from tests.data.odd_files.cases import Case, Rows, bad, good, table
from tests.data.odd_files.packed import zipped_files
from tests.data.odd_files.sheets import NATIVE


def ods(rows: Rows, after: str = "") -> bytes:
    """An OpenDocument spreadsheet."""
    spaces = "urn:oasis:names:tc:opendocument:xmlns:"
    body = "".join("<table:table-row>" + "".join(map(_ods_cell, row)) + "</table:table-row>" for row in rows)
    content = (
        f'<office:document-content xmlns:office="{spaces}office:1.0" xmlns:table="{spaces}table:1.0" '
        f'xmlns:text="{spaces}text:1.0"><office:body><office:spreadsheet><table:table table:name="A">{body}{after}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    mime = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped_files({"mimetype": mime, "content.xml": content.encode(), "META-INF/manifest.xml": (
        f'<manifest:manifest xmlns:manifest="{spaces}manifest:1.0"/>').encode()}, zipfile.ZIP_STORED)  # fmt: skip


def _ods_cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f'<table:table-cell office:value-type="date" office:date-value="{value:%Y-%m-%d}"/>'
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'


REPEATED = (
    '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"{0}/>'
    "</table:table-row>"
)
XML_2003 = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    '<Worksheet ss:Name="A"><Table>{rows}</Table></Worksheet></Workbook>'
)


def _xml_2003() -> bytes:
    def cell(value: Any) -> str:
        kind = "Number" if isinstance(value, int | float) else "DateTime" if isinstance(value, datetime) else "String"
        shown = value.isoformat() if isinstance(value, datetime) else value
        return f'<Cell><Data ss:Type="{kind}">{shown}</Data></Cell>'

    rows = "".join("<Row>" + "".join(map(cell, row)) + "</Row>" for row in NATIVE)
    return XML_2003.format(rows=rows).encode()


def page(rows: Rows, tag: str = "td", before: str = "") -> str:
    body = "".join("<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in row) + "</tr>\n" for row in rows)
    return f"<html><head><title>orders</title></head><body>{before}<table border=1>{body}</table></body></html>"


def _mht() -> bytes:
    inner = base64.encodebytes(page(table(chinese=True)).encode()).decode()
    return (
        'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n--x\nContent-Location: a.htm\n'
        f'Content-Transfer-Encoding: base64\nContent-Type: text/html; charset="utf-8"\n\n{inner}\n--x--\n'
    ).encode()


def _unclosed() -> str:
    rows = table()
    return "<table>" + "\n".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in rows)


SMALL = "<table><tr><td>Shop</td><td>North</td></tr></table>"
OTHERS: list[Case] = [
    good("ODS", lambda: ods(NATIVE), "orders.ods"),
    good("ODS with a million empty rows after", lambda: ods(NATIVE, REPEATED.format("")), "orders.ods"),
    bad("ODS with a cell repeated 17 billion times", lambda: ods(NATIVE, REPEATED.format(
        ' office:value-type="float" office:value="1"')), "", "orders.ods", alone=True),
    good("a web page called .xls", page(table()), "orders.xls"),
    good("a web page in GBK called .xls", lambda: page(table(chinese=True), before="<p>订单</p>").encode("gbk"),
         "orders.xls"),
    good("a web page with headings in th and a small table before", page(table(), before=SMALL), "orders.xls"),
    good("a web page whose cells are not closed", _unclosed(), "orders.xls"),
    bad("a web page without a table", "<html><body><p>Please sign in</p></body></html>", "web page", "orders.xls"),
    good("a web archive (MHT)", _mht(), "orders.mht"),
    good("an XML spreadsheet of 2003", _xml_2003(), "orders.xls"),
    bad("an XML spreadsheet with a billion laughs", (LAUGHS + XML_2003.split("\n", 2)[2].format(
        rows="<Row><Cell><Data>&a11;</Data></Cell></Row>")), "", "orders.xls", alone=True),
    bad("other XML", "<?xml version='1.0'?><orders><order id='1'/></orders>", "XML", "orders.xml"),
    bad("an SVG", "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "XML"),
]  # fmt: skip

CASES = OTHERS
