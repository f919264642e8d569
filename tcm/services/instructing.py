"""What a patient is told who is given no decoction: how herbs are cooked at home, how granules are dissolved.

The same sentences stand on the sheet in the bag and on the page behind its code. They name no herb: what goes
in at another time is a small packet that carries its note.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tcm.knowledge import Knowledge
from tcm.knowledge.decoction import BoilProgramme, handling_of, programme
from tcm.knowledge.preparation import read_preparation_rules
from tcm.records.clinical import Preparation, Prescription
from tcm.records.clock import age_years, county_day
from tcm.records.errors import N_
from tcm.records.people import Patient
from tcm.services.cases import lines_of
from tcm.services.packing import parcels_per_dose
from tcm.store.work import Work

_EARLY, _LATE = "先煎", "后下"
# 久煎 is said in the minutes of 先煎.
_SAME_PACKET = {"久煎": _EARLY}
# The notes that make a small packet of their own, in the order in which they are needed.
_BOILED_OTHERWISE = (_EARLY, _LATE, "包煎", "另煎", "烊化")
_NOT_BOILED = ("冲服", "兑服", "吞服", "溶入", "外用")
_PACKETS = {
    "包煎": N_("标着“包煎”的小包装进布袋，同其他药一起煮。"),
    "另煎": N_("标着“另煎”的小包另用小锅煮 %(minutes)s 分钟，药汁兑进来。"),
    "烊化": N_("标着“烊化”的小包放进热药汁里，化开再喝。"),
    "冲服": N_("标着“冲服”的小包不煮，用药汁冲服。"),
    "兑服": N_("标着“兑服”的小包不煮，兑进药汁里喝。"),
    "吞服": N_("标着“吞服”的小包不煮，用温开水吞服。"),
    "溶入": N_("标着“溶入”的小包不煮，放进热药汁里溶化再喝。"),
    "外用": N_("标着“外用”的小包不煮，也不要吃，只作外用。"),
}
KEEP_DRY = {
    Preparation.GRANULES: N_("密封，放在阴凉干燥处；小袋打开后马上用。"),
    Preparation.OWN_COOKING: N_("密封，放在阴凉干燥处，防潮防虫；发霉、虫蛀的不要用。"),
}


@dataclass(frozen=True)
class Advice:
    """One sentence for the patient.

    Args:
        sentence: A msgid.
        values: What is filled into it.
    """

    sentence: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def advice_of(
    work: Work, knowledge: Knowledge, prescription: Prescription, patient: Patient | None = None
) -> tuple[Advice, ...]:
    """What the patient does with what is in the bag, step by step, for one 剂.

    Args:
        work: The unit of work.
        knowledge: The boil rules.
        prescription: Which.
        patient: For whom, where the caller has them at hand; else they are read.

    Returns:
        Sentences in the order they are followed; none for what the centre decocts.

    Source: 医疗机构中药煎药室管理规范 (国中医药发〔2009〕3号); 处方管理办法 第33条 (usage is explained to the
        patient).
    """
    if prescription.preparation is Preparation.DECOCTED:
        return ()
    packets = dict(packed_apart(prescription, knowledge))
    if prescription.preparation is Preparation.GRANULES:
        return tuple(_granules(packets))
    patient = patient or work.patients.get(prescription.patient_id)
    boil = programme(
        lines_of(prescription.items),
        knowledge,
        doses_count=1,
        age_years=age_years(patient.born_on, county_day(prescription.signed_at or work.now)),
        decoction_class=prescription.decoction_class,
    )
    return tuple(_own_cooking(boil, packets, knowledge))


def packed_apart(prescription: Prescription, knowledge: Knowledge) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The small packets that lie beside the rest of each 剂, each with its note.

    Args:
        prescription: Which.
        knowledge: What the notes mean.

    Returns:
        Notes with the herbs as written; of granules only what never was boiled.

    Source: 医疗机构中药煎药室管理规范 (herbs with a note of their own are treated apart).
    """
    is_extract = prescription.preparation is Preparation.GRANULES
    wanted = _NOT_BOILED if is_extract else _BOILED_OTHERWISE + _NOT_BOILED
    herbs: dict[str, list[str]] = {note: [] for note in wanted}
    for item, line in zip(prescription.items, lines_of(prescription.items), strict=True):
        notes = {_SAME_PACKET.get(note, note) for note in handling_of(line, knowledge)}
        note = next((each for each in wanted if each in notes), None)
        if note is not None:
            herbs[note].append(item.written_as)
    return tuple((note, tuple(names)) for note, names in herbs.items() if names)


def _granules(packets: Mapping[str, tuple[str, ...]]) -> Iterator[Advice]:
    yield Advice(
        N_("不用煮。每剂 %(sachets)s 小袋，每次取 1 小袋倒进杯里。"),
        {"sachets": parcels_per_dose(Preparation.GRANULES)},
    )
    water_ml = read_preparation_rules()["granule_water_ml"]
    yield Advice(
        N_("加约 %(ml)s 毫升开水，搅到化开，温热时喝；杯底有少许沉淀，搅匀一起喝。"), {"ml": water_ml}
    )
    yield from (Advice(_PACKETS[note]) for note in packets)


def _own_cooking(
    boil: BoilProgramme, packets: Mapping[str, tuple[str, ...]], knowledge: Knowledge
) -> Iterator[Advice]:
    yield Advice(N_("用砂锅或不锈钢锅，不用铁锅；一次煮一剂（一大包）。"))
    yield Advice(
        N_("先用 %(ml)s 毫升冷水泡 %(minutes)s 分钟，水要没过药面。"),
        {"ml": boil.first_water_ml, "minutes": boil.soak_min},
    )
    if _EARLY in packets:
        yield Advice(
            N_("标着“先煎”的小包先煮：水开后小火煮足 %(minutes)s 分钟，再放其他药。"),
            {"minutes": boil.pre_boil_min},
        )
    yield Advice(N_("大火煮开，改小火再煮 %(minutes)s 分钟，倒出药汁。"), {"minutes": boil.first_boil_min})
    if boil.add_at_min is not None:
        left_min = boil.pre_boil_min + boil.first_boil_min - boil.add_at_min
        yield Advice(N_("标着“后下”的小包，在这一煎的最后 %(minutes)s 分钟放进去。"), {"minutes": left_min})
    yield Advice(
        N_("药渣再加 %(ml)s 毫升水，煮开后小火煮 %(minutes)s 分钟，倒出药汁。"),
        {"ml": boil.second_water_ml, "minutes": boil.second_boil_min},
    )
    for note in packets:
        if note in _PACKETS:
            minutes = {"minutes": knowledge.boil_rules["side_boil_min:另煎"]} if note == "另煎" else {}
            yield Advice(_PACKETS[note], minutes)
    yield Advice(N_("两次药汁合在一起，约 %(ml)s 毫升，按医嘱分次温服，当天喝完。"), {"ml": boil.volume_ml})
