"""What the API answers: the same as the commands and pages say, and no name."""

import json

from click.testing import CliRunner

from tcm.records.lifecycle import State
from tcm.services import reviewing
from tests.tcm.centre import packed
from tests.tcm.county import ADDRESS, COMPLAINT, NAME, PHONE, County
from tests.web.api.conftest import NewSystem, System
from web.cli.review import review

PRESCRIPTION = {
    "id": "A1",
    "doses_count": 7,
    "items": [{"herb": "附子", "grams": 60}, {"herb": "半夏", "grams": 9}],
}


def test_a_review_is_the_same_json_as_the_command_prints(system: System) -> None:
    line = json.dumps(PRESCRIPTION, ensure_ascii=False)
    printed = CliRunner().invoke(review, ["-"], input=line).output
    assert system.ask("POST", "/reviews", json=PRESCRIPTION).json == json.loads(printed)


def test_a_review_goes_by_the_rules_in_force_at_the_caller_s_house(county: County, system: System) -> None:
    county.rules_in_force("2026-11a", {})
    assert system.ask("POST", "/reviews", json=PRESCRIPTION).json["rules"] == "2026-11a"


def test_herbs_are_found_as_at_the_doctor_s_keyboard(county: County, system: System) -> None:
    found = system.ask("GET", "/herbs?q=hq&limit=3").json["herbs"]
    assert [one["name"] for one in found] == [one.name for one in county.knowledge.herbs.search("hq", 3)]


def test_an_ambiguous_name_is_not_decided_for_anybody(system: System) -> None:
    told = system.ask("GET", "/herb-name?written=焦三仙").json
    assert (told["status"], told["name"]) == ("ambiguous", None)


def test_a_returned_prescription_says_why(county: County, system: System) -> None:
    claimed = county.claimed(county.signed())
    page = (county.pharmacist, county.knowledge, claimed.key(), claimed.version)
    county.do(reviewing.return_to_doctor, *page, "dose", herbs=("党参",))
    told = system.ask("GET", f"/prescriptions/{claimed.number}").json
    assert (told["state"], told["returned"]["reason_code"], told["returned"]["reason"]) == (
        "returned",
        "dose",
        "剂量超限",
    )


def test_a_bag_tells_its_way_without_a_name_and_to_its_own_house_alone(
    county: County, system: System, connect: NewSystem
) -> None:
    prescription = packed(county)
    with county.work() as work:
        bag = work.bags.of_prescription(prescription.key())[0]
    told = system.ask("GET", f"/bags/{bag.code}")
    assert (told.json["number"], told.json["state"], told.json["voided"]) == (
        prescription.number,
        "packed",
        False,
    )
    assert [one["state"] for one in told.json["steps"]][-1] == State.PACKED
    assert connect(county.other_hospital).ask("GET", f"/bags/{bag.code}").status_code == 404
    state = system.ask("GET", f"/prescriptions/{prescription.number}")
    assert bag.code in state.json["bags"]
    for secret in (NAME, PHONE, ADDRESS, COMPLAINT, "党参", "泄泻"):
        assert (secret in told.text, secret in state.text) == (False, False)


def test_the_month_in_numbers(county: County, system: System) -> None:
    county.approved()
    county.signed()
    told = system.ask("GET", "/indicators?month=2026-11").json
    assert told == {
        "month": "2026-11",
        "signed": 2,
        "reviewed": 1,
        "returned": 0,
        "delivered": 0,
        "review_rate": 0.5,
        "intervention_rate": 0.0,
    }
    assert system.ask("GET", "/indicators?month=2026-10").json["review_rate"] is None
