"""The lifecycle is one table: every state is reached, each row asks its roles, each refusal has its words."""

import itertools

import pytest

from tcm.records.errors import IllegalMove, Invalid
from tcm.records.lifecycle import (
    FINAL_STATES,
    MOVES,
    OPEN_STATES,
    REASONS,
    STATE_TERMS,
    Move,
    State,
    find_move,
    next_states,
)
from tcm.records.roles import Role

PAIRS = {(move.source, move.target) for move in MOVES}
ROWS = [pytest.param(move, id=f"{move.source}-{move.target}") for move in MOVES]
DOCTOR, PHARMACIST, FLOOR, COURIER = Role.DOCTOR, Role.PHARMACIST, Role.FLOOR, Role.COURIER

# Written out once more by hand, so that a slip in the table is a difference and not a new truth.
WHO_MAY = {
    ("draft", "signed"): {DOCTOR},
    ("draft", "cancelled"): {DOCTOR},
    ("signed", "approved"): {PHARMACIST},
    ("signed", "returned"): {PHARMACIST},
    ("signed", "cancelled"): {DOCTOR},
    ("returned", "signed"): {DOCTOR},
    ("returned", "cancelled"): {DOCTOR},
    ("approved", "dispensed"): {FLOOR, PHARMACIST},
    ("approved", "returned"): {PHARMACIST},
    ("approved", "cancelled"): {DOCTOR, PHARMACIST},
    ("dispensed", "soaking"): {FLOOR},
    ("soaking", "decocting"): {FLOOR},
    ("decocting", "packed"): {FLOOR},
    ("dispensed", "packed"): {FLOOR},
    ("dispensed", "scrapped"): {FLOOR},
    ("soaking", "scrapped"): {FLOOR},
    ("decocting", "scrapped"): {FLOOR},
    ("packed", "scrapped"): {FLOOR, PHARMACIST},
    ("failed", "scrapped"): {FLOOR},
    ("scrapped", "dispensed"): {FLOOR, PHARMACIST},
    ("scrapped", "returned"): {PHARMACIST},
    ("scrapped", "cancelled"): {DOCTOR, PHARMACIST},
    ("packed", "loaded"): {COURIER},
    ("loaded", "delivered"): {COURIER},
    ("loaded", "failed"): {COURIER},
    ("failed", "loaded"): {COURIER},
}


def reason_for(move: Move) -> str | None:
    return next(iter(REASONS[move.target])) if move.needs_reason else None


def test_the_table_is_the_one_written_down_here() -> None:
    assert {(move.source.value, move.target.value): set(move.roles) for move in MOVES} == WHO_MAY


def test_no_pair_of_states_stands_in_the_table_twice() -> None:
    assert len(PAIRS) == len(MOVES)


def test_every_state_is_reached_from_a_draft() -> None:
    reached = {State.DRAFT}
    while True:
        further = reached | {target for source, target in PAIRS if source in reached}
        if further == reached:
            break
        reached = further
    assert reached == set(State)


def test_only_delivered_and_cancelled_are_final() -> None:
    assert {State.DELIVERED, State.CANCELLED} == FINAL_STATES


def test_from_every_other_state_the_door_or_a_cancellation_can_be_reached() -> None:
    ends = set(FINAL_STATES)
    while True:
        further = ends | {source for source, target in PAIRS if target in ends}
        if further == ends:
            break
        ends = further
    assert ends == set(State)


def test_nothing_is_dispensed_that_no_pharmacist_approved() -> None:
    reached, border = {State.DRAFT}, [State.DRAFT]
    while border:
        source = border.pop()
        targets = {target for start, target in PAIRS if start is source} - reached - {State.APPROVED}
        reached |= targets
        border.extend(targets)
    assert reached == {State.DRAFT, State.SIGNED, State.RETURNED, State.CANCELLED}


def test_the_centre_owes_what_is_approved_and_not_at_the_door() -> None:
    before = {State.DRAFT, State.SIGNED, State.RETURNED}
    assert set(State) - before - FINAL_STATES == OPEN_STATES


@pytest.mark.parametrize("move", ROWS)
@pytest.mark.parametrize("role", Role)
def test_each_row_lets_its_roles_pass_and_no_others(move: Move, role: Role) -> None:
    needs_pot = move.needs_pot is not False
    if role in move.roles:
        assert find_move(move.source, move.target, role, reason_for(move), needs_pot=needs_pot) == move
        return
    with pytest.raises(IllegalMove) as refusal:
        find_move(move.source, move.target, role, reason_for(move))
    assert str(refusal.value) == f"您的岗位不能把处方改为“{STATE_TERMS[move.target]}”。"


@pytest.mark.parametrize(
    ("source", "target"),
    [pair for pair in itertools.product(State, State) if pair not in PAIRS],
    ids=lambda state: state.value,
)
def test_a_move_outside_the_table_is_refused_to_everybody_in_words(source: State, target: State) -> None:
    said = set()
    for role in Role:
        with pytest.raises(IllegalMove) as refusal:
            find_move(source, target, role, "other")
        said.add(str(refusal.value))
    assert said == {f"处方现在是“{STATE_TERMS[source]}”，不能改为“{STATE_TERMS[target]}”。"}


def test_reasons_are_asked_for_what_undoes_work() -> None:
    assert {move.target for move in MOVES if move.needs_reason} == set(REASONS)
    assert {move.target for move in MOVES if not move.needs_reason} & set(REASONS) == set()


@pytest.mark.parametrize("move", [move for move in ROWS if move.values[0].needs_reason])
@pytest.mark.parametrize("reason", [None, "", "no such reason"])
def test_a_missing_or_unknown_reason_is_asked_for(move: Move, reason: str | None) -> None:
    with pytest.raises(Invalid) as refusal:
        find_move(move.source, move.target, min(move.roles), reason)
    assert str(refusal.value) == "请选择原因。"


@pytest.mark.parametrize("move", [move for move in ROWS if move.values[0].needs_reason])
def test_every_listed_reason_is_taken(move: Move) -> None:
    role = min(move.roles)
    taken = {reason: find_move(move.source, move.target, role, reason) for reason in REASONS[move.target]}
    assert taken == dict.fromkeys(REASONS[move.target], move)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("source", State)
def test_what_a_page_offers_is_what_the_table_allows(source: State, role: Role) -> None:
    offered = next_states(source, role)
    allowed = {target for target in State if role in WHO_MAY.get((source.value, target.value), set())}
    assert set(offered) == allowed
    assert len(offered) == len(allowed)


def test_only_what_is_decocted_is_soaked_and_only_what_is_not_is_packed_from_the_scales() -> None:
    by_pot = {(move.source.value, move.target.value): move.needs_pot for move in MOVES}
    assert {pair: needs for pair, needs in by_pot.items() if needs is not None} == {
        ("dispensed", "soaking"): True,
        ("dispensed", "packed"): False,
    }
    for target, needs_pot in ((State.SOAKING, True), (State.PACKED, False)):
        assert find_move(State.DISPENSED, target, FLOOR, needs_pot=needs_pot).target is target
        with pytest.raises(IllegalMove) as refusal:
            find_move(State.DISPENSED, target, FLOOR, needs_pot=not needs_pot)
        assert str(refusal.value) == (
            "这张处方不由中心煎煮，不用浸泡。" if needs_pot else "这张处方由中心煎煮，要先浸泡、上锅。"
        )


def test_every_state_has_a_word_of_its_own() -> None:
    assert set(STATE_TERMS) == set(State)
    assert len(set(STATE_TERMS.values())) == len(State)
