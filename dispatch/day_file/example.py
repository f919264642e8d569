"""The published example: a small county morning. Places, names and orders are invented."""

import copy
import json
from typing import Any

_PLACES: tuple[tuple[str, str, float, float, dict[str, Any]], ...] = (
    ("N01", "张家湾村", 113.392, 29.512, {}),
    ("N02", "李家冲村", 113.521, 29.448, {"windows_min": [[210, 420], [540, 720]]}),
    ("N03", "陈家坪村", 113.467, 29.403, {}),
    ("N04", "黄家岭村", 113.338, 29.431, {"kinds": ["motorbike", "foot"]}),
    ("N05", "周家塘村", 113.588, 29.537, {}),
    ("N06", "吴家铺卫生院", 113.455, 29.558, {"windows_min": [[180, 700]]}),
)
_RECIPES = {"桂枝汤": 50, "六君子汤": 75, "附子理中汤": 95}


def example() -> dict[str, Any]:
    """The example as JSON-able values."""
    return {
        "note": "An invented morning: fourteen prescriptions, five pots, two couriers.",
        "date": "2026-11-23",
        "clock": {"start": "05:00", "horizon_min": 600, "grid_min": 5},
        "coordinates": "wgs84",
        "centre": {"id": "C", "name": "共享中药房", "lon": 113.45, "lat": 29.47},
        "places": [
            {"id": id_, "name": name, "lon": lon, "lat": lat, **copy.deepcopy(more)}
            for id_, name, lon, lat, more in _PLACES
        ],
        "pots": [
            {"id": "P1", "max_ml": 6000},
            {"id": "P2", "max_ml": 6000},
            {"id": "P3", "max_ml": 9000},
            {"id": "P4", "max_ml": 9000, "duty": "toxic"},
            {"id": "P5", "max_ml": 9000, "duty": "strong"},
        ],
        "crew": {"packers": 1, "loaders": 1, "adders": 1},
        "vehicles": [
            {
                "id": "V1",
                "name": "一号面包车",
                "kind": "van",
                "capacity_bags": 160,
                "capacity_litres": 40.0,
                "shift_start_min": 120,
                "shift_end_min": 720,
                "breaks": [{"earliest_min": 360, "latest_min": 480, "length_min": 30}],
                "fixed_cost_fen": 8000,
                "km_cost_fen": 90,
                "familiar": ["N01", "N03", "N06"],
            },
            {
                "id": "V2",
                "name": "二号摩托",
                "kind": "motorbike",
                "capacity_bags": 60,
                "shift_start_min": 150,
                "shift_end_min": 660,
                "fixed_cost_fen": 3000,
                "km_cost_fen": 40,
                "familiar": ["N02", "N04", "N05"],
            },
        ],
        "orders": [_order(number) for number in range(14)],
        "travel": {"provider": "great_circle", "winding_factor": 1.35, "mean_speed_kmh": 40.0},
        "prices": {
            "wait_fen_per_hour": 100,
            "late_fen_per_hour": 600,
            "strange_stop_fen": 50,
            "uneven_fen": 20,
        },
        "limits": {"longest_box_min": 300, "fragile_box_min": 180, "fragile_factor": 3},
        "handling": {"loading_min": 10, "service_min": 5, "service_order_min": 1, "buffer_min": 5},
        "promise": {"early_min": 15, "late_min": 45},
        "waves_min": [240, 420],
    }


def example_text() -> str:
    """The example as the text of a file."""
    return json.dumps(example(), ensure_ascii=False, indent=1)


def _order(number: int) -> dict[str, Any]:
    """The first is packed already; then one toxic, one fragile, one urgent, the others as they come."""
    bags = (14, 14, 20, 10)[number % 4]
    order: dict[str, Any] = {
        "id": f"R{number + 1:02}",
        "village": _PLACES[number % len(_PLACES)][0],
        "bags": bags,
        "ml": 200 * bags,
    }
    if number == 0:
        return order | {"ready_min": 0, "due_min": 360}
    recipe = tuple(_RECIPES)[number % 2]
    order |= {"recipe": recipe, "release_min": 15 * number, "boil": {"cook_min": _RECIPES[recipe]}}
    if number == 1:
        return order | {
            "recipe": "附子理中汤",
            "taint": "toxic",
            "boil": {"soak_min": 60, "cook_min": 95, "clean_min": 20},
        }
    if number == 2:
        return order | {"fragile": True}
    if number == 3:
        return order | {"priority": 5, "due_min": 300}
    if number % 5 == 4:
        order["boil"] |= {"add_at_min": order["boil"]["cook_min"] - 10}
    return order
