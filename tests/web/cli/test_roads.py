"""`tangye roads` as an operator has it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tcm.records.people import Institution, InstitutionKind
from tcm.store.engine import open_store
from tcm.store.migrate import upgrade
from tests.web.cli.conftest import Tangye
from web.cli import main
from web.settings import Settings, SettingsUnusableError

PLACES = """name,lon,lat,crs
中药房,113.45,29.47,
甲村,113.46,29.47,WGS-84
乙村,113.4718,29.4672,GCJ-02
"""
# Two villages on one road; the track to 乙村 goes around by the north.
MAP = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
<node id="1" version="1" lon="113.45" lat="29.47"/>
<node id="2" version="1" lon="113.46" lat="29.47"/>
<node id="3" version="1" lon="113.46" lat="29.49"/>
<node id="4" version="1" lon="113.4663" lat="29.4702"/>
<way id="10" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="tertiary"/></way>
<way id="11" version="1"><nd ref="2"/><nd ref="3"/><nd ref="4"/><tag k="highway" v="track"/></way>
</osm>
"""


@pytest.fixture
def places(tmp_path: Path) -> Path:
    path = tmp_path / "places.csv"
    path.write_text(PLACES, "utf-8")
    return path


def _asked(*arguments: object, **environ: str) -> Result:
    return CliRunner().invoke(main, ["roads", *map(str, arguments)], env=environ)


def _answer(*arguments: object, **environ: str) -> dict[str, Any]:
    ran = _asked(*arguments, **environ)
    assert (ran.exit_code, ran.stderr) == (0, "")
    answer = json.loads(ran.stdout)
    assert isinstance(answer, dict)
    return answer


def test_without_a_map_every_road_is_the_winding_great_circle(places: Path) -> None:
    answer = _answer(places, "--day", "2026-07-01")
    assert (answer["source"], answer["age_days"], answer["places"]) == ("great circle x 1.35", None, 3)
    assert list(answer["kinds"]) == ["van", "motorbike", "foot"]
    assert answer["kinds"]["van"]["worst_detour"]["ratio"] == 1.35
    assert (answer["day"], answer["unreachable"], answer["warnings"]) == ("2026-07-01", [], [])


def test_a_map_says_its_age_the_detour_and_whom_it_does_not_reach(places: Path) -> None:
    extract = places.with_name("county.osm")
    extract.write_text(MAP, "utf-8")
    closures = places.with_name("closures.csv")
    closures.write_text("way,from,to,reason\n11,2026-07-01,2026-07-31,洪水\n", "utf-8")
    environ = {"TANGYE_TRAVEL": f"osm:{extract}", "TANGYE_TRAVEL_SNAP_M": "200"}
    environ["TANGYE_TRAVEL_CLOSURES"] = str(closures)
    kept = places.with_name("kept")
    open_ = _answer(places, "--day", "2026-08-01", "--kind", "van", "--keep", kept, **environ)
    assert open_["source"] == "© OpenStreetMap contributors (county.osm)"
    assert open_["age_days"] == 0.0
    assert open_["kinds"]["van"]["reached"] == 2
    # 2.2 km north and 2.3 km back south for 0.6 km east.
    assert open_["kinds"]["van"]["worst_detour"]["ratio"] == pytest.approx(7.9, abs=0.1)
    shut = _answer(places, "--day", "2026-07-15", "--kind", "van", "--keep", kept, **environ)
    assert [(each["name"], each["code"], each["why_zh"]) for each in shut["unreachable"]] == [
        ("乙村", "closed", "2026-07-15 通往乙村的路封闭")
    ]
    assert len(list(kept.glob("*.npz"))) == 2


def test_the_databases_centre_and_clinics_are_asked_for_without_a_file(tangye: Tangye, places: Path) -> None:
    store = open_store(tangye.environ)
    upgrade(store.engine)
    with store.work() as work:
        for code, kind, lon in (
            ("C", InstitutionKind.CENTRE, 113.45),
            ("H", InstitutionKind.TOWNSHIP_HOSPITAL, 113.9),
            ("A", InstitutionKind.VILLAGE_CLINIC, 113.46),
            ("B", InstitutionKind.VILLAGE_CLINIC, 113.6),
        ):
            work.institutions.add(
                Institution(
                    code=code,
                    kind=kind,
                    name=f"{code}村",
                    township="镇",
                    lon=lon,
                    lat=29.47,
                    coordinate_source="drawn for this test",
                )
            )
        work.commit()
    store.close()
    extract = places.with_name("county.osm")
    extract.write_text(MAP, "utf-8")
    answer = _answer(**tangye.environ, TANGYE_TRAVEL=f"osm:{extract}")
    assert answer["places"] == 3
    assert [(each["name"], each["code"], each["kind"]) for each in answer["unreachable"]] == [
        ("B村", "far_from_road", None)
    ]
    assert len(list((tangye.home / "travel").glob("*.npz"))) == 3


def test_without_file_and_database_it_says_what_to_run(tangye: Tangye) -> None:
    ran = tangye.run("roads")
    assert (ran.returncode, ran.stderr) == (
        2,
        f"tangye: there is no database in {tangye.home}; run: tangye up\n",
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no place in it"),
        (b"name,lon,lat\n", "no place in it"),
        (b"name,lon\nA,113\n", "line 2: lat: Field required"),
        ("name,lon,lat\n甲,113,nan\n".encode(), "line 2: lat: Input should be a finite number"),
        ("name,lon,lat\n甲,east,29\n".encode(), "line 2: lon: Input should be a valid number"),
        ("name,lon,lat,crs\n甲,113,29,BD-09\n".encode(), "line 2: crs: Input should be 'WGS-84' or 'GCJ-02'"),
        ("name,lon,lat\n甲村".encode("gb18030"), "not UTF-8 at byte 13"),
    ],
)
def test_places_that_cannot_be_read_are_one_line(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "places.csv"
    path.write_bytes(content)
    ran = _asked(path)
    sentence = ran.stderr.removeprefix(f"tangye: {path}").lstrip(",: ").rstrip("\n")
    assert (ran.exit_code, ran.stdout, sentence.startswith(why), sentence.count("\n")) == (2, "", True, 0)


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        (
            {"TANGYE_TRAVEL": "google"},
            "TANGYE_TRAVEL: must be great-circle, osm:PATH or osrm:URL, got 'google'",
        ),
        (
            {"TANGYE_TRAVEL": "osm:/nowhere/county.osm.pbf"},
            "the map /nowhere/county.osm.pbf cannot be read: No such file or directory",
        ),
        (
            {"TANGYE_TRAVEL": "osrm:http://me:secret@127.0.0.1"},
            "TANGYE_TRAVEL: must not hold a user name or password",
        ),
        (
            {"TANGYE_TRAVEL_CLOSURES": "/x.csv"},
            "TANGYE_TRAVEL_CLOSURES: needs a map: travel must be osm:PATH",
        ),
    ],
)
def test_a_source_that_cannot_be_used_is_one_line(places: Path, environ: dict[str, str], why: str) -> None:
    ran = _asked(places, **environ)
    assert (ran.exit_code, ran.stdout, ran.stderr) == (2, "", f"tangye: {why}\n")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TANGYE_TRAVEL_SNAP_M", "0"),
        ("TANGYE_TRAVEL_MAX_AGE_DAYS", "soon"),
        ("TANGYE_TRAVEL_OSRM_TIMEOUT_S", "nan"),
        ("TANGYE_TRAVEL_OSRM_TABLE_SIZE", "1"),
        ("TANGYE_TRAVEL_WINDING_FACTOR", "0.5"),
        ("TANGYE_TRAVEL_OSRM_FOOT", "http://b"),
    ],
)
def test_a_setting_of_the_travel_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsUnusableError, match=f"^{name}: "):
        Settings.from_environment({name: value})
