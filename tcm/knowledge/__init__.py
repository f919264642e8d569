"""Herbs, names, formulas, patterns and decoction rules as data: `load()` reads them once."""

from tcm.knowledge.base import Knowledge, load
from tcm.knowledge.herbs import Herb, Herbs
from tcm.knowledge.names import Names, Resolution

__all__ = ["Herb", "Herbs", "Knowledge", "Names", "Resolution", "load"]
