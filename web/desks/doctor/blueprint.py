"""The doctor's desk as a blueprint; its pages are in the modules beside."""

from flask import Blueprint

from tcm.records.permissions import Action
from web.auth import only

desk = Blueprint("doctor", __name__, url_prefix="/doctor")
desk.before_request(only(Action.PRESCRIPTION_WRITE))
