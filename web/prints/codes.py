"""QR codes as SVG, the size of their modules known to the template."""

from io import BytesIO

import segno

from web.prints.validate import qr_content


def qr(content: str) -> dict[str, str | int]:
    """Draw a QR code at error correction M without its quiet zone.

    The template adds the quiet zone as padding, so that the symbol itself has the stated size.

    Args:
        content: what a scanner reads, at most 106 bytes of UTF-8.

    Returns:
        `svg`: the symbol as an SVG document, one unit a module; `modules`: modules along a side.

    Raises:
        ValueError: when the content is blank or too long.

    Source: ISO/IEC 18004 (error correction levels, quiet zone of 4 modules).
    """
    qr_content(content, "content of the QR code")
    # Without boosting, the symbol keeps the level asked for and never grows.
    symbol = segno.make(content, error="m", boost_error=False, micro=False)
    drawing = BytesIO()
    symbol.save(drawing, kind="svg", border=0, xmldecl=False, omitsize=True)
    return {"svg": drawing.getvalue().decode(), "modules": len(symbol.matrix)}
