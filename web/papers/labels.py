"""The labels tied to pots and stuck on bags."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dispatch.plan_types import ScheduledJob
from tcm.knowledge import Knowledge
from tcm.knowledge.decoction import BoilProgramme, handling_of
from tcm.records.clinical import Prescription
from tcm.records.clock import at_minute
from tcm.services.cases import lines_of
from tcm.services.flooring import boil_programme
from tcm.services.instructing import KEEP_DRY
from tcm.services.packing import POUCHES_PER_DOSE, pouches_of
from tcm.store.work import Work
from web.papers.common import KEEP, centre_of, how_to_take, phone_of, use_before
from web.prints import BagLabel, PotLabel, PotStep, StepKind
from web.scan import pot_url, trace_url

POT_UNKNOWN = "待定"
TOXIC_WARNING = "毒性药材：专锅煎煮，双人核对"
_EARLY, _LATE = frozenset({"先煎", "久煎"}), frozenset({"后下"})


def pot_labels(
    work: Work,
    knowledge: Knowledge,
    prescriptions: Sequence[Prescription],
    jobs: Mapping[int, ScheduledJob],
    day: date,
    public_url: str,
    printed_at: datetime,
) -> list[PotLabel]:
    """The labels tied to pots, with the boil programme at its planned times.

    Args:
        work: The unit of work the prescriptions belong to.
        knowledge: The boil rules.
        prescriptions: Which.
        jobs: Of the plan in force, by prescription; see `web.plan_view.jobs_of`. One without a job begins
            when its label is printed.
        day: The county date whose midnight is the plan's minute 0.
        public_url: Where the house is reached, for the QR codes.
        printed_at: Aware UTC.

    Returns:
        Labels in the order of the prescriptions; each is filled into so many pouches.

    Raises:
        ValueError: When a text is longer than the label has room for.
    """
    patients = work.patients.by_ids(each.patient_id for each in prescriptions)
    houses = work.institutions.by_ids(each.institution_id for each in prescriptions)
    pots = {pot.id: pot.code for pot in work.pots.all()}
    labels = []
    for each in prescriptions:
        boil, job = boil_programme(work, knowledge, each), jobs.get(each.key())
        planned_pot = job.pot_id if job else POT_UNKNOWN
        labels.append(
            PotLabel(
                pot=pots.get(each.pot_id, planned_pot),
                prescription_number=each.number or "",
                patient_name=patients[each.patient_id].name,
                institution=houses[each.institution_id].name,
                doses=each.doses_count,
                bags=pouches_of(each),
                bag_ml=boil.volume_ml // POUCHES_PER_DOSE,
                water_ml=boil.water_ml,
                steps=tuple(_pot_steps(each, knowledge, boil, _times(boil, job, day, printed_at))),
                toxic_warning=TOXIC_WARNING if boil.taint == "toxic" else "",
                scan_code=pot_url(public_url, each.number or ""),
                printed_at=printed_at,
            )
        )
    return labels


def bag_labels(
    work: Work, prescriptions: Sequence[Prescription], public_url: str, printed_at: datetime
) -> list[BagLabel]:
    """The labels of the bags of packed prescriptions, bag by bag.

    Args:
        work: The unit of work the prescriptions belong to.
        prescriptions: Which; those without bags give no label.
        public_url: Where the house is reached, for the QR codes.
        printed_at: Aware UTC.

    Returns:
        Labels in the order of the prescriptions; each names the millilitres of one pouch, if any.

    Raises:
        Invalid: Before a centre is set up.
        ValueError: When a text is longer than the label has room for.
    """
    centre = centre_of(work)
    bags = work.bags.of_prescriptions([each.key() for each in prescriptions])
    patients = work.patients.by_ids(each.patient_id for each in prescriptions)
    houses = work.institutions.by_ids(
        house_id for each in prescriptions for house_id in (each.institution_id, each.village_id)
    )
    return [
        BagLabel(
            patient_name=patients[each.patient_id].name,
            village=houses[each.village_id].name,
            institution=houses[each.institution_id].name,
            prescription_number=each.number or "",
            doses=each.doses_count,
            bag_index=bag.position,
            bag_count=len(bags[each.key()]),
            volume_ml=bag.pouch_ml or None,
            how_to_take=how_to_take(each, bag),
            how_to_keep=KEEP if each.preparation.needs_pot else KEEP_DRY[each.preparation],
            use_before=use_before(bag) if each.preparation.needs_pot else None,
            bag_code=bag.code,
            trace_url=trace_url(public_url, bag.code),
            centre_phone=phone_of(centre),
            decocted_at=bag.packed_at,
            printed_at=printed_at,
            preparation=each.preparation.value,
        )
        for each in prescriptions
        for bag in bags.get(each.key(), [])
    ]


@dataclass(frozen=True)
class _Times:
    soak_at: datetime
    cook_at: datetime
    pack_at: datetime
    pack_min: int


def _times(boil: BoilProgramme, job: ScheduledJob | None, day: date, begun_at: datetime) -> _Times:
    if job is not None:
        soak_at, cook_at, pack_at = (
            at_minute(day, minute) for minute in (job.soak_at_min, job.cook_at_min, job.pack_at_min)
        )
        return _Times(soak_at, cook_at, pack_at, job.pack_end_min - job.pack_at_min)
    cook_at = begun_at + timedelta(minutes=boil.soak_min)
    return _Times(begun_at, cook_at, cook_at + timedelta(minutes=boil.cook_min), pack_min=0)


def _pot_steps(
    prescription: Prescription, knowledge: Knowledge, boil: BoilProgramme, times: _Times
) -> Iterator[PotStep]:
    def step(
        kind: StepKind,
        after_min: int,
        minutes: int,
        wanted: frozenset[str] = frozenset(),
        water_ml: int | None = None,
    ) -> PotStep:
        at = times.cook_at + timedelta(minutes=after_min)
        herbs = herbs_with(wanted)
        return PotStep(kind=kind, planned_start_at=at, minutes=minutes, water_ml=water_ml, herbs=herbs)

    def herbs_with(wanted: frozenset[str]) -> tuple[str, ...]:
        lines = zip(prescription.items, lines_of(prescription.items), strict=True)
        return tuple(item.written_as for item, line in lines if handling_of(line, knowledge) & wanted)

    first_end = boil.pre_boil_min + boil.first_boil_min
    yield PotStep(
        kind=StepKind.SOAK,
        planned_start_at=times.soak_at,
        minutes=boil.soak_min,
        water_ml=boil.first_water_ml,
    )
    if boil.pre_boil_min:
        yield step(StepKind.FIRST_IN, 0, boil.pre_boil_min, _EARLY)
    yield step(StepKind.FIRST_BOIL, boil.pre_boil_min, boil.first_boil_min)
    if boil.add_at_min is not None:
        yield step(StepKind.LATE_IN, boil.add_at_min, first_end - boil.add_at_min, _LATE)
    yield step(StepKind.SECOND_BOIL, first_end, boil.second_boil_min, water_ml=boil.second_water_ml)
    yield PotStep(kind=StepKind.PACK, planned_start_at=times.pack_at, minutes=times.pack_min)
