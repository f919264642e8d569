"""A hospital's system sends a prescription and hears what became of it."""

from typing import Any

import pytest

from tcm.records.clinical import Preparation
from tcm.services import receiving
from tests.tcm.county import NAME, County, draft
from tests.web.api.conftest import NewSystem, System

DRUGS = [
    {"drugnum": "1", "drugname": "党参", "tienum": "12", "unit": "g"},
    {"drugname": "炙甘草", "tienum": 6},
]
SENT: dict[str, Any] = {
    "pspnum": 880017,
    "doctor": "李春生",
    "name": NAME,
    "sex": "女",
    "age": "60岁",
    "phone": None,
    "diagresult": "泄泻",
    "dose": "7",
    "takenum": 2,
    "takemethod": "水煎服",
    "isdaijian": "1",
    # What the centre decides itself.
    "soakwater": 500,
    "packagenum": 200,
    "money": "86.40",
    "drug": DRUGS,
}


def send(system: System, **changes: Any) -> Any:
    """Send it."""
    return system.ask("POST", "/intake", json={**SENT, **changes})


def test_from_the_hospital_s_system_to_the_pharmacist_and_back(county: County, system: System) -> None:
    county.visited()
    received = send(system)
    assert (received.status_code, received.json["number"], received.json["state"]) == (
        201,
        "880017",
        "waiting",
    )
    incoming = system.ask("GET", "/intake?state=waiting").json["intakes"]
    assert [one["number"] for one in incoming] == ["880017"]
    adopted = county.do(receiving.adopt, county.doctor, county.knowledge, 1)
    assert (adopted.usage, adopted.disease, adopted.preparation) == (
        "水煎服，一日2次",
        "泄泻",
        Preparation.DECOCTED,
    )
    told = system.ask("GET", "/intake/880017").json
    assert (told["state"], told["prescription_number"], told["prescription_state"]) == (
        "adopted",
        None,
        "draft",
    )
    signed = county.sign(county.saved(adopted, draft()))
    county.approve(signed)
    told = system.ask("GET", "/intake/880017").json
    assert (told["prescription_number"], told["prescription_state"]) == (signed.number, "approved")
    changes = system.ask("GET", "/changes").json
    assert [(one["sent_as"], one["target"]) for one in changes["changes"]] == [
        ("880017", "signed"),
        ("880017", "approved"),
    ]
    assert system.ask("GET", f"/changes?cursor={changes['cursor']}").json["changes"] == []
    assert system.ask("GET", f"/prescriptions/{signed.number}").json["sent_as"] == "880017"


def test_sent_again_it_is_found(county: County, system: System) -> None:
    county.visited()
    first, again = send(system), send(system)
    assert (first.status_code, again.status_code, first.json == again.json) == (201, 200, True)


def test_its_number_sent_for_somebody_else_is_a_conflict(county: County, system: System) -> None:
    county.visited()
    county.visited(county.registered(name="王小明", id_number="", phone="13511112222"))
    assert send(system).status_code == 201
    assert send(system, name="王小明", phone="13511112222").status_code == 409


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"pspnum": "../etc"}, "pspnum"),
        ({"sex": "?"}, "sex"),
        ({"age": "old"}, "age"),
        ({"dose": 0}, "dose"),
        ({"dose": True}, "dose"),
        ({"takenum": True}, "takenum"),
        ({"age": True}, "age"),
        ({"drug": [{**DRUGS[0], "tienum": True}]}, "drug.0.tienum"),
        ({"drug": [{**DRUGS[0], "drugallnum": True}]}, "drug.0.drugallnum"),
        ({"drug": []}, "drug"),
        ({"drug": [{**DRUGS[0], "unit": "kg"}]}, "drug.0.unit"),
        ({"drug": [{**DRUGS[0], "tienum": -1}]}, "drug.0.tienum"),
        ({"isdaijian": "maybe"}, "isdaijian"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(changes: dict[str, Any], where: str, system: System) -> None:
    refused = send(system, **changes)
    assert (refused.status_code, [one["where"] for one in refused.json["errors"]]) == (422, [where])


def test_grams_a_dose_and_grams_in_all_must_agree(county: County, system: System) -> None:
    county.visited()
    drugs = [{**DRUGS[0], "drugallnum": 83}]
    refused = send(system, drug=drugs)
    assert [one["detail"] for one in refused.json["errors"]] == ["有药味的总克数不等于每剂克数乘剂数。"]
    assert send(system, drug=[{**DRUGS[0], "drugallnum": 84}]).status_code == 201


def test_an_unknown_herb_is_refused_by_name_and_nothing_is_kept(county: County, system: System) -> None:
    county.visited()
    refused = send(system, drug=[*DRUGS, {"drugname": "仙丹草", "tienum": 3}])
    assert (refused.status_code, "仙丹草" in refused.json["detail"]) == (422, True)
    assert system.ask("GET", "/intake").json == {"intakes": []}


def test_another_house_s_system_sees_nothing_of_it(
    county: County, system: System, connect: NewSystem
) -> None:
    county.visited()
    send(system)
    prescription = county.approved()
    foreign = connect(county.other_hospital)
    paths = ("/intake/880017", f"/prescriptions/{prescription.number}")
    assert [foreign.ask("GET", path).status_code for path in paths] == [404, 404]
    assert foreign.ask("GET", "/changes").json["changes"] == []
    assert send(foreign, pspnum="1").json["detail"] == "本院没有这位医师，或有同名的。请写登录名。"


def test_three_that_were_sent_are_listed_in_as_many_statements_as_one(county: County, system: System) -> None:
    def asked() -> int:
        with county.counted() as statements:
            assert system.ask("GET", "/intake").status_code == 200
        return len(statements)

    county.visited()
    send(system)
    county.do(receiving.adopt, county.doctor, county.knowledge, 1)
    for_one = asked()
    for number in ("2", "3"):
        send(system, pspnum=number)
    county.do(receiving.adopt, county.doctor, county.knowledge, 2)
    assert asked() == for_one
