"""What the engine is fed: facts of the visit, laboratory values, what the patient still has from anywhere."""

import pytest

from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.review import Finding, Line, Supply
from tcm.services import prescribing, reviewing
from tcm.services.cases import case_of, case_today, earlier_supplies
from tcm.services.prescribing import ItemDraft
from tests.tcm.centre import FLOOR_STEPS, brought_to, on_the_road, packed
from tests.tcm.county import DAY, FOUR_GENTLEMEN, County, draft
from tests.tcm.elsewhere import signed_elsewhere

FOUR_LINES = tuple(Line(item.written_as, item.dose_g) for item in FOUR_GENTLEMEN)
# Herbs that 四君子汤 has none of.
OTHER_HERBS = draft([ItemDraft("陈皮", 6.0), ItemDraft("竹茹", 9.0)])


def supplies(county: County, asking: Prescription, *, on_record: bool = False) -> tuple[Supply, ...]:
    """What the patient still has besides this prescription, by its doctor's question."""
    with county.work() as work:
        stored = work.prescriptions.get(asking.key())
        return earlier_supplies(work, county.doctor, stored, on_record=on_record)


def kept_days(county: County, asking: Prescription) -> list[float]:
    return [supply.days_left for supply in supplies(county, asking)]


def supply_looks(county: County) -> list[tuple[object, ...]]:
    return [look for look in county.looks() if look[2] == "supply"]


def found(county: County, prescription: Prescription, rule: str) -> list[Finding]:
    seen = county.do(prescribing.findings, county.doctor, county.knowledge, prescription.key())
    return [finding for finding in seen if finding.rule == rule]


def test_the_engine_reads_the_visits_facts_its_laboratory_values_and_the_day(county: County) -> None:
    visit = county.visited(
        pregnant=True, western_drugs=("华法林",), labs={"alt_u_l": 88.5, "creatinine_umol_l": 70.0}
    )
    prescription = county.drafted(visit=visit)
    with county.work() as work:
        stored = work.encounters.get(visit.id or 0)
        case = case_of(prescription, county.patient, stored, DAY)
    assert (case.patient.labs, case.patient.pregnant, case.patient.western_drugs) == (
        {"alt_u_l": 88.5, "creatinine_umol_l": 70.0},
        True,
        ("华法林",),
    )
    assert (case.patient.age_years, case.written_on, case.lines, case.earlier) == (60, DAY, FOUR_LINES, ())


def test_the_case_of_today_holds_what_is_still_taken(county: County) -> None:
    county.signed()
    saved = county.drafted()
    with county.work() as work:
        stored = work.prescriptions.get(saved.key())
        encounter = work.encounters.get(saved.encounter_id)
        case = case_today(work, county.doctor, stored, county.patient, encounter, on_record=False)
    label = f"2026-11-21 {county.hospital.name}"
    assert case.earlier == (Supply(label, 7.0, FOUR_LINES, 1),)
    assert case.written_on == DAY


@pytest.mark.parametrize(
    ("labs", "speaks"),
    [
        ({}, False),
        ({"creatinine_umol_l": 70.0}, False),
        ({"creatinine_umol_l": 350.0}, True),
        ({"egfr_ml_min": 25.0}, True),
    ],
)
def test_a_laboratory_value_makes_the_organ_rules_speak(
    county: County, labs: dict[str, float], speaks: bool
) -> None:
    saved = county.drafted(draft([*FOUR_GENTLEMEN, ItemDraft("苦楝皮", 4.5)]), county.visited(labs=labs))
    assert [finding.herbs for finding in found(county, saved, "organ_contra")] == (
        [("苦楝皮",)] if speaks else []
    )


@pytest.mark.parametrize(
    ("doses_count", "doses_per_day", "left"),
    [(7, 1, [7.0, 6.0, 4.0, 1.0, None]), (7, 2, [3.5, 2.5, 0.5, None, None]), (1, 1, [1.0, *[None] * 4])],
)
def test_days_left_are_counted_from_the_signature(
    county: County, doses_count: int, doses_per_day: int, left: list[float | None]
) -> None:
    weak = (ItemDraft("陈皮", 3.0), ItemDraft("竹茹", 5.0))
    county.signed(draft(weak, doses_count=doses_count, doses_per_day=doses_per_day))
    asking = county.drafted(OTHER_HERBS)
    seen = []
    for days in (0, 1, 2, 3, 1):
        county.watch.pass_(days=days)
        seen.append(kept_days(county, asking))
    assert seen == [[days] if days else [] for days in left]


def test_a_county_day_ends_at_its_own_midnight(county: County) -> None:
    county.signed()
    asking = county.drafted(OTHER_HERBS)
    assert kept_days(county, asking) == [7.0]
    # Sixteen hours on it is still the same date in UTC, and the next day in the county.
    county.watch.pass_(hours=15.9)
    assert kept_days(county, asking) == [7.0]
    county.watch.pass_(hours=0.2)
    assert kept_days(county, asking) == [6.0]


def test_a_prescription_is_no_earlier_supply_of_itself(county: County) -> None:
    signed = county.signed()
    assert supplies(county, signed) == ()
    assert found(county, signed, "repeated_supply") == []


def test_what_was_never_supplied_does_not_count(county: County) -> None:
    county.drafted()
    cancelled = county.signed()
    county.do(prescribing.cancel, county.doctor, cancelled.key(), cancelled.version, "rewritten")
    claimed = county.claimed(county.signed())
    county.do(
        reviewing.return_to_doctor,
        county.pharmacist,
        county.knowledge,
        claimed.key(),
        claimed.version,
        "dose",
    )
    assert supplies(county, county.drafted(OTHER_HERBS)) == ()


@pytest.mark.parametrize("state", [State.SIGNED, State.APPROVED, *FLOOR_STEPS, State.LOADED])
def test_what_is_signed_counts_on_every_step_of_its_way(county: County, state: State) -> None:
    if state is State.SIGNED:
        county.signed()
    elif state is State.APPROVED:
        county.approved()
    elif state is State.LOADED:
        on_the_road(county, packed(county))
    else:
        brought_to(county, county.approved(), state)
    assert kept_days(county, county.drafted(OTHER_HERBS)) == [7.0]


def test_several_supplies_stand_in_the_order_they_were_signed_each_with_its_own_herbs(
    county: County,
) -> None:
    county.signed()
    county.watch.pass_(days=1)
    county.signed(OTHER_HERBS)
    asking = county.drafted(OTHER_HERBS)
    assert [
        (s.label[:10], s.days_left, [line.herb for line in s.lines]) for s in supplies(county, asking)
    ] == [
        ("2026-11-21", 6.0, ["党参", "白术", "茯苓", "炙甘草"]),
        ("2026-11-22", 7.0, ["陈皮", "竹茹"]),
    ]


def test_the_same_identity_number_is_the_same_patient_in_another_house(county: County) -> None:
    signed_elsewhere(county)
    [supply] = supplies(county, county.drafted(OTHER_HERBS))
    assert supply == Supply(f"2026-11-21 {county.other_hospital.name}", 7.0, FOUR_LINES, 1)


def test_another_number_or_none_is_another_patient(county: County) -> None:
    signed_elsewhere(county, id_number="")
    signed_elsewhere(county, id_number="11010519491231002X")
    assert supplies(county, county.drafted(OTHER_HERBS)) == ()
    unnumbered = county.registered(name="钟灵", id_number="")
    assert supplies(county, county.drafted(OTHER_HERBS, county.visited(unnumbered))) == ()


def test_a_patient_without_a_number_still_has_what_the_own_house_gave(county: County) -> None:
    unnumbered = county.registered(name="钟灵", id_number="")
    county.signed(visit=county.visited(unnumbered))
    assert kept_days(county, county.drafted(OTHER_HERBS, county.visited(unnumbered))) == [7.0]


def test_the_finding_names_the_other_house_its_day_the_days_left_and_the_herbs_both_have(
    county: County,
) -> None:
    signed_elsewhere(county)
    county.watch.pass_(days=2)
    [finding] = found(
        county, county.drafted(draft([*FOUR_GENTLEMEN[:2], ItemDraft("陈皮", 6.0)])), "repeated_supply"
    )
    label = f"2026-11-21 {county.other_hospital.name}"
    assert (finding.severity, finding.value, finding.unit) == ("warn", 5.0, "天")
    assert finding.message.startswith(f"{label}的处方尚余5天")
    assert sorted(finding.herbs) == ["党参", "白术"]
    assert "茯苓" not in finding.message


def test_a_look_into_another_house_is_audited_at_a_signature_and_an_opening_and_not_while_typing(
    county: County,
) -> None:
    other = signed_elsewhere(county)
    saved = county.drafted()
    look = (county.doctor.staff_id, "prescription.read", "supply", other.id, True)
    typing = (county.knowledge, saved.encounter_id, draft())
    for _ in range(3):
        county.do(prescribing.preview, county.doctor, *typing, on_record=False)
    assert supply_looks(county) == []
    county.do(prescribing.preview, county.doctor, *typing)
    assert supply_looks(county) == [look]
    county.sign(saved)
    assert supply_looks(county) == [look] * 2


def test_a_signature_that_is_refused_leaves_the_look_on_record(county: County) -> None:
    other = signed_elsewhere(county)
    saved = county.drafted(draft([ItemDraft("白术", 90.0)]))
    with pytest.raises(prescribing.Invalid):
        county.sign(saved)
    assert [look[3] for look in supply_looks(county)] == [other.id]


def test_what_is_used_up_elsewhere_or_of_the_own_house_is_no_look_signed_elsewhere(county: County) -> None:
    signed_elsewhere(county, draft(doses_count=1))
    county.watch.pass_(days=1)
    county.signed()
    county.sign(county.drafted())
    assert supply_looks(county) == []


def test_the_question_costs_one_statement_however_much_there_is(county: County) -> None:
    asking = county.drafted(OTHER_HERBS)

    def cost() -> int:
        with county.work() as work:
            stored = work.prescriptions.get(asking.key())
            with county.counted() as sent:
                earlier_supplies(work, county.doctor, stored, on_record=True)
        return len([statement for statement in sent if "access_log" not in statement])

    assert cost() == 1
    for _ in range(3):
        county.signed()
        signed_elsewhere(county)
    assert (cost(), len(supplies(county, asking))) == (1, 6)
