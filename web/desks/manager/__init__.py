"""The manager's desk: the day and its plan, what happens to it, questions about it."""

# Importing the modules registers their views.
from web.desks.manager import day, equipment, events, proposals, studies, voices
from web.desks.manager.blueprint import desk

__all__ = ["day", "desk", "equipment", "events", "proposals", "studies", "voices"]
