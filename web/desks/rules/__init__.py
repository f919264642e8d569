"""The desk of the rules of review: versions, one version row by row, replays, statistics."""

# Importing the modules registers their views.
from web.desks.rules import replays, statistics, versions
from web.desks.rules.blueprint import desk

__all__ = ["desk", "replays", "statistics", "versions"]
