"""The desk of tracing and calling back: a bag's proof, a lot's bags, whom nobody reached."""

# Importing the modules registers their views.
from web.desks.tracing import proof, recalls
from web.desks.tracing.blueprint import desk

__all__ = ["desk", "proof", "recalls"]
