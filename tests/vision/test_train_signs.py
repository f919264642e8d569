"""How the readers of the signs are learnt, on numbers instead of photographs."""

import dataclasses

import numpy as np
import pytest

from vision.tongue import features, network
from vision.tongue import signs as reading
from vision.train import signs, signs_table

COUNT = 120


@pytest.fixture(scope="module")
def table() -> signs.Table:
    """Every sign can be told from the first feature of each of its groups."""
    rng = np.random.default_rng(0)
    hidden = rng.uniform(-1, 1, COUNT)
    plain = rng.normal(0, 1, (COUNT, len(features.NAMES)))
    for group in features.GROUPS.values():
        plain[:, features.NAMES.index(group[0])] = 8 * hidden
    readings = {}
    for sign, setting in signs.SETTINGS.items():
        usual = setting.labels[1:3] if len(setting.labels) == 4 else setting.labels
        cut = np.quantile(hidden, np.linspace(0, 1, len(usual) + 1)[1:-1])
        for reader in signs.READERS:
            readings[sign, reader] = np.array(usual)[np.searchsorted(cut, hidden)]
    nothing = np.zeros((COUNT, len(signs_table.WAYS), 1), np.float16)
    numbers = np.repeat(plain[:, None], len(signs_table.WAYS), axis=1)
    return signs.Table(numbers, nothing, nothing, readings)


@pytest.fixture(scope="module")
def silent() -> np.ndarray:
    """Logits of a network that never sees anything."""
    labels = sum(len(setting.labels) for setting in signs.SETTINGS.values())
    return np.zeros((COUNT, len(signs_table.EVALUATED), labels))


def test_held_out_answers_agree_where_there_is_something_to_learn(
    table: signs.Table, silent: np.ndarray
) -> None:
    answers = signs.held_out(table, "tooth_marks", 1, silent)
    right = answers.chosen[:, 0] == signs.codes(table, "tooth_marks")[0]
    assert right.mean() > 0.8
    assert np.allclose(answers.chances.sum(axis=2), 1)


def test_what_the_network_alone_knows_is_answered_too(table: signs.Table, silent: np.ndarray) -> None:
    """Its logits speak for one sign; the others stay silent."""
    sign, first = "red_spots", 4 + 4 + 3 + 3 + 3
    blank = dataclasses.replace(table, numbers=np.zeros_like(table.numbers))
    logits = silent.copy()
    logits[..., first : first + 3] = 4 * np.eye(3)[signs.codes(table, sign)[0]][:, None]
    right = signs.held_out(blank, sign, 1, logits).chosen[:, 0] == signs.codes(table, sign)[0]
    assert right.mean() > 0.95
    other = signs.held_out(blank, "shape", 1, logits).chosen[:, 0] == signs.codes(table, "shape")[0]
    assert other.mean() < 0.6


def test_what_is_shipped_answers_as_ridge_network_and_calibration_do(table: signs.Table) -> None:
    sign, rng = "shape", np.random.default_rng(3)
    ridge = signs.fit(table, sign, np.arange(COUNT))
    numbers, seen = table.numbers[:, 0], rng.normal(0, 1, (COUNT, network.COUNT))
    seen_weights, seen_offsets = rng.normal(0, 0.05, (3, network.COUNT)), np.array([0.0, 0.3, -0.2])
    shares = network.log_shares(seen @ seen_weights.T + seen_offsets)
    scores = np.concatenate([ridge.answer(numbers[:, signs.columns(sign)]), shares], axis=1)
    calibration = signs.calibrate(scores, signs.codes(table, sign), sign)
    part = signs.as_json(sign, ridge, calibration, 0.5, [])
    reader = reading.Reader(
        tuple(part["labels"]),
        np.array(part["columns"]),
        *(np.array(part[name]) for name in ("mean", "scale", "weights", "offsets", "slopes")),
        seen_weights,
        seen_offsets,
        np.array(part["lean"]),
        signs.FARTHEST,
        part["abstain_below"],
        frozenset(part["rare"]),
    )
    shipped = np.array([reader.probabilities(*pair) for pair in zip(numbers, seen, strict=True)])
    assert np.allclose(shipped, calibration.chances(scores), atol=0.01)
    chosen = [reader.choose(chances) for chances in shipped]
    assert np.mean(chosen == calibration.choose(scores)) > 0.98


def test_a_label_that_was_never_read_is_never_likely() -> None:
    scores = np.random.default_rng(1).uniform(0, 1, (60, 3))
    answer = (scores[:, 1] > 0.5).astype(np.intp)
    calibration = signs.calibrate(scores, [answer, answer], "cracks")
    assert calibration.chances(scores)[:, 2].max() < 1e-6


def test_no_more_than_the_allowed_share_is_abstained() -> None:
    rng = np.random.default_rng(2)
    chances, chosen = rng.uniform(0.2, 1, 500), np.zeros(500, np.intp)
    readings = [(rng.uniform(0, 1, 500) > chances).astype(np.intp) for _ in range(2)]
    threshold, agreement, answered = signs.abstain_threshold(chosen, chances, readings)
    assert 1 - signs.MOST_ABSTAINED <= answered < 1
    assert agreement > np.mean([chosen == one for one in readings])
    assert answered == (chances >= threshold).mean()
