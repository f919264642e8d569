"""The proof of a bag (药袋溯源证明)."""

from collections.abc import Iterator
from datetime import datetime

from tcm.records.clinical import PREPARATION_TERMS
from tcm.records.errors import N_
from tcm.records.ledger import Event
from tcm.records.lifecycle import REASONS, STATE_TERMS
from tcm.services.inspecting import Proof
from tcm.services.proving import HerbInBag
from web.heads import head_path
from web.prints.proof import ProofHerb, ProofSheet, ProofStep

# Events that leave the state as it is and say something of the bag.
STEP_TERMS = {
    "claimed": N_("领取审方"),
    "adopted": N_("采用处方行"),
    "second_signed": N_("药味上再次签名"),
    "planned": N_("排入计划"),
    "drawn_off": N_("出锅"),
    "quality_checked": N_("质检"),
    "packed_anew": N_("重新包装"),
    "sampled": N_("留样"),
    "called_back": N_("批次召回"),
    "let_go": N_("召回撤回"),
}


def proof_sheet(proof: Proof, public_url: str, printed_at: datetime) -> ProofSheet:
    """The sheet of a proof.

    Args:
        proof: Of a bag.
        public_url: What the address behind the code begins with.
        printed_at: Aware UTC.

    Returns:
        The sheet.

    Raises:
        ValueError: When a name is longer than the paper has room for.
    """
    record = proof.record
    prescription, bag, events = record.prescription, record.bag, record.events
    return ProofSheet(
        bag_code=bag.code,
        bag_position=bag.position,
        prescription_number=prescription.number or "",
        state=STATE_TERMS[prescription.state],
        preparation=PREPARATION_TERMS[prescription.preparation],
        house=proof.house.name,
        village=f"{record.village.township} {record.village.name}".strip(),
        doses=prescription.doses_count,
        packed_at=bag.packed_at,
        voided=bag.voided_at is not None,
        recalled=proof.recalled,
        pot=record.pot,
        vehicle=proof.vehicle,
        courier=proof.courier,
        herbs=tuple(_herb(each) for each in record.herbs),
        steps=tuple(_steps(proof)),
        chain_holds=record.chain_holds,
        chain_head=events[-1].hash if events else "",
        day_head=proof.head.head if proof.head else "",
        day_head_on=proof.head.day if proof.head else None,
        day_head_url=f"{public_url}{head_path(proof.head.head)}" if proof.head else "",
        trace_url=f"{public_url}/t/{bag.code}",
        printed_at=printed_at,
    )


def _herb(part: HerbInBag) -> ProofHerb:
    lot = part.lot
    return ProofHerb(
        herb=part.herb,
        dose_g=round(part.dose_g, 3),
        lot=lot.lot_number if lot else "",
        origin=lot.origin if lot else "",
        expires_on=lot.expires_on if lot else None,
        supplier=part.supplier.name if part.supplier else "",
    )


def _steps(proof: Proof) -> Iterator[ProofStep]:
    for event in proof.record.events:
        what = _what(event)
        if what:
            yield ProofStep(event.at, what, proof.people.get(event.actor_id, ""), event.hash[:8])


def _what(event: Event) -> str:
    """What an event did in a few words; empty where it says nothing of the bag."""
    if event.kind != "move":
        return STEP_TERMS.get(event.kind, "")
    reason = REASONS.get(event.target, {}).get(str(event.payload.get("reason", "")), "")
    pot = str(event.payload.get("pot", ""))
    beside = "，".join(each for each in (pot, reason) if each)
    return STATE_TERMS[event.target] + (f"（{beside}）" if beside else "")
