"""Labels on paper: PDFs with real barcodes, one label a page or several on a sheet, ZPL with the same, and PNG.

Bars are whole dots of a 203 dpi printer wide, so that they can be read from a raster of that resolution.
"""

import io
import struct
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.common import I2of5
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

MM = 72 / 25.4
DPI = 203
DOT = 72 / DPI
FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
)
LARGEST = 3  # dots a bar: wider ones read no better
QUIET = 10  # modules without ink at both ends

Millimetres: TypeAlias = tuple[float, float]
A4: Millimetres = (210.0, 297.0)
A6: Millimetres = (105.0, 148.0)
A6_LANDSCAPE: Millimetres = (148.0, 105.0)
A7: Millimetres = (105.0, 74.0)
A8: Millimetres = (74.0, 50.0)


class Symbology(StrEnum):
    """How a code is drawn."""

    CODE128 = "code128"
    I2OF5 = "i2of5"
    QR = "qr"


@dataclass(frozen=True)
class Code:
    """A barcode and what it says. Interleaved 2 of 5 takes digits alone and gets a leading zero where they are odd."""

    text: str
    kind: Symbology = Symbology.CODE128
    shown: str = ""

    @property
    def drawn(self) -> str:
        """Return what a reader will read."""
        return f"0{self.text}" if self.kind is Symbology.I2OF5 and len(self.text) % 2 else self.text


@dataclass(frozen=True)
class Label:
    """One label: codes from the top down (a QR code beside the text), lines of text, one mark in large letters."""

    codes: tuple[Code, ...]
    lines: tuple[str, ...] = ()
    mark: str = ""


def pdf(labels: Sequence[Label], *, size: Millimetres = A6, page: Millimetres | None = None, skip: int = 0) -> bytes:
    """Return a PDF of labels of `size`, one a page; with `page` as many on a sheet as fit, after `skip` places.

    Places run left to right, then down.
    """
    sheet = page or size
    across, down = max(int(sheet[0] // size[0]), 1), max(int(sheet[1] // size[1]), 1)
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=(sheet[0] * MM, sheet[1] * MM), invariant=1)
    places = range(skip % (across * down), skip % (across * down) + len(labels))
    for place, label in zip(places, labels, strict=True):
        at = place % (across * down)
        if at == 0 and place:
            canvas.showPage()
        column, row = at % across, at // across
        canvas.saveState()
        canvas.translate(column * size[0] * MM, (sheet[1] - (row + 1) * size[1]) * MM)
        _draw(canvas, label, size)
        canvas.restoreState()
    canvas.save()
    return made.getvalue()


def zpl(labels: Sequence[Label], *, size: Millimetres = A6, dpi: int = DPI) -> str:
    """Return labels as ZPL, a format (^XA … ^XZ) each, text in UTF-8."""
    return "".join(_zpl(label, size, dpi) for label in labels)


def png(code: Code, *, module: int = 3, height: int = 80) -> bytes:
    """Return a PNG of a barcode alone; a bar is `module` pixels wide."""
    rows = _rows(code, module, height)
    width = len(rows[0]) * 8
    raw = b"".join(b"\0" + row for row in rows)
    head = struct.pack(">IIBBBBB", width, len(rows), 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(raw)) + _chunk(b"IEND", b"")


@cache
def font() -> str:
    """Return a font with Czech letters, or Helvetica, which has none."""
    for path in FONTS:
        if Path(path).exists():
            try:
                pdfmetrics.registerFont(TTFont("Label", path))
            except TTFError:
                continue
            return "Label"
    return "Helvetica"


def plain(text: str) -> str:
    """Return a text without diacritics and without what ASCII lacks."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _draw(canvas: Canvas, label: Label, size: Millimetres) -> None:
    width, top = size[0] * MM, size[1] * MM - 3 * MM
    bars = [code for code in label.codes if code.kind is not Symbology.QR]
    squares = [code for code in label.codes if code.kind is Symbology.QR]
    share = 0.5 if label.lines or squares else 0.9
    height = min((top - 3 * MM) * share / max(len(bars), 1) - 5 * MM, 28 * MM)
    for code in bars:
        top = _bar(canvas, code, width, top, height)
    side = 0.0
    for code in squares:
        side = min(35 * MM, top - 2 * MM, width / 3)
        _square(canvas, code.drawn, width - side - 3 * MM, top - side, side)
    if label.mark:
        canvas.setFont("Helvetica-Bold", 12)
        canvas.drawString(4 * MM, top - 13, plain(label.mark))
        top -= 17
    name = font()
    canvas.setFont(name, 7.5)
    for line in label.lines[: max(int(top / 9.5), 0)]:
        canvas.drawString(4 * MM, top - 9, line if name == "Label" else plain(line))
        top -= 9.5


def _bar(canvas: Canvas, code: Code, width: float, top: float, height: float) -> float:
    """Draw bars in the middle and their text below; return where the next thing may begin."""
    modules = _modules(code)
    dots = max(min(int(width / DOT / (modules + 2 * QUIET)), LARGEST), 1)
    x = round((width - modules * dots * DOT) / 2 / DOT) * DOT
    _widget(code, dots * DOT, height).drawOn(canvas, x, top - height)
    canvas.setFont("Helvetica", 7.5)
    canvas.drawCentredString(width / 2, top - height - 9, plain(code.shown or code.text))
    return top - height - 5 * MM


def _widget(code: Code, module: float, height: float) -> Any:
    shape = {"barWidth": module, "barHeight": height, "quiet": 0, "humanReadable": 0}
    if code.kind is Symbology.I2OF5:
        return I2of5(code.drawn, ratio=3.0, checksum=0, bearers=0, stop=1, **shape)
    return Code128(code.drawn, **shape)


@lru_cache(maxsize=256)
def _modules(code: Code) -> int:
    return round(_widget(code, 1.0, 10.0).width)


def _square(canvas: Canvas, text: str, x: float, y: float, side: float) -> None:
    """Draw a QR code; each of its squares is whole dots wide, and a row of them one rectangle."""
    rows = _matrix(text)
    dots = max(int(side / DOT / (len(rows) + 8)), 1)
    module = dots * DOT
    x, y = round(x / DOT) * DOT + 4 * module, round(y / DOT) * DOT + 4 * module
    for n, row in enumerate(reversed(rows)):
        for start, length in _runs(row):
            canvas.rect(x + start * module, y + n * module, length * module, module, stroke=0, fill=1)


def _runs(row: Sequence[bool]) -> list[tuple[int, int]]:
    at, found = 0, []
    for dark, run in groupby(row):
        length = len(list(run))
        if dark:
            found.append((at, length))
        at += length
    return found


@lru_cache(maxsize=256)
def _matrix(text: str) -> list[list[bool]]:
    code = QrCodeWidget(text, barLevel="M").qr
    code.make()
    return [[bool(code.isDark(y, x)) for x in range(code.getModuleCount())] for y in range(code.getModuleCount())]


def _rows(code: Code, module: int, height: int) -> list[bytes]:
    """Return the rows of a picture, a bit a pixel, 1 is white, padded to whole bytes."""
    if code.kind is Symbology.QR:
        matrix = _matrix(code.drawn)
        empty = [[False] * (len(matrix) + 8)] * 4
        padded = [*empty, *([False] * 4 + row + [False] * 4 for row in matrix), *empty]
        return [_packed([dark for dark in row for _ in range(module)]) for row in padded for _ in range(module)]
    dark = [False] * QUIET + _pattern(code) + [False] * QUIET
    return [_packed([one for one in dark for _ in range(module)])] * height


def _pattern(code: Code) -> list[bool]:
    """Return the modules of a linear code from what its widget draws."""
    drawn: list[tuple[float, float]] = []
    widget = _widget(code, 1.0, 10.0)
    widget.rect = lambda x, _y, w, _h: drawn.append((x, w))
    widget.draw()
    modules = [False] * _modules(code)
    for x, w in drawn:
        for at in range(round(x), round(x + w)):
            modules[at] = True
    return modules


def _packed(dark: Sequence[bool]) -> bytes:
    bits = "".join("0" if one else "1" for one in dark)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _zpl(label: Label, size: Millimetres, dpi: int) -> str:
    def dots(mm: float) -> int:
        return round(mm * dpi / 25.4)

    y, rows = dots(4), [f"^XA^CI28^PW{dots(size[0])}^LL{dots(size[1])}"]
    for code in label.codes:
        if code.kind is Symbology.QR:
            rows.append(
                f"^FO{dots(size[0] - 40)},{dots(size[1] / 2)}^BQN,2,{max(dpi // 40, 1)}^FH^FDMA,{_held(code.text)}^FS"
            )
            continue
        command = "^B2N" if code.kind is Symbology.I2OF5 else "^BCN"
        rows.append(f"^FO{dots(5)},{y}^BY{dots(0.25)}{command},{dots(20)},Y,N,N^FH^FD{_held(code.drawn)}^FS")
        y += dots(26)
    for line in (label.mark, *label.lines):
        if line:
            rows.append(f"^FO{dots(5)},{y}^A0N,{dots(3.5)},{dots(3.5)}^FH^FD{_held(line)}^FS")
            y += dots(4.5)
    return "\n".join([*rows, "^XZ\n"])


def _held(text: str) -> str:
    """Return a text as a ZPL field takes it after ^FH: what would begin a command in hexadecimal."""
    return "".join(f"_{ord(one):02X}" if one in "^~_" else one for one in text)
