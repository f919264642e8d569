"""Retained samples (留样): some of each batch on a shelf for some days, and poured out by name."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from tcm.records.clinical import Prescription
from tcm.records.clock import county_day, day_start
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.permissions import Action, demand
from tcm.records.quality import Disposal, QualitySettings, RetainedSample
from tcm.records.roles import Actor
from tcm.services.access import look_at_prescription
from tcm.services.moving import hold, note
from tcm.services.quality_gate import settings_of
from tcm.store.quality_queries import Packing, packings_between
from tcm.store.work import Work

# A sample that nobody took by the next evening is not taken any more.
_MISSING_DAYS = 1
_SHOWN = 60
MOST_PLACE = 24


@dataclass(frozen=True)
class Shelf:
    """What stands on the shelf, what is missing there, what left it.

    Args:
        settings: What the centre asks of itself.
        today: County date.
        standing: What is due first.
        poured_out: Newest first.
        missing: Batches of today and yesterday of which nothing was retained.
        numbers: Of prescriptions, by row.
        people: Names by row of staff.
        place: Where the next one would stand.
    """

    settings: QualitySettings
    today: date
    standing: list[RetainedSample]
    poured_out: list[RetainedSample]
    missing: list[Packing]
    numbers: dict[int, str]
    people: dict[int, str]
    place: str

    @property
    def due(self) -> list[RetainedSample]:
        """What may be poured out today."""
        return [each for each in self.standing if each.dispose_on <= self.today]


def shelf(work: Work, actor: Actor) -> Shelf:
    """The shelf of retained samples.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.

    Returns:
        The shelf; it names no patient.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_READ)
    settings, today = settings_of(work), county_day(work.now)
    standing, gone = work.retained_samples.standing(), work.retained_samples.poured_out(_SHOWN)
    prescriptions = work.prescriptions.by_ids(each.prescription_id for each in [*standing, *gone])
    hands = {each.kept_by_id for each in standing} | {each.disposed_by_id or 0 for each in gone}
    return Shelf(
        settings=settings,
        today=today,
        standing=standing,
        poured_out=gone,
        missing=_missing(work, settings, today) if settings.sample_ml else [],
        numbers={row: each.number or "" for row, each in prescriptions.items()},
        people={row: person.name for row, person in work.staff.by_ids(hands).items()},
        place=work.retained_samples.last_place(today),
    )


def keep(work: Work, actor: Actor, prescription_id: int, place: str) -> RetainedSample:
    """Some of a packed batch is put on the shelf, as much and as long as the setting says.

    Args:
        work: The unit of work.
        actor: Floor staff.
        prescription_id: Of which prescription; its batch that is packed now.
        place: Where it stands.

    Returns:
        The sample; putting the same one there again changes nothing.

    Raises:
        IllegalMove: When no decoction of it is packed.
        Invalid: When the setting asks for none, or no place is named.
        Forbidden: For other roles.
    """
    prescription = hold(work, prescription_id)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    settings = settings_of(work)
    if not settings.sample_ml:
        raise Invalid(N_("中心没有开启留样，请主管在质量设置里打开。"))
    place = place.strip()
    if not 0 < len(place) <= MOST_PLACE:
        raise Invalid(N_("请写明放在哪里，例如“留样柜 2 层”。"))
    bag_id = _first_bag(work, prescription)
    kept = work.retained_samples.of_bag(bag_id)
    if kept is not None:
        return kept
    sample = work.retained_samples.add(
        RetainedSample(
            prescription_id=prescription_id,
            bag_id=bag_id,
            volume_ml=settings.sample_ml,
            place=place,
            kept_by_id=actor.staff_id,
            kept_at=work.now,
            dispose_on=county_day(work.now) + timedelta(days=settings.sample_days),
        )
    )
    note(work, actor, prescription, "sampled", {"sample": sample.id, "ml": sample.volume_ml})
    return sample


def dispose(work: Work, actor: Actor, sample_ids: Collection[int], disposal: Disposal) -> int:
    """Samples were poured out; whoever is logged in signs for it.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        sample_ids: Which.
        disposal: Why.

    Returns:
        How many; those poured out before are passed over.

    Raises:
        Invalid: When none is chosen, or one is not due and the reason is that it is.
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_KEEP)
    samples = work.retained_samples.by_ids(sample_ids)
    if not samples:
        raise Invalid(N_("请先勾选要销毁的留样。"))
    today, done = county_day(work.now), 0
    # Held in one order, and looked at again then: of two hands the first signs.
    for each in sorted(samples.values(), key=lambda sample: sample.prescription_id):
        prescription = hold(work, each.prescription_id)
        work.session.refresh(each)
        if each.disposed_at is not None:
            continue
        if disposal is Disposal.EXPIRED and each.dispose_on > today:
            raise Invalid(N_("有的留样还没到期；提前销毁请选别的原因。"))
        each.disposal, each.disposed_by_id, each.disposed_at = disposal, actor.staff_id, work.now
        note(work, actor, prescription, "sample_disposed", {"sample": each.id, "reason": disposal.value})
        done += 1
    work.session.flush()
    return done


def _missing(work: Work, settings: QualitySettings, today: date) -> list[Packing]:
    since = max(day_start(today - timedelta(days=_MISSING_DAYS)), settings.set_at)
    packed = packings_between(work.session, since, work.now + timedelta(seconds=1))
    return [each for each in packed if not (each.sampled or each.voided)]


def _first_bag(work: Work, prescription: Prescription) -> int:
    bags = work.bags.of_prescription(prescription.key())
    if not bags or not prescription.preparation.needs_pot:
        raise IllegalMove(N_("这张处方还没有包装好的药液，不能留样。"))
    return bags[0].id or 0
