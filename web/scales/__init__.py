"""Scales on a line: what they say, by TCP or serial, and one that is simulated."""

from web.scales.line import ScaleAddress, ScaleSilent, read_stable, scales_in
from web.scales.sics import ScaleRefused, milligrams_in

__all__ = ["ScaleAddress", "ScaleRefused", "ScaleSilent", "milligrams_in", "read_stable", "scales_in"]
