"""The courier's phone: own routes of today, loading, handing over, and what is sent once the line is back."""

from web.desks.courier import acts, pages
from web.desks.courier.blueprint import desk

__all__ = ["acts", "desk", "pages"]
