"""Herbs on the scales, line by line: the right drawer and the right grams, or a sentence."""

from tcm.knowledge import Knowledge
from tcm.knowledge.dispensing import tolerance_percent
from tcm.records.clinical import Prescription
from tcm.records.dispensing import Dispensing, DispensingSettings, Weighed, Weighing
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.services.access import look_at_prescription
from tcm.services.booking import is_kept
from tcm.services.moving import hold, moment, note
from tcm.services.pricing import dispensed_as
from tcm.services.quality_gate import demand_fit
from tcm.services.reserving import settle
from tcm.services.upkeeping import demand_sound
from tcm.services.weighing_sheet import (
    Sheet,
    demand_begun,
    demand_to_dispense,
    find_line,
    grams,
    settings_of,
    sheet_of,
    told,
)
from tcm.store.work import Work


def set_dispensing(work: Work, actor: Actor, weighing: Weighing, *, photograph: bool) -> DispensingSettings:
    """Decide how the centre dispenses; the newest decision holds.

    Args:
        work: The unit of work.
        actor: A manager.
        weighing: How what is weighed is kept.
        photograph: Whether the second person looks at a picture.

    Returns:
        The decision.

    Raises:
        Invalid: When weighing would end while the locked book is kept.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_SET)
    if weighing is Weighing.OFF and is_kept(work):
        raise Invalid(N_("双人双锁账要逐味称量、两人签名，不能停。"))
    return work.dispensing_settings.add(
        DispensingSettings(
            weighing=weighing, photograph=photograph, set_by_id=actor.staff_id, set_at=work.now
        )
    )


def open_sheet(work: Work, actor: Actor, knowledge: Knowledge, prescription_id: int) -> Sheet:
    """What is to be weighed for a prescription; nothing is changed.

    Args:
        work: The unit of work.
        actor: Floor staff.
        knowledge: Says what is dispensed for a name.
        prescription_id: Which.

    Returns:
        The sheet; the look is audited.

    Raises:
        NotFound: When there is none.
        IllegalMove: When it is not to be dispensed now.
        Forbidden: For other roles.
    """
    prescription = work.prescriptions.get(prescription_id)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    return sheet_of(work, knowledge, prescription)


def begin(work: Work, actor: Actor, knowledge: Knowledge, prescription_id: int) -> Sheet:
    """Begin to weigh, or go on after a lot was locked: its claim is filled from other lots.

    Args:
        work: The unit of work.
        actor: Floor staff.
        knowledge: Says what is dispensed for a name.
        prescription_id: Which.

    Returns:
        The sheet.

    Raises:
        IllegalMove: When it is not to be dispensed now, or the person's health check does not hold and the
            centre asks for one.
        Invalid: When weighing is kept on paper.
        Forbidden: For other roles.
    """
    prescription = hold(work, prescription_id)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    demand_fit(work, actor)
    demand_to_dispense(prescription)
    if settings_of(work).weighing is Weighing.OFF:
        raise Invalid(N_("中心没有开启称量上账，请在卡片上点“调剂完成”。"))
    settle(work, knowledge, prescription)
    if work.dispensings.open_of(prescription_id) is None:
        dispensing = Dispensing(
            prescription_id=prescription_id, begun_by_id=actor.staff_id, begun_at=work.now
        )
        work.dispensings.add(dispensing)
        note(work, actor, prescription, "weighing", {"dispensing": dispensing.key()})
    return _looked_over(work, actor, knowledge, prescription)


def weigh(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    prescription_id: int,
    code: str,
    net_mg: int,
    *,
    scale: str,
    request_key: str,
) -> Sheet:
    """Take one herb onto record: what was scanned is in the prescription, and its grams are right.

    Args:
        work: The unit of work.
        actor: Floor staff.
        knowledge: Says what is dispensed for a name.
        prescription_id: Which.
        code: Scanned from the drawer or the package: a bin's code or a lot number.
        net_mg: What the scale says, without its dish, all doses together.
        scale: Name of the scale that said it, empty where a person typed it.
        request_key: The form's own key; the same one changes nothing a second time.

    Returns:
        The sheet with it.

    Raises:
        IllegalMove: When it is not to be dispensed now, nobody has begun, or the person's health check does
            not hold and the centre asks for one.
        Invalid: When another herb or lot was scanned, a dose would be off by more than the tolerance, only
            a scale may say it, or the scale is broken or failed its check.
        Forbidden: For other roles.
    """
    prescription = hold(work, prescription_id)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    sheet = sheet_of(work, knowledge, prescription)
    if work.weighed.of_request(request_key) is not None:
        return sheet
    demand_fit(work, actor)
    dispensing = demand_begun(sheet)
    if sheet.settings.weighing is Weighing.SCALE and not scale:
        raise Invalid(N_("中心只收电子秤的读数，不能手填。"))
    if scale:
        demand_sound(work, scale)
    line = find_line(work, sheet, code)
    if not line.low_mg <= net_mg <= line.high_mg:
        raise Invalid(
            N_(
                "%(herb)s要称 %(target)s g（%(low)s–%(high)s g），秤上 %(net)s g，误差超过百分之%(percent)s。"
            ),
            herb=line.herb,
            target=grams(line.target_mg),
            low=grams(line.low_mg),
            high=grams(line.high_mg),
            net=grams(net_mg),
            percent=f"{tolerance_percent():g}",
        )
    work.weighed.add(
        Weighed(
            dispensing_id=dispensing.key(),
            herb=line.herb,
            lot_id=line.lot_id,
            target_mg=line.target_mg,
            net_mg=net_mg,
            scale=scale,
            weighed_by_id=actor.staff_id,
            weighed_at=work.now,
            request_key=request_key,
        )
    )
    dispensing.lacking = [herb for herb in dispensing.lacking if herb != line.herb]
    # A picture shows what lay there before, and so does a page that a pharmacist has open.
    dispensing.photograph_key = ""
    if dispensing.ready_at is not None:
        prescription.edited_at = moment(work, prescription)
    return _looked_over(work, actor, knowledge, prescription)


def attach_photograph(
    work: Work, actor: Actor, knowledge: Knowledge, prescription_id: int, picture: bytes
) -> Sheet:
    """Keep a picture of what lies weighed, for the second person.

    Args:
        work: The unit of work.
        actor: Floor staff.
        knowledge: Says what is dispensed for a name.
        prescription_id: Which.
        picture: Clean JPEG bytes.

    Returns:
        The sheet.

    Raises:
        IllegalMove: When nobody has begun, or something is still to be weighed.
        Forbidden: For other roles.
    """
    prescription = hold(work, prescription_id)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    sheet = sheet_of(work, knowledge, prescription)
    dispensing = demand_begun(sheet)
    if not sheet.is_weighed:
        raise IllegalMove(N_("全部称完再拍照。"))
    dispensing.photograph_key = work.put_blob(picture)
    return _looked_over(work, actor, knowledge, prescription)


def report_lacking(work: Work, actor: Actor, knowledge: Knowledge, prescription_id: int, herb: str) -> Sheet:
    """Say that an herb is not there, whatever the record says; a pharmacist decides what becomes of it.

    Args:
        work: The unit of work.
        actor: Floor staff.
        knowledge: Says what is dispensed for a name.
        prescription_id: Which.
        herb: Standard name, as dispensed.

    Returns:
        The sheet; weighing the herb after all takes the word back.

    Raises:
        IllegalMove: When nobody has begun.
        Invalid: When the prescription has no such herb.
        Forbidden: For other roles.
    """
    prescription = hold(work, prescription_id)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    sheet = sheet_of(work, knowledge, prescription)
    dispensing = demand_begun(sheet)
    if herb not in {dispensed_as(knowledge, item.written_as) for item in prescription.items}:
        raise Invalid(N_("这张处方里没有%(herb)s。"), herb=herb)
    if herb not in dispensing.lacking:
        dispensing.lacking = [*dispensing.lacking, herb]
        note(work, actor, prescription, "lacking", {"herbs": dispensing.lacking})
    return _looked_over(work, actor, knowledge, prescription)


def _looked_over(work: Work, actor: Actor, knowledge: Knowledge, prescription: Prescription) -> Sheet:
    """The sheet after a change; when nothing is left but the second person, that goes on record."""
    work.session.flush()
    sheet = sheet_of(work, knowledge, prescription)
    dispensing = sheet.dispensing
    if dispensing is None or sheet.is_ready == (dispensing.ready_at is not None):
        return sheet
    dispensing.ready_at = work.now if sheet.is_ready else None
    prescription.edited_at = moment(work, prescription)
    if sheet.is_ready:
        note(work, actor, prescription, "weighed", told(sheet))
    work.session.flush()
    return sheet
