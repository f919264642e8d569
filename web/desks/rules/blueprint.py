"""The rules' desk as a blueprint; its pages are in the modules beside."""

from flask import Blueprint

from tcm.records.permissions import Action
from web.auth import only

desk = Blueprint("rules", __name__, url_prefix="/rules")
desk.before_request(only(Action.RULES_READ))
