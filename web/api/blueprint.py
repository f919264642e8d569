"""The blueprint of version 1: a key with every request, JSON in and out."""

from flask import Blueprint

api = Blueprint("api", __name__, url_prefix="/api/v1")
