"""Delimited text: encodings, line ends, delimiters, quotes, headings, lines that are no records."""

import codecs
import csv

from tests.data.odd_files.cases import (
    AMOUNT,
    FIRST,
    HEAD,
    QUANTITY,
    Case,
    Rows,
    bad,
    good,
    other,
    table,
    text,
)  # fmt: skip

CHINESE = text(table(chinese=True))
PLAIN = text(table())
LINES_OF = PLAIN.splitlines()
TRADITIONAL = ["訂單編號", "下單日期", "客戶編號", "商品名稱", "數量", "單價"]


def _foreign(head: list[str], names: list[str]) -> str:
    rows = table(head=head)
    for number, row in enumerate(rows[1:]):
        row[3] = names[number % len(names)]
    return text(rows)


JAPANESE_TEXT = _foreign(HEAD, ["急須のセット", "みどりの湯のみ", "おおきいどんぶり", "竹のトレイ"])
KOREAN_TEXT = _foreign(HEAD, ["녹차 주전자", "초록색 컵", "큰 그릇", "대나무 쟁반", "차 상자"])
RUSSIAN_TEXT = _foreign(HEAD, ["Чайник заварочный", "Зелёная чашка", "Большая миска", "Поднос"])
TRADITIONAL_TEXT = _foreign(TRADITIONAL, ["紫砂茶壺", "青瓷杯子", "大號湯碗", "竹製托盤"])
FOUR_BYTES = CHINESE.replace("青瓷杯子", "㐀䶮杯子")
ACCENTS = text(table(product=lambda name: f"{name} – crème brûlée, “été” à 5 €"))


def _in_lines(lines: list[str], *extra: tuple[int, str]) -> str:
    """The lines with others put in before some of them."""
    made = list(lines)
    for place, line in sorted(extra, reverse=True):
        made.insert(place, line)
    return "\n".join(made) + "\n"


def _ragged() -> str:
    return _in_lines(LINES_OF, (3, "SO-9,2024-01-01"), (7, "SO-8,2024-01-01,C1,Tray,1,2.00,extra,more"))


def _with_quotes(quoted: str) -> str:
    """The product of the third line written so."""
    lines = [*LINES_OF]
    lines[3] = lines[3].replace("Big bowl", quoted)
    return "\n".join(lines) + "\n"


def _fixed_width() -> str:
    rows = table(product=lambda name: name.replace(" ", "_"), head=[head.replace(" ", "_") for head in HEAD])
    widths = [max(len(row[i]) for row in rows) + 2 for i in range(len(rows[0]))]
    return "\n".join("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _fixed_with_blanks() -> str:
    rows = table()
    widths = [max(len(row[i]) for row in rows) + 3 for i in range(len(rows[0]))]
    return "\n".join("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _appended(value: str, heading: str) -> Rows:
    rows = table()
    return [[*rows[0], heading], *[[*row, value] for row in rows[1:]]]


ENCODINGS: list[Case] = [
    good("UTF-8 with a byte order mark", codecs.BOM_UTF8 + PLAIN.encode()),
    good("UTF-8 with two byte order marks", codecs.BOM_UTF8 * 2 + PLAIN.encode()),
    good("UTF-16 little endian with a mark", PLAIN.encode("utf-16")),
    good("UTF-16 big endian with a mark", codecs.BOM_UTF16_BE + CHINESE.encode("utf-16-be")),
    good("UTF-16 little endian without a mark", PLAIN.encode("utf-16-le")),
    good("UTF-16 big endian without a mark", PLAIN.encode("utf-16-be")),
    good("UTF-16 cut off in the middle of a character", PLAIN.encode("utf-16")[:-1], rows=11, rejected=1, totals={},
         cells={}),
    good("UTF-32 with a mark", PLAIN.encode("utf-32")),
    good("GBK", CHINESE.encode("gbk"), cells=FIRST | {(0, "product_name"): "紫砂茶壶"}),
    good("GB18030 with characters of four bytes", FOUR_BYTES.encode("gb18030"),
         cells=FIRST | {(1, "product_name"): "㐀䶮杯子"}),
    good("GB18030 of a single line of Chinese", (PLAIN.replace("Tea pot", "茶壶")).encode("gb18030")),
    good("Big5", TRADITIONAL_TEXT.encode("big5"), cells=FIRST | {(0, "product_name"): "紫砂茶壺"}),
    good("Shift-JIS", JAPANESE_TEXT.encode("cp932"), cells=FIRST | {(0, "product_name"): "急須のセット"}),
    good("EUC-JP", JAPANESE_TEXT.encode("euc_jp"), cells=FIRST | {(0, "product_name"): "急須のセット"}),
    good("EUC-KR", KOREAN_TEXT.encode("cp949"), cells=FIRST | {(0, "product_name"): "녹차 주전자"}),
    good("Windows Cyrillic", RUSSIAN_TEXT.encode("cp1251"),
         cells=FIRST | {(0, "product_name"): "Чайник заварочный"}),
    good("KOI8-R", RUSSIAN_TEXT.encode("koi8-r"), cells=FIRST | {(0, "product_name"): "Чайник заварочный"}),
    good("Windows Western European", ACCENTS.encode("cp1252"),
         cells=FIRST | {(0, "product_name"): "Tea pot – crème brûlée, “été” à 5 €"}),
    good("Latin-1", text(table(product=lambda name: f"{name} crème")).encode("latin-1"),
         cells=FIRST | {(0, "product_name"): "Tea pot crème"}),
    good("UTF-8 and Latin-1 mixed in one file", (text(table(chinese=True)) * 8).encode().replace(
        "大号汤碗".encode(), b"caf\xe9 \xe0", 1), rows=None, totals={}, cells={(0, "product_name"): "紫砂茶壶"}),
    good("UTF-8 read as Western and saved again", text(table(product=lambda name: name + " 茶".encode().decode(
        "latin-1"))), cells=FIRST),
    good("an emoji in every cell of text", text(table(product=lambda name: f"🍵{name}👨‍👩‍👧"))),
    bad("UTF-32 without a mark", PLAIN.encode("utf-32-le"), "NUL"),
    bad("EBCDIC", PLAIN.encode("cp037"), ""),
]  # fmt: skip

LINE_ENDS: list[Case] = [
    good("CR only", PLAIN.replace("\n", "\r")),
    good("CRLF", PLAIN.replace("\n", "\r\n")),
    good("CRCRLF", PLAIN.replace("\n", "\r\r\n")),
    good("mixed line ends", "".join(
        line + ("\n", "\r\n", "\r")[n % 3] for n, line in enumerate(LINES_OF))),
    good("NEL line ends", PLAIN.replace("\n", "\x85")),
    good("Unicode line separators", PLAIN.replace("\n", "\u2028")),
    good("no last line end", PLAIN.rstrip("\n")),
    good("form feeds between pages", PLAIN.replace("SO-1004", "\fSO-1004", 1), rows=12),
    good("a Ctrl-Z at the end", PLAIN + "\x1a"),
    good("blank lines between all records", PLAIN.replace("\n", "\n\n")),
    good("lines of blanks and commas", PLAIN.replace("\n", "\n,,,,,\n   \n")),
    good("a hundred blank lines above", "\n" * 100 + PLAIN),
]  # fmt: skip

DELIMITERS: list[Case] = [
    good("semicolons", text(table(), ";")),
    good("semicolons and decimal commas", text(table(price=lambda p: f"{p:.2f}".replace(".", ",")), ";")),
    good("tabs", text(table(), "\t")),
    good("pipes", text(table(), "|")),
    good("carets", text(table(), "^")),
    good("tildes", text(table(), "~")),
    bad("the unit separator", text(table(), "\x1f"), "not a text file"),
    good("a first line that names the delimiter", "sep=;\n" + text(table(), ";")),
    good("a first line that names a comma, in quotes, with CRLF",
         '"sep=,"\r\n' + PLAIN.replace("\n", "\r\n")),
    good("runs of blanks", _fixed_width()),
    good("fixed width with blanks in the values", _fixed_with_blanks()),
    good("a comma after every record", "\n".join(line + "," for line in LINES_OF)),
    good("a comma after every record but the headings", "\n".join(
        line + ("," if n else "") for n, line in enumerate(LINES_OF))),
    good("commas with blanks after them", PLAIN.replace(",", ", ")),
    good("wrong extension: tabs in a .xls", text(table(), "\t"), "orders.xls"),
    good("wrong extension: CSV in a .xlsx", PLAIN, "orders.xlsx"),
    good("wrong extension: CSV in a .parquet", PLAIN, "orders.parquet"),
    good("no extension", PLAIN, "orders"),
    good("a name with quotes, blanks and Chinese", PLAIN, "订单 'o''r\"ders; 1.csv"),
]  # fmt: skip

QUOTES: list[Case] = [
    good("everything in quotes", text(table(), quoting=csv.QUOTE_ALL)),
    good("single quotes around everything", "\n".join(
        ",".join(f"'{cell}'" for cell in row) for row in table(product=lambda name: f"{name}, blue"))),
    good("a quote in the middle of a value", _with_quotes('Big 12" bowl'),
         cells=FIRST | {(2, "product_name"): 'Big 12" bowl'}),
    good("a quote that is never closed", _with_quotes('"Big bowl'), rejected=0),
    good("a quote that is never closed in the last record", PLAIN + 'SO-1,2024-01-01,C1,"Tray,1,2\n', rows=13,
         totals={}),
    good("doubled quotes", _with_quotes('"Big ""soup"" bowl"'),
         cells=FIRST | {(2, "product_name"): 'Big "soup" bowl'}),
    good("quotes escaped by a backslash", _with_quotes('"Big \\"soup\\" bowl"'),
         cells=FIRST | {(2, "product_name"): 'Big "soup" bowl'}),
    good("smart quotes", _with_quotes("“Big” ‘bowl’"), cells=FIRST | {(2, "product_name"): "“Big” ‘bowl’"}),
    good("a line break in quotes", _with_quotes('"Big\nbowl"'), cells=FIRST | {(2, "product_name"): "Big\nbowl"}),
    good("line breaks in quoted headings", '"Order\nID","Order\nDate",Customer ID,Product,Quantity,"Unit\nPrice"\n'
         + PLAIN.split("\n", 1)[1]),
    good("blanks before the quotes", "\n".join(", ".join(f'"{cell}"' for cell in row) for row in table())),
    good("text after a closing quote", _with_quotes('"Big" bowl'), rejected=0),
    bad("whole lines in quotes", "\n".join('"' + line.replace('"', '""') + '"' for line in LINES_OF), "can be read"),
    good("equal signs before quoted numbers", "\n".join(
        ",".join([f'="{row[0]}"', *row[1:]]) for row in table())),
]  # fmt: skip

SHAPES: list[Case] = [
    good("records that are too short and too long", _ragged(), rejected=2),
    good("headings repeated at every page", _in_lines(LINES_OF, (5, LINES_OF[0]), (9, LINES_OF[0])), rejected=2,
         reasons=("Headings repeated",)),
    good("comment lines above", "# shop export\n# all orders of 2024\n" + PLAIN),
    good("comment lines in the middle", _in_lines(LINES_OF, (4, "# February"), (8, "# March")), rejected=2),
    good("title lines above", "Sales report 2024\nShop: North\n\n" + PLAIN),
    good("lines of name and value above", "Shop,North\nFrom,2024-01-01\nTo,2024-03-31\n\n" + PLAIN),
    good("title lines with as many commas", "Sales report 2024,,,,,\nShop: North,,,,,\n" + PLAIN),
    good("a dashed line below the headings", _in_lines(LINES_OF, (1, ",".join(["------"] * 6)))),
    good("a totals row at the end", PLAIN + f"Total,,,,{QUANTITY},{AMOUNT}\n", rejected=1, reasons=("A totals row",)),
    good("a totals row with all cells filled", PLAIN + f"Grand total,-,-,-,{QUANTITY},{AMOUNT}\n", rejected=1),
    good("a totals row whose label stands further right", PLAIN + f",,,TOTAL:,{QUANTITY},{AMOUNT}\n", rejected=1),
    good("totals after every page", _in_lines(LINES_OF, (5, "小计,,,,10,1000.00"),
         (13, f"合计,,,,{QUANTITY},{AMOUNT}")), rejected=2, reasons=("A totals row",)),
    good("总计 at the end of a Chinese file", CHINESE + f"总 计：,,,,{QUANTITY},{AMOUNT}\n", rejected=1,
         reasons=("A totals row",)),
    good("a footer", PLAIN + "Generated on 2024-04-01 10:00 by admin,,,,,\n", rejected=1, reasons=("A footer",)),
    good("a footer of one field", PLAIN + "\nGenerated on 2024-04-01 10:00 by admin\nPage 1 of 1\n", rejected=2),
    good("制表人 and 打印时间 at the end", CHINESE + "制表人：张三,,,审核人：李四,,\n打印时间：2024-04-01,,,,,\n",
         rejected=2, reasons=("A footer",)),
    good("a customer called Total", PLAIN.replace("C10", "Total"), rejected=0, cells={(0, "customer_id"): "Total"}),
    good("a product called Total", PLAIN.replace("Tray", "Total"), rejected=0, cells={(3, "product_name"): "Total"}),
    good("the order number only in the first line of an order", [
        row if not n or n % 2 else ["", "", "", *row[3:]] for n, row in enumerate(table())],
        cells={(1, "order_id"): "SO-1001", (1, "customer_id"): "C10", (11, "order_id"): "SO-1006"}),
    good("duplicated headings", [[*row, row[3]] for row in table()]),
    good("headings that differ in case only", _appended("x", "PRODUCT")),
    good("empty headings", [["" if cell == "x" else cell for cell in row] for row in _appended("note", "x")]),
    good("a very long heading", _appended("x", "note " * 3000)),
    good("numbers as headings of other columns", _appended("7", "2024")),
    good("blanks and zero-width signs in headings", [
        [f"\u200b {cell}\u00a0\ufeff" for cell in table()[0]], *table()[1:]]),
    good("right-to-left marks around values", table(product=lambda name: f"\u202e{name}\u202c")),
    bad("control signs in values", table(product=lambda name: f"{name}\x07"), "not a text file"),
    bad("a NUL byte in the middle", PLAIN.replace("Tray", "Tr\0ay"), "NUL"),
    bad("empty", b"", "empty"),
    bad("only a byte order mark", codecs.BOM_UTF8, "empty"),
    bad("only headings", LINES_OF[0], "no rows"),
    bad("only blank lines", b"\n" * 1000, "empty"),
    bad("only commas", ",,,,\n" * 100, ""),
    good("one record", "\n".join(LINES_OF[:2]), rows=1, totals={"amount": 100.5}, cells={}),
    bad("one column of numbers", "\n".join(map(str, range(100))), "not recognised"),
    bad("one word", "hello", ""),
    bad("one line of 50 MB", lambda: b"x" * 50_000_000, "", alone=True),
    bad("one record of 10 million fields", lambda: b"1," * 10_000_000, "columns", alone=True),
    bad("5,000 columns", lambda: (",".join(f"c{n}" for n in range(5000)) + "\n" + ("1," * 4999 + "1\n") * 20).encode(),
        "columns", alone=True),
    other("no headings", text(table()[1:]), table="series", rows=12),
    other("an access log", "\n".join(
        f'10.0.0.{n} - - [01/Jan/2024:10:00:{n:02d} +0000] "GET /a?b={n} HTTP/1.1" 200 {n * 17}' for n in range(50)),
        "access.log", table="customers", rows=50),
    bad("source code", "import os\n\n\ndef main(a, b):\n    return os.path.join(a, b)\n\n\nprint(main('x', 'y'))\n" * 9,
        "", "main.py"),
    bad("an e-mail", "From: a@example.com\nTo: b@example.com\nSubject: orders\n\nDear all,\n\nplease find below,\n"
        "thanks; regards\n\nAnn\n", "", "mail.eml"),
]  # fmt: skip

INJECTED = "'; DROP TABLE orders; --"
STRANGE = [
    '=HYPERLINK("http://x")',
    "<script>alert(1)</script>",
    INJECTED,
    "{name} %s \\n",
    "../../etc/passwd",
    '"""\\',
]
INJECTIONS: list[Case] = [
    good(f"a value of {value[:12]!r}", table(product=lambda name, value=value: value if name == "Tea pot" else name),
         cells=FIRST | {(0, "product_name"): value})
    for value in STRANGE
] + [good(f"a heading of {value[:12]!r}", _appended("x", value)) for value in STRANGE]  # fmt: skip

CASES = [*ENCODINGS, *LINE_ENDS, *DELIMITERS, *QUOTES, *SHAPES, *INJECTIONS]
