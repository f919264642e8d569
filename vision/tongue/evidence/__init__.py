"""Evidence of the signs: where on the tongue a crack, a notch, a spot or a patch was found.

Rules over what can be measured, without anything learnt but a few limits; they run beside the models that
read the signs and agree with them or not. docs/decisions/0016-evidence.md says how often they are right.
"""

from vision.tongue.evidence.find import find, sure
from vision.tongue.evidence.marks import Crack, Marks, Moisture, Notch, Patch, Spot
from vision.tongue.evidence.rare import rare_signs

__all__ = ["Crack", "Marks", "Moisture", "Notch", "Patch", "Spot", "find", "rare_signs", "sure"]
