"""Ties the dataclasses of `tcm.records` to the tables, so that the records themselves know no database."""

from typing import Any

from sqlalchemy import Connection, Table, event
from sqlalchemy.orm import Mapper, registry, relationship

from tcm.records import (
    aftercare,
    appraisals,
    boils,
    centre,
    charts,
    clinical,
    day_events,
    demand,
    dispensing,
    governance,
    locked_book,
    machines,
    orders,
    outage,
    own_formulas,
    people,
    plans,
    quality,
    road,
    stock,
    studies,
    systems,
    together,
    upkeep,
)
from tcm.store import aftercare_tables as f
from tcm.store import appraisal_tables as a
from tcm.store import boil_tables as b
from tcm.store import book_tables as e
from tcm.store import chart_tables as c
from tcm.store import demand_tables as u
from tcm.store import dispensing_tables as d
from tcm.store import governance_tables as g
from tcm.store import machine_tables as m
from tcm.store import order_tables as q
from tcm.store import outage_tables as o
from tcm.store import pen_tables as n
from tcm.store import planning_tables as p
from tcm.store import quality_tables as y
from tcm.store import road_tables as v
from tcm.store import stock_tables as k
from tcm.store import system_tables as s
from tcm.store import tables as t
from tcm.store import together_tables as w
from tcm.store.types import keys_of

# With every table in it, for the modules that define them are imported here.
metadata = t.metadata

_PLAIN: tuple[tuple[type[Any], Table], ...] = (
    (people.Institution, t.institutions),
    (people.Staff, t.staff),
    (centre.Pot, t.pots),
    (centre.Crew, t.crews),
    (centre.Vehicle, t.vehicles),
    (clinical.Encounter, t.encounters),
    (clinical.Photograph, t.photographs),
    (clinical.Item, t.items),
    (clinical.ReviewRecord, t.reviews),
    (clinical.Bag, t.bags),
    (governance.RuleVersion, g.rule_versions),
    (governance.RuleReplay, g.rule_replays),
    (governance.FindingRecord, g.finding_records),
    (governance.AgreedFormula, g.agreed_formulas),
    (plans.Plan, t.plans),
    (plans.Delivery, t.deliveries),
    (day_events.DayEvent, p.day_events),
    (studies.Study, p.studies),
    (centre.PlanningSettings, p.planning_settings),
    (charts.FormDraft, c.form_drafts),
    (charts.SignCorrection, c.sign_corrections),
    (charts.ConstitutionRecord, c.constitution_forms),
    (charts.PulseRecording, c.pulse_recordings),
    (own_formulas.OwnFormula, n.own_formulas),
    (appraisals.Appraisal, a.appraisals),
    (appraisals.Opinion, a.opinions),
    (outage.PaperBatch, o.paper_batches),
    (outage.PaperSignature, o.paper_signatures),
    (systems.ApiKey, s.api_keys),
    (systems.HerbCode, s.herb_codes),
    (systems.IncomingPrescription, s.incoming_prescriptions),
    (together.Consultation, w.consultations),
    (together.Referral, w.referrals),
    (together.RecordConsent, w.record_consents),
    (together.Outcome, w.outcomes),
    (stock.Supplier, k.suppliers),
    (stock.Bin, k.bins),
    (stock.Lot, k.lots),
    (stock.StockMove, k.stock_moves),
    (stock.Reservation, k.reservations),
    (stock.Shortage, k.shortages),
    (stock.HerbListing, k.herb_listings),
    (stock.Scheme, k.schemes),
    (stock.StockSettings, k.stock_settings),
    (orders.PurchaseLine, q.purchase_lines),
    (orders.PurchaseReceipt, q.purchase_receipts),
    (orders.RequisitionLine, q.requisition_lines),
    (orders.RequisitionLot, q.requisition_lots),
    (demand.PastUse, u.past_uses),
    (demand.Forecast, u.forecasts),
    (aftercare.Notice, f.notices),
    (aftercare.WechatLink, f.wechat_links),
    (aftercare.PatientMessage, f.patient_messages),
    (aftercare.Rating, f.ratings),
    (aftercare.Recall, f.recalls),
    (dispensing.Dispensing, d.dispensings),
    (dispensing.Weighed, d.weighings),
    (dispensing.DispensingSettings, d.dispensing_settings),
    (boils.PotRun, b.pot_runs),
    (boils.PotStep, b.pot_steps),
    (boils.BoilSettings, b.boil_settings),
    (quality.QualityCheck, y.quality_checks),
    (quality.RetainedSample, y.retained_samples),
    (quality.QualitySettings, y.quality_settings),
    (upkeep.Device, y.devices),
    (upkeep.UpkeepRecord, y.upkeep_records),
    (upkeep.QualityReview, y.quality_reviews),
    (upkeep.HealthCheck, y.health_checks),
    (upkeep.RecordArchive, y.record_archives),
    (road.Handover, v.handovers),
    (road.PickupCode, v.pickup_codes),
    (road.DeliveryAttempt, v.delivery_attempts),
    (road.BagReturn, v.bag_returns),
    (road.BoxReading, v.box_readings),
    (road.CashDue, v.cash_dues),
    (road.CashReceipt, v.cash_receipts),
    (road.CashHandIn, v.cash_hand_ins),
    (road.CourierAct, v.courier_acts),
    (road.CourierSettings, v.courier_settings),
    (machines.Machine, m.machines),
    (machines.MachineReading, m.machine_readings),
    (machines.MachineRefusal, m.machine_refusals),
    (machines.Deviation, m.deviations),
    (locked_book.BookSettings, e.book_settings),
    (locked_book.BookAnswer, e.book_answers),
)

# Sealed columns of a patient that can be searched, each with its blind index beside it.
BLIND_INDEXED = ("name", "phone", "id_number")


def _owned(kind: type[Any], order_by: Any = None) -> Any:
    return relationship(kind, lazy="selectin", cascade="all, delete-orphan", order_by=order_by)


def _fill_blind_indexes(_mapper: Mapper[people.Patient], connection: Connection, patient: Any) -> None:
    keys = keys_of(connection.dialect)
    for column in BLIND_INDEXED:
        setattr(patient, f"_{column}_index", keys.blind(getattr(patient, column), f"patients.{column}"))


def map_records() -> registry:
    """Map every record class to its table; called once, when `tcm.store.engine` is imported.

    Returns:
        The registry that holds the mappings.
    """
    mappers = registry(metadata=metadata)
    for kind, table in _PLAIN:
        mappers.map_imperatively(kind, table)
    mappers.map_imperatively(
        people.Patient,
        t.patients,
        properties={f"_{column}_index": t.patients.c[f"{column}_index"] for column in BLIND_INDEXED},
    )
    mappers.map_imperatively(
        clinical.Prescription,
        t.prescriptions,
        # Every change raises the version and fails where somebody else raised it first.
        version_id_col=t.prescriptions.c.version,
        properties={"items": _owned(clinical.Item, t.items.c.position)},
    )
    mappers.map_imperatively(
        appraisals.AppraisedPrescription,
        a.appraised_prescriptions,
        properties={"opinions": _owned(appraisals.Opinion, a.opinions.c.id)},
    )
    mappers.map_imperatively(
        plans.RouteStop,
        t.route_stops,
        properties={"deliveries": _owned(plans.Delivery, t.deliveries.c.id)},
    )
    mappers.map_imperatively(
        plans.Route, t.routes, properties={"stops": _owned(plans.RouteStop, t.route_stops.c.position)}
    )
    mappers.map_imperatively(
        orders.Purchase,
        q.purchases,
        properties={"lines": _owned(orders.PurchaseLine, q.purchase_lines.c.id)},
    )
    mappers.map_imperatively(
        orders.Requisition,
        q.requisitions,
        properties={"lines": _owned(orders.RequisitionLine, q.requisition_lines.c.id)},
    )
    event.listen(people.Patient, "before_insert", _fill_blind_indexes)
    event.listen(people.Patient, "before_update", _fill_blind_indexes)
    return mappers
