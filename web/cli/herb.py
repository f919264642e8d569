"""`tangye herb`: what a herb's name means and what the pharmacopoeia says of it."""

import json

import click

from tcm.knowledge import Herb, Knowledge, Resolution, load


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def herb(names: tuple[str, ...]) -> None:
    """Look up herbs by name or alias; one JSON line per NAME.

    Status is ok, ambiguous (see candidates) or unknown (candidates are near spellings, never taken silently).
    Doses are grams a day, decocted; null where the source gives none.
    """
    knowledge = load()
    for name in names:
        click.echo(json.dumps(_answer(knowledge, knowledge.names.resolve(name)), ensure_ascii=False))


def _answer(knowledge: Knowledge, resolution: Resolution) -> dict[str, object]:
    found = None if resolution.name is None else knowledge.herbs[resolution.name]
    return {
        "query": resolution.query,
        "status": resolution.status,
        "name": resolution.name,
        "candidates": list(resolution.candidates),
        **_facts(found),
        "form": resolution.form,
        "alias_source": resolution.source,
    }


def _facts(found: Herb | None) -> dict[str, object]:
    if found is None:
        return {
            "dose_min_g": None,
            "dose_max_g": None,
            "toxicity": None,
            "pregnancy": None,
            "decoction": [],
            "source": None,
        }
    return {
        "dose_min_g": found.dose_min_g,
        "dose_max_g": found.dose_max_g,
        "toxicity": found.toxicity,
        "pregnancy": found.pregnancy,
        "decoction": list(found.decoction),
        "source": f"{found.edition} {found.source}",
        "pinyin": found.pinyin,
        "base": found.base,
        "dose_text": found.dose_text,
        "caution_text": found.caution_text,
    }
