"""The demo's eyes on packed batches, and its shelf of retained samples."""

from tcm.knowledge.quality import pouch_limits_ml
from tcm.records.quality import Disposal, Verdict
from tcm.records.roles import Actor, Role
from tcm.services import batch_checking, sampling
from tcm.services.batch_checking import Found
from tcm.services.quality_gate import settings_of
from tcm.store.work import Work
from web.demo.town import Town

SHELF = "留样柜 {} 层"
SHELVES = 4
# Of so many batches that are looked at one holds too little and is packed anew.
REPACK_ONE_IN = 8
LOOKING_S = 60


def keep_and_look(town: Town, work: Work, packer: Actor, prescription_id: int) -> None:
    """Put a sample of a packed batch on the shelf and let a colleague look at it, where it was drawn.

    Args:
        town: The county today; its clock is moved on by a look.
        work: The unit of work.
        packer: Who packed it.
        prescription_id: Of which; what the centre does not decoct is left as it is.
    """
    prescription = work.prescriptions.get(prescription_id)
    if prescription.preparation.needs_pot and settings_of(work).sample_ml:
        sampling.keep(work, packer, prescription_id, SHELF.format(prescription_id % SHELVES + 1))
    check = work.quality_checks.open_of(prescription_id)
    if check is None:
        return
    colleague = next(one.actor for one in town.staff[Role.FLOOR] if one.id != packer.staff_id)
    full_ml = work.bags.of_prescription(prescription_id)[0].pouch_ml
    town.clock.tick(LOOKING_S)
    if (check.id or 0) % REPACK_ONE_IN == 0:
        short_ml = pouch_limits_ml(full_ml)[0] - 1
        found = Found(Verdict.REPACK, short_ml, ("short",), "有两袋装量偏少")
        held = batch_checking.decide(work, colleague, prescription_id, prescription.version, found)
        batch_checking.pack_anew(work, packer, prescription_id, held.version)
        town.clock.tick(LOOKING_S)
    version = work.prescriptions.get(prescription_id).version
    batch_checking.decide(work, colleague, prescription_id, version, Found(Verdict.PASSED, full_ml))


def pour_out(town: Town) -> None:
    """Pour out the samples that have stood long enough.

    Args:
        town: The county in the evening.
    """
    hand = town.staff[Role.FLOOR][0].actor
    with town.work() as work:
        due = [each.id or 0 for each in work.retained_samples.standing() if each.dispose_on <= town.day]
        if due:
            sampling.dispose(work, hand, due, Disposal.EXPIRED)
        work.commit()
