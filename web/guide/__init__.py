"""What a newcomer is told: a tour over the page itself, and a page of help for each desk."""

from web.guide.desks import HELP, ROAD, HelpPage
from web.guide.tours import TOURS, Stop, Tour, TourName, tour_of

__all__ = ["HELP", "ROAD", "TOURS", "HelpPage", "Stop", "Tour", "TourName", "tour_of"]
