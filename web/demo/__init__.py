"""The demo county: Linxiang's places with invented people, and a day of its life run by the real services."""
