"""Fifty hands at once over both databases: no lot negative, no bag twice, each state reached once."""

from collections import Counter

from sqlalchemy import update

from bench.rush import DONE, Rush, table
from bench.rush_checks import faults
from bench.rush_house import found
from tcm.records.lifecycle import State
from tcm.store.engine import Store
from tcm.store.stock_tables import lots
from tcm.store.tables import bags, prescriptions
from tests.tcm.county import KNOWLEDGE

WORKERS, ORDERS, LIMIT_S = 50, 16, 120


def test_fifty_hands_take_every_step_once_and_the_last_herbs_go_to_one(store: Store) -> None:
    house = found(store, KNOWLEDGE, ORDERS, seed=1)
    tries = Rush(store, house, KNOWLEDGE, seed=1, limit_s=LIMIT_S).run(WORKERS, WORKERS)
    assert faults(store, KNOWLEDGE, house.orders) == []
    with store.work() as work:
        states = Counter(each.state for each in work.prescriptions.by_ids(house.orders).values())
    # The shelf held nine tenths of what was asked for.
    assert states.keys() == {State.DELIVERED, State.RETURNED}
    assert states.total() == ORDERS
    done = Counter(each.step for each in tries if each.outcome == DONE)
    once = ("approve", "sign for the weights", "soak", "fill a pot", "draw off", "pack")
    assert {done[step] for step in once} == {states[State.DELIVERED]}
    # They did come across one another.
    assert Counter(each.outcome for each in tries)["Stale"] > 0
    assert len(table(tries)) == len(done | {"": 1}) - ("look" in done)


def test_what_does_not_hold_is_found(sqlite_store: Store) -> None:
    house = found(sqlite_store, KNOWLEDGE, 6, seed=1)
    Rush(sqlite_store, house, KNOWLEDGE, seed=1, limit_s=LIMIT_S).run(4, 4)
    assert faults(sqlite_store, KNOWLEDGE, house.orders) == []
    with sqlite_store.engine.begin() as connection:
        connection.execute(update(lots).where(lots.c.id == 1).values(on_hand_mg=lots.c.on_hand_mg + 1))
        connection.execute(update(bags).values(position=7))
        connection.execute(update(prescriptions).values(state=State.PACKED))
    wrong = faults(sqlite_store, KNOWLEDGE, house.orders)
    assert [sentence.split()[0] for sentence in wrong[:1]] == ["lot"]
    assert any("has bags [7]" in sentence for sentence in wrong)
    assert any(sentence.startswith("the ledger: ") for sentence in wrong)
