"""`tangye herb`: what a herb's name means and what the pharmacopoeia says of it."""

import json

import click

from tcm.knowledge import Herb, Knowledge, Resolution, load
from tcm.knowledge.book import Dose, Step, doses_of, handling_of, unverified


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def herb(names: tuple[str, ...]) -> None:
    """Look up herbs by name or alias; one JSON line per NAME.

    Status is ok, ambiguous (see candidates) or unknown (candidates are near spellings, never taken silently).
    `dose_min_g` and `dose_max_g` are grams a day by the row's own route, null where the source gives none;
    `doses` holds every route and indication, `handling` the decoction notes with their minutes. `form` is how
    the herb is processed, `base` the material, `monograph` the name whose facts hold. `verified` is false
    where the figures were not read from the pharmacopoeia.
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
        **(_nothing() if found is None else _facts(found, knowledge)),
        "form": resolution.form or (found.form if found is not None else ""),
        "alias_source": resolution.source,
    }


def _nothing() -> dict[str, object]:
    return {
        "dose_min_g": None,
        "dose_max_g": None,
        "toxicity": None,
        "pregnancy": None,
        "decoction": [],
        "source": None,
    }


def _facts(found: Herb, knowledge: Knowledge) -> dict[str, object]:
    return {
        "dose_min_g": found.dose_min_g,
        "dose_max_g": found.dose_max_g,
        "toxicity": found.toxicity,
        "pregnancy": found.pregnancy,
        "decoction": list(found.decoction),
        "source": f"{found.edition} {found.source}",
        "edition": found.edition,
        "verified": found.verified and not unverified(found.edition),
        "pinyin": found.pinyin,
        "base": found.base,
        "monograph": found.monograph,
        "properties": _properties(found, knowledge),
        "doses": [_dose(dose) for dose in doses_of(found, knowledge) if dose.given],
        "handling": [_step(step) for step in handling_of(found, knowledge)],
        "dose_text": found.dose_text,
        "caution_text": found.caution_text,
    }


def _properties(found: Herb, knowledge: Knowledge) -> dict[str, object] | None:
    properties = knowledge.properties_of(found)
    if properties is None:
        return None
    return {
        "category": properties.category,
        "nature": properties.nature,
        "flavours": list(properties.flavours),
        "channels": list(properties.channels),
        "actions": list(properties.actions),
        "source": f"{properties.edition} {properties.source}",
    }


def _dose(dose: Dose) -> dict[str, object]:
    return {
        "route": dose.route,
        "indication": list(dose.indication),
        "min_g": dose.min_g,
        "max_g": dose.max_g,
        "basis": dose.basis,
        "source": f"{dose.edition} {dose.source}",
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "note": step.note,
        "minutes": step.minutes,
        "accepted": list(step.accepted),
        "severity": step.severity,
        "source": f"{step.edition} {step.source}",
        "minutes_source": step.minutes_source,
    }
