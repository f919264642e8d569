"""Notices to patients: queued in the transaction of what they tell of, sent afterwards, each once.

A notice names no patient and no herb: a telephone is read by others too. A try is on record before it begins,
and stays on record as one that may have been taken until the outbox has said yes or no. So after a crash or a
lost answer the outbox knows that it has to look before it sends again; see docs/notices.md.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tcm.records.aftercare import Notice, NoticeKind, NoticeState
from tcm.records.clinical import Prescription
from tcm.records.clock import COUNTY_ZONE
from tcm.records.people import InstitutionKind
from tcm.records.plans import RouteStop
from tcm.store.work import Work

AT_ONCE = 50
# A try that began and was not finished is begun again after so long.
HELD_FOR = timedelta(minutes=2)
# Doubles with every try: the eighth is some four hours after the first.
FIRST_PAUSE = timedelta(minutes=2)
MOST_TRIES = 8
LONGEST_PAUSE = FIRST_PAUSE * 2**MOST_TRIES
_MOST_FAILURE = 200


@dataclass(frozen=True)
class Letter:
    """One notice ready to be sent.

    Args:
        notice_id: Its row.
        key: The same at every try; an outbox takes it once.
        phone: Where to, as the patient left it.
        text: In Chinese, as patients read it; no name.
        kind: What is told, for outboxes that send by template.
        facts: Of the template: centre, phone, village, when, code, url; empty ones where unknown.
        openid: Of the patient's WeChat, empty where they did not ask for it.
        unsure_since: When an earlier try began that may have been taken, aware UTC; None without one.
    """

    notice_id: int
    key: str
    phone: str
    text: str
    kind: NoticeKind = NoticeKind.ARRIVED
    facts: Mapping[str, str] = field(default_factory=dict)
    openid: str = ""
    unsure_since: datetime | None = None


@dataclass(frozen=True)
class _Facts:
    """What the words of several notices need, read in a few statements."""

    centre: str
    centre_phone: str
    villages: dict[int, str]
    stops: dict[int, RouteStop]
    codes: dict[int, str]
    pickup_codes: dict[int, str]


def queue(work: Work, prescription_ids: Collection[int], kind: NoticeKind, about: str = "") -> int:
    """Tell patients something, unless they were told it already.

    Args:
        work: The unit of work, which holds the prescriptions.
        prescription_ids: For whose medicine.
        kind: What is told.
        about: Row of what it is about, empty for none.

    Returns:
        How many are newly told.
    """
    told = work.notices.told(prescription_ids, kind, about)
    new = sorted(set(prescription_ids) - told)
    work.session.add_all(
        Notice(prescription_id=each, kind=kind, about=about, made_at=work.now, due_at=work.now)
        for each in new
    )
    work.session.flush()
    return len(new)


def claim(work: Work, public_url: str) -> list[Letter]:
    """Begin a try of what is due; the caller commits before it sends.

    Args:
        work: The unit of work.
        public_url: What the address of a bag begins with.

    Returns:
        At most `AT_ONCE` letters; a patient without a telephone is noted as unreachable instead.
    """
    due = work.notices.claim_due(work.now, AT_ONCE, LONGEST_PAUSE)
    if not due:
        return []
    prescriptions = work.prescriptions.by_ids(each.prescription_id for each in due)
    patients = work.patients.by_ids(each.patient_id for each in prescriptions.values())
    facts = _facts(work, prescriptions.values())
    accounts = work.wechat_links.of_patients(patients)
    letters = []
    for notice in due:
        prescription = prescriptions[notice.prescription_id]
        phone = patients[prescription.patient_id].phone.strip()
        account = accounts.get(prescription.patient_id)
        if not phone and account is None:
            notice.state = NoticeState.UNREACHABLE
            continue
        notice.tries += 1
        notice.due_at = work.now + HELD_FOR
        told = _told(prescription, facts, public_url)
        letters.append(
            Letter(
                notice_id=notice.id or 0,
                key=f"notice-{notice.id}",
                phone=phone,
                text=_words(notice.kind, told),
                kind=notice.kind,
                facts=told,
                openid=account.openid if account else "",
                unsure_since=notice.unsure_since,
            )
        )
        # Nobody knows what becomes of this try until it is noted.
        notice.unsure_since = notice.unsure_since or work.now
    work.session.flush()
    return letters


def put_back(work: Work, letter: Letter) -> None:
    """Give a letter back that was not tried: others before it took too long, and its hold is running out.

    Args:
        work: The unit of work.
        letter: As it was claimed.
    """
    notice = work.notices.get(letter.notice_id)
    notice.tries -= 1
    notice.due_at, notice.unsure_since = work.now, letter.unsure_since
    work.session.flush()


def note_sent(work: Work, notice_id: int, channel: str = "") -> None:
    """The outbox took it.

    Args:
        work: The unit of work.
        notice_id: Which.
        channel: By which it went.
    """
    notice = work.notices.get(notice_id)
    notice.state, notice.sent_at, notice.failure = NoticeState.SENT, work.now, ""
    notice.channel, notice.unsure_since = channel, None
    work.session.flush()


def note_failed(
    work: Work, notice_id: int, why: str, *, unsure: bool = False, for_good: bool = False
) -> None:
    """The outbox did not say that it took it: it is tried again later, and given up in the end.

    Args:
        work: The unit of work.
        notice_id: Which.
        why: For the manager; never a patient's data.
        unsure: It may have been taken all the same.
        for_good: Trying again cannot help, or might send it twice.
    """
    notice = work.notices.get(notice_id)
    notice.failure = why[:_MOST_FAILURE]
    if not unsure:
        notice.unsure_since = None
    if for_good or notice.tries >= MOST_TRIES:
        notice.state = NoticeState.FAILED
    notice.due_at = work.now + FIRST_PAUSE * 2 ** (notice.tries - 1)
    work.session.flush()


def _facts(work: Work, prescriptions: Iterable[Prescription]) -> _Facts:
    chosen = {each.key(): each for each in prescriptions}
    centre = work.institutions.of_kind(InstitutionKind.CENTRE)[0]
    villages = work.institutions.by_ids(each.village_id for each in chosen.values())
    stops = {
        delivery.prescription_id: stop
        for route in work.routes.carrying(list(chosen)).values()
        for stop in route.stops
        for delivery in stop.deliveries
    }
    bags = work.bags.of_prescriptions(list(chosen))
    return _Facts(
        centre=centre.name,
        centre_phone=centre.phone,
        villages={row: village.name for row, village in villages.items()},
        stops=stops,
        codes={row: found[0].code for row, found in bags.items() if found},
        pickup_codes={
            row: each.code for row, each in work.pickup_codes.of_prescriptions(list(chosen)).items()
        },
    )


def _told(prescription: Prescription, facts: _Facts, public_url: str) -> dict[str, str]:
    """What a notice of a prescription may tell: places, hours and the bag's code, never who or what for."""
    stop = facts.stops.get(prescription.key())
    code = facts.codes.get(prescription.key(), "")
    return {
        "centre": facts.centre,
        "phone": facts.centre_phone,
        "village": facts.villages[prescription.village_id],
        "when": _when(stop) if stop else "",
        "code": code,
        "pickup": facts.pickup_codes.get(prescription.key(), ""),
        "url": f"{public_url}/t/{code}" if code else "",
    }


def _words(kind: NoticeKind, told: Mapping[str, str]) -> str:
    when = f"预计 {told['when']} " if told["when"] else "今天"
    pickup = f"取药码 {told['pickup']}，取药时告诉配送员。" if told["pickup"] else ""
    words = {
        NoticeKind.LEFT: f"您的中药已从药房出发，{when}送到{told['village']}。{pickup}",
        NoticeKind.ARRIVED: f"您的中药已送到{told['village']}，请凭药袋编号领取，按袋上写的存放。",
        NoticeKind.ANSWERED: "医师已答复您说的不舒服，请扫药袋上的码查看。",
        NoticeKind.RECALLED: "您的中药里有一批药材正在召回，请马上停用，不要扔掉，等人来取或送回村卫生室。",
        NoticeKind.FOLLOW_UP: "您的中药这两天就吃完了，请按医师说的时间复诊；不舒服请先停药，打电话问。",
    }[kind]
    where = f"查询：{told['url']} " if told["url"] else ""
    phone = f"电话：{told['phone']}" if told["phone"] else ""
    return f"【{told['centre']}】{words}{where}{phone}".strip()


def _when(stop: RouteStop) -> str:
    return f"{_clock(stop.promised_from_at, with_day=True)} 到 {_clock(stop.promised_to_at)}"


def _clock(at: datetime, *, with_day: bool = False) -> str:
    local = at.astimezone(COUNTY_ZONE)
    return f"{local.month}月{local.day}日 {local:%H:%M}" if with_day else f"{local:%H:%M}"
