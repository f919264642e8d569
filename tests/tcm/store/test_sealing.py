"""Nothing that could name a patient lies in clear in the database, and a patient is still found."""

from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from tcm.records.clinical import Reading, Sign
from tcm.services import charting, reviewing
from tcm.services.photographing import Outcome
from tcm.store import tables
from tcm.store.engine import Store, open_engine
from tcm.store.keys import KeyRing, KeyUnusableError
from tests.tcm.county import ADDRESS, COMPLAINT, ID_NUMBER, NAME, PHONE, County, draft

# Licorice, which the test form holds, does not go with this drug: the finding quotes it.
ALLERGY, HISTORY, DRUG = "青霉素", "高血压十年", "呋塞米"
REMARK, LONG_REASON, TERM = "请与患者家属核对", "路远不便每周往返", "舌淡胖有齿痕"
DOUBT = "面部浓妆"
SECRETS = (NAME, PHONE, ID_NUMBER, ADDRESS, COMPLAINT, ALLERGY, HISTORY, DRUG, REMARK, LONG_REASON)
SECRETS += (TERM, DOUBT)


@pytest.fixture
def full_county(county: County) -> County:
    """A county in which every secret has been written down."""
    patient = county.registered(allergies=(ALLERGY,))
    visit = county.visited(patient, history=HISTORY, western_drugs=(DRUG,))
    measured = Reading(400, 300, doubts=(DOUBT,))
    read = Outcome("m1", measured, (Sign("body", "pale", TERM, 0.9, False),), b"a drawn overlay")
    county.photographed(visit, read)
    form = draft(doses_count=14, extended_supply_reason=LONG_REASON)
    claimed = county.claimed(county.signed(form, visit))
    county.do(
        reviewing.return_to_doctor,
        county.pharmacist,
        county.knowledge,
        claimed.key(),
        claimed.version,
        "diagnosis",
        remark=REMARK,
    )
    return county


def spellings(secret: str) -> list[bytes]:
    """How a secret could lie in a file: as it is, and as JSON escapes."""
    return [secret.encode(), secret.encode("unicode_escape"), secret.encode("utf-16-le")]


def raw_rows(store: Store) -> bytes:
    """Every column of every table as the database returns it, sealed columns unopened."""
    dump = []
    with store.engine.connect() as connection:
        for table in inspect(store.engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608 - own tables
                dump.extend(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row)
    return b"\n".join(dump)


def test_no_row_holds_a_secret_in_clear(full_county: County) -> None:
    dump = raw_rows(full_county.store)
    assert [secret for secret in SECRETS if any(spelling in dump for spelling in spellings(secret))] == []
    assert "党参".encode() in dump, "herbs are not sealed, so the dump must show them"


def test_no_file_on_disk_holds_a_secret_in_clear(full_county: County) -> None:
    home = full_county.store.home
    seen = b"".join(path.read_bytes() for path in Path(home).rglob("*") if path.is_file())
    secrets = (*SECRETS, "a clean picture", "a drawn overlay")
    assert [secret for secret in secrets if any(spelling in seen for spelling in spellings(secret))] == []
    if full_county.store.engine.dialect.name == "sqlite":
        assert "党参".encode() in seen, "the database file itself was searched"


def test_every_secret_comes_back_as_it_was_written(full_county: County) -> None:
    with full_county.work() as work:
        patient = work.patients.all()[-1]
        [visit] = work.encounters.of_patient(patient.id or 0)
        [prescription] = work.prescriptions.of_encounter(visit.id or 0)
        [photograph] = work.photographs.of_encounter(visit.id or 0)
        [decision] = work.reviews.of_prescriptions([prescription.key()])[prescription.key()]
    measured = photograph.reading
    assert measured is not None
    back = (patient.name, patient.phone, patient.id_number, patient.address, visit.complaint)
    back += (*patient.allergies, visit.history, *visit.western_drugs, decision.note)
    assert (*back, prescription.extended_supply_reason, photograph.signs[0].term, *measured.doubts) == SECRETS


def test_equal_values_of_two_patients_are_sealed_differently(county: County) -> None:
    county.registered()
    with county.store.engine.connect() as connection:
        sealed = connection.execute(text("SELECT name, phone FROM patients")).all()
    assert len({bytes(value) for row in sealed for value in row}) == 4


def test_another_key_opens_no_row(county: County) -> None:
    other = open_engine(county.store.engine.url.render_as_string(hide_password=False), KeyRing(bytes(32)))
    with other.connect() as connection, pytest.raises(KeyUnusableError, match=r"patients\.name"):
        connection.execute(select(tables.patients.c.name)).all()
    other.dispose()


def test_a_value_moved_to_another_column_does_not_open(county: County) -> None:
    with county.store.engine.begin() as connection:
        connection.execute(text("UPDATE patients SET name = phone"))
    with county.work() as work, pytest.raises(KeyUnusableError, match=r"patients\.name"):
        work.patients.all()


@pytest.mark.parametrize(
    "typed",
    [
        NAME,
        f"  {NAME} ",
        "欧阳　桂芳",
        PHONE,
        "139 0000 1234",
        "１３９００００１２３４",
        ID_NUMBER,
        "430682 19661121 5528",
    ],
)
def test_a_patient_is_found_by_whole_name_phone_or_id_number(county: County, typed: str) -> None:
    county.registered(name="欧阳桂", phone="13900001235", id_number="")
    found = county.do(charting.find_patients, county.doctor, typed)
    assert [patient.id for patient in found] == [county.patient.id]


@pytest.mark.parametrize("typed", ["欧阳", "桂芳", "1390000", "王小明", ADDRESS])
def test_part_of_a_name_or_number_finds_nobody(county: County, typed: str) -> None:
    assert county.do(charting.find_patients, county.doctor, typed) == []


@pytest.mark.parametrize("typed", ["", " ", "\u3000\t"])
def test_nothing_typed_finds_nobody_not_even_those_without_a_phone(county: County, typed: str) -> None:
    county.registered(phone="", id_number="")
    assert county.do(charting.find_patients, county.doctor, typed) == []


def test_a_changed_phone_is_found_and_the_old_one_no_more(county: County) -> None:
    with county.work() as work:
        work.patients.get(county.patient.id or 0).phone = "13700004321"
        work.commit()
    find = charting.find_patients
    assert [each.id for each in county.do(find, county.doctor, "137 0000 4321")] == [county.patient.id]
    assert county.do(find, county.doctor, PHONE) == []


def test_patients_of_another_house_are_not_found(county: County) -> None:
    assert county.do(charting.find_patients, county.foreign_doctor, NAME) == []


def test_at_most_twenty_are_shown_newest_first(county: County) -> None:
    ids = [county.registered().id for _ in range(21)]
    found = county.do(charting.find_patients, county.doctor, NAME)
    assert [patient.id for patient in found] == ids[:0:-1]
