"""Reads routing instances: Solomon, VRPLIB, own JSON; what cannot be used is one FormatError."""

from dispatch.formats import FormatError
from dispatch.routing.formats.own import read_json
from dispatch.routing.formats.solomon import read_solomon
from dispatch.routing.formats.vrplib import read_vrplib
from dispatch.routing.instance import Instance

__all__ = ["FormatError", "read_instance"]


def read_instance(data: bytes, name: str) -> Instance:
    """Read a file of any of the three forms, told apart by their first lines.

    Args:
        data: the file.
        name: of the file, for an instance that has none of its own.

    Returns:
        The instance; a plan that serves every client may still not exist.

    Raises:
        FormatError: naming the line and the field.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"byte {error.start}: the file is not UTF-8 text") from error
    lines = text.splitlines()
    first = next((line.strip() for line in lines if line.strip()), "")
    if not first:
        raise FormatError("line 1: the file is empty")
    try:
        if first.startswith(("{", "[")):
            return read_json(text, name)
        if ":" in first or first.endswith("_SECTION"):
            return read_vrplib(lines, name)
        return read_solomon(lines)
    except FormatError:
        raise
    except ValueError as error:
        raise FormatError(str(error)) from error
