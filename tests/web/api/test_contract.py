"""The API against its own document: whatever is sent, it answers as the document says and never breaks."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from tcm.records.systems import Right
from tcm.services.connecting import KeyDetails, make_key
from tests.tcm.county import County
from tests.web.api.conftest import FAST, PEPPER
from web.api.operations import OPERATIONS
from web.app import create_app
from web.settings import Settings

NAMES = [one.name for one in OPERATIONS]
# What no schema can say is right to refuse: herbs, doctors and visits that are not there, and names of
# invisible characters.
REFUSES_THE_UNKNOWN = {"send_prescription", "review_prescription"}
EXAMPLES = 12


@pytest.fixture(scope="module")
def schema(county_to_ask: County) -> BaseSchema:
    """The API over a county with a prescription on its way, as its own document describes it."""
    limits = {"api_limit": "1000000 per minute", "api_stranger_limit": "1000000 per minute"}
    app = create_app(
        county_to_ask.store, Settings(**FAST, **limits, insecure_cookies=True), county_to_ask.watch
    )
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


@pytest.fixture(scope="module")
def shown_key(county_to_ask: County) -> dict[str, str]:
    """Headers with a key of every right."""
    details = KeyDetails(county_to_ask.hospital.id or 0, "HIS", tuple(Right), 30)
    _, secret = county_to_ask.do(make_key, county_to_ask.admin, details, PEPPER)
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_asked_the_answer_is_as_documented_and_never_a_failure(
    name: str, mode: GenerationMode, schema: BaseSchema, shown_key: dict[str, str]
) -> None:
    # Keys are tried apart, in test_door.
    left_out = [ignored_auth, *([positive_data_acceptance] if name in REFUSES_THE_UNKNOWN else [])]

    @seed(6)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema.find_operation_by_id(name).as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        case.validate_response(case.call(headers=shown_key), excluded_checks=left_out)

    ask()
