"""Boils: opened by filling a pot, kept step by step, in order and in time, closed when the pot is empty."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import delete

from tcm.records.boils import BoilKeeping, Outcome, PotRun, Step
from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, IllegalMove, Invalid, NotFound, Refused
from tcm.records.lifecycle import State
from tcm.records.outage import PaperReason, PaperSignature, PaperStep
from tcm.records.quality import HealthRule
from tcm.records.roles import Role
from tcm.services import boil_views, boiling, flooring, quality_settings, stepping
from tcm.services.prescribing import ItemDraft
from tcm.store.boil_tables import pot_runs, pot_steps
from tests.tcm.centre import brought_to, step
from tests.tcm.county import FOUR_GENTLEMEN, County, draft

# 先煎 15, first boil 30 with 后下 10 before its end, second boil 20.
FULL = draft([*FOUR_GENTLEMEN, ItemDraft("龙骨", 20.0, "先煎"), ItemDraft("薄荷", 6.0, "后下")])
STRONG = draft([*FOUR_GENTLEMEN, ItemDraft("乳香", 4.0)])
SOAK_MIN = 30


def keep_steps(county: County) -> None:
    county.do(boiling.set_keeping, county.manager, BoilKeeping.STEPS)


def loaded(county: County, form: object = None, pot: str = "P01") -> Prescription:
    """A prescription that soaked as long as it should, in its pot."""
    prescription = brought_to(county, county.approved(form), State.SOAKING)  # type: ignore[arg-type]
    county.watch.pass_(minutes=SOAK_MIN)
    return step(county, prescription, State.DECOCTING, pot)


def run_of(county: County, prescription: Prescription) -> PotRun:
    with county.work() as work:
        run = work.pot_runs.last_of(prescription.key())
    assert run is not None
    return run


def take(county: County, run: PotRun, what: Step, reason: str = "", key: str = "") -> None:
    county.do(
        stepping.take,
        county.floor,
        county.knowledge,
        run.key(),
        what,
        request_key=key or county.new_key(),
        reason=reason,
    )


def taken(county: County, run: PotRun) -> list[tuple[str, int]]:
    with county.work() as work:
        return [(each.step.value, each.short_min) for each in work.pot_steps.of_run(run.key())]


def boiled(county: County, run: PotRun) -> None:
    """The steps of a plain programme up to the empty pot, each at its minute."""
    for what, minutes in (
        (Step.FIRST_BOIL, 8),
        (Step.FIRST_DRAWN, 30),
        (Step.SECOND_BOIL, 5),
        (Step.DRAWN_OFF, 20),
    ):
        county.watch.pass_(minutes=minutes)
        take(county, run, what)


def sign_on_paper(county: County, prescription: Prescription) -> None:
    """What was signed on the form of an outage is entered."""
    with county.work() as work:
        work.paper_signatures.add(
            PaperSignature(
                prescription_id=prescription.key(),
                step=PaperStep.DECOCTED,
                paper_number="LX-J-00001-5",
                signed_by_id=county.floor.staff_id,
                signed_at=work.now,
                reason=PaperReason.POWER,
                entered_by_id=county.floor.staff_id,
                entered_at=work.now,
            )
        )
        work.commit()


def test_on_paper_a_boil_is_filling_emptying_packing(county: County) -> None:
    prescription = brought_to(county, county.approved(), State.DECOCTING)
    run = run_of(county, prescription)
    assert (run.stepwise, run.closed_at, run.soak_began_at is not None) == (False, None, True)
    county.do(flooring.draw_off, county.floor, prescription.key(), county.now(prescription).version)
    drawn = run_of(county, prescription)
    assert (drawn.outcome, drawn.freed_at) == (Outcome.DRAWN_OFF, drawn.closed_at)
    step(county, prescription, State.PACKED)
    assert taken(county, run) == [("loaded", 0), ("drawn_off", 0), ("packed", 0)]
    assert county.story(prescription)[-3:] == ["decocting", "drawn_off", "packed"]


def test_on_paper_packing_says_that_the_pot_is_empty(county: County) -> None:
    run = run_of(county, brought_to(county, county.approved(), State.PACKED))
    assert taken(county, run) == [("loaded", 0), ("drawn_off", 0), ("packed", 0)]
    brought_to(county, county.approved(), State.DECOCTING)


def test_every_step_of_a_programme_is_kept_with_its_hand_and_minute(county: County) -> None:
    keep_steps(county)
    prescription = loaded(county, FULL)
    run = run_of(county, prescription)
    for what, minutes in (
        (Step.FIRST_BOIL, 8),
        (Step.REST_ADDED, 15),
        (Step.LATE_ADDED, 20),
        (Step.FIRST_DRAWN, 10),
        (Step.SECOND_BOIL, 4),
        (Step.DRAWN_OFF, 20),
        (Step.PACKED, 6),
        (Step.CLEANED, 2),
    ):
        county.watch.pass_(minutes=minutes)
        take(county, run, what)
    assert taken(county, run) == [(each.value, 0) for each in Step]
    now = run_of(county, prescription)
    assert (now.outcome, now.freed_at is not None) == (Outcome.DRAWN_OFF, True)
    assert county.now(prescription).state is State.PACKED
    told = [
        each.payload.get("step", each.target.value)
        for each in county.events(prescription)
        if each.kind in ("move", "boil_step", "drawn_off")
    ]
    assert told[-9:] == [
        "decocting",
        "first_boil",
        "rest_added",
        "late_added",
        "first_drawn",
        "second_boil",
        "decocting",
        "packed",
        "cleaned",
    ]
    with county.work() as work:
        assert {each.by_id for each in work.pot_steps.of_run(run.key())} == {county.floor.staff_id}
        assert work.ledger.verify().broken is None


def test_a_step_out_of_order_is_refused_and_says_which_is_next(county: County) -> None:
    keep_steps(county)
    prescription = loaded(county)
    run = run_of(county, prescription)
    for what in (Step.SECOND_BOIL, Step.FIRST_DRAWN, Step.LATE_ADDED, Step.DRAWN_OFF, Step.PACKED):
        with pytest.raises(IllegalMove, match="现在该“头煎煮沸”，还不能"):
            take(county, run, what, reason="快一点")
    with pytest.raises(IllegalMove, match="现在该“头煎煮沸”，还不能“出锅”"):
        step(county, prescription, State.PACKED)
    assert taken(county, run) == [("loaded", 0)]


def test_too_short_a_boil_needs_a_written_reason_which_is_kept(county: County) -> None:
    keep_steps(county)
    prescription = loaded(county)
    run = run_of(county, prescription)
    take(county, run, Step.FIRST_BOIL)
    county.watch.pass_(minutes=28, seconds=30)
    for reason in ("", "   "):
        with pytest.raises(Invalid) as refusal:
            take(county, run, Step.FIRST_DRAWN, reason)
        assert str(refusal.value) == "“头煎滤出”还差 2 分钟；一定要提前，请写明原因。"
    take(county, run, Step.FIRST_DRAWN, "锅底将干，药师同意")
    assert taken(county, run)[-1] == ("first_drawn", 2)
    with county.work() as work:
        assert work.pot_steps.of_run(run.key())[-1].reason == "锅底将干，药师同意"
    assert county.events(prescription)[-1].payload == {"pot": "P01", "step": "first_drawn", "short_min": 2}


def test_too_short_a_soak_needs_a_written_reason(county: County) -> None:
    keep_steps(county)
    prescription = brought_to(county, county.approved(), State.SOAKING)
    county.watch.pass_(minutes=12)
    with pytest.raises(Invalid) as refusal:
        step(county, prescription, State.DECOCTING, "P01")
    assert str(refusal.value) == "浸泡要 30 分钟，现在才 12 分钟；一定要提前上锅，请写明原因。"
    county.do(
        flooring.advance,
        county.floor,
        county.knowledge,
        prescription.key(),
        county.now(prescription).version,
        State.DECOCTING,
        pot_code="P01",
        reason="温水浸泡",
    )
    assert taken(county, run_of(county, prescription)) == [("loaded", 18)]
    assert county.events(prescription)[-1].payload == {"pot": "P01", "soak_short_min": 18}


def test_of_two_hands_at_one_pot_the_first_wins_and_the_second_is_told_who(county: County) -> None:
    keep_steps(county)
    run = run_of(county, loaded(county))
    take(county, run, Step.FIRST_BOIL)
    with pytest.raises(IllegalMove, match=r"“头煎煮沸”已由.+在 \d\d:\d\d 记过了"):
        take(county, run, Step.FIRST_BOIL)
    assert taken(county, run) == [("loaded", 0), ("first_boil", 0)]


def test_the_same_form_sent_twice_takes_one_step(county: County) -> None:
    keep_steps(county)
    run = run_of(county, loaded(county))
    boiled(county, run)
    for _ in range(2):
        take(county, run, Step.PACKED, key="the-same-form-1")
    assert [name for name, _ in taken(county, run)].count("packed") == 1
    with pytest.raises(Invalid, match="这张表单已经用在别处"):
        take(county, run, Step.CLEANED, key="the-same-form-1")


def test_a_pot_is_cleaned_before_it_is_filled_again(county: County) -> None:
    keep_steps(county)
    first = loaded(county)
    run = run_of(county, first)
    boiled(county, run)
    second = brought_to(county, county.approved(), State.SOAKING)
    county.watch.pass_(minutes=SOAK_MIN)
    with pytest.raises(Invalid) as refusal:
        step(county, second, State.DECOCTING, "P01")
    assert str(refusal.value) == "P01号锅还没清洗，请先清洗并记录，再上锅。"
    take(county, run, Step.CLEANED)
    assert step(county, second, State.DECOCTING, "P01").pot_id == county.pots["P01"].id
    # Packing waits for no pot.
    take(county, run, Step.PACKED)
    assert county.now(first).state is State.PACKED


def test_a_scrapped_batch_leaves_a_pot_to_be_cleaned(county: County) -> None:
    keep_steps(county)
    prescription = loaded(county)
    run = run_of(county, prescription)
    version = county.now(prescription).version
    county.do(flooring.scrap, county.floor, prescription.key(), version, "burnt")
    assert run_of(county, prescription).outcome is Outcome.SCRAPPED
    with pytest.raises(IllegalMove, match="现在该“锅已清洗”"):
        take(county, run, Step.FIRST_BOIL)
    take(county, run, Step.CLEANED)
    with pytest.raises(IllegalMove, match="这一锅已经全部做完"):
        take(county, run, Step.PACKED)
    county.watch.pass_(minutes=5)
    again = loaded(county)
    assert run_of(county, again).id != run.id


def test_a_slip_of_the_thumb_is_taken_back_within_a_minute_by_the_same_thumb(county: County) -> None:
    keep_steps(county)
    prescription = loaded(county)
    run = run_of(county, prescription)
    take(county, run, Step.FIRST_BOIL)
    county.watch.pass_(seconds=50)
    county.do(stepping.undo, county.floor, run.key(), Step.FIRST_BOIL)
    assert taken(county, run) == [("loaded", 0)]
    assert county.events(prescription)[-1].kind == "boil_step_undone"
    take(county, run, Step.FIRST_BOIL)
    county.watch.pass_(seconds=61)
    for what in (Step.FIRST_BOIL, Step.LOADED):
        with pytest.raises(IllegalMove, match="已经不能撤销"):
            county.do(stepping.undo, county.floor, run.key(), what)


def test_a_cleaned_pot_that_is_filled_again_stays_cleaned(county: County) -> None:
    keep_steps(county)
    run = run_of(county, loaded(county))
    boiled(county, run)
    take(county, run, Step.CLEANED)
    second = brought_to(county, county.approved(), State.SOAKING)
    county.watch.pass_(minutes=SOAK_MIN)
    take(county, run, Step.PACKED)
    step(county, second, State.DECOCTING, "P01")
    with pytest.raises(IllegalMove, match="已经不能撤销"):
        county.do(stepping.undo, county.floor, run.key(), Step.CLEANED)


def test_a_scan_finds_the_pot_its_prescription_and_the_step_that_is_next(county: County) -> None:
    keep_steps(county)

    def found(code: str) -> stepping.AtHand:
        return county.do(stepping.find, county.floor, county.knowledge, code)

    assert (found("P02").prescription, found("P02").run) == (None, None)
    soaking = brought_to(county, county.approved(), State.SOAKING)
    county.watch.pass_(minutes=10)
    assert (found(soaking.number or "").soak_left_min, found(soaking.number or "").run) == (20, None)
    prescription = loaded(county)
    for code in ("P01", prescription.number or ""):
        at_hand = found(code)
        assert at_hand.standing is not None
        assert at_hand.prescription is not None
        assert (at_hand.prescription.id, at_hand.standing.next) == (prescription.id, (Step.FIRST_BOIL,))
    boiled(county, run_of(county, prescription))
    assert found("P01").standing.next == (Step.CLEANED, Step.PACKED)  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        found("P99")
    with pytest.raises(Forbidden):
        county.do(stepping.find, county.manager, county.knowledge, "P01")


def test_the_wall_names_no_patient_and_asks_as_often_for_three_pots_as_for_one(county: County) -> None:
    keep_steps(county)
    counts = []
    for pot, form in (("P01", None), ("P02", FULL), ("Q01", STRONG)):
        prescription = loaded(county, form, pot)
        with county.counted() as statements:
            wall = county.do(boil_views.wall, county.manager, county.knowledge)
        counts.append(len(statements))
        card = next(each for each in wall.cards if each.pot.code == pot)
        assert (card.number, card.by != "", card.is_pressing) == (prescription.number, True, False)
    assert len(set(counts)) == 1
    assert "欧阳" not in repr(wall)
    for role in (Role.DOCTOR, Role.PHARMACIST, Role.COURIER, Role.ADMIN):
        with pytest.raises(Forbidden):
            county.do(boil_views.wall, county.actors[role], county.knowledge)


def test_only_a_manager_decides_what_is_kept_and_only_the_floor_takes_steps(county: County) -> None:
    keep_steps(county)
    run = run_of(county, loaded(county))
    for role, actor in county.actors.items():
        if role is not Role.MANAGER:
            with pytest.raises(Forbidden):
                county.do(boiling.set_keeping, actor, BoilKeeping.OFF)
        if role is not Role.FLOOR:
            with pytest.raises(Forbidden):
                county.do(
                    stepping.take, actor, county.knowledge, run.key(), Step.FIRST_BOIL, request_key="x" * 12
                )
            with pytest.raises(Forbidden):
                county.do(stepping.undo, actor, run.key(), Step.LOADED)


def at_once(county: County, deeds: list[Callable[[], object]]) -> list[str]:
    """Everybody presses at the same moment; what each is told, or "done"."""
    gate = Barrier(len(deeds))

    def press(deed: Callable[[], object]) -> str:
        gate.wait(timeout=20)
        try:
            deed()
        except Refused as refusal:
            return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(len(deeds)) as hands:
        return sorted(hands.map(press, deeds))


def test_of_four_hands_that_press_at_the_same_moment_one_takes_the_step(county: County) -> None:
    keep_steps(county)
    prescription = loaded(county)
    run = run_of(county, prescription)
    told = at_once(county, [lambda: take(county, run, Step.FIRST_BOIL)] * 4)
    assert told.count("done") == 1
    assert set(told) <= {"done", "IllegalMove", "Stale"}
    assert taken(county, run) == [("loaded", 0), ("first_boil", 0)]
    assert [each.kind for each in county.events(prescription)].count("boil_step") == 1


def test_of_two_prescriptions_put_into_one_pot_at_the_same_moment_one_is_in_it(county: County) -> None:
    keep_steps(county)
    both = [brought_to(county, county.approved(), State.SOAKING) for _ in range(2)]
    county.watch.pass_(minutes=SOAK_MIN)
    told = at_once(county, [lambda each=each: step(county, each, State.DECOCTING, "P01") for each in both])
    assert told.count("done") == 1
    assert set(told) <= {"done", "Invalid", "Stale"}
    with county.work() as work:
        assert [run.pot_id for run in work.pot_runs.held()] == [county.pots["P01"].id]
    assert sorted(county.now(each).state.value for each in both) == ["decocting", "soaking"]


def test_what_went_on_with_paper_in_an_outage_is_not_asked_for_its_steps(county: County) -> None:
    keep_steps(county)
    prescription = loaded(county)
    run = run_of(county, prescription)
    take(county, run, Step.FIRST_BOIL)
    with pytest.raises(IllegalMove, match="现在该“头煎滤出”"):
        take(county, run, Step.DRAWN_OFF)
    sign_on_paper(county, prescription)
    assert county.do(stepping.find, county.floor, county.knowledge, "P01").standing.next == (Step.DRAWN_OFF,)
    take(county, run, Step.DRAWN_OFF)
    drawn = run_of(county, prescription)
    assert (drawn.outcome, drawn.stepwise, drawn.freed_at) == (Outcome.DRAWN_OFF, False, drawn.closed_at)
    step(county, prescription, State.PACKED)
    assert [name for name, _ in taken(county, run)] == ["loaded", "first_boil", "drawn_off", "packed"]


def test_a_pot_drawn_off_before_its_paper_is_entered_can_still_be_cleaned(county: County) -> None:
    keep_steps(county)
    prescription = loaded(county)
    run = run_of(county, prescription)
    boiled(county, run)
    sign_on_paper(county, prescription)
    at_hand = county.do(stepping.find, county.floor, county.knowledge, "P01")
    assert at_hand.standing.next == (Step.CLEANED, Step.PACKED)
    take(county, run, Step.PACKED)
    take(county, run, Step.CLEANED)
    assert loaded(county).state is State.DECOCTING


def test_what_was_in_its_pot_before_boils_were_kept_ends_by_the_button(sqlite_county: County) -> None:
    prescription = brought_to(sqlite_county, sqlite_county.approved(), State.DECOCTING)
    with sqlite_county.work() as work:
        # As the upgrade finds it.
        work.session.execute(delete(pot_steps))
        work.session.execute(delete(pot_runs))
        work.commit()
    keep_steps(sqlite_county)
    with sqlite_county.work() as work:
        assert not boiling.is_stepwise(work, prescription)
    assert step(sqlite_county, prescription, State.PACKED).pot_id is None


def test_an_old_form_does_not_say_that_a_step_taken_back_is_on_record(sqlite_county: County) -> None:
    keep_steps(sqlite_county)
    run = run_of(sqlite_county, loaded(sqlite_county))
    take(sqlite_county, run, Step.FIRST_BOIL, key="one-form-1")
    sqlite_county.do(stepping.undo, sqlite_county.floor, run.key(), Step.FIRST_BOIL)
    with pytest.raises(Invalid, match="请刷新页面后再填"):
        take(sqlite_county, run, Step.FIRST_BOIL, key="one-form-1")
    assert taken(sqlite_county, run) == [("loaded", 0)]


def test_who_may_not_work_with_medicine_takes_no_step_at_a_pot(sqlite_county: County) -> None:
    keep_steps(sqlite_county)
    run = run_of(sqlite_county, loaded(sqlite_county))
    asked = {"check_every": 0, "sample_ml": 0, "sample_days": 0, "sample_source": ""}
    sqlite_county.do(quality_settings.set_quality, sqlite_county.manager, **asked, health=HealthRule.BLOCK)
    with pytest.raises(IllegalMove, match="没有您的健康检查记录"):
        take(sqlite_county, run, Step.FIRST_BOIL)
    assert taken(sqlite_county, run) == [("loaded", 0)]
