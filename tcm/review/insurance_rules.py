"""Rules about money: what a dose costs about, and what the insurance does not pay."""

from collections.abc import Iterator

from tcm.review.model import Finding
from tcm.review.reading import Reading
from tcm.review.registry import cite, found, rule

_PRICE_KEYS = {
    "廉": "cheap_fen_per_g",
    "常": "common_fen_per_g",
    "贵": "dear_fen_per_g",
    "珍": "precious_fen_per_g",
}


@rule("price_ceiling")
def price_ceiling(reading: Reading) -> Iterator[Finding]:
    """A dose that by the reference price of each herb's class is dearer than the institution's ceiling."""
    ceiling_fen = reading.rules.parameter("price_ceiling", "ceiling_fen")
    if not ceiling_fen:
        return
    dose_fen = 0.0
    for line, herb in reading.clear_lines:
        properties = reading.knowledge.properties_of(herb)
        if properties is not None and properties.price_class:
            key = _PRICE_KEYS[properties.price_class]
            dose_fen += max(0.0, line.line.grams) * reading.rules.parameter("price_ceiling", key)
    if dose_fen > ceiling_fen:
        yield found(
            reading.fact("price_ceiling"),
            (),
            f"每剂参考价约{dose_fen / 100:.2f}元，超过{ceiling_fen / 100:.2f}元。",
            f"About {dose_fen / 100:.2f} yuan a dose, above {ceiling_fen / 100:.2f}.",
            source=reading.rules.parameter_source("price_ceiling", "ceiling_fen"),
            value=dose_fen,
            limit=ceiling_fen,
            unit="分",
        )


@rule("insurance_single")
def insurance_single(reading: Reading) -> Iterator[Finding]:
    """One herb alone that the insurance pays only within a formula."""
    if len(reading.lines) == 1:
        yield from _not_paid(
            reading, "insurance_single", "单味不予支付", "单味使用医保不予支付", "is not paid alone"
        )


@rule("insurance_excluded")
def insurance_excluded(reading: Reading) -> Iterator[Finding]:
    """A herb that the insurance never pays."""
    yield from _not_paid(reading, "insurance_excluded", "不予支付", "医保不予支付", "is never paid")


def _not_paid(reading: Reading, rule_id: str, insurance: str, says: str, says_en: str) -> Iterator[Finding]:
    for line, herb in reading.clear_lines:
        properties = reading.knowledge.properties_of(herb)
        if properties is not None and properties.insurance == insurance:
            yield found(
                reading.fact(rule_id),
                (line.written,),
                f"{line.written}{says}，须患者自费。",
                f"{line.written} ({herb.pinyin}) {says_en} by the insurance.",
                source=cite(properties.source, properties.edition),
            )
