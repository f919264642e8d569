"""Quality of what leaves the floor: the look at a packed batch, retained samples, what the centre decided."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tcm.records.errors import N_


class Verdict(StrEnum):
    """What the look at a packed batch came to."""

    PASSED = "passed"
    # Opened, filled and sealed anew; looked at again.
    REPACK = "repack"
    # Poured out, and made anew from dispensing on.
    SCRAP = "scrap"


VERDICT_TERMS = {
    Verdict.PASSED: N_("合格放行"),
    Verdict.REPACK: N_("返工：重新包装"),
    Verdict.SCRAP: N_("报废重煎"),
}


@dataclass(frozen=True)
class Fault:
    """Something that may be wrong with a packed batch.

    Args:
        aspect: A key of ASPECTS.
        term: What it is called, a msgid.
        packs_anew: Whether packing it anew mends it; else it is poured out.
    """

    aspect: str
    term: str
    packs_anew: bool = True


# What is looked at, in the order of the hands.
ASPECTS = {"look": N_("外观气味"), "volume": N_("每袋装量"), "seal": N_("封口"), "label": N_("标签袋数")}
FAULTS: dict[str, Fault] = {
    # Burnt decoction is not given out (医疗机构中药煎药室管理规范).
    "burnt": Fault("look", N_("焦糊味"), packs_anew=False),
    "unlike": Fault("look", N_("颜色气味不对"), packs_anew=False),
    "foreign": Fault("look", N_("有异物或霉味"), packs_anew=False),
    "short": Fault("volume", N_("装量不足")),
    "over": Fault("volume", N_("装量过多")),
    "uneven": Fault("volume", N_("各袋不匀")),
    "leaking": Fault("seal", N_("渗漏")),
    "bulging": Fault("seal", N_("胀袋或封口不牢")),
    "label_missing": Fault("label", N_("漏贴标签")),
    "label_wrong": Fault("label", N_("标签与处方不符")),
    "count": Fault("label", N_("袋数不对")),
}


@dataclass(eq=False, kw_only=True)
class QualityCheck:
    """One look at a packed batch: drawn when it is packed, decided by somebody who did not pack it.

    Args:
        id: Row, None before it is stored.
        prescription_id: Which.
        bag_id: First bag of the packing, which tells one batch of a prescription from another.
        round: 1 at first, 2 after it was packed anew ...
        packed_by_id: Whose packing it is.
        drawn_at: Aware UTC.
        verdict: None before it is looked at.
        faults: Keys of FAULTS, empty where it passed.
        measured_ml: What one pouch held, None before.
        remark: In the checker's words, sealed.
        checked_by_id: Who looked, None before.
        checked_at: When, aware UTC.
        repacked_by_id: Who packed it anew, None unless somebody did.
        repacked_at: When, aware UTC.
        closed_at: When nothing was left to be done about this look, None while the batch waits.
    """

    id: int | None = None
    prescription_id: int
    bag_id: int
    round: int = 1
    packed_by_id: int
    drawn_at: datetime
    verdict: Verdict | None = None
    faults: list[str] = field(default_factory=list)
    measured_ml: int | None = None
    remark: str = ""
    checked_by_id: int | None = None
    checked_at: datetime | None = None
    repacked_by_id: int | None = None
    repacked_at: datetime | None = None
    closed_at: datetime | None = None


class Disposal(StrEnum):
    """Why a retained sample was poured out."""

    EXPIRED = "expired"
    TESTED = "tested"
    SPOILT = "spoilt"


DISPOSAL_TERMS = {
    Disposal.EXPIRED: N_("到期销毁"),
    Disposal.TESTED: N_("已送检用完"),
    Disposal.SPOILT: N_("变质销毁"),
}


@dataclass(eq=False, kw_only=True)
class RetainedSample:
    """Some of a batch, kept for a while in case somebody asks what was in it.

    Args:
        id: Row, None before it is stored.
        prescription_id: Of which.
        bag_id: First bag of the packing it is of.
        volume_ml: How much.
        place: Where it stands, such as 冰箱2层.
        kept_by_id: Who put it there.
        kept_at: Aware UTC.
        dispose_on: First county day on which it may be poured out.
        disposal: Why it was, None while it stands there.
        disposed_by_id: Who did and signs for it, None before.
        disposed_at: When, aware UTC.
    """

    id: int | None = None
    prescription_id: int
    bag_id: int
    volume_ml: int
    place: str
    kept_by_id: int
    kept_at: datetime
    dispose_on: date
    disposal: Disposal | None = None
    disposed_by_id: int | None = None
    disposed_at: datetime | None = None


class HealthRule(StrEnum):
    """What it means that a person's health check is overdue, or found them unfit."""

    OFF = "off"
    WARN = "warn"
    BLOCK = "block"


HEALTH_RULE_TERMS = {
    HealthRule.OFF: N_("不在系统里管理"),
    HealthRule.WARN: N_("过期或不合格时提醒本人和主管"),
    HealthRule.BLOCK: N_("过期或不合格的人不能操作煎药"),
}


@dataclass(eq=False, kw_only=True)
class QualitySettings:
    """What the centre asks of itself; the newest row holds, and without one nothing is asked.

    Args:
        id: Row, None before it is stored.
        check_every: 0 looks at no batch, 1 at all, n at every nth that is packed.
        sample_ml: How much of each batch is retained, 0 for none.
        sample_days: For how many days.
        sample_source: Which local rule asks for it, since the rules of 2009 do not; empty where none is kept.
        health: What an overdue health check means.
        set_by_id: Manager.
        set_at: Aware UTC.
    """

    id: int | None = None
    check_every: int = 0
    sample_ml: int = 0
    sample_days: int = 0
    sample_source: str = ""
    health: HealthRule = HealthRule.OFF
    set_by_id: int
    set_at: datetime
