"""A word cloud as outlines: laid out by wordcloud, drawn as vector paths of the font it was measured with.

Paths need no font in the browser, scale with the chart and take any colour, so Chinese shows everywhere.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).parents[1] / "assets"
WIDTH, HEIGHT = 900, 600
GRAIN = 2
"""The layout is searched on a picture this many times smaller."""
MOST = 60
SMALLEST, LARGEST = 18, 130


@dataclass(frozen=True)
class Placed:
    """One word of the cloud in a box of WIDTH x HEIGHT, y upwards.

    Attributes:
        word: as it is written.
        x, y: middle of the word.
        path: its outline as an SVG path in the same coordinates.
    """

    word: str
    x: float
    y: float
    path: str


def cloud(weights: Mapping[str, float], font: Path | None = None) -> list[Placed]:
    """Place the heaviest words, all level, the heaviest largest; words the font cannot write are left out."""
    face = _face(font or find_font())
    able = {
        w: n for w, n in weights.items() if n > 0 and w.strip() and all(ord(c) in face.glyphs or c == " " for c in w)
    }
    if not able:
        return []
    from wordcloud import WordCloud

    laid = WordCloud(
        font_path=str(face.path),
        width=WIDTH // GRAIN,
        height=HEIGHT // GRAIN,
        max_words=MOST,
        margin=2,
        prefer_horizontal=1.0,
        relative_scaling=0.5,
        min_font_size=SMALLEST // GRAIN,
        random_state=0,
    ).generate_from_frequencies(able, max_font_size=LARGEST // GRAIN)
    return [_placed(face, word, GRAIN * size, GRAIN * x, GRAIN * y) for (word, _), size, (y, x), _, _ in laid.layout_]


def find_font() -> Path:
    """A font with Chinese characters: the one in ``assets``, else one of the system, else Latin only."""
    ours = sorted(ASSETS.glob("NotoSansSC*.[ot]tf"))
    return ours[0] if ours else _of_system() or _latin()


@dataclass(frozen=True)
class _Face:
    path: Path
    glyphs: Mapping[int, str]
    outlines: Any
    em: int


@lru_cache(maxsize=2)
def _face(path: Path) -> _Face:
    from fontTools.ttLib import TTFont

    font = TTFont(path, fontNumber=0, lazy=True)
    return _Face(path, font.getBestCmap(), font.getGlyphSet(), font["head"].unitsPerEm)


def _placed(face: _Face, word: str, size: float, left: float, top: float) -> Placed:
    """The outline of a word whose ink begins ``left`` and ``top`` in the picture (y downwards)."""
    from fontTools.pens.boundsPen import BoundsPen

    bounds = BoundsPen(face.outlines)
    _draw(face, word, bounds, (1, 0, 0, 1, 0, 0))
    x0, y0, x1, y1 = bounds.bounds or (0, 0, 0, 0)
    scale = size / face.em
    to = (scale, 0, 0, scale, left - scale * x0, HEIGHT - top - scale * y1)
    middle = (left + scale * (x1 - x0) / 2, HEIGHT - top - scale * (y1 - y0) / 2)
    return Placed(word, *middle, _path(face, word, to))


def _path(face: _Face, word: str, to: tuple[float, ...]) -> str:
    """Every command written out: charts read no shorthand such as a line that follows a move without its letter."""
    from fontTools.pens.recordingPen import DecomposingRecordingPen

    pen = DecomposingRecordingPen(face.outlines)
    _draw(face, word, pen, to)
    return "".join(_command(name, points) for name, points in pen.value)


def _command(name: str, points: tuple[tuple[float, float], ...]) -> str:
    """One drawing command as SVG; runs of quadratic curves get their implied points."""
    if name == "qCurveTo":
        from fontTools.pens.basePen import decomposeQuadraticSegment

        return "".join(_command("quad", pair) for pair in decomposeQuadraticSegment(points))
    letter = {"moveTo": "M", "lineTo": "L", "curveTo": "C", "quad": "Q"}.get(name, "Z")
    return letter + " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _draw(face: _Face, word: str, pen: Any, to: tuple[float, ...]) -> None:
    """Draw letter after letter with their own widths."""
    from fontTools.pens.transformPen import TransformPen

    scale, _, _, _, x, y = to
    for character in word:
        glyph = face.outlines[face.glyphs[ord(character)]] if ord(character) in face.glyphs else None
        if glyph is not None:
            glyph.draw(TransformPen(pen, (scale, 0, 0, scale, x, y)))
        x += scale * (glyph.width if glyph is not None else face.em / 3)


def _of_system() -> Path | None:
    """The first installed font that is known to hold Chinese."""
    wanted = ("NotoSansSC", "NotoSansCJK", "SourceHanSans", "msyh", "PingFang", "wqy", "simhei", "STHeiti")
    found = [path for folder in _font_folders() for path in sorted(folder.rglob("*.[ot]t[fc]"))]
    named = [path for name in wanted for path in found if name.lower() in path.name.lower()]
    return min(named, key=lambda path: "regular" not in path.name.lower()) if named else None


def _font_folders() -> list[Path]:
    home = Path.home()
    folders = {
        "win32": [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"],
        "darwin": [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"],
    }
    usual = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts"]
    return [folder for folder in folders.get(sys.platform, usual) if folder.is_dir()]


def _latin() -> Path:
    import wordcloud

    return Path(wordcloud.__file__).parent / "DroidSansMono.ttf"
