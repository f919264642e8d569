"""The record of each decoction (煎药记录) that the rules of 2009 ask for: steps, minutes, hands, quality."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tcm.knowledge import Knowledge
from tcm.knowledge.decoction import BoilProgramme
from tcm.records.boils import PotRun, PotStep, Step
from tcm.records.clinical import Bag, Prescription
from tcm.records.clock import day_start
from tcm.records.errors import N_, NotFound
from tcm.records.ledger import Event
from tcm.records.lifecycle import State
from tcm.records.machines import Deviation, MachineReading
from tcm.records.people import Institution, Patient
from tcm.records.permissions import Action, demand
from tcm.records.quality import QualityCheck, RetainedSample
from tcm.records.roles import Actor, Role
from tcm.services.access import look_at_prescription
from tcm.services.flooring import boil_programme
from tcm.store.quality_queries import Packing, bags_of_packings, packings_between, runs_of
from tcm.store.work import Work


@dataclass(frozen=True)
class RecordLine:
    """One row of the record, as on the blank form for outages.

    Args:
        step: dispense, recheck, soak, pot, heat, pre_boil, first_boil, add_later, second_boil, pack or clean.
        begun_at: Aware UTC, None where nobody wrote it down.
        ended_at: The same.
        volume_ml: Water poured on, or what was got; None where neither belongs there.
        who: Names, in the order of their hands.
    """

    step: str
    begun_at: datetime | None
    ended_at: datetime | None
    volume_ml: int | None
    who: str


@dataclass(frozen=True)
class DecoctionRecord:
    """Everything that is known of one boil of one prescription that was packed.

    Args:
        prescription: Which.
        patient: For whom; papers show the first character of the name.
        house: Where it was written.
        village: Where it goes.
        boil: The programme it was boiled by.
        special: Herbs with a note of their own, such as 薄荷（后下）.
        pot: Code of the pot, empty where it is not on record.
        lines: In order.
        bags: Of this packing, scrapped ones too.
        checks: Looks at the packed batch, oldest first.
        sample: What was retained of it, or None.
        people: Names by row of staff, for checks and sample.
        run: The boil, None where it was packed before boils were kept.
        steps: What hands did at the pot, in order.
        readings: The boil's temperature, oldest first; empty where no machine spoke.
        deviations: Where it went another way, and what was decided.
    """

    prescription: Prescription
    patient: Patient
    house: Institution
    village: Institution
    boil: BoilProgramme
    special: tuple[str, ...]
    pot: str
    lines: tuple[RecordLine, ...]
    bags: list[Bag]
    checks: list[QualityCheck]
    sample: RetainedSample | None
    people: Mapping[int, str]
    run: PotRun | None
    steps: list[PotStep]
    readings: list[MachineReading]
    deviations: list[Deviation]

    @property
    def is_stepwise(self) -> bool:
        """Whether each step at the pot is on record; else the rest stands on paper."""
        return self.run is not None and self.run.stepwise

    @property
    def is_scrapped(self) -> bool:
        """Whether the batch was thrown away after it was packed."""
        return self.bags[0].voided_at is not None

    @property
    def pouches(self) -> int:
        """How many were filled."""
        return sum(bag.pouches for bag in self.bags)


def records_of_day(work: Work, actor: Actor, knowledge: Knowledge, day: date) -> list[DecoctionRecord]:
    """The records of everything packed on a day, in the order of packing; each look is audited.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        knowledge: The boil rules.
        day: County date.

    Returns:
        The records, of scrapped batches too.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_READ)
    return _records(work, actor, knowledge, packings_of_day(work, actor, day))


def packings_of_day(work: Work, actor: Actor, day: date) -> list[Packing]:
    """What was packed on a day, as a list shows it; no patient.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        day: County date.

    Returns:
        Batches in the order of packing.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_READ)
    return packings_between(work.session, day_start(day), day_start(day + timedelta(days=1)))


def record_of(work: Work, actor: Actor, knowledge: Knowledge, bag_id: int) -> DecoctionRecord:
    """The record of one batch; the look is audited.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        knowledge: The boil rules.
        bag_id: First bag of its packing.

    Returns:
        The record.

    Raises:
        NotFound: When no decoction was packed under that bag.
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_READ)
    bag = work.bags.get(bag_id)
    around = packings_between(work.session, bag.packed_at, bag.packed_at + timedelta(seconds=1))
    found = [each for each in around if each.bag_id == bag_id]
    if not found:
        raise NotFound(N_("没有这条煎药记录。"))
    return _records(work, actor, knowledge, found)[0]


def _records(
    work: Work, actor: Actor, knowledge: Knowledge, packings: Sequence[Packing]
) -> list[DecoctionRecord]:
    rows = {each.prescription_id for each in packings}
    prescriptions = work.prescriptions.by_ids(rows)
    for prescription in prescriptions.values():
        look_at_prescription(work, actor, prescription, Action.QUALITY_READ)
    patients = work.patients.by_ids(each.patient_id for each in prescriptions.values())
    houses = work.institutions.by_ids(
        house for each in prescriptions.values() for house in (each.institution_id, each.village_id)
    )
    chains, runs = work.ledger.chains(rows), runs_of(work.session, rows)
    boils = [run.key() for each in runs.values() for run in each]
    steps = work.pot_steps.of_runs(boils)
    readings, deviations = work.machine_readings.of_runs(boils), work.deviations.of_runs(boils)
    bags = bags_of_packings(work.session, rows)
    checks = work.quality_checks.of_prescriptions(rows)
    samples = work.retained_samples.of_bags([each.bag_id for each in packings])
    pots = {pot.id: pot.code for pot in work.pots.all()}
    people = {person.id or 0: person.name for person in work.staff.all()}

    def record(packing: Packing) -> DecoctionRecord:
        row = packing.prescription_id
        prescription = prescriptions[row]
        patient = patients[prescription.patient_id]
        run = _boiled_before(runs.get(row, []), packing.packed_at)
        taken = steps.get(run.key(), []) if run else []
        boil = run.boil if run else boil_programme(work, knowledge, prescription, patient)
        chain, own = _of_batch(chains[row], packing.packed_at), bags[packing.bag_id]
        return DecoctionRecord(
            prescription=prescription,
            patient=patient,
            house=houses[prescription.institution_id],
            village=houses[prescription.village_id],
            boil=boil,
            special=_special(prescription),
            pot=pots.get(run.pot_id, "") if run else _told_pot(chain),
            lines=tuple(_lines(boil, chain, run, taken, own, people)),
            bags=own,
            checks=[each for each in checks.get(row, []) if each.bag_id == packing.bag_id],
            sample=samples.get(packing.bag_id),
            people=people,
            run=run,
            steps=taken,
            readings=readings[run.key()] if run else [],
            deviations=deviations[run.key()] if run else [],
        )

    return [record(each) for each in packings]


def _special(prescription: Prescription) -> tuple[str, ...]:
    noted = [item for item in prescription.items if item.decoction_note]
    return tuple(f"{item.written_as}（{item.decoction_note}）" for item in noted)


def _of_batch(chain: Sequence[Event], packed_at: datetime) -> list[Event]:
    """The events of one batch: after the one before was scrapped, until it was packed."""
    before = [each for each in chain if each.at <= packed_at]
    moves = [place for place, each in enumerate(before) if each.kind == "move"]
    scrapped = [place for place in moves if before[place].target is State.SCRAPPED]
    return before[scrapped[-1] + 1 :] if scrapped else before


def _boiled_before(runs: Sequence[PotRun], packed_at: datetime) -> PotRun | None:
    return next((each for each in reversed(runs) if each.opened_at <= packed_at), None)


def _told_pot(chain: Sequence[Event]) -> str:
    loaded = _moved(chain, State.DECOCTING)
    return str(loaded.payload.get("pot", "")) if loaded else ""


def _moved(chain: Sequence[Event], target: State) -> Event | None:
    return next((each for each in reversed(chain) if each.kind == "move" and each.target is target), None)


def _lines(
    boil: BoilProgramme,
    chain: Sequence[Event],
    run: PotRun | None,
    taken: Sequence[PotStep],
    bags: Sequence[Bag],
    people: Mapping[int, str],
) -> list[RecordLine]:
    return [
        *_before_the_pot(boil, chain, people),
        *(_at_the_pot(boil, chain, run, taken, people)),
        RecordLine(
            "pack",
            None,
            bags[0].packed_at,
            sum(bag.pouches * bag.pouch_ml for bag in bags),
            people.get(bags[0].packed_by_id, ""),
        ),
        *(
            RecordLine("clean", None, each.at, None, people.get(each.by_id, ""))
            for each in taken
            if each.step is Step.CLEANED
        ),
    ]


def _before_the_pot(
    boil: BoilProgramme, chain: Sequence[Event], people: Mapping[int, str]
) -> list[RecordLine]:
    lines = []
    weighing = next((each for each in chain if each.kind == "weighing"), None)
    weighed = [each for each in chain if each.kind == "weighed"]
    dispensed = _moved(chain, State.DISPENSED)
    if weighing is not None:
        ended = weighed[-1].at if weighed else None
        lines.append(RecordLine("dispense", weighing.at, ended, None, people.get(weighing.actor_id, "")))
    if dispensed is not None:
        step = "recheck" if dispensed.actor_role is Role.PHARMACIST else "dispense"
        lines.append(RecordLine(step, None, dispensed.at, None, people.get(dispensed.actor_id, "")))
    soaked, loaded = _moved(chain, State.SOAKING), _moved(chain, State.DECOCTING)
    if soaked is not None:
        ended = loaded.at if loaded else None
        who = people.get(soaked.actor_id, "")
        lines.append(RecordLine("soak", soaked.at, ended, boil.first_water_ml, who))
    return lines


def _at_the_pot(
    boil: BoilProgramme,
    chain: Sequence[Event],
    run: PotRun | None,
    taken: Sequence[PotStep],
    people: Mapping[int, str],
) -> list[RecordLine]:
    loaded = _moved(chain, State.DECOCTING)
    if run is None or not run.stepwise:
        drawn = next((each for each in reversed(chain) if each.kind == "drawn_off"), None)
        hands = [each.actor_id for each in (loaded, drawn) if each is not None]
        begun = loaded.at if loaded else None
        return [RecordLine("pot", begun, drawn.at if drawn else None, None, _names(hands, people))]
    at = {each.step: each for each in taken}

    def line(key: str, first: Step, last: Step | None, water_ml: int | None = None) -> list[RecordLine]:
        begun, ended = at.get(first), at.get(last) if last else None
        if begun is None:
            return []
        hands = [each.by_id for each in (begun, ended) if each is not None]
        return [RecordLine(key, begun.at, ended.at if ended else None, water_ml, _names(hands, people))]

    after_first = Step.FIRST_DRAWN if boil.second_boil_min else Step.DRAWN_OFF
    began_first = Step.REST_ADDED if boil.pre_boil_min else Step.FIRST_BOIL
    return [
        *line("heat", Step.LOADED, Step.FIRST_BOIL),
        *(line("pre_boil", Step.FIRST_BOIL, Step.REST_ADDED) if boil.pre_boil_min else []),
        *line("first_boil", began_first, after_first),
        *line("add_later", Step.LATE_ADDED, None),
        *line("second_boil", Step.SECOND_BOIL, Step.DRAWN_OFF, boil.second_water_ml),
    ]


def _names(hands: Sequence[int], people: Mapping[int, str]) -> str:
    return "、".join(dict.fromkeys(people.get(row, "") for row in hands))
