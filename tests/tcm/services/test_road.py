"""One prescription's whole road through all desks: states, ledger and audit, each line of it."""

from tcm.records.lifecycle import State
from tcm.records.permissions import Action
from tcm.services import charting, delivering, prescribing, reviewing
from tcm.services.prescribing import ItemDraft
from tests.tcm.centre import brought_to, layout, planned, route, stop
from tests.tcm.county import FOUR_GENTLEMEN, County, draft


def test_a_prescription_goes_from_the_pen_to_the_door(county: County) -> None:
    prescription = county.drafted()
    assert prescription.state is State.DRAFT
    assert prescription.number is None
    prescription = county.sign(prescription)
    assert prescription.state is State.SIGNED
    assert prescription.number == f"20261121-{prescription.key():05d}"
    assert prescription.signed_at == county.watch()
    prescription = county.approve(prescription)
    assert prescription.state is State.APPROVED
    assert prescription.reviewed_by_id == county.pharmacist.staff_id
    assert prescription.reviewed_at == county.watch()
    assert (prescription.claimed_by_id, prescription.claimed_at) == (None, None)
    prescription = brought_to(county, prescription, State.PACKED)
    assert prescription.state is State.PACKED
    [way] = planned(county, route(county, stop(county, [prescription])))
    loaded = county.do(delivering.load_trip, county.courier, way.id or 0, 1)
    assert (loaded.loaded, loaded.missing) == ((prescription.number,), ())
    delivered = county.do(delivering.deliver, county.courier, prescription.key(), None)
    assert delivered.state is State.DELIVERED

    story = [
        (event.kind, event.source.value, event.target.value, event.actor_role.value)
        for event in county.events(prescription)
    ]
    assert story == [
        ("move", "draft", "signed", "doctor"),
        ("claimed", "signed", "signed", "pharmacist"),
        ("move", "signed", "approved", "pharmacist"),
        ("move", "approved", "dispensed", "floor"),
        ("move", "dispensed", "soaking", "floor"),
        ("move", "soaking", "decocting", "floor"),
        ("move", "decocting", "packed", "floor"),
        ("planned", "packed", "packed", "manager"),
        ("move", "packed", "loaded", "courier"),
        ("move", "loaded", "delivered", "courier"),
    ]
    payloads = {event.target: event.payload for event in county.events(prescription) if event.kind == "move"}
    with county.work() as work:
        [bag] = work.bags.of_prescriptions([prescription.key()])[prescription.key()]
        assert work.ledger.verify().broken is None
    assert payloads == {
        State.SIGNED: {"findings": [], "rules": "shipped"},
        State.APPROVED: {"verdict": "none", "rules": "shipped"},
        State.DISPENSED: {},
        State.SOAKING: {},
        State.DECOCTING: {"pot": "P01"},
        State.PACKED: {},
        State.LOADED: {"route": way.id, "trip": 1},
        State.DELIVERED: {"bags": [bag.code], "way": "paper"},
    }
    assert layout([way]) == [(county.van.id, [(1, 1, [prescription.key()])])]


def test_every_look_on_that_road_is_on_record(county: County) -> None:
    visit = county.visited()
    prescription = county.approved(visit=visit)
    brought_to(county, prescription, State.DISPENSED)
    key, at_visit, patient = prescription.key(), visit.id, county.patient.id
    doctor, pharmacist = county.doctor.staff_id, county.pharmacist.staff_id
    assert county.looks() == [
        (doctor, Action.PATIENT_WRITE, "patient", patient, True),
        (doctor, Action.PATIENT_WRITE, "encounter", at_visit, True),
        (doctor, Action.PRESCRIPTION_WRITE, "encounter", at_visit, True),
        (doctor, Action.PRESCRIPTION_WRITE, "prescription", key, True),
        (doctor, Action.PRESCRIPTION_WRITE, "prescription", key, True),
        (pharmacist, Action.REVIEW_DECIDE, "prescription", key, True),
        (pharmacist, Action.REVIEW_DECIDE, "prescription", key, True),
        (pharmacist, Action.REVIEW_DECIDE, "prescription", key, True),
        (county.floor.staff_id, Action.FLOOR_MOVE, "prescription", key, True),
    ]


def test_a_returned_prescription_is_mended_and_goes_on(county: County) -> None:
    claimed = county.claimed(county.signed())
    county.do(
        reviewing.return_to_doctor,
        county.pharmacist,
        county.knowledge,
        claimed.key(),
        claimed.version,
        "diagnosis",
        remark="证型与方不符",
    )
    returned = county.now(claimed)
    assert (returned.state, returned.claimed_by_id) == (State.RETURNED, None)
    chart = county.do(charting.open_chart, county.doctor, returned.encounter_id)
    [decision] = chart.returns[returned.key()]
    assert (decision.decision, decision.reason_code, decision.note, decision.pharmacist_id) == (
        "returned",
        "diagnosis",
        "证型与方不符",
        county.pharmacist.staff_id,
    )
    mended = county.saved(returned, draft([*FOUR_GENTLEMEN, ItemDraft("陈皮", 6.0)], syndrome="脾虚湿困证"))
    approved = county.approve(county.sign(mended))
    assert approved.number == claimed.number
    assert county.story(approved) == ["signed", "claimed", "returned", "signed", "claimed", "approved"]


def test_findings_of_the_engine_are_kept_with_signature_and_decision(county: County) -> None:
    form = draft([*FOUR_GENTLEMEN, ItemDraft("鱼腥草", 20.0)])
    prescription = county.approved(form)
    found = county.do(prescribing.findings, county.doctor, county.knowledge, prescription.key())
    assert [(finding.rule, finding.severity) for finding in found] == [("missing_decoction_note", "warn")]
    signed, _, approved = county.events(prescription)
    assert (signed.payload, approved.payload) == (
        {"findings": ["missing_decoction_note"], "rules": "shipped"},
        {"verdict": "warn", "rules": "shipped", "accepted": 1, "overruled": 0},
    )
    with county.work() as work:
        [decision] = work.reviews.of_prescriptions([prescription.key()])[prescription.key()]
    assert (decision.verdict, [finding["rule"] for finding in decision.findings]) == (
        "warn",
        ["missing_decoction_note"],
    )
