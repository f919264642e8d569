"""Numbers that no row can have are answered like numbers that no row has, not by a failure."""

import pytest

from tcm.store.engine import Store
from tests.web.desks.hands import Web

TOO_LARGE = 2**31


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("doctor", "/doctor/visits/{}"),
        ("doctor", "/doctor/photographs/{}/picture"),
        ("doctor", "/papers/prescription/{}.pdf"),
        ("pharmacist", "/pharmacist/{}"),
        ("floor", "/floor/p/{}"),
        ("courier", "/courier/stop/{}"),
        ("courier", "/papers/route/{}.pdf"),
        ("manager", "/manager/plan/{}/progress"),
    ],
)
@pytest.mark.parametrize("number", [TOO_LARGE, 10**30])
def test_a_number_too_large_for_a_row_is_no_page(web: Web, who: str, path: str, number: int) -> None:
    assert web.browser(getattr(web.county, who)).get(path.format(number)).status_code == 404


@pytest.mark.parametrize(
    ("who", "path", "field"),
    [
        ("doctor", "/doctor/visits", "patient_id"),
        ("courier", "/courier/delivered", "prescription_id"),
        ("courier", "/courier/failed", "prescription_id"),
        ("courier", "/courier/load", "route_id"),
        ("floor", "/floor/step", "prescription_id"),
        ("floor", "/floor/scrap", "prescription_id"),
    ],
)
@pytest.mark.parametrize("number", [TOO_LARGE, 10**30])
def test_a_form_with_a_number_too_large_for_a_row_is_refused(
    web: Web, who: str, path: str, field: str, number: int
) -> None:
    form: dict[str, object] = {
        "version": 1,
        "stop_id": 1,
        "trip": 1,
        "target": "dispensed",
        "request_key": "k",
    }
    answer = web.browser(getattr(web.county, who)).post(path, **{**form, field: number})
    assert answer.status_code == 422
