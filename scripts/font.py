"""Make the fonts in crm_ai/assets from a full Noto Sans CJK: what reports and word clouds are written in.

    python scripts/font.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

Kept: simplified Chinese (GB 2312), the common half of traditional (Big5, level 1), Latin, Greek and Cyrillic letters,
signs and currency. NotoSansLatin-subset.otf has the letters that are not Chinese once more, from the Korean face: its
quotes are as narrow as English wants them. The licence beside them (SIL OFL 1.1) allows that, under names that are not
reserved.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

ASSETS = Path(__file__).parents[1] / "crm_ai" / "assets"
RANGES = (
    (0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x3FF), (0x400, 0x45F), (0x2010, 0x205E), (0x20A0, 0x20BF), (0x2100, 0x214F),
    (0x2150, 0x218F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x25A0, 0x25FF), (0x2600, 0x266F),
    (0x2713, 0x2718), (0x3000, 0x303F), (0x30FB, 0x30FC), (0x3220, 0x3243), (0xFE30, 0xFE4F), (0xFF01, 0xFF5E),
    (0xFFE0, 0xFFE6),
)  # fmt: skip


def characters() -> set[int]:
    """Code points that stay."""
    rows = (bytes([a, b]).decode("gb2312", "ignore") for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF))
    level_1 = (
        bytes([a, b]).decode("big5", "ignore")
        for a in range(0xA4, 0xC7)
        for b in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    )
    return {ord(sign) for text in (*rows, *level_1) for sign in text} | {c for a, b in RANGES for c in range(a, b + 1)}


def latin() -> set[int]:
    """Code points of Western text."""
    return {c for a, b in RANGES if b < 0x2100 for c in range(a, b + 1)}


def face(path: Path, name: str) -> TTFont:
    """One face of a collection."""
    return next(font for font in TTCollection(path).fonts if font["name"].getDebugName(1) == name)


def write(font: TTFont, family: str, kept: set[int]) -> None:
    """Cut the font to some letters and keep it under another name."""
    keep = Options(layout_features=["ccmp", "kern", "mark"], hinting=False, desubroutinize=False, notdef_outline=True)
    keep.drop_tables += ["vhea", "vmtx", "VORG", "BASE"]
    worker = Subsetter(keep)
    worker.populate(unicodes=kept)
    worker.subset(font)
    short = family.replace(" ", "")
    for number, text in {1: family, 2: "Regular", 4: family, 6: f"{short}-Regular", 16: None, 17: None}.items():
        font["name"].removeNames(nameID=number)
        if text:
            font["name"].setName(text, number, 3, 1, 0x409)
    font["CFF "].cff.fontNames[0] = f"{short}-Regular"
    font.save(ASSETS / f"{short}-subset.otf")


def main(source: str) -> None:
    write(face(Path(source), "Noto Sans CJK SC"), "Noto Sans SC", characters())
    write(face(Path(source), "Noto Sans CJK KR"), "Noto Sans Latin", latin())


if __name__ == "__main__":
    main(sys.argv[1])
