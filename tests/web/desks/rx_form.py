"""The prescription form in a browser's hands: read from a page, filled in, sent."""

import re
from typing import Any

from tcm.records.clinical import Encounter, Prescription
from tests.tcm.county import FOUR_GENTLEMEN, USAGE
from tests.web.desks.hands import Browser, Web

# 四君子汤 as it is typed.
FOUR = tuple((line.written_as, f"{line.dose_g:g}", "") for line in FOUR_GENTLEMEN)


def form_on(page: str) -> dict[str, Any]:
    """What the prescription form on a page would send."""
    form = page[page.index('id="rx-form"') :]
    form = form[: form.index("</form>")]
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="(\w+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name is None or name[1] == "csrf_token" or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        fields.setdefault(name[1], []).append(value[1] if value else "")
    for name, body in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body)
        fields[name] = [chosen[1] if chosen else ""]
    return fields


def filled(doctor: Browser, visit: Encounter, *lines: tuple[str, str, str], **changes: Any) -> dict[str, Any]:
    """The form on the visit page with these lines typed into it."""
    fields = form_on(doctor.get(f"/doctor/visits/{visit.id}").text)
    for place, column in enumerate(("herb", "dose_g", "note")):
        fields[column] = [line[place] for line in lines]
    fields["origin"] = [""] * len(lines)
    return {**fields, "syndrome": "脾胃气虚证", "usage": USAGE, **changes}


def send(doctor: Browser, visit: Encounter, form: dict[str, Any], action: str, *, htmx: bool = True) -> Any:
    """Press save or sign."""
    return doctor.post(f"/doctor/visits/{visit.id}/prescription", htmx=htmx, **{**form, "action": action})


def check(doctor: Browser, visit: Encounter, form: dict[str, Any]) -> str:
    """What is said while the form is typed."""
    answer = doctor.post(f"/doctor/visits/{visit.id}/prescription/check", htmx=True, **form)
    assert answer.status_code == 200
    return answer.text


def of_visit(web: Web, visit: Encounter) -> list[Prescription]:
    """What is stored."""
    with web.county.work() as work:
        return work.prescriptions.of_encounter(visit.id or 0)
