"""Where road distances come from: no map at all, an OpenStreetMap extract, or an OSRM server.

What a desk or a job does with it:

    provider = open_provider(settings, folder=home / "travel", now=utc_now, warn=tell)  # once a process
    travel = travel_for(provider, centre, villages, kinds, day)  # for each planning

`travel` goes to `dispatch.day.plan(..., travel=travel)` and to the checker. It holds a van's matrices, those
of the other kinds in `by_kind` (a vehicle's speed_factor then counts against its own kind), `source` and
`made_at` (aware UTC, None where nothing is kept) to be shown, and `unreachable`: every village without a way,
with its name, the reason in Chinese and English, and the kind of vehicle it holds for (None for all).

Ask for all of a centre's villages rather than the day's: the planner finds its places by id, and what is kept
in the folder is then found again the next day. `day` is the county date; roads closed on it are not used.
RoadsUnusableError carries one sentence for people. Coordinates are WGS-84; `gcj02` converts at the door.
`dispatch.roads.osm` is not imported here: it brings scipy's graphs, which only a house with a map needs.
"""

from dispatch.roads.cache import Cached as Cached
from dispatch.roads.choice import RoadSettings as RoadSettings
from dispatch.roads.choice import open_provider as open_provider
from dispatch.roads.great_circle import GreatCircle as GreatCircle
from dispatch.roads.osrm import OsrmServer as OsrmServer
from dispatch.roads.provider import Provider as Provider
from dispatch.roads.provider import RoadsUnusableError as RoadsUnusableError
from dispatch.roads.provider import travel_for as travel_for
