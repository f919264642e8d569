"""Herbs, names, formulas, patterns and decoction rules as data: `load()` reads them once."""

from tcm.knowledge.base import Knowledge, load
from tcm.knowledge.decoction import BoilProgramme, handling_of, programme
from tcm.knowledge.formulas import Formula, FormulaItem, Formulas
from tcm.knowledge.herbs import Herb, Herbs
from tcm.knowledge.names import Names, Resolution

__all__ = [
    "BoilProgramme",
    "Formula",
    "FormulaItem",
    "Formulas",
    "Herb",
    "Herbs",
    "Knowledge",
    "Names",
    "Resolution",
    "handling_of",
    "load",
    "programme",
]
