"""The desk of the shelf: what is there, what came, what was counted, what it costs."""

# Importing the modules registers their views.
from web.desks.stock import book, goods, lots, purchases, reorder, settings, shelf
from web.desks.stock.blueprint import desk

__all__ = ["book", "desk", "goods", "lots", "purchases", "reorder", "settings", "shelf"]
