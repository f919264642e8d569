"""SVG pieces as text: escaped, with presentation attributes only (no style, no script)."""

from collections.abc import Sequence
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

INK, PALE, PAPER = "#222222", "#d9d9d9", "#ffffff"
_FONT = "Noto Sans SC, Noto Sans CJK SC, sans-serif"

Anchor = Literal["start", "middle", "end"]
Box = tuple[float, float, float, float]


def document(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    """A whole picture on white, its title told to screen readers."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family={quoteattr(_FONT)}>'
    )
    paper = f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", paper, *parts, "</svg>\n"])


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: int,
    anchor: Anchor = "start",
    bold: bool = False,
    halo: bool = False,
) -> str:
    """A line of text; `halo` puts a white edge around it so that it reads on top of lines."""
    weight = ' font-weight="bold"' if bold else ""
    edge = f' stroke="{PAPER}" stroke-width="3" paint-order="stroke"' if halo else ""
    placed = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{INK}"'
    return f"<text {placed}{weight}{edge}>{escape(words)}</text>"


def line(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1, dash: str = "") -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{stroke(colour, width, dash)}/>'


def stroke(colour: str, width: float, dash: str = "") -> str:
    """The attributes of a stroke."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f' stroke="{colour}" stroke-width="{width:g}"{dashed}'


def rect(x: float, y: float, width: float, height: float, fill: str, *, edge: str = "") -> str:
    """A rectangle; `edge` is a colour for its outline."""
    outline = stroke(edge, 2) if edge else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"{outline}/>'


def cross(x: float, y: float) -> str:
    """A small diagonal cross."""
    return f'<path d="M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12" fill="none"{stroke(INK, 2)}/>'


def text_width(words: str, size: int) -> float:
    """About how wide a text is: a Chinese character is as wide as high, a Latin one six tenths of that."""
    return sum(size if ord(each) > 0x2E7F else 0.6 * size for each in words)


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes (left, top, right, bottom) share an area."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
