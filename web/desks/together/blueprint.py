"""What doctors of several houses do together, as a blueprint; its pages are in the modules beside."""

from flask import Blueprint

from tcm.records.permissions import Action
from web.auth import only

desk = Blueprint("together", __name__, url_prefix="/together")
desk.before_request(only(Action.CONSULT_ASK))
