"""Writes the day's papers as PDF files; file names hold numbers, never a patient."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from tcm.records.roles import Role
from tcm.services import delivering
from tcm.store.work import Work
from web import papers
from web.demo.town import Town
from web.plan_view import jobs_of
from web.prints import advice_pdf, bag_label_pdf, pot_label_pdf, prescription_pdf, route_sheet_pdf
from web.route_map import route_map


def write_prints(town: Town, prescription_ids: Sequence[int], public_url: str, folder: Path) -> int:
    """Print every prescription, label, sheet of advice and route sheet of the day.

    Args:
        town: The county at the end of the day.
        prescription_ids: The day's prescriptions.
        public_url: What QR codes begin with.
        folder: Where the files go.

    Returns:
        How many files were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with town.work() as work:
        documents = list(_documents(town, work, prescription_ids, public_url))
    for written, (name, typeset) in enumerate(documents, start=1):
        (folder / name).write_bytes(typeset())
        town.tell("print", written, len(documents))
    return len(documents)


def _documents(
    town: Town, work: Work, prescription_ids: Sequence[int], public_url: str
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    # Typesetting takes the time, so it waits until it is known how many there are.
    at, manager = town.clock(), town.staff[Role.MANAGER][0].actor
    plan = work.plans.in_force(town.day)
    prescriptions = [work.prescriptions.get(key) for key in prescription_ids]
    if plan is not None:
        for route in work.routes.of_plan(plan.id or 0):
            view = delivering.open_route(work, manager, route.id or 0)
            centre = papers.centre_of(work)
            sheet = papers.route_sheet(view, centre, public_url, at, map_svg=route_map(view, centre))
            yield f"route-{town.day:%Y%m%d}-{route.vehicle_id}.pdf", partial(route_sheet_pdf, sheet)
        jobs = jobs_of(plan)
        planned = [each for each in prescriptions if each.key() in jobs]
        if planned:
            labels = papers.pot_labels(work, town.knowledge, planned, jobs, town.day, public_url, at)
            yield f"pot-labels-{town.day:%Y%m%d}.pdf", partial(pot_label_pdf, labels)
    bags = papers.bag_labels(work, prescriptions, public_url, at)
    if bags:
        yield f"bag-labels-{town.day:%Y%m%d}.pdf", partial(bag_label_pdf, bags)
    for dry in (each for each in prescriptions if not each.preparation.needs_pot):
        advice = papers.advice_sheet(work, town.knowledge, dry, public_url, at)
        yield f"advice-{dry.number}.pdf", partial(advice_pdf, advice)
    for prescription in prescriptions:
        sheet_of_one = papers.prescription_sheet(work, prescription, public_url, at)
        yield f"prescription-{prescription.number}.pdf", partial(prescription_pdf, sheet_of_one)
