"""What `summary.json` says of lived days; nobody may be lost without a reason."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from tcm.records.ledger import Event
from tcm.records.lifecycle import State
from tcm.records.plans import Route
from web.demo.town import Town

_ENDS = (State.DELIVERED, State.FAILED, State.CANCELLED, State.SCRAPPED)


@dataclass
class Summary:
    """What `summary.json` says; see docs of the command."""

    day: str = ""
    prescriptions: int = 0
    delivered: int = 0
    failed: int = 0
    cancelled: int = 0
    scrapped: int = 0
    lost: int = 0
    late: int = 0
    waiting: list[dict[str, str]] = field(default_factory=list)
    plans_checked: int = 0
    plans_failed: int = 0
    photographs_refused: int = 0
    scrapped_batches: int = 0
    failed_deliveries: int = 0
    doses: int = 0
    prints: int = 0
    seconds: float = 0.0
    sample_bag: str = ""

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)

    def count(self, town: Town, signed: Sequence[int]) -> None:
        """Look up what became of prescriptions.

        Args:
            town: The county at the end of a day.
            signed: Rows of the prescriptions.
        """
        with town.work() as work:
            prescriptions = list(work.prescriptions.by_ids(signed).values())
            plan = work.plans.in_force(town.day)
            left_out = plan.unserved if plan is not None else []
            bags = work.bags.of_prescriptions(signed)
            chains = work.ledger.chains(signed)
            carrying = work.routes.carrying(signed)
        why = {int(str(each["id"])): str(each["zh"]) for each in left_out}
        states = Counter(each.state for each in prescriptions)
        kinds = Counter(event.target for chain in chains.values() for event in chain if event.kind == "move")
        unfinished = [each for each in prescriptions if each.state not in _ENDS]
        self.day = town.day.isoformat()
        self.prescriptions = len(signed)
        self.doses = sum(each.doses_count for each in prescriptions)
        self.delivered, self.failed = states[State.DELIVERED], states[State.FAILED]
        self.cancelled, self.scrapped = states[State.CANCELLED], states[State.SCRAPPED]
        self.late = _late(chains, carrying)
        self.waiting = [
            {"number": each.number or "", "why": why[each.key()]} for each in unfinished if each.key() in why
        ]
        self.lost = len(signed) - len(prescriptions) + len(unfinished) - len(self.waiting)
        self.scrapped_batches, self.failed_deliveries = kinds[State.SCRAPPED], kinds[State.FAILED]
        self.sample_bag = next((each[0].code for _, each in sorted(bags.items())), "")


def _late(chains: Mapping[int, Sequence[Event]], carrying: Mapping[int, Route]) -> int:
    return sum(_is_late(chains[row], row, route) for row, route in carrying.items())


def _is_late(chain: Sequence[Event], prescription_id: int, route: Route) -> bool:
    promised_to_at = max(
        stop.promised_to_at
        for stop in route.stops
        if prescription_id in {delivery.prescription_id for delivery in stop.deliveries}
    )
    return any(event.target is State.DELIVERED and event.at > promised_to_at for event in chain)
