"""`tangye formula`: a formula's herbs, roles, modifications and how it is boiled."""

import json
from dataclasses import asdict

import click

from tcm.knowledge import Knowledge, load
from tcm.knowledge.book import FormulaLine, find_formula, formula_sheet, unverified
from tcm.knowledge.formulas import FormulaChange


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def formula(names: tuple[str, ...]) -> None:
    """Look up formulas by name; one JSON line per NAME.

    Status is ok or unknown (candidates hold the text, pinyin or initials, or are near spellings; never taken
    silently). Grams are per 剂. `standing` says where the grams lie in the dose of the herb's source: within,
    above, below or uncompared. `programme` is that of one 剂 for an adult: minutes and millilitres.
    """
    knowledge = load()
    for name in names:
        click.echo(json.dumps(_answer(name, knowledge), ensure_ascii=False))


def _answer(query: str, knowledge: Knowledge) -> dict[str, object]:
    found, candidates = find_formula(query, knowledge)
    if found is None:
        return {"query": query, "status": "unknown", "name": None, "candidates": list(candidates)}
    sheet = formula_sheet(found.name, knowledge)
    return {
        "query": query,
        "status": "ok",
        "name": found.name,
        "candidates": [],
        "pinyin": found.pinyin,
        "code": found.code,
        "classic": found.classic,
        "decoction_class": found.decoction_class,
        "syndromes": list(found.syndromes),
        "usage": found.usage,
        "proportion": found.proportion,
        "marked": found.marked,
        "items": [_item(line) for line in sheet.lines],
        "changes": [_change(change) for change in found.changes],
        "programme": asdict(sheet.programme),
        "source": f"{found.edition} {found.source}",
        "edition": found.edition,
        "verified": not unverified(found.edition),
    }


def _item(line: FormulaLine) -> dict[str, object]:
    return {
        "herb": line.item.herb,
        "name": line.herb.name,
        "grams": line.item.grams,
        "role": line.item.role,
        "decoction_note": line.item.decoction_note,
        "dose_min_g": line.dose.min_g,
        "dose_max_g": line.dose.max_g,
        "standing": line.standing,
    }


def _change(change: FormulaChange) -> dict[str, object]:
    return {
        "when": change.when,
        "add": [{"herb": herb, "grams": grams} for herb, grams in change.add],
        "remove": list(change.remove),
        "note": change.note,
        "source": f"{change.edition} {change.source}",
    }
