"""The pharmacist's desk as a blueprint; its pages are in the modules beside."""

from flask import Blueprint

from tcm.records.permissions import Action
from web.auth import only

desk = Blueprint("pharmacist", __name__, url_prefix="/pharmacist")
desk.before_request(only(Action.REVIEW_DECIDE))
