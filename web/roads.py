"""Between the pharmacy and the roads: the travel times of a day, and what the manager is told about them."""

from datetime import date

from dispatch.formats import to_dict
from dispatch.problem import Day
from dispatch.roads import Provider, travel_for
from dispatch.travel import Travel
from tcm.services.gathering import DayFacts
from web.planning import centre_of, village_of


def roads_of(provider: Provider, facts: DayFacts, day: date) -> Travel:
    """The travel times of a day.

    Args:
        provider: Where distances come from.
        facts: What the pharmacy knows.
        day: County date.

    Returns:
        Times between the centre and all its villages, so that what is kept is found again the next day; the
        roads that are closed today are cut.

    Raises:
        RoadsUnusableError: When there are no distances to be had.
    """
    # A road that is closed for a day makes no matrices of its own.
    villages = [village_of(place) for place in facts.places]
    kinds = {vehicle.kind for vehicle in facts.vehicles}
    travel = travel_for(provider, centre_of(facts), villages, kinds, day)  # type: ignore[arg-type]
    return travel.closed([str(village_id) for village_id in sorted(facts.closed)])


def roads_again(provider: Provider, problem: Day, day: date) -> Travel:
    """The travel times of a problem that was stored.

    Args:
        provider: Where distances come from.
        problem: As it was planned, closed roads included.
        day: County date.

    Returns:
        Times between its places.

    Raises:
        RoadsUnusableError: When there are no distances to be had.
    """
    kinds = {vehicle.kind for vehicle in problem.vehicles}
    return travel_for(provider, problem.centre, problem.villages, kinds, day)


def roads_note(travel: Travel) -> dict[str, object]:
    """What the manager is told about travel times.

    Args:
        travel: Of a day.

    Returns:
        Source, age and unreachable villages, JSON.
    """
    return {
        "source": travel.source,
        "made_at": travel.made_at.isoformat() if travel.made_at else None,
        "unreachable": [to_dict(each) for each in travel.unreachable],
    }
