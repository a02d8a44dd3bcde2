"""Which encoding a text file is in, decided by strict decoding of the whole file in blocks."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crm_ai.data.files.alphabets import certain
from crm_ai.errors import BadFile, BadParameter

BLOCK = 1 << 20
SAMPLE = 1 << 18
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it starts with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CHINESE = ("gb18030", "big5")
_COMMON = {  # lead bytes of the everyday characters and of the punctuation
    "gb18030": (range(0xB0, 0xD8), range(0xA1, 0xA4)),
    "big5": (range(0xA4, 0xC7), range(0xA1, 0xA4)),
}


@dataclass(frozen=True)
class Encoding:
    """How the bytes of a text file become text.

    Attributes:
        name: as Python names it.
        plain: the file is UTF-8 with one kind of line end throughout and can be read where it lies.
    """

    name: str
    plain: bool


def encoding_of(path: Path, name: str, wanted: str | None = None) -> Encoding:
    """Find the encoding, or take the wanted one.

    Raises:
        BadFile: the file is not text.
        BadParameter: no encoding has the wanted name.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    found = _wanted(wanted) if wanted else _marked(head) or _unmarked_utf16(path, head)
    if not found:
        _refuse_binary(path, head, name)
    is_utf8 = found in (None, "utf-8", "utf-8-sig") and _decodes(path, "utf-8")
    plain = is_utf8 and _one_line_end(path) and not _rare_line_ends(head.decode("utf-8", "ignore"))
    return Encoding(found or ("utf-8" if is_utf8 else _guessed(path)), plain)


def text_blocks(path: Path, encoding: str) -> Iterator[str]:
    """The text in blocks; bytes that are none become U+FFFD, line ends stay as they are."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for block in _blocks(path):
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def transcoded(path: Path, target: Path, encoding: str) -> Path:
    """The file in UTF-8 without a mark, every line end a LF."""
    with target.open("w", encoding="utf-8", newline="") as out:
        held = ""
        rare = None
        for text in text_blocks(path, encoding):
            rare = _rare_line_ends(text) if rare is None else rare
            text = held + (text.translate(rare) if rare else text)
            held = "\r" if text.endswith("\r") else ""  # its LF may come with the next block
            out.write(text.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n"))
        out.write("\n" if held else "")
    return target


def _wanted(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise BadParameter("The encoding {encoding} is not known.", encoding=name) from error


def _marked(head: bytes) -> str | None:
    return next((name for bom, name in _BOMS.items() if head.startswith(bom)), None)


def _unmarked_utf16(path: Path, head: bytes) -> str | None:
    """UTF-16 without a mark shows in the zero bytes: every other byte of its Latin letters and line ends."""
    low, high = head[0::2].count(0), head[1::2].count(0)
    if not low + high or not max(low, high) / (low + high) >= 0.95:
        return None
    name = "utf-16-le" if high > low else "utf-16-be"
    text = head[: len(head) // 2 * 2].decode(name, errors="replace")
    is_text = not re.search(r"[\x00-\x08]", text) and re.search(r"[\r\n,;\t|]", text)
    return name if is_text and _decodes(path, name) else None


def _refuse_binary(path: Path, head: bytes, name: str) -> None:
    if any(b"\0" in block for block in _blocks(path)):
        raise BadFile("{name} holds NUL bytes, so it is not a text file: export it again as CSV in UTF-8.", name=name)
    control = len(re.findall(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]", head))
    if control > max(2, 0.005 * len(head)):
        raise BadFile("{name} is not a text file: upload CSV, Excel, Parquet or JSON lines.", name=name)


def _guessed(path: Path) -> str:
    """UTF-8 with a few broken characters, Japanese, Korean, Cyrillic, Chinese encodings, or Western European."""
    if _broken_share(path, "utf-8") < 0.02:
        return "utf-8"
    with path.open("rb") as file:
        if foreign := certain(file.read(SAMPLE)):
            return foreign
    for name in _CHINESE:
        if _common_share(path, name) > 0.8 and _broken_share(path, name) < 0.02:
            return name
    return next((name for name in ("cp1252", "gb18030") if _decodes(path, name)), "latin-1")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _broken_share(path: Path, encoding: str) -> float:
    """Undecodable places among all characters beyond ASCII."""
    broken = beyond = 0
    for text in text_blocks(path, encoding):
        broken += text.count("\ufffd")
        beyond += len(text) - len(text.encode("ascii", errors="ignore"))
    return broken / max(beyond, 1)


def _common_share(path: Path, encoding: str) -> float:
    """Everyday characters among those beyond ASCII: what a Western text, read as Chinese, does not have."""
    leads = frozenset(lead for part in _COMMON[encoding] for lead in part)
    common = total = 0
    for text in text_blocks(path, encoding):
        beyond = re.sub(r"[\x00-\x7f\ufffd]", "", text)[:SAMPLE]
        coded = {char: char.encode(encoding, "ignore") for char in set(beyond)}
        pairs = [bytes_ for bytes_ in coded.values() if len(bytes_) == 2]
        known = {pair.decode(encoding) for pair in pairs if pair[0] in leads and _is_core(pair, encoding)}
        common += sum(map(known.__contains__, beyond))
        total += sum(len(coded[char]) != 4 for char in beyond)  # four bytes: foreign signs such as £, by no accident
        if total > SAMPLE:
            break
    return common / max(total, 1)


def _is_core(pair: bytes, encoding: str) -> bool:
    return encoding == "big5" or pair[1] >= 0xA1  # GBK's later additions have a lower second byte


def _rare_line_ends(text: str) -> dict[int, str]:
    """What to put for the signs that end the lines of mainframes, where nothing else does."""
    rare = {} if re.search(r"[\r\n]", text) else dict.fromkeys((0x85, 0x2028), "\n")
    return rare if any(chr(sign) in text for sign in rare) else {}


def _one_line_end(path: Path) -> bool:
    """All LF or all CRLF."""
    lf = cr = both = 0
    last = b""
    for block in _blocks(path):
        lf, cr = lf + block.count(b"\n"), cr + block.count(b"\r")
        both += block.count(b"\r\n") + (last == b"\r" and block[:1] == b"\n")
        last = block[-1:]
    return cr == 0 or cr == lf == both


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
