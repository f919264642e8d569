"""The desk of quality: packed batches, samples, decoction records, devices, the quarter, health checks."""

# Importing the modules registers their views.
from web.desks.quality import batches, devices, people, records, reviews, samples, settings
from web.desks.quality.blueprint import desk

__all__ = ["batches", "desk", "devices", "people", "records", "reviews", "samples", "settings"]
