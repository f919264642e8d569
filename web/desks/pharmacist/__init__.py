"""The pharmacist's desk: the queue, one case side by side, a decision with a name under it."""

# Importing the modules registers their views.
from web.desks.pharmacist import case, queue
from web.desks.pharmacist.blueprint import desk

__all__ = ["case", "desk", "queue"]
