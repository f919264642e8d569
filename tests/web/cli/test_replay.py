"""`tangye review --rules VERSION` without a file: one line for each past prescription that would change."""

import json
from collections.abc import Iterator
from datetime import date

import pytest

from tcm.review import RuleSetting
from tcm.services import ruling
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store, open_store
from tcm.store.migrate import upgrade
from tests.tcm.county import FOUR_GENTLEMEN, NAME, County, draft
from tests.web.cli.conftest import Tangye
from web.cli.replay import replay_past

SIX_HERBS = (*FOUR_GENTLEMEN, ItemDraft("陈皮", 9.0), ItemDraft("山药", 15.0))


@pytest.fixture
def store(tangye: Tangye, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store in the command's home, which is this process's home as well."""
    for name in ("TANGYE_KEY", "TANGYE_DATABASE_URL", "TANGYE_BLOBS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TANGYE_HOME", str(tangye.home))
    opened = open_store(tangye.environ)
    upgrade(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def county(store: Store) -> County:
    """A small and a large prescription, and a draft under which the large one must be mended."""
    county = County(store)
    county.signed()
    county.watch.pass_(days=1)
    county.signed(draft(SIX_HERBS), county.visited(county.registered(id_number="")))
    begun = county.do(ruling.begin, county.pharmacist, county.new_key())
    strict = {"herb_count": RuleSetting(severity="return", parameters={"most_herbs": 5.0})}
    county.do(ruling.change, county.pharmacist, county.knowledge, begun.id or 0, strict, "")
    return county


def test_each_changed_prescription_is_a_line_and_the_sum_is_told_last(
    county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    replay_past("2026-11-22.1", None)
    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "prescription_id": 2,
        "number": "20261122-00002",
        "was": "none",
        "would_be": "return",
        "added": ["herb_count"],
        "removed": [],
    }
    assert json.loads(told.err) == {
        "version": "2026-11-22.1",
        "checked": 2,
        "changed": 1,
        "verdicts": {"none->none": 1, "none->return": 1},
        "by_rule": {"herb_count": {"added": 1, "removed": 0}},
    }
    assert NAME not in told.out + told.err


@pytest.mark.parametrize(
    ("since", "checked"),
    [(None, 2), (date.min, 2), (date(2026, 11, 21), 2), (date(2026, 11, 22), 1), (date(2026, 11, 23), 0)],
)
def test_a_day_to_begin_with_leaves_out_what_was_signed_before(
    county: County, capsys: pytest.CaptureFixture[str], since: date | None, checked: int
) -> None:
    replay_past("shipped", since)
    told = capsys.readouterr()
    assert (told.out, json.loads(told.err)["checked"]) == ("", checked)


@pytest.mark.parametrize(
    ("version", "shown"), [("2026-01-01.9", "2026-01-01.9"), ("x" * 100_000, "x" * 40 + "..."), ("", "")]
)
def test_a_version_that_is_not_there_ends_the_command_with_one_line(
    county: County, capsys: pytest.CaptureFixture[str], version: str, shown: str
) -> None:
    with pytest.raises(SystemExit) as end:
        replay_past(version, None)
    told = capsys.readouterr()
    assert (end.value.code, told.out) == (2, "")
    assert told.err == f"tangye: there is no version {shown!r} of the rules\n"


def test_a_home_without_a_database_says_what_to_run(
    tangye: Tangye, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TANGYE_HOME", str(tangye.home))
    monkeypatch.delenv("TANGYE_DATABASE_URL", raising=False)
    with pytest.raises(SystemExit) as end:
        replay_past("shipped", None)
    assert (end.value.code, tangye.home.exists()) == (2, False)
    assert capsys.readouterr().err == f"tangye: there is no database in {tangye.home}; run: tangye up\n"


def test_a_prescription_of_a_version_that_is_lost_ends_the_command_with_one_line(
    county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    with county.work() as work:
        work.prescriptions.get(2).rules_version = "2019-01-01.1"
        work.commit()
    with pytest.raises(SystemExit) as ended:
        replay_past("shipped", None)
    said = "tangye: 20261122-00002 was signed under '2019-01-01.1', a version that is not there any more\n"
    assert (ended.value.code, capsys.readouterr().err) == (2, said)
