"""The day file of `tangye plan`: its published form, reading it, and the answer."""

from dispatch.day_file.answer import answer
from dispatch.day_file.example import example, example_text
from dispatch.day_file.forms import DayForm
from dispatch.day_file.reading import read_form, to_day
from dispatch.day_file.ways import travel_of

__all__ = ["DayForm", "answer", "example", "example_text", "read_form", "to_day", "travel_of"]
