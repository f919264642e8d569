"""The papers: a sheet in, PDF bytes out. Everything shown is formatted here, templates only lay out."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from web.prints.codes import qr
from web.prints.fonts import drawable
from web.prints.press import Json, press
from web.prints.route import RouteSheet, Stop, Trip
from web.prints.sheets import BagLabel, HerbLine, PotLabel, PotStep, PrescriptionSheet, Signature, StepKind
from web.prints.validate import CODE
from web.prints.wording import Language, words

_COUNTY_ZONE = ZoneInfo("Asia/Shanghai")
MAX_LABELS = 2000


def mask_name(name: str) -> str:
    """Hide a name but for its first character: 张小花 becomes 张*.

    Args:
        name: a name, not blank.

    Returns:
        The first character and a star.
    """
    return f"{name.strip()[0]}*"


def _day(value: date, language: Language) -> str:
    return f"{value.year}年{value.month}月{value.day}日" if language == "zh" else value.isoformat()


def _local(value: datetime) -> datetime:
    return value.astimezone(_COUNTY_ZONE)


def _clock(value: datetime) -> str:
    return f"{_local(value):%H:%M}"


def local_moment(value: datetime) -> str:
    """A moment as papers write it, county time."""
    return f"{_local(value):%Y-%m-%d %H:%M}"


def _grams(value: Decimal | float) -> str:
    return f"{Decimal(str(value)).normalize():f}"


def _yuan(fen: int) -> str:
    return f"¥{fen // 100}.{fen % 100:02d}"


def _herb(herb: HerbLine) -> Json:
    return {
        "name": herb.name,
        "dose": f"{_grams(herb.dose_g)} g",
        "handling": herb.handling,
        "second_signature": herb.second_signature,
        "reason": herb.second_signature_reason,
    }


def _signature(signature: Signature | None) -> Json:
    if signature is None:
        return None
    return {"name": signature.name, "at": local_moment(signature.signed_at)}


def _diagnosis(sheet: PrescriptionSheet) -> str:
    return f"{sheet.disease} · {sheet.syndrome}" if sheet.disease else sheet.syndrome


def _validity(sheet: PrescriptionSheet, label: dict[str, str]) -> str:
    key = "valid_one" if sheet.valid_days == 1 else "valid_more"
    return label[key].format(days=sheet.valid_days)


def _entered_later(sheet: PrescriptionSheet, label: dict[str, str]) -> str:
    if sheet.written_at is None:
        return ""
    return label["entered_later"].format(number=sheet.paper_number, at=local_moment(sheet.written_at))


def prescription_pdf(sheet: PrescriptionSheet, language: Language = "zh") -> bytes:
    """Print a prescription (处方笺) on A4.

    Args:
        sheet: what it says.
        language: of the labels; the content stays as given.

    Returns:
        PDF bytes, one page unless herbs and notes need a second.

    Raises:
        ValueError: for an unknown language.
        FontError: when the fonts are not the pinned ones.

    Source: 处方管理办法 第6条 (blank space struck out, handling at the herb's upper right),
        第28条 (same paper as handwritten); 中药处方格式及书写规范 (second signature above the herb).
    """
    label = words(language)
    total_g = sum((Decimal(str(herb.dose_g)) for herb in sheet.herbs), Decimal(0))
    digest = sheet.verification_hash
    view: dict[str, Json] = {
        "institution": sheet.institution,
        "number": sheet.number,
        "category": sheet.category,
        "date": _day(_local(sheet.prescribed_at).date(), language),
        "name": sheet.patient_name,
        "sex": sheet.sex,
        "age": sheet.age,
        "department": sheet.department,
        "address": sheet.address,
        "phone": sheet.phone,
        "diagnosis": _diagnosis(sheet),
        "herbs": [_herb(herb) for herb in sheet.herbs],
        "herb_count": label["herb_count"].format(herbs=len(sheet.herbs), grams=_grams(total_g)),
        "doses": label["dose_count"].format(doses=sheet.doses),
        "usage": sheet.usage,
        "validity": _validity(sheet, label),
        "entered_later": _entered_later(sheet, label),
        "doctor": _signature(sheet.doctor),
        "pharmacist": _signature(sheet.pharmacist),
        "dispenser": _signature(sheet.dispenser),
        "checker": _signature(sheet.checker),
        "note": sheet.pharmacist_note,
        "price": "" if sheet.price_fen is None else _yuan(sheet.price_fen),
        "digest": " ".join(digest[start : start + 4] for start in range(0, 16, 4)),
        "qr": dict(qr(sheet.trace_url)),
        "printed": local_moment(sheet.printed_at),
    }
    return press("prescription", view, language=language, printed_at=sheet.printed_at)


def _check_labels(count: int) -> None:
    if not 1 <= count <= MAX_LABELS:
        raise ValueError(f"{count} labels asked for, one job prints 1 to {MAX_LABELS}")


def _pot_step(step: PotStep, label: dict[str, str], *, measured: bool) -> Json:
    covers = step.kind is StepKind.SOAK and not measured
    return {
        "kind": step.kind.value,
        "label": label[step.kind.value],
        "start": _clock(step.planned_start_at),
        "minutes": str(step.minutes),
        "water": "" if step.water_ml is None else str(step.water_ml),
        "herbs": label["water_cover"] if covers else "、".join(step.herbs),
    }


def pot_label_pdf(labels: Sequence[PotLabel], language: Language = "zh") -> bytes:
    """Print the labels of pots, 100 x 70 mm, one a page.

    Args:
        labels: 1 to 2000 labels in printing order.
        language: of the words around the content.

    Returns:
        PDF bytes with as many pages as labels.

    Raises:
        ValueError: for no or too many labels, when a label's content does not fit even in the smallest
            size, or for an unknown language.
        FontError: when the fonts are not the pinned ones.

    Source: 医疗机构中药煎药室管理规范 (国中医药发〔2009〕3号): one record for each prescription's pot.
    """
    _check_labels(len(labels))
    label = words(language)
    view: list[Json] = [
        {
            "pot": pot.pot,
            "number": pot.prescription_number,
            "name": mask_name(pot.patient_name),
            "institution": pot.institution,
            "day": _day(_local(pot.steps[0].planned_start_at).date(), language),
            "doses": label["doses_short"].format(doses=pot.doses),
            "fill": label["fill"].format(bags=pot.bags, bag_ml=pot.bag_ml),
            "water": "" if pot.water_ml is None else label["water_total"].format(water=pot.water_ml),
            "steps": [_pot_step(step, label, measured=pot.water_ml is not None) for step in pot.steps],
            "warning": pot.toxic_warning,
            # Nobody types in a longer one by hand.
            "code": pot.scan_code if len(pot.scan_code) <= CODE else "",
            "qr": dict(qr(pot.scan_code)),
            "printed": local_moment(pot.printed_at),
        }
        for pot in labels
    ]
    return press("pot_label", {"labels": view}, language=language, printed_at=labels[0].printed_at)


def _use_before(bag: BagLabel, label: dict[str, str], language: Language) -> str:
    if bag.use_before is None:
        return label["see_sheet"]
    return label["use_before"].format(day=_day(bag.use_before, language))


def bag_label_pdf(labels: Sequence[BagLabel], language: Language = "zh") -> bytes:
    """Print the labels of bags, 80 x 60 mm, one a page.

    Args:
        labels: 1 to 2000 labels in printing order.
        language: of the words around the content.

    Returns:
        PDF bytes with as many pages as labels.

    Raises:
        ValueError: for no or too many labels, when a label's content does not fit even in the smallest
            size, or for an unknown language.
        FontError: when the fonts are not the pinned ones.

    Source: 浙江省中医药条例 第23条 (patient data de-identified by the processor).
    """
    _check_labels(len(labels))
    label = words(language)
    view: list[Json] = [
        {
            "name": mask_name(bag.patient_name),
            "village": bag.village,
            "institution": bag.institution,
            "number": bag.prescription_number,
            "doses": label["doses_short"].format(doses=bag.doses),
            "bag_of": label["bag_of"].format(index=bag.bag_index, count=bag.bag_count),
            "volume": label[bag.preparation] if bag.volume_ml is None else f"{bag.volume_ml} ml",
            "take": bag.how_to_take,
            "keep": bag.how_to_keep,
            "use_before": _use_before(bag, label, language),
            "code": bag.bag_code,
            "qr": dict(qr(bag.trace_url)),
            "phone": bag.centre_phone,
            "decocted": label["decocted" if bag.volume_ml else "packed_dry"].format(
                at=local_moment(bag.decocted_at)
            ),
        }
        for bag in labels
    ]
    return press("bag_label", {"labels": view}, language=language, printed_at=labels[0].printed_at)


def _cash(fen: int) -> str:
    return _yuan(fen) if fen else ""


def _stop(stop: Stop, label: dict[str, str]) -> Json:
    bags = sum(parcel.bags for parcel in stop.parcels)
    return {
        "number": str(stop.sequence),
        "planned": _clock(stop.planned_at),
        "window": f"{_clock(stop.window_start_at)}–{_clock(stop.window_end_at)}",
        "village": stop.village,
        "place": stop.place,
        "contact": stop.contact,
        "phones": list(stop.phones),
        "note": stop.note,
        "parcels": [
            {
                "code": parcel.code,
                "recipient": parcel.recipient,
                "bags": label["bags_short"].format(bags=parcel.bags),
                "cash": _cash(parcel.cash_fen),
            }
            for parcel in stop.parcels
        ],
        "total": label["stop_total"].format(parcels=len(stop.parcels), bags=bags),
        "cash": _cash(sum(parcel.cash_fen for parcel in stop.parcels)),
        "qr": dict(qr(stop.qr_content)),
    }


def _counts(stops: Sequence[Stop], label: dict[str, str]) -> list[str]:
    parcels = [parcel for stop in stops for parcel in stop.parcels]
    return [
        label["total_stops"].format(count=len(stops)),
        label["total_parcels"].format(count=len(parcels)),
        label["total_bags"].format(count=sum(parcel.bags for parcel in parcels)),
    ]


def _trip(number: int, trip: Trip, label: dict[str, str]) -> Json:
    return {
        "title": label["trip"].format(trip=number),
        "load": label["load" if number == 1 else "reload"],
        "depart": label["depart"].format(at=_clock(trip.departs_at)),
        "back": label["back"].format(at=_clock(trip.returns_at)),
        "counts": list(_counts(trip.stops, label)),
        "note": trip.load_note,
        "stops": [_stop(stop, label) for stop in trip.stops],
    }


def route_sheet_pdf(sheet: RouteSheet, language: Language = "zh") -> bytes:
    """Print a courier's day on A4, made to be worked from alone, in black and white.

    Args:
        sheet: what it says.
        language: of the labels; the content stays as given.

    Returns:
        PDF bytes, as many pages as the stops need.

    Raises:
        ValueError: when the sketch is no readable SVG, or for an unknown language.
        FontError: when the fonts are not the pinned ones.

    Source: 北京市中医药条例 第29条 (delivery by a dedicated person, with a delivery record).
    """
    label = words(language)
    stops = [stop for trip in sheet.trips for stop in trip.stops]
    cash_fen = sum(parcel.cash_fen for stop in stops for parcel in stop.parcels)
    cash = label["total_cash"].format(cash=_yuan(cash_fen)) if cash_fen else label["no_cash"]
    distance = label["total_distance"].format(km=f"{sheet.distance_m / 1000:.1f}")
    view: dict[str, Json] = {
        "centre": sheet.centre,
        "phone": sheet.centre_phone,
        "courier": sheet.courier,
        "vehicle": sheet.vehicle,
        "day": _day(sheet.service_day, language),
        "departures": " · ".join(_clock(trip.departs_at) for trip in sheet.trips),
        "totals": [*_counts(stops, label), distance, cash],
        "trips": [_trip(number, trip, label) for number, trip in enumerate(sheet.trips, start=1)],
        "cold_box": sheet.cold_box_note,
        "call": label["trouble_call"].format(phone=sheet.centre_phone),
        "map_svg": drawable(sheet.map_svg),
        "printed": local_moment(sheet.printed_at),
    }
    return press("route_sheet", view, language=language, printed_at=sheet.printed_at)
