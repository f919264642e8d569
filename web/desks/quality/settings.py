"""What the manager decides about quality."""

from flask import request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.permissions import Action, demand
from tcm.records.quality import HEALTH_RULE_TERMS, HealthRule
from tcm.services import quality_settings
from tcm.services.quality_gate import settings_of
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.quality.blueprint import desk, do, page
from web.door import Form, parse
from web.house import work


class SettingsForm(Form):
    """The decision."""

    check_every: int = Field(ge=0, le=quality_settings.MOST_EVERY)
    sample_ml: int = Field(0, ge=0, le=quality_settings.MOST_SAMPLE_ML)
    sample_days: int = Field(0, ge=0, le=quality_settings.MOST_SAMPLE_DAYS)
    sample_source: str = Field("", max_length=200)
    health: HealthRule


@desk.get("/settings")
def settings() -> Response:
    """The decision that holds."""
    demand(current_actor(), Action.QUALITY_SET)
    return _settings()


@desk.post("/settings")
def set_quality() -> Response:
    """Decide anew."""

    def act(open_work: Work) -> str:
        form = parse(SettingsForm, request.form)
        quality_settings.set_quality(open_work, current_actor(), **vars(form))
        return str(gettext("已保存，从现在起包装的药照此办理。"))

    return do(act, url_for("quality.settings"), _settings)


def _settings(sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        current = settings_of(open_work)
        return page(
            "settings.html",
            sentence,
            status,
            current=current,
            typed=request.form,
            healths=HEALTH_RULE_TERMS,
            most=quality_settings,
        )
