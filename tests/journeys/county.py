"""Brings the demo county into a state in which every page has something to show, by sending its forms."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from playwright.sync_api import APIRequestContext, APIResponse

from tcm.knowledge import load
from tcm.records.clock import utc_now
from tcm.records.roles import Role
from tcm.services import appraising
from tcm.store.engine import open_store
from tests.journeys.hands import FOUR_GENTLEMEN, write_tongue
from tests.journeys.windows import House

PATIENCE_S = 60.0
PATIENT = "欧阳慕青"
_FORM = {"content-type": "application/x-www-form-urlencoded"}
_PACKED_AFTER = 3
_MONTH_DAYS = 32

Typed = str | Sequence[str]


@dataclass
class Form:
    """A form of a page, as a browser would send it.

    Args:
        action: Where it is sent.
        values: Name and value of every field that is sent, in order.
    """

    action: str
    values: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, typed: Mapping[str, Typed]) -> str:
        """The body to send.

        Args:
            typed: What is typed instead of what stands there; several for a field that is repeated.
        """
        kept = [(name, value) for name, value in self.values if name not in typed]
        for name, value in typed.items():
            kept += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        return urlencode(kept)


@dataclass(frozen=True)
class Desk:
    """A person at their desk, who opens pages and sends the forms that stand there.

    Args:
        url: Where the house is reached.
        ask: Asks with their cookies.
    """

    url: str
    ask: APIRequestContext

    def open(self, path: str) -> str:
        """A page's text."""
        answer = self.ask.get(f"{self.url}{path}")
        assert answer.ok, f"{path}: {answer.status}"
        return answer.text()

    def send(self, path: str, to: str, page: str = "", by: str = "", **typed: Typed) -> APIResponse:
        """Fill in the form of a page and send it.

        Args:
            path: The page.
            to: How the form's address ends.
            page: The page's text, where it is at hand.
            by: Where the button sends the form, if elsewhere.
            **typed: Fields by name.

        Returns:
            The page that follows.
        """
        reader = _Forms(page or self.open(path))
        form = next((one for one in reader.forms if urlsplit(one.action).path.endswith(to)), None)
        assert form is not None, f"{path}: no form is sent to {to}"
        address = urljoin(f"{self.url}{path}", by or form.action)
        answer = self.ask.post(address, data=form.filled(typed), headers=_FORM)
        assert answer.ok, f"{address}: {answer.status} {_says(answer.text())}"
        return answer

    def wait(self, path: str, until: str) -> str:
        """A page's text, once a pattern stands in it."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            page = self.open(path)
            if re.search(until, page):
                return page
            assert time.monotonic() < deadline, f"{path}: no {until} within {PATIENCE_S} s"
            time.sleep(0.3)


def log_in(house: House, ask: APIRequestContext, username: str) -> Desk:
    """Log somebody in by the form.

    Args:
        house: Where.
        ask: Keeps their cookies.
        username: Such as doctor01.

    Returns:
        Their desk.
    """
    desk = Desk(house.url, ask)
    answer = desk.send("/login", "/login", username=username, password=house.password)
    assert not answer.url.endswith("/login"), f"{username} may not log in"
    return desk


def fill(house: House, desks: Mapping[str, Desk], folder: Path) -> dict[str, list[str]]:
    """Let the county's people work until each page shows what it is for.

    Args:
        house: The running house.
        desks: By log-in; `doctor01`, `pharmacist01`, `pharmacist02`, `manager01`, `floor01` and `admin01`.
        folder: Where a drawn tongue is written.

    Returns:
        By log-in, what no link leads to: printed codes, an address that is none.
    """
    doctor, manager = desks["doctor01"], desks["manager01"]
    reviewer, second = desks["pharmacist01"], desks["pharmacist02"]
    tongue = write_tongue(folder / "tongue.jpg")
    later = _seen_twice(doctor, tongue)
    manager.send("/manager", "/manager/plan", seconds="1")
    number = sign(doctor, later)
    send_back(second, number, "second_signature", FOUR_GENTLEMEN[0][1])
    reviewer.send("/pharmacist", "/pharmacist/next")
    _draft_rules(reviewer)
    _draft_formula(reviewer)
    _appraise(house, number, reviewer, second)
    # An earlier journey's plan may be in force; while ours is computed nothing else is taken.
    manager.wait("/manager", r'(?s)\A(?!.*id="progress").*id="events"')
    bag = _pack_one(desks["floor01"], desks["pharmacist01"])
    _ask_what_if(manager)
    _make_key(desks["admin01"])
    doctor.wait(f"{later}/followup?whole=1", "<figure>")
    return {
        "": [f"/t/{bag}", f"/trace/{bag}", "/no-such-page"],
        "floor01": [f"/floor/scan?code={bag}"],
    }


def register(doctor: Desk, name: str) -> str:
    """A new patient; the path of the visit."""
    details = {"name": name, "sex": "F", "born_on": "1968-05-06", "phone": "10012345678"}
    return urlsplit(doctor.send("/doctor/patients/new", "/patients", **details).url).path


def _seen_twice(doctor: Desk, tongue: Path) -> str:
    """A patient comes twice, photographed each time; the path of the later visit."""
    _photograph(doctor, register(doctor, PATIENT), tongue)
    found = doctor.send("/doctor", "/search", text=PATIENT).text()
    again = doctor.send("/doctor", "/doctor/visits", page=found)
    _photograph(doctor, urlsplit(again.url).path, tongue)
    return urlsplit(again.url).path


def _photograph(doctor: Desk, visit: str, tongue: Path) -> None:
    forms = _Forms(doctor.open(visit)).forms
    form = next(
        one for one in forms if one.action.endswith("/photographs") and ("kind", "tongue") in one.values
    )
    picture = {"name": tongue.name, "mimeType": "image/jpeg", "buffer": tongue.read_bytes()}
    values = {name: value for name, value in form.values if name != "photograph"}
    answer = doctor.ask.post(f"{doctor.url}{form.action}", multipart={**values, "photograph": picture})
    assert answer.ok, answer.status


def sign(doctor: Desk, visit: str, herbs: Sequence[tuple[str, str, str]] = FOUR_GENTLEMEN) -> str:
    """Write notes and a prescription for a visit, and sign it.

    Args:
        doctor: Whose visit it is.
        visit: Its path.
        herbs: Initials, name and grams of each.

    Returns:
        The prescription's number.
    """
    doctor.send(
        visit, "/notes", complaint="食少便溏两月余", inquiry=["食欲不振", "乏力", "便溏"], pulse=["弱脉"]
    )
    doctor.send(
        visit,
        "/prescription",
        herb=[name for _initials, name, _dose_g in herbs],
        dose_g=[dose_g for _initials, _name, dose_g in herbs],
        note=[""] * len(herbs),
        origin=[""] * len(herbs),
        syndrome="脾胃气虚证",
        usage="水煎服，一日一剂，分两次温服",
        action="sign",
    )
    return re.findall(r"\d{8}-\d{5}", doctor.open(visit))[0]


def approve(pharmacist: Desk, number: str) -> None:
    """Take a prescription without findings out of the queue, and approve it."""
    case = _claim(pharmacist, number)
    pharmacist.send(case, "/approve")


def send_back(pharmacist: Desk, number: str, reason_code: str, herb: str, words: str = "") -> None:
    """Take a prescription out of the queue, and return it to its doctor.

    Args:
        pharmacist: Who decides.
        number: Which.
        reason_code: Of the table of reasons.
        herb: The herb that is meant.
        words: To the doctor.
    """
    case = _claim(pharmacist, number)
    typed = {"reason_code": reason_code, "herbs": herb, "to_doctor": words}
    pharmacist.send(case, "/approve", by=f"{case}/return", **typed)


def _claim(pharmacist: Desk, number: str) -> str:
    """The path of a case that waits, once it is claimed."""
    queue = pharmacist.open("/pharmacist")
    row = next(each for each in queue.split("<li") if number in each)
    claim = re.search(r'formaction="([^"]+)"', row)
    assert claim is not None
    return urlsplit(pharmacist.send("/pharmacist", "/next", queue, by=claim[1]).url).path


def _draft_rules(pharmacist: Desk) -> None:
    draft = urlsplit(pharmacist.send("/rules", "/drafts").url).path
    pharmacist.send(f"{draft}/replay", "/replay")
    pharmacist.wait(f"{draft}/replay", 'class="sums"')


def _draft_formula(pharmacist: Desk) -> None:
    pharmacist.send("/formulary/new?basis=1", "/new", name="健脾和中方")


def _appraise(house: House, number: str, *reviewers: Desk) -> None:
    """Two find the same fault in one prescription; the month is over, for the drawing."""
    day = date.fromisoformat(number.split("-")[0])
    store = open_store(house.environ)
    with store.work(lambda: utc_now() + timedelta(days=_MONTH_DAYS)) as work:
        drawer = work.staff.with_role(Role.PHARMACIST)[0].actor
        sample = appraising.draw(work, drawer, load(), f"{day:%Y-%m}", seed=1)
        sample_id = sample.id
        work.commit()
    store.close()
    sample_page = reviewers[0].open(f"/appraisal/{sample_id}")
    one = re.search(rf'href="(/appraisal/prescriptions/\d+)">{number}', sample_page)
    assert one is not None
    for reviewer in reviewers:
        page = reviewer.open(one[1])
        code = re.search(r'name="codes" value="([^"]+)"', page)
        assert code is not None
        reviewer.send(one[1], one[1], page, verdict="faulty", codes=code[1], note="缺一项。")


def _make_key(admin: Desk) -> None:
    page = admin.open("/admin/systems")
    house, right = (
        re.search(pattern, page.split('name="institution_id"')[1])
        for pattern in (r'<option value="(\d+)"', r'name="rights" value="([^"]+)"')
    )
    assert house is not None
    assert right is not None
    admin.send(
        "/admin/systems", "/systems", page, name="卫生院 HIS", institution_id=house[1], rights=right[1]
    )


def _ask_what_if(manager: Desk) -> None:
    manager.send("/manager/what-if", "/what-if", vehicles="1", curve="", seconds="1")
    manager.send("/manager/robustness", "/robustness", seconds="1", draws="100", target_percent="90")
    manager.send("/manager", "/events", kind="crew_changed", packers="2", loaders="2", adders="1")
    manager.wait("/manager/robustness", 'class="drawing"')
    manager.wait("/manager", r"/manager/plan/\d+\"")


def _pack_one(floor: Desk, pharmacist: Desk) -> str:
    board = floor.open("/floor")
    column = board[board.index('id="step-dispense"') :]
    slip = re.search(r'id="slip-(\d+)"', column)
    assert slip is not None
    return pack(floor, pharmacist, f"/floor/p/{slip[1]}")


def pack(floor: Desk, pharmacist: Desk, card: str) -> str:
    """Take an approved prescription over the floor by the forms of its card.

    Args:
        floor: Somebody of the floor.
        pharmacist: Who looks at it again when it is weighed.
        card: The path of its card, or of the scan that leads there.

    Returns:
        The code of its first bag.
    """
    dispense(floor, pharmacist, card)
    for _ in range(_PACKED_AFTER):
        page = floor.open(card)
        # Without a plan the first pot that is free.
        free = None if " selected>" in page else re.search(r'<option value="(P\d+)">', page)
        floor.send(card, "/floor/step", page, **({"pot_code": free[1]} if free else {}))
    code = re.search(r'class="bags"><li><code>([^<]+)', floor.open(card))
    assert code is not None
    return code[1]


def dispense(floor: Desk, pharmacist: Desk, card: str) -> None:
    """Weigh an approved prescription by the forms of its sheet, and have it signed for.

    Args:
        floor: Somebody of the floor.
        pharmacist: The second person.
        card: As for `pack`.
    """
    link = re.search(r'href="(/dispensing/\d+)"', floor.open(card))
    assert link is not None
    sheet = link[1]
    page = floor.open(sheet)
    if f'action="{sheet}/weigh"' not in page and f'action="{sheet}/begin"' in page:
        page = floor.send(sheet, "/begin", page).text()
    while f'action="{sheet}/weigh"' in page:
        asked = re.search(r'id="to-weigh".*?class="pot">([^<]+)<.*?class="number">([^<]+)<', page, re.DOTALL)
        assert asked is not None
        page = floor.send(sheet, "/weigh", page, code=asked[1], weight_g=asked[2]).text()
    page = pharmacist.open(f"{sheet}/check")
    toxic = re.findall(r'name="toxic" value="([^"]+)"', page)
    pharmacist.send(f"{sheet}/check", "/sign", page, **({"toxic": toxic} if toxic else {}))


def _says(page: str) -> str:
    notices = re.findall(r'class="(?:notice|says error)[^"]*">(.*?)</', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>|\s+", " ", each).strip() for each in notices)


class _Forms(HTMLParser):
    """The forms of a page with what is sent of them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._select: tuple[Form, str] | None = None
        self._area: tuple[Form, str, list[str]] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(said.get("action", ""))
            self.forms.append(self._open)
            self._by_id[said.get("id", "")] = self._open
            return
        form = self._by_id.get(said["form"]) if "form" in said else self._open
        name = said.get("name", "")
        if tag == "option" and self._select is not None:
            self._take_option(said)
        elif form is None or not name or "disabled" in said:
            return
        elif tag == "input" and (said.get("type") not in ("radio", "checkbox") or "checked" in said):
            form.values.append((name, said.get("value", "")))
        elif tag == "select":
            self._select = (form, name)
        elif tag == "textarea":
            self._area = (form, name, [])

    def _take_option(self, said: Mapping[str, str]) -> None:
        assert self._select is not None
        form, name = self._select
        value = (name, said.get("value", ""))
        if "selected" in said:
            form.values = [each for each in form.values if each[0] != name] + [value]
        elif name not in dict(form.values) and "disabled" not in said:
            form.values.append(value)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[2].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area is not None:
            form, name, text = self._area
            form.values.append((name, "".join(text)))
            self._area = None
