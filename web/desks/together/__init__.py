"""Doctors of several houses and one patient: consultations, referrals, records across houses."""

# Importing the modules registers their views.
from web.desks.together import consultations, inbox, records, referrals
from web.desks.together.blueprint import desk

__all__ = ["consultations", "desk", "inbox", "records", "referrals"]
