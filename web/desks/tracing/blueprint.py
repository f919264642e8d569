"""The tracing desk as a blueprint; its pages are in the modules beside."""

from flask import Blueprint

from tcm.records.permissions import Action
from web.auth import only

desk = Blueprint("tracing", __name__, url_prefix="/tracing")
desk.before_request(only(Action.RECALL_READ))
