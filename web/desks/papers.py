"""The printed papers as PDF, for whoever may print them; no file name tells a patient."""

from flask import Blueprint, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_, Invalid, NotFound
from tcm.records.lifecycle import State
from tcm.records.permissions import Action, demand
from tcm.services import access, delivering, flooring, overseeing
from web import papers
from web.auth import current_actor
from web.house import current_house, work
from web.pdf import fitting, pdf_response, print_language
from web.plan_view import jobs_of
from web.prints import advice_pdf, bag_label_pdf, pot_label_pdf, prescription_pdf, route_sheet_pdf
from web.prints.pots import PotSign, pot_signs_pdf
from web.prints.scan_label import scan_label_pdf
from web.route_map import route_map
from web.scan import pot_url

desk = Blueprint("papers", __name__, url_prefix="/papers")

# Pots of these are still to be filled.
_BEFORE_THE_POT = frozenset({State.APPROVED, State.SCRAPPED, State.DISPENSED, State.SOAKING})
# What a pot is kept for.
DUTY_TERMS = {"toxic": N_("毒性专锅"), "strong": N_("浓味专锅")}


@desk.get("/prescription/<int:prescription_id>.pdf")
def prescription(prescription_id: int) -> Response:
    """The 处方笺."""
    house = current_house()
    with work() as open_work:
        printed = open_work.prescriptions.get(prescription_id)
        access.look_at_prescription(open_work, current_actor(), printed)
        sheet = fitting(
            lambda: papers.prescription_sheet(open_work, printed, house.settings.public_url, open_work.now)
        )
    return pdf_response(prescription_pdf(sheet, print_language()), f"prescription-{sheet.number}")


@desk.get("/pot-labels/<int:prescription_id>.pdf")
def pot_label(prescription_id: int) -> Response:
    """The label of one pot."""
    house = current_house()
    with work() as open_work:
        printed = open_work.prescriptions.get(prescription_id)
        access.look_at_prescription(open_work, current_actor(), printed, Action.LABEL_PRINT)
        flooring.demand_approved(printed)
        if not printed.preparation.needs_pot:
            raise Invalid(N_("这张处方不由中心煎煮，没有锅签。"))
        today = county_day(open_work.now)
        plan = open_work.plans.next_in_force(today)
        day, jobs = plan.day if plan else today, jobs_of(plan)
        labels = fitting(
            lambda: papers.pot_labels(
                open_work, house.knowledge, [printed], jobs, day, house.settings.public_url, open_work.now
            )
        )
    return pdf_response(pot_label_pdf(labels, print_language()), f"pot-{printed.number}")


@desk.get("/pot-labels.pdf")
def pot_labels() -> Response:
    """The labels of every pot that the plan being worked on still fills, in the order they are filled."""
    house, actor = current_house(), current_actor()
    with work() as open_work:
        access.look(open_work, actor, Action.LABEL_PRINT, "prescription", None)
        day = overseeing.day_at_work(open_work, actor, county_day(open_work.now))
        jobs = jobs_of(overseeing.plan_in_force(open_work, actor, day))
        planned = open_work.prescriptions.by_ids(jobs)
        waiting = [each for each in planned.values() if each.state in _BEFORE_THE_POT]
        waiting.sort(key=lambda each: (jobs[each.key()].load_at_min, each.number or ""))
        if not waiting:
            raise Invalid(N_("今天的计划里没有待煎的处方。"))
        for each in waiting:
            access.look_at_prescription(open_work, actor, each, Action.LABEL_PRINT)
        labels = fitting(
            lambda: papers.pot_labels(
                open_work, house.knowledge, waiting, jobs, day, house.settings.public_url, open_work.now
            )
        )
    return pdf_response(pot_label_pdf(labels, print_language()), f"pots-{day.isoformat()}")


@desk.get("/pot-signs.pdf")
def pot_signs() -> Response:
    """What is stuck on the pots for good."""
    house, actor = current_house(), current_actor()
    with work() as open_work:
        demand(actor, Action.LABEL_PRINT)
        places = overseeing.pot_places(open_work, actor)
        if not places:
            raise Invalid(N_("还没有设置煎药锅。"))
        signs = [
            PotSign(
                pot=place.pot.code,
                duty=gettext(DUTY_TERMS[place.pot.duty]) if place.pot.duty in DUTY_TERMS else "",
                scan_url=pot_url(house.settings.public_url, place.pot.code),
            )
            for place in places
        ]
        printed_at = open_work.now
    return pdf_response(pot_signs_pdf(signs, printed_at, print_language()), "pot-signs")


@desk.get("/bag-labels/<int:prescription_id>.pdf")
def bag_labels(prescription_id: int) -> Response:
    """The labels of a prescription's bags."""
    house = current_house()
    with work() as open_work:
        printed = open_work.prescriptions.get(prescription_id)
        access.look_at_prescription(open_work, current_actor(), printed, Action.LABEL_PRINT)
        labels = fitting(
            lambda: papers.bag_labels(open_work, [printed], house.settings.public_url, open_work.now)
        )
    if not labels:
        raise Invalid(N_("这张处方还没有包装，没有药袋标签。"))
    return pdf_response(bag_label_pdf(labels, print_language()), f"bags-{printed.number}")


@desk.get("/advice/<int:prescription_id>.pdf")
def advice(prescription_id: int) -> Response:
    """How the patient prepares what the centre does not decoct."""
    house = current_house()
    with work() as open_work:
        printed = open_work.prescriptions.get(prescription_id)
        access.look_at_prescription(open_work, current_actor(), printed, Action.LABEL_PRINT)
        flooring.demand_approved(printed)
        sheet = fitting(
            lambda: papers.advice_sheet(
                open_work, house.knowledge, printed, house.settings.public_url, open_work.now, gettext
            )
        )
    return pdf_response(advice_pdf(sheet, print_language()), f"advice-{printed.number}")


@desk.get("/tray-label/<int:prescription_id>.pdf")
def tray_label(prescription_id: int) -> Response:
    """The label of the tray in which a prescription is weighed."""
    house = current_house()
    with work() as open_work:
        printed = open_work.prescriptions.get(prescription_id)
        access.look_at_prescription(open_work, current_actor(), printed, Action.LABEL_PRINT)
        flooring.demand_approved(printed)
        label = fitting(
            lambda: papers.tray_label(open_work, house.knowledge, printed, open_work.now, gettext)
        )
    return pdf_response(scan_label_pdf([label], print_language()), f"tray-{printed.number}")


@desk.get("/bin-labels.pdf")
def bin_labels() -> Response:
    """The labels of the bins that are named, or of all."""
    demand(current_actor(), Action.LABEL_PRINT)
    wanted = request.args.get("codes", "").replace("、", " ").replace(",", " ").split()
    with work(reads_only=True) as open_work:
        bins = [place for place in open_work.bins.all() if not wanted or place.code in wanted]
        if not bins:
            raise NotFound(N_("没有这个货位。"))
        knowledge, now = current_house().knowledge, open_work.now
        labels = fitting(lambda: papers.bin_labels(knowledge, bins, now, gettext))
    return pdf_response(fitting(lambda: scan_label_pdf(labels, print_language())), "bins")


@desk.get("/route/<int:route_id>.pdf")
def route(route_id: int) -> Response:
    """The courier's sheet."""
    house = current_house()
    with work() as open_work:
        view = delivering.open_route(open_work, current_actor(), route_id)
        centre = papers.centre_of(open_work)
        sheet = fitting(
            lambda: papers.route_sheet(
                view, centre, house.settings.public_url, open_work.now, route_map(view, centre)
            )
        )
    name = f"route-{view.route.day.isoformat()}-{route_id}"
    return pdf_response(route_sheet_pdf(sheet, print_language()), name)
