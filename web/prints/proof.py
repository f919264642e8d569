"""The proof of a bag (药袋溯源证明): every lot, hand and minute on one page, sealed by hashes; no patient."""

from dataclasses import dataclass
from datetime import date, datetime

from web.prints import validate
from web.prints.codes import qr
from web.prints.paper import local_moment
from web.prints.press import Json, press
from web.prints.validate import CODE, LINE, NAME, PERSON
from web.prints.wording import Language, words

MAX_HERBS, MAX_STEPS = 90, 60
# Beyond so many lines the page is set in smaller type.
_ROOMY, _TIGHT = 34, 48
_HASH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofHerb:
    """A herb as far as it came from one lot.

    Attributes:
        herb: standard name.
        dose_g: grams a dose from this lot.
        lot: 批号, empty where no stock was on record.
        origin: 产地, or empty.
        expires_on: last day of use, None without a lot.
        supplier: or empty.
    """

    herb: str
    dose_g: float
    lot: str
    origin: str
    expires_on: date | None
    supplier: str

    def __post_init__(self) -> None:
        validate.text(self.herb, "herb", limit=PERSON)
        for name, limit in (("lot", NAME), ("origin", NAME), ("supplier", LINE)):
            validate.text(getattr(self, name), name, limit=limit, optional=True)


@dataclass(frozen=True, slots=True)
class ProofStep:
    """One step: when, what, by whom, and the first digits of its hash."""

    at: datetime
    what: str
    who: str
    hash8: str

    def __post_init__(self) -> None:
        validate.instant(self.at, "at")
        validate.text(self.what, "what", limit=NAME)
        validate.text(self.who, "who", limit=PERSON, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSheet:
    """What the proof of a bag says.

    Attributes:
        bag_code: of the bag.
        bag_position: 1, 2 ... of the prescription's bags.
        prescription_number: of the prescription.
        state: where it stands.
        preparation: what is in the bag.
        house: where it was prescribed.
        village: where it goes.
        doses: doses of the prescription.
        packed_at: aware UTC.
        voided: whether the bag was scrapped.
        recalled: whether a lot in it is called back.
        pot: in which it was decocted, or empty.
        vehicle: that carried it, or empty.
        courier: who drove, or empty.
        herbs: one for each lot that a herb was taken from, 1 to 90.
        steps: oldest first, 1 to 60.
        chain_holds: whether every hash is what it must be.
        chain_head: hash of the last event, 64 hexadecimal digits.
        day_head: head that seals it, empty before one does.
        day_head_on: county day of that head.
        day_head_url: where the head is published, empty before one is sealed.
        trace_url: address behind the QR code.
        printed_at: aware UTC.
    """

    bag_code: str
    bag_position: int
    prescription_number: str
    state: str
    preparation: str
    house: str
    village: str
    doses: int
    packed_at: datetime
    voided: bool
    recalled: bool
    pot: str
    vehicle: str
    courier: str
    herbs: tuple[ProofHerb, ...]
    steps: tuple[ProofStep, ...]
    chain_holds: bool
    chain_head: str
    day_head: str
    day_head_on: date | None
    day_head_url: str
    trace_url: str
    printed_at: datetime

    def __post_init__(self) -> None:
        for name, limit in (("bag_code", CODE), ("prescription_number", CODE), ("house", NAME)):
            validate.text(getattr(self, name), name, limit=limit)
        validate.text(self.village, "village", limit=LINE)
        validate.whole(len(self.herbs), "number of herbs", least=1, most=MAX_HERBS)
        validate.whole(len(self.steps), "number of steps", least=1, most=MAX_STEPS)
        if len(self.chain_head) != _HASH:
            raise ValueError(f"chain_head must be {_HASH} hexadecimal digits")
        validate.qr_content(self.trace_url, "trace_url")
        if self.day_head_url:
            validate.qr_content(self.day_head_url, "day_head_url")
        validate.instant(self.packed_at, "packed_at")
        validate.instant(self.printed_at, "printed_at")


def proof_pdf(sheet: ProofSheet, language: Language = "zh") -> bytes:
    """Print the proof of a bag on A4.

    Args:
        sheet: what it says.
        language: of the labels; the content stays as given.

    Returns:
        PDF bytes, one page unless it has more lots and steps than one holds.

    Raises:
        ValueError: for an unknown language.
        FontError: when the fonts are not the pinned ones.

    Source: 药品经营和使用质量监督管理办法 (traceability of what is supplied); 医疗机构中药煎药室管理规范
        (国中医药发〔2009〕3号) (records of every decoction).
    """
    label = words(language)
    lines = len(sheet.herbs) + len(sheet.steps)
    warnings: list[Json] = [
        label[key]
        for key, holds in (("proof_voided", sheet.voided), ("proof_recalled", sheet.recalled))
        if holds
    ]
    doses = label["doses_short"].format(doses=sheet.doses)
    which_bag = label["proof_bag"].format(position=sheet.bag_position)
    facts: list[Json] = [
        {"head": label[key], "body": body}
        for key, body in (
            ("number", sheet.prescription_number),
            ("proof_state", sheet.state),
            ("proof_house", sheet.house),
            ("proof_village", sheet.village),
            ("proof_preparation", f"{sheet.preparation} · {doses}"),
            ("proof_packed", f"{local_moment(sheet.packed_at)} · {which_bag}"),
            ("proof_pot", sheet.pot or "—"),
            ("proof_carried", " ".join(each for each in (sheet.vehicle, sheet.courier) if each) or "—"),
        )
    ]
    herbs: list[Json] = [
        [
            each.herb,
            f"{each.dose_g:g} g",
            each.lot or label["proof_no_lot"],
            each.origin or "—",
            each.expires_on.isoformat() if each.expires_on else "—",
            each.supplier or "—",
        ]
        for each in sheet.herbs
    ]
    steps: list[Json] = [
        [local_moment(each.at), each.what, each.who or "—", each.hash8] for each in sheet.steps
    ]
    sealed = f"{sheet.day_head_on.isoformat()} " if sheet.day_head_on else ""
    view: dict[str, Json] = {
        "code": sheet.bag_code,
        "qr": dict(qr(sheet.trace_url)),
        "warnings": warnings,
        "facts": facts,
        "herbs": herbs,
        "steps": steps,
        "chain": label["proof_holds" if sheet.chain_holds else "proof_broken"],
        "chain_head": sheet.chain_head,
        "day_head": sealed + (sheet.day_head or label["proof_unsealed"]),
        "day_head_qr": dict(qr(sheet.day_head_url)) if sheet.day_head_url else None,
        "size": 9 if lines <= _ROOMY else 8 if lines <= _TIGHT else 7,
        "printed": local_moment(sheet.printed_at),
    }
    return press("proof", view, language=language, printed_at=sheet.printed_at)
