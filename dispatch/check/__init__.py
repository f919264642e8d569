"""The independent checker: reads a plan against its problem and says everything that is wrong with it.

It shares no code with the solvers (an import contract proves it) and trusts no figure a plan carries.
"""

from dispatch.check.days import check_day
from dispatch.check.instances import Verdict, check_solution
from dispatch.check.schedules import check_schedule
from dispatch.check.tours import check_routes
from dispatch.check.violation import Violation

__all__ = ["Verdict", "Violation", "check_day", "check_routes", "check_schedule", "check_solution"]
