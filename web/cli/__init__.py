"""The `tangye` command: one file a subcommand, imported only when it is called."""

import importlib
import io
import sys

import click

COMMANDS = {
    "herb": "web.cli.herb:herb",
    "formula": "web.cli.formula:formula",
    "review": "web.cli.review:review",
    "tongue": "web.cli.tongue:tongue",
    "face": "web.cli.face:face",
    "card": "web.cli.card:card",
    "decoct": "web.cli.decoct:decoct",
    "route": "web.cli.route:route",
    "plan": "web.cli.plan:plan",
    "roads": "web.cli.roads:roads",
    "up": "web.cli.up:up",
    "demo": "web.cli.demo:demo",
    "trace": "web.cli.trace:trace",
    "recall": "web.cli.recall:recall",
    "forecast": "web.cli.forecast:forecast",
    "backup": "web.cli.backup:backup",
    "restore": "web.cli.backup:restore",
    "ledger": "web.cli.ledger:ledger",
    "scale": "web.cli.scale:scale",
    "machine": "web.cli.machines:machine",
    "machines": "web.cli.machines:machines",
    "worker": "web.cli.worker:worker",
}


class LazyGroup(click.Group):
    """A click group that imports a subcommand when it is asked for, so `tangye herb` never loads OpenCV."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the subcommands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand of that name, or None where there is none."""
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, _, attribute = target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{target} is no click command")
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tangye")
def main() -> None:
    """Tangye (汤液): the shared TCM pharmacy of a county."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # The contract says UTF-8 whatever the locale; half a surrogate becomes its JSON escape.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
