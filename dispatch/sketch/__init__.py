"""Pictures of a plan as SVG text: the Gantt chart of the pots, the map of the routes.

Readable in black and white (dash patterns, numbers), with presentation attributes only: no script, no style
element or attribute, so a strict content security policy lets them be inlined. Same input, same text.
"""

from dispatch.reasons import clock
from dispatch.sketch.gantt import gantt_svg
from dispatch.sketch.maps import day_map_svg, route_map_svg, vehicle_map_svg
from dispatch.sketch.words import Labels

__all__ = ["Labels", "clock", "day_map_svg", "gantt_svg", "route_map_svg", "vehicle_map_svg"]
