"""The one state machine of a prescription: every state, and every move between two of them."""

from dataclasses import dataclass
from enum import StrEnum

from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.roles import Role


class State(StrEnum):
    """Where a prescription stands on its way from the pen to the door."""

    DRAFT = "draft"
    SIGNED = "signed"
    APPROVED = "approved"
    RETURNED = "returned"
    DISPENSED = "dispensed"
    SOAKING = "soaking"
    DECOCTING = "decocting"
    PACKED = "packed"
    LOADED = "loaded"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SCRAPPED = "scrapped"


STATE_TERMS = {
    State.DRAFT: N_("草稿"),
    State.SIGNED: N_("待审核"),
    State.APPROVED: N_("审核通过"),
    State.RETURNED: N_("已退回"),
    State.DISPENSED: N_("已调剂"),
    State.SOAKING: N_("浸泡中"),
    State.DECOCTING: N_("煎煮中"),
    State.PACKED: N_("已包装"),
    State.LOADED: N_("已装车"),
    State.DELIVERED: N_("已送达"),
    State.FAILED: N_("未送达"),
    State.CANCELLED: N_("已取消"),
    State.SCRAPPED: N_("已报废"),
}


@dataclass(frozen=True)
class Move:
    """One allowed step of the lifecycle.

    Args:
        source: State before.
        target: State after.
        roles: Who may take the step.
        needs_reason: Whether a coded reason must be given.
        needs_pot: True only for what the centre decocts, False only for what it does not, None for either.
    """

    source: State
    target: State
    roles: frozenset[Role]
    needs_reason: bool = False
    needs_pot: bool | None = None


def _move(
    source: State, target: State, *roles: Role, needs_reason: bool = False, needs_pot: bool | None = None
) -> Move:
    return Move(source, target, frozenset(roles), needs_reason, needs_pot)


_S = State
MOVES: tuple[Move, ...] = (
    _move(_S.DRAFT, _S.SIGNED, Role.DOCTOR),
    _move(_S.DRAFT, _S.CANCELLED, Role.DOCTOR, needs_reason=True),
    _move(_S.SIGNED, _S.APPROVED, Role.PHARMACIST),
    _move(_S.SIGNED, _S.RETURNED, Role.PHARMACIST, needs_reason=True),
    _move(_S.SIGNED, _S.CANCELLED, Role.DOCTOR, needs_reason=True),
    _move(_S.RETURNED, _S.SIGNED, Role.DOCTOR),
    _move(_S.RETURNED, _S.CANCELLED, Role.DOCTOR, needs_reason=True),
    # By the floor alone where weighing is kept on paper, else by the second person who signs.
    _move(_S.APPROVED, _S.DISPENSED, Role.FLOOR, Role.PHARMACIST),
    # An herb that was thought to be there is not; nothing is put in its place.
    _move(_S.APPROVED, _S.RETURNED, Role.PHARMACIST, needs_reason=True),
    _move(_S.APPROVED, _S.CANCELLED, Role.DOCTOR, Role.PHARMACIST, needs_reason=True),
    _move(_S.DISPENSED, _S.SOAKING, Role.FLOOR, needs_pot=True),
    # Granules, and herbs that are cooked at home, go from the scales into the bag.
    _move(_S.DISPENSED, _S.PACKED, Role.FLOOR, needs_pot=False),
    _move(_S.SOAKING, _S.DECOCTING, Role.FLOOR),
    _move(_S.DECOCTING, _S.PACKED, Role.FLOOR),
    _move(_S.DISPENSED, _S.SCRAPPED, Role.FLOOR, needs_reason=True),
    _move(_S.SOAKING, _S.SCRAPPED, Role.FLOOR, needs_reason=True),
    _move(_S.DECOCTING, _S.SCRAPPED, Role.FLOOR, needs_reason=True),
    # A pharmacist may look at a packed batch and find it unfit to leave.
    _move(_S.PACKED, _S.SCRAPPED, Role.FLOOR, Role.PHARMACIST, needs_reason=True),
    _move(_S.FAILED, _S.SCRAPPED, Role.FLOOR, needs_reason=True),
    _move(_S.SCRAPPED, _S.DISPENSED, Role.FLOOR, Role.PHARMACIST),
    _move(_S.SCRAPPED, _S.RETURNED, Role.PHARMACIST, needs_reason=True),
    # It will not be made again: what was set aside for it a second time is free.
    _move(_S.SCRAPPED, _S.CANCELLED, Role.DOCTOR, Role.PHARMACIST, needs_reason=True),
    _move(_S.PACKED, _S.LOADED, Role.COURIER),
    _move(_S.LOADED, _S.DELIVERED, Role.COURIER),
    _move(_S.LOADED, _S.FAILED, Role.COURIER, needs_reason=True),
    _move(_S.FAILED, _S.LOADED, Role.COURIER),
)

# Each coded reason by the state it leads to; the words are the ones printed on the sheets.
REASONS: dict[State, dict[str, str]] = {
    State.RETURNED: {
        "second_signature": N_("请在所列药味上再次签名"),
        "incompatibility": N_("配伍禁忌"),
        "dose": N_("剂量超限"),
        "pregnancy": N_("妊娠或哺乳禁忌"),
        "decoction_note": N_("缺少或写错脚注"),
        "diagnosis": N_("诊断与用药不符"),
        "out_of_stock": N_("缺药，请改方"),
        "other": N_("其他"),
    },
    State.CANCELLED: {
        "patient_declined": N_("患者不要了"),
        "rewritten": N_("另开处方"),
        "referred": N_("已转诊"),
        "other": N_("其他"),
    },
    State.SCRAPPED: {
        "burnt": N_("煎糊"),
        "dried": N_("煎干"),
        "spilled": N_("洒漏"),
        "wrong_herb": N_("调剂差错"),
        "equipment": N_("设备故障"),
        "spoilt": N_("变质"),
        "quality": N_("质检不合格"),
        "recalled": N_("批次召回"),
        "other": N_("其他"),
    },
    State.FAILED: {
        "not_home": N_("不在家"),
        "refused": N_("拒收"),
        "wrong_address": N_("地址不对"),
        "damaged": N_("破损"),
        "recalled": N_("批次召回"),
        "other": N_("其他"),
    },
}

_TABLE = {(move.source, move.target): move for move in MOVES}

# From these states no person can move a prescription further.
FINAL_STATES = frozenset(State) - {move.source for move in MOVES}
# What the centre still owes somebody: approved and not yet at the door.
OPEN_STATES = frozenset(
    {_S.APPROVED, _S.DISPENSED, _S.SOAKING, _S.DECOCTING, _S.PACKED, _S.LOADED, _S.FAILED, _S.SCRAPPED}
)


def find_move(
    source: State, target: State, role: Role, reason_code: str | None = None, *, needs_pot: bool = True
) -> Move:
    """The move from one state to another, if the table has it for this role.

    Args:
        source: State now.
        target: State wanted.
        role: Who asks.
        reason_code: A key of `REASONS[target]` where the move needs one.
        needs_pot: Whether the centre decocts it; see `Preparation.needs_pot`.

    Returns:
        The row of the table.

    Raises:
        IllegalMove: When the table has no such move, not for this role, or not for this preparation.
        Invalid: When a needed reason is missing or unknown.
    """
    move = _TABLE.get((source, target))
    if move is None:
        raise IllegalMove(
            N_("处方现在是“%(source)s”，不能改为“%(target)s”。"),
            source=STATE_TERMS[source],
            target=STATE_TERMS[target],
        )
    if role not in move.roles:
        raise IllegalMove(N_("您的岗位不能把处方改为“%(target)s”。"), target=STATE_TERMS[target])
    if move.needs_pot not in (None, needs_pot):
        sentence = (
            N_("这张处方由中心煎煮，要先浸泡、上锅。")
            if needs_pot
            else N_("这张处方不由中心煎煮，不用浸泡。")
        )
        raise IllegalMove(sentence)
    if move.needs_reason and reason_code not in REASONS[target]:
        raise Invalid(N_("请选择原因。"))
    return move


def next_states(source: State, role: Role) -> tuple[State, ...]:
    """The states a role can move a prescription to from where it stands, in the table's order.

    Args:
        source: State now.
        role: Who would move it.

    Returns:
        Target states.
    """
    return tuple(move.target for move in MOVES if move.source is source and role in move.roles)
