"""Hospitals' own codes of herbs: what each stands for, set by a pharmacist who answers for it."""

from collections.abc import Sequence

from tcm.knowledge import Knowledge
from tcm.records.errors import N_, Invalid
from tcm.records.people import Institution, InstitutionKind
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.systems import HerbCode
from tcm.store.work import Work


def hospitals(work: Work, actor: Actor) -> list[Institution]:
    """The houses whose systems may have codes of their own.

    Args:
        work: The unit of work.
        actor: A pharmacist.

    Returns:
        Township hospitals, by row.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.HERB_CODES_WRITE)
    return work.institutions.of_kind(InstitutionKind.TOWNSHIP_HOSPITAL)


def list_codes(work: Work, actor: Actor, institution_id: int) -> list[HerbCode]:
    """A hospital's codes.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        institution_id: Whose.

    Returns:
        In the order of the codes.

    Raises:
        NotFound: When there is no such house.
        Forbidden: For other roles.
    """
    demand(actor, Action.HERB_CODES_WRITE)
    work.institutions.get(institution_id)
    return work.herb_codes.of_institution(institution_id)


def set_codes(
    work: Work, actor: Actor, knowledge: Knowledge, institution_id: int, pairs: Sequence[tuple[str, str]]
) -> int:
    """Say what codes stand for; a code that was set before is set anew.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        knowledge: Resolves the names.
        institution_id: Whose codes.
        pairs: Code and herb as written.

    Returns:
        How many were set.

    Raises:
        Invalid: When a name is not clearly one herb, or a code has two meanings; then nothing is set.
        NotFound: When there is no such house.
        Forbidden: For other roles.
    """
    demand(actor, Action.HERB_CODES_WRITE)
    work.institutions.get(institution_id)
    meant = {code: set[tuple[str, str]]() for code, _ in pairs}
    unclear = []
    for code, written in pairs:
        resolved = knowledge.names.resolve(written)
        if resolved.name is None:
            unclear.append(f"{code} {written}")
        else:
            meant[code].add((resolved.name, resolved.form))
    if unclear:
        raise Invalid(N_("这些药名认不准，没有保存：%(lines)s。请写药典名。"), lines="；".join(unclear))
    twice = sorted(code for code, herbs in meant.items() if len(herbs) > 1)
    if twice:
        raise Invalid(N_("同一个编码写了两种药，没有保存：%(codes)s。"), codes="、".join(twice))
    known = {each.code: each for each in work.herb_codes.of_institution(institution_id)}
    # Kept as written: the standard name alone would lose how the herb is processed.
    for code, written in dict(pairs).items():
        _set(work, actor, known.get(code), institution_id, code, written)
    return len(meant)


def drop_code(work: Work, actor: Actor, code_id: int) -> HerbCode:
    """Forget what a code stands for; what came with it before is not changed.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        code_id: Which.

    Returns:
        What it was.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.HERB_CODES_WRITE)
    code = work.herb_codes.get(code_id)
    work.herb_codes.drop(code)
    return code


def _set(work: Work, actor: Actor, known: HerbCode | None, institution_id: int, code: str, herb: str) -> None:
    if known is None:
        work.herb_codes.add(
            HerbCode(
                institution_id=institution_id,
                code=code,
                herb=herb,
                set_by_id=actor.staff_id,
                set_at=work.now,
            )
        )
    elif known.herb != herb:
        known.herb, known.set_by_id, known.set_at = herb, actor.staff_id, work.now
