"""Pictures of a plan as SVG text: Gantt chart, load curves, maps of the routes, what-if and robustness.

Readable in black and white (dash patterns, hatching, numbers), with presentation attributes only: no script,
no style element or attribute, so a strict content security policy lets them be inlined.
"""

from dispatch.reasons import clock
from dispatch.sketch.gantt import gantt_svg
from dispatch.sketch.loads import Load, bottleneck, load_curves_svg, loads
from dispatch.sketch.maps import day_map_svg, route_map_svg, vehicle_map_svg
from dispatch.sketch.studies import robust_svg, whatif_curve_svg
from dispatch.sketch.words import Labels

__all__ = [
    "Labels",
    "Load",
    "bottleneck",
    "clock",
    "day_map_svg",
    "gantt_svg",
    "load_curves_svg",
    "loads",
    "robust_svg",
    "route_map_svg",
    "vehicle_map_svg",
    "whatif_curve_svg",
]
