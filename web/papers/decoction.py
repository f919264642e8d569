"""The record of a decoction (煎药记录)."""

from collections.abc import Callable, Iterator
from datetime import datetime

from tcm.records.boils import STEP_TERMS
from tcm.records.clock import COUNTY_ZONE
from tcm.records.errors import N_
from tcm.records.lifecycle import STATE_TERMS
from tcm.records.machines import DEVIATION_TERMS, GO_ON_REASONS, Deviation
from tcm.records.machines import VERDICT_TERMS as DECIDED_TERMS
from tcm.records.people import Institution
from tcm.records.quality import DISPOSAL_TERMS, FAULTS, VERDICT_TERMS, QualityCheck
from tcm.services.decoction_records import DecoctionRecord
from web.prints.decoction import DecoctionRow, DecoctionSheet

# Of a msgid and its values into the reader's language.
Translate = Callable[..., str]


def decoction_sheet(
    record: DecoctionRecord, centre: Institution, translate: Translate, curve_svg: str = ""
) -> DecoctionSheet:
    """The sheet of a record.

    Args:
        record: Of a batch.
        centre: Where it was decocted.
        translate: As gettext.
        curve_svg: Temperature of the boil, empty for none.

    Returns:
        The sheet.

    Raises:
        ValueError: When a text is longer than the paper has room for.
    """
    prescription, boil = record.prescription, record.boil
    return DecoctionSheet(
        number=prescription.number or "",
        patient=record.patient.name,
        centre=centre.name,
        house=record.house.name,
        village=f"{record.village.township} {record.village.name}".strip(),
        state=translate(STATE_TERMS[prescription.state]),
        doses=prescription.doses_count,
        decoction_class=prescription.decoction_class,
        special=record.special,
        soak_min=boil.soak_min,
        pre_boil_min=boil.pre_boil_min,
        first_boil_min=boil.first_boil_min,
        second_boil_min=boil.second_boil_min,
        first_water_ml=boil.first_water_ml,
        second_water_ml=boil.second_water_ml,
        pot=record.pot,
        pouches=record.pouches,
        pouch_ml=record.bags[0].pouch_ml,
        bags=len(record.bags),
        packed_at=record.bags[0].packed_at,
        rows=tuple(DecoctionRow(**vars(line)) for line in record.lines),
        happened=tuple(_happened(record, translate)),
        quality=tuple(_quality(record, translate)),
        sample=_sample(record, translate),
        scrapped=record.is_scrapped,
        curve_svg=curve_svg,
        curve_legend=_legend(record, translate) if curve_svg else "",
    )


def _happened(record: DecoctionRecord, translate: Translate) -> Iterator[str]:
    if not record.is_stepwise:
        yield translate(N_("各煎起止时间记在纸上。"))
    for each in record.steps:
        if each.short_min:
            yield translate(
                N_("“%(step)s”提前 %(minutes)s 分钟：%(reason)s"),
                step=translate(STEP_TERMS[each.step]),
                minutes=each.short_min,
                reason=each.reason or "—",
            )
    for found in record.deviations:
        yield " · ".join(each for each in _deviation(found, record, translate) if each)


def _deviation(found: Deviation, record: DecoctionRecord, translate: Translate) -> Iterator[str]:
    yield f"{translate(DEVIATION_TERMS[found.kind])} {_clock(found.began_at)}"
    if found.verdict is None or found.decided_at is None:
        return
    yield translate(DECIDED_TERMS[found.verdict])
    yield translate(GO_ON_REASONS[found.reason_code]) if found.reason_code in GO_ON_REASONS else ""
    yield found.note
    yield _signed(record, found.decided_by_id, found.decided_at)


def _legend(record: DecoctionRecord, translate: Translate) -> str:
    """What the numbers above the curve are."""
    return " · ".join(
        f"{number} {translate(STEP_TERMS[each.step])} {_clock(each.at)}"
        for number, each in enumerate(record.steps, 1)
    )


def _quality(record: DecoctionRecord, translate: Translate) -> Iterator[str]:
    if not record.checks:
        yield translate(N_("按中心设置未抽到本批"))
    for check in record.checks:
        yield " · ".join(each for each in _look(check, record, translate) if each)


def _look(check: QualityCheck, record: DecoctionRecord, translate: Translate) -> Iterator[str]:
    yield translate(N_("第 %(round)s 次检"), round=check.round)
    if check.verdict is None or check.checked_at is None:
        yield translate(N_("等待质检"))
        return
    yield translate(VERDICT_TERMS[check.verdict])
    yield "、".join(translate(FAULTS[code].term) for code in check.faults)
    yield translate(N_("量得 %(ml)s ml"), ml=check.measured_ml)
    yield _signed(record, check.checked_by_id, check.checked_at)
    if check.repacked_at is not None:
        yield translate(N_("重新包装"))
        yield _signed(record, check.repacked_by_id, check.repacked_at)


def _signed(record: DecoctionRecord, staff_id: int | None, at: datetime) -> str:
    return f"{record.people.get(staff_id or 0, '')} {_clock(at)}".strip()


def _clock(at: datetime) -> str:
    return f"{at.astimezone(COUNTY_ZONE):%H:%M}"


def _sample(record: DecoctionRecord, translate: Translate) -> str:
    sample = record.sample
    if sample is None:
        return ""
    kept = f"{sample.volume_ml} ml · {sample.place} · {_signed(record, sample.kept_by_id, sample.kept_at)}"
    if sample.disposal is None or sample.disposed_at is None:
        return f"{kept} · " + translate(N_("%(until)s 到期"), until=sample.dispose_on.isoformat())
    on = f"{sample.disposed_at.astimezone(COUNTY_ZONE):%Y-%m-%d}"
    return f"{kept} · {translate(DISPOSAL_TERMS[sample.disposal])} {on}"
