"""Agreed formulas (协定方): drafted by one, approved by another, offered to doctors while in force."""

from dataclasses import dataclass
from itertools import groupby

from tcm.knowledge import Knowledge
from tcm.records.clock import county_day
from tcm.records.errors import N_, Forbidden, IllegalMove, Invalid
from tcm.records.governance import AgreedFormula, Standing
from tcm.records.people import Institution, InstitutionKind
from tcm.records.permissions import Action, allows, demand
from tcm.records.roles import Actor
from tcm.review import Finding, verdict
from tcm.services.access import demand_same_form, look
from tcm.services.qualifying import demand_qualified_reviewer
from tcm.services.recipes import (
    UNAPPROVABLE,
    Recipe,
    check_recipe,
    demand_name,
    demand_sound,
    fingerprint,
    recipe_of,
    write_recipe,
)
from tcm.services.ruling import rules_for
from tcm.store.work import Work

AGREED_FORMULA = "agreed_formula"
# What begins the origin of a line adopted from an agreed formula.
AGREED = "协定方:"


@dataclass(frozen=True)
class Shelf:
    """All versions of one formula of one institution.

    Args:
        versions: Newest first, at least one.
    """

    versions: tuple[AgreedFormula, ...]

    @property
    def in_force(self) -> AgreedFormula | None:
        """The version that doctors are offered, or None."""
        return next((one for one in self.versions if one.standing is Standing.IN_FORCE), None)

    @property
    def shown(self) -> AgreedFormula:
        """The version in force, else the newest."""
        return self.in_force or self.versions[0]

    @property
    def drafts(self) -> tuple[AgreedFormula, ...]:
        """Versions that wait for an approval."""
        return tuple(one for one in self.versions if one.standing is Standing.DRAFT)


@dataclass(frozen=True)
class Opened:
    """One version beside the others of its name.

    Args:
        formula: The version.
        shelf: All versions.
        findings: What the rules in force now say of it.
        fingerprint: What an approval must send back.
    """

    formula: AgreedFormula
    shelf: Shelf
    findings: tuple[Finding, ...]
    fingerprint: str

    @property
    def approvable(self) -> bool:
        """Whether no finding stands in the way of an approval."""
        return verdict(self.findings) not in UNAPPROVABLE


def origin_text(formula: AgreedFormula) -> str:
    """What a prescription's line keeps when it was adopted from an agreed formula.

    Args:
        formula: The version.

    Returns:
        Such as 协定方:健脾化湿方 v2; at most 40 characters, for the name has at most 20.
    """
    return f"{AGREED}{formula.name} v{formula.version}"


def shelves(work: Work, actor: Actor) -> list[Shelf]:
    """Every formula with its versions, those of the actor's own house first, then by name.

    Args:
        work: The unit of work.
        actor: A doctor or a pharmacist.

    Returns:
        The formulas.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.FORMULARY_READ)

    def place(one: AgreedFormula) -> tuple[bool, int, str]:
        return one.institution_id != actor.institution_id, one.institution_id, one.name

    ordered = sorted(work.agreed_formulas.all(), key=lambda one: (*place(one), -one.version))
    return [Shelf(tuple(versions)) for _, versions in groupby(ordered, key=place)]


def offered(work: Work, actor: Actor) -> list[AgreedFormula]:
    """The formulas in force that a doctor may adopt: of the own house first, then of the centre.

    Args:
        work: The unit of work.
        actor: The doctor.

    Returns:
        One version of each.

    Raises:
        Forbidden: For roles that may not read them.
    """
    demand(actor, Action.FORMULARY_READ)
    houses = {actor.institution_id, *work.institutions.ids_of_kind(InstitutionKind.CENTRE)}
    found = work.agreed_formulas.in_force(houses)
    return sorted(found, key=lambda one: (one.institution_id != actor.institution_id, one.name))


def open_formula(work: Work, actor: Actor, knowledge: Knowledge, formula_id: int) -> Opened:
    """One version with what review says of it today.

    Args:
        work: The unit of work.
        actor: A doctor or a pharmacist.
        knowledge: The rules' facts.
        formula_id: Which.

    Returns:
        The version.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.FORMULARY_READ)
    formula = work.agreed_formulas.get(formula_id)
    versions = work.agreed_formulas.versions(formula.institution_id, formula.name)
    found = _check(work, knowledge, formula.institution_id, recipe_of(formula))
    return Opened(formula, Shelf(tuple(versions)), found, fingerprint(formula))


def preview(work: Work, actor: Actor, knowledge: Knowledge, recipe: Recipe) -> tuple[Finding, ...]:
    """What review would say of a recipe that is still being typed; nothing is kept.

    Args:
        work: The unit of work.
        actor: Who writes it.
        knowledge: The rules' facts.
        recipe: As far as it is written.

    Returns:
        Findings, gravest first.

    Raises:
        Forbidden: For roles that write no formulas.
    """
    demand(actor, Action.FORMULARY_WRITE, institution_id=actor.institution_id)
    return _check(work, knowledge, actor.institution_id, recipe)


def draft(
    work: Work, actor: Actor, knowledge: Knowledge, name: str, recipe: Recipe, request_key: str
) -> AgreedFormula:
    """Write the next version of a formula of the actor's own house.

    Args:
        work: The unit of work.
        actor: The writer.
        knowledge: Names, notes, syndromes.
        name: As doctors will look for it; a name that is new begins with version 1.
        recipe: What it says.
        request_key: The form's own key.

    Returns:
        The draft; the same one for the same key.

    Raises:
        Forbidden: For roles that write no formulas.
        Invalid: When the name or the recipe cannot be kept, or another house has a formula of that name.
    """
    if not allows(actor, Action.FORMULARY_WRITE, institution_id=actor.institution_id):
        _look(work, actor, Action.FORMULARY_WRITE, None, actor.institution_id)
    _hold_book(work)
    earlier = work.agreed_formulas.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.made_by_id == actor.staff_id)
        return earlier
    plain = demand_name(name, knowledge)
    _demand_own_name(work, actor, plain)
    demand_sound(recipe, knowledge, rules_for(work, actor.institution_id))
    formula = AgreedFormula(
        institution_id=actor.institution_id,
        name=plain,
        version=work.agreed_formulas.last_version(actor.institution_id, plain) + 1,
        made_by_id=actor.staff_id,
        made_at=work.now,
        request_key=request_key,
    )
    write_recipe(formula, recipe)
    work.agreed_formulas.add(formula)
    _look(work, actor, Action.FORMULARY_WRITE, formula.id, formula.institution_id)
    return formula


def change(work: Work, actor: Actor, knowledge: Knowledge, formula_id: int, recipe: Recipe) -> AgreedFormula:
    """Write a draft anew; only its writer may, so that whoever approves it is another person.

    Args:
        work: The unit of work.
        actor: The writer.
        knowledge: Names, notes, syndromes.
        formula_id: Which draft.
        recipe: What it says now.

    Returns:
        The draft.

    Raises:
        NotFound: When there is none.
        Forbidden: When somebody else wrote it.
        IllegalMove: When it is no draft any more.
        Invalid: When the recipe cannot be kept.
    """
    formula = _hold(work, actor, Action.FORMULARY_WRITE, formula_id)
    if formula.made_by_id != actor.staff_id:
        raise Forbidden(N_("草稿由起草人自己修改；您可以另起草一版。"))
    if formula.standing is not Standing.DRAFT:
        raise IllegalMove(N_("这一版已经不是草稿，不能再改。"))
    demand_sound(recipe, knowledge, rules_for(work, formula.institution_id))
    write_recipe(formula, recipe)
    formula.made_at = work.now
    work.session.flush()
    return formula


def approve(work: Work, actor: Actor, knowledge: Knowledge, formula_id: int, seen: str) -> AgreedFormula:
    """Put a draft in force by name; the version before it is retired in the same transaction.

    Args:
        work: The unit of work.
        actor: A qualified pharmacist, not the writer.
        knowledge: The rules' facts.
        formula_id: Which draft.
        seen: Fingerprint of the recipe that the page showed.

    Returns:
        The version in force; approving it again is nothing new.

    Raises:
        NotFound: When there is none.
        Forbidden: When the actor may not approve, is not qualified, or wrote it.
        IllegalMove: When it is no draft any more, or a newer version was approved already.
        Invalid: When it was changed since it was shown, or a finding must be mended first.
    """
    formula = _hold(work, actor, Action.FORMULARY_APPROVE, formula_id)
    demand_qualified_reviewer(work, actor)
    if formula.standing is Standing.IN_FORCE and formula.approved_by_id == actor.staff_id:
        return formula
    if formula.standing is not Standing.DRAFT:
        raise IllegalMove(N_("这一版已经不是草稿，不能再批准。"))
    if formula.made_by_id == actor.staff_id:
        raise Forbidden(N_("自己起草的协定方要由另一位药师批准。"))
    if fingerprint(formula) != seen:
        raise Invalid(N_("这份草稿在您打开以后改动过，请再看一遍。"))
    versions = work.agreed_formulas.versions(formula.institution_id, formula.name)
    if any(one.version > formula.version and one.approved_at is not None for one in versions):
        raise IllegalMove(N_("更新的版本已经批准过，这一版不能再生效。"))
    rules = rules_for(work, formula.institution_id)
    demand_sound(recipe_of(formula), knowledge, rules)
    _demand_no_open_finding(_check(work, knowledge, formula.institution_id, recipe_of(formula)))
    for former in versions:
        if former.standing is Standing.IN_FORCE:
            former.standing, former.retired_at = Standing.RETIRED, work.now
    # The one in force must have gone before the next comes: the database allows one at a time.
    work.session.flush()
    formula.standing, formula.rules_version = Standing.IN_FORCE, rules.version
    formula.approved_by_id, formula.approved_at = actor.staff_id, work.now
    work.session.flush()
    return formula


def retire(work: Work, actor: Actor, formula_id: int) -> AgreedFormula:
    """Take a version out of force, or a draft off the table; nothing is deleted.

    Args:
        work: The unit of work.
        actor: A qualified pharmacist; for a draft also its writer.
        formula_id: Which.

    Returns:
        The retired version; retiring it again is nothing new.

    Raises:
        NotFound: When there is none.
        Forbidden: When the actor may not.
    """
    formula = work.agreed_formulas.get(formula_id)
    own_draft = formula.standing is Standing.DRAFT and formula.made_by_id == actor.staff_id
    formula = _hold(
        work, actor, Action.FORMULARY_WRITE if own_draft else Action.FORMULARY_APPROVE, formula_id
    )
    if formula.standing is Standing.RETIRED:
        return formula
    # Between the first look and the lock a colleague may have put the draft in force.
    if formula.standing is Standing.IN_FORCE or not own_draft:
        if own_draft:
            _look(work, actor, Action.FORMULARY_APPROVE, formula.id, formula.institution_id)
        demand_qualified_reviewer(work, actor)
    formula.standing, formula.retired_at = Standing.RETIRED, work.now
    work.session.flush()
    return formula


def _hold_book(work: Work) -> None:
    """Nobody else in the county writes formulas until the work ends; it is done a few times a month."""
    centre_id = min(work.institutions.ids_of_kind(InstitutionKind.CENTRE))
    # Other rows may still refer to the centre meanwhile.
    work.session.get(Institution, centre_id, populate_existing=True, with_for_update={"key_share": True})


def _demand_own_name(work: Work, actor: Actor, name: str) -> None:
    """A name means one house's formula: doctors see those of two houses, and lines keep the name alone."""
    for one in work.agreed_formulas.all():
        if one.name == name and one.institution_id != actor.institution_id:
            house = work.institutions.get(one.institution_id).name
            raise Invalid(N_("“%(name)s”已是%(house)s的协定方，请另起名称。"), name=name, house=house)


def _hold(work: Work, actor: Actor, action: Action, formula_id: int) -> AgreedFormula:
    formula = work.agreed_formulas.get(formula_id)
    _look(work, actor, action, formula_id, formula.institution_id)
    _hold_book(work)
    # Whoever held the book before may have changed it.
    work.session.refresh(formula)
    return formula


def _look(work: Work, actor: Actor, action: Action, formula_id: int | None, institution_id: int) -> None:
    """Let the actor pass or refuse; who wrote, approved or retired a formula, or tried to, is on record."""
    look(work, actor, action, AGREED_FORMULA, formula_id, institution_id=institution_id)


def _check(work: Work, knowledge: Knowledge, institution_id: int, recipe: Recipe) -> tuple[Finding, ...]:
    return check_recipe(recipe, knowledge, rules_for(work, institution_id), county_day(work.now))


def _demand_no_open_finding(found: tuple[Finding, ...]) -> None:
    count = sum(1 for finding in found if finding.severity in UNAPPROVABLE)
    if count:
        raise Invalid(
            N_("按现行规则还有 %(count)s 条提示须先处理，不能批准；再次签名只在处方上给，不能预先给。"),
            count=count,
        )
