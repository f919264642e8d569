"""How a command that cannot go on ends; it imports nothing, so that any command may refuse at once."""

import sys
from typing import NoReturn

import click

UNUSABLE = 2


def give_up(line: str, code: int = UNUSABLE) -> NoReturn:
    """End the command with one clear line.

    Args:
        line: What is wrong.
        code: Exit status; 2 for unusable input.
    """
    click.echo(f"tangye: {line}", err=True)
    sys.exit(code)
