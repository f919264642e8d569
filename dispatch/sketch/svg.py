"""SVG pieces as text: escaped, with presentation attributes only (no style, no script)."""

import hashlib
from collections.abc import Sequence
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

INK, PALE, PAPER = "#222222", "#d9d9d9", "#ffffff"
_FONT = "Noto Sans SC, Noto Sans CJK SC, sans-serif"

# Fills that need no colour; `document` writes them down where they are used.
HATCH, DOTS = "url(#@hatch)", "url(#@dots)"
_PATTERNS = {
    HATCH: '<pattern id="@hatch" width="5" height="5" patternUnits="userSpaceOnUse">'
    f'<rect width="5" height="5" fill="{PAPER}"/>'
    f'<path d="M-1 1l2 -2M0 5l5 -5M4 6l2 -2" stroke="{INK}" stroke-width="0.9"/></pattern>',
    DOTS: '<pattern id="@dots" width="4" height="4" patternUnits="userSpaceOnUse">'
    f'<rect width="4" height="4" fill="{PAPER}"/>'
    f'<rect x="1" y="1" width="1.2" height="1.2" fill="{INK}"/></pattern>',
}

Anchor = Literal["start", "middle", "end"]
Box = tuple[float, float, float, float]


def document(width: int, height: int, title: str, parts: Sequence[str], *, says: str = "") -> str:
    """A whole picture on white, told to screen readers.

    Args:
        width, height: px.
        title: what it is.
        parts: its pieces.
        says: what it shows, in a sentence.
    """
    body = "\n".join(parts)
    # Several pictures may stand on one page, and ids are the page's: each takes its own from what it shows.
    own = "p" + hashlib.blake2s((title + body).encode(), digest_size=5).hexdigest()
    named = f'aria-labelledby="{own}title"' + (f' aria-describedby="{own}desc"' if says else "")
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" {named} font-family={quoteattr(_FONT)}>'
    )
    told = f'<title id="{own}title">{escape(title)}</title>'
    told += f'<desc id="{own}desc">{escape(says)}</desc>' if says else ""
    patterns = "".join(drawn for fill, drawn in _PATTERNS.items() if f'fill="{fill}"' in body)
    defs = f"<defs>{patterns}</defs>".replace('id="@', f'id="{own}') if patterns else ""
    paper = f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    body = body.replace('fill="url(#@', f'fill="url(#{own}')
    return "\n".join([head, told, *([defs] if defs else []), paper, body, "</svg>\n"])


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: int,
    anchor: Anchor = "start",
    bold: bool = False,
    halo: bool = False,
    colour: str = INK,
) -> str:
    """A line of text; `halo` puts a white edge around it so that it reads on top of lines."""
    weight = ' font-weight="bold"' if bold else ""
    edge = f' stroke="{PAPER}" stroke-width="3" paint-order="stroke"' if halo else ""
    placed = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {placed}{weight}{edge}>{escape(words)}</text>"


def line(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1, dash: str = "") -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{stroke(colour, width, dash)}/>'


def stroke(colour: str, width: float, dash: str = "") -> str:
    """The attributes of a stroke."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f' stroke="{colour}" stroke-width="{width:g}"{dashed}'


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    *,
    edge: str = "",
    edge_width: float = 2,
    tip: str = "",
) -> str:
    """A rectangle; `edge` is a colour for its outline, `tip` is shown where the pointer rests on it."""
    outline = stroke(edge, edge_width) if edge else ""
    placed = f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"{outline}'
    return f"{placed}><title>{escape(tip)}</title></rect>" if tip else f"{placed}/>"


def polyline(
    points: Sequence[tuple[float, float]], colour: str, *, width: float = 1.5, dash: str = ""
) -> str:
    """A line through points."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none"{stroke(colour, width, dash)}/>'


def polygon(points: Sequence[tuple[float, float]], fill: str) -> str:
    """A filled shape."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{path}" fill="{fill}"/>'


def circle(x: float, y: float, radius: float, fill: str, *, edge: str = INK, tip: str = "") -> str:
    """A dot with an outline."""
    placed = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}"{stroke(edge, 1.5)}'
    return f"{placed}><title>{escape(tip)}</title></circle>" if tip else f"{placed}/>"


def cross(x: float, y: float) -> str:
    """A small diagonal cross."""
    return f'<path d="M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12" fill="none"{stroke(INK, 2)}/>'


def text_width(words: str, size: int) -> float:
    """About how wide a text is: a Chinese character is as wide as high, a Latin one six tenths of that."""
    return sum(size if ord(each) > 0x2E7F else 0.6 * size for each in words)


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes (left, top, right, bottom) share an area."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
