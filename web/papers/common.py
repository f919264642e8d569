"""What several papers share: the centre, how medicine is taken and kept, ages."""

from datetime import date

from tcm.records.clinical import Bag, Preparation, Prescription
from tcm.records.clock import age_years, county_day
from tcm.records.errors import N_, Invalid
from tcm.records.people import Institution, InstitutionKind
from tcm.services.packing import parcels_per_dose
from tcm.services.tracing import keep_until
from tcm.store.work import Work

# The centre's own rule for sealed pouches in a refrigerator; 国中医药发〔2009〕3号 names none.
KEEP_DAYS = 7
KEEP = "冷藏（2–8℃），热水温热后服"
# What a label has room for.
_TAKE_LIMIT = 60
_MONTHS_BELOW_YEARS = 6


def centre_of(work: Work) -> Institution:
    """The decoction centre.

    Args:
        work: The unit of work.

    Returns:
        The house whose name and phone stand on labels and sheets.

    Raises:
        Invalid: Before one is set up.
    """
    centres = work.institutions.of_kind(InstitutionKind.CENTRE)
    if not centres:
        raise Invalid(N_("还没有设置煎药中心。"))
    return centres[0]


def phone_of(centre: Institution) -> str:
    """The centre's phone as printed.

    Args:
        centre: The centre.

    Returns:
        The phone, or that there is none yet.
    """
    return centre.phone or "未设电话"


def use_before(bag: Bag) -> date:
    """The last day a bag's pouches should be taken.

    Args:
        bag: Packed.

    Returns:
        County date.
    """
    return keep_until(county_day(bag.packed_at), KEEP_DAYS)


def how_to_take(prescription: Prescription, bag: Bag | None = None) -> str:
    """How the medicine is taken, as the label says it.

    Args:
        prescription: Which.
        bag: To tell how many pouches are in it, None to leave that out.

    Returns:
        The doctor's own words where they fit, else doses a day and pouches a dose.
    """
    parcel = "包" if prescription.preparation is Preparation.OWN_COOKING else "小袋"
    inside = f"（内装{bag.pouches}{parcel}）" if bag else ""
    plain = f"每日{prescription.doses_per_day}剂，{_each_dose(prescription.preparation)}"
    fits = 0 < len(prescription.usage) <= _TAKE_LIMIT - len(inside)
    return (prescription.usage if fits else plain) + inside


def _each_dose(preparation: Preparation) -> str:
    count = parcels_per_dose(preparation)
    if preparation is Preparation.OWN_COOKING:
        return f"每剂{count}包，自己煎服"
    if preparation is Preparation.GRANULES:
        return f"每剂{count}小袋，每次1小袋，开水冲服"
    return f"每剂分{count}次温服，每次1小袋"


def exact_age(born: date, on: date) -> str:
    """An age as a prescription writes it: years, for the youngest months or days.

    Args:
        born: Date of birth.
        on: The day it is asked for.

    Returns:
        Such as 42岁, 1岁5个月, 8个月 or 20天.

    Source: 医疗机构处方审核规范 第14条 (infants in days and months).
    """
    years = age_years(born, on)
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if years >= _MONTHS_BELOW_YEARS:
        return f"{years}岁"
    if years:
        return f"{years}岁{months % 12}个月" if months % 12 else f"{years}岁"
    return f"{months}个月" if months else f"{on.toordinal() - born.toordinal()}天"
