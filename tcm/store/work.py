"""The unit of work: one transaction for one use case, undone unless it is committed."""

from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from tcm.records.clock import Clock
from tcm.records.errors import Stale
from tcm.records.roles import Actor
from tcm.store import repositories as repo
from tcm.store.blobs import Blobs
from tcm.store.book import LockedBook
from tcm.store.keys import KeyRing
from tcm.store.ledger import Ledger
from tcm.store.tables import access_log
from tcm.store.troubles import MachineTrouble, trouble_of


@dataclass(frozen=True)
class Access:
    """One look at a patient's data, allowed or refused.

    Args:
        at: Aware UTC.
        actor_id: Who looked.
        action: What they wanted to do, as the permission table names it.
        subject_kind: `patient`, `prescription`, `photograph`, `route` ...
        subject_id: Which one, None for a list.
        allowed: Whether they were let in.
    """

    at: datetime
    actor_id: int
    action: str
    subject_kind: str
    subject_id: int | None
    allowed: bool


class Work:
    """One use case's view of the database.

    Args:
        sessions: Makes the session.
        blobs: Where pictures lie.
        keys: For blind indexes.
        clock: Tells the time.
        reads_only: Whether it was opened to change nothing.
    """

    def __init__(
        self,
        sessions: sessionmaker[Session],
        blobs: Blobs,
        keys: KeyRing,
        clock: Clock,
        *,
        reads_only: bool = False,
    ) -> None:
        self._sessions = sessions
        self._keys = keys
        self._clock = clock
        self._reads_only = reads_only
        self._accesses: list[Access] = []
        self._put: list[str] = []
        self.blobs = blobs

    def __enter__(self) -> Self:
        """Open the transaction."""
        session = self.session = self._sessions()
        self.institutions = repo.InstitutionRepository(session)
        self.staff = repo.StaffRepository(session)
        self.patients = repo.PatientRepository(session, self._keys)
        self.encounters = repo.EncounterRepository(session)
        self.photographs = repo.PhotographRepository(session)
        self.prescriptions = repo.PrescriptionRepository(session)
        self.reviews = repo.ReviewRepository(session)
        self.findings = repo.FindingRepository(session)
        self.rule_versions = repo.RuleVersionRepository(session)
        self.rule_replays = repo.RuleReplayRepository(session)
        self.agreed_formulas = repo.AgreedFormulaRepository(session)
        self.bags = repo.BagRepository(session)
        self.pots = repo.PotRepository(session)
        self.crews = repo.CrewRepository(session)
        self.vehicles = repo.VehicleRepository(session)
        self.plans = repo.PlanRepository(session)
        self.routes = repo.RouteRepository(session)
        self.day_events = repo.DayEventRepository(session)
        self.studies = repo.StudyRepository(session)
        self.planning_settings = repo.PlanningSettingsRepository(session)
        self.form_drafts = repo.FormDraftRepository(session)
        self.sign_corrections = repo.SignCorrectionRepository(session)
        self.constitutions = repo.ConstitutionRepository(session)
        self.pulse_recordings = repo.PulseRecordingRepository(session)
        self.own_formulas = repo.OwnFormulaRepository(session)
        self.appraisals = repo.AppraisalRepository(session)
        self.appraised = repo.AppraisedRepository(session)
        self.paper_batches = repo.PaperBatchRepository(session)
        self.paper_signatures = repo.PaperSignatureRepository(session)
        self.api_keys = repo.ApiKeyRepository(session)
        self.herb_codes = repo.HerbCodeRepository(session)
        self.incoming = repo.IncomingRepository(session)
        self.consultations = repo.ConsultationRepository(session)
        self.referrals = repo.ReferralRepository(session)
        self.record_consents = repo.RecordConsentRepository(session)
        self.outcomes = repo.OutcomeRepository(session)
        self.suppliers = repo.SupplierRepository(session)
        self.bins = repo.BinRepository(session)
        self.lots = repo.LotRepository(session)
        self.stock_moves = repo.StockMoveRepository(session)
        self.reservations = repo.ReservationRepository(session)
        self.shortages = repo.ShortageRepository(session)
        self.herb_listings = repo.HerbListingRepository(session)
        self.schemes = repo.SchemeRepository(session)
        self.stock_settings = repo.StockSettingsRepository(session)
        self.purchases = repo.PurchaseRepository(session)
        self.past_uses = repo.PastUseRepository(session)
        self.forecasts = repo.ForecastRepository(session)
        self.requisitions = repo.RequisitionRepository(session)
        self.notices = repo.NoticeRepository(session)
        self.patient_messages = repo.PatientMessageRepository(session)
        self.wechat_links = repo.WechatLinkRepository(session)
        self.ratings = repo.RatingRepository(session)
        self.recalls = repo.RecallRepository(session)
        self.dispensings = repo.DispensingRepository(session)
        self.weighed = repo.WeighedRepository(session)
        self.dispensing_settings = repo.DispensingSettingsRepository(session)
        self.pot_runs = repo.PotRunRepository(session)
        self.pot_steps = repo.PotStepRepository(session)
        self.boil_settings = repo.BoilSettingsRepository(session)
        self.quality_checks = repo.QualityCheckRepository(session)
        self.retained_samples = repo.RetainedSampleRepository(session)
        self.quality_settings = repo.QualitySettingsRepository(session)
        self.devices = repo.DeviceRepository(session)
        self.upkeep_records = repo.UpkeepRepository(session)
        self.quality_reviews = repo.QualityReviewRepository(session)
        self.health_checks = repo.HealthCheckRepository(session)
        self.record_archives = repo.RecordArchiveRepository(session)
        self.handovers = repo.HandoverRepository(session)
        self.pickup_codes = repo.PickupCodeRepository(session)
        self.delivery_attempts = repo.DeliveryAttemptRepository(session)
        self.bag_returns = repo.BagReturnRepository(session)
        self.box_readings = repo.BoxReadingRepository(session)
        self.cash_dues = repo.CashDueRepository(session)
        self.cash_receipts = repo.CashReceiptRepository(session)
        self.cash_hand_ins = repo.CashHandInRepository(session)
        self.courier_acts = repo.CourierActRepository(session)
        self.courier_settings = repo.CourierSettingsRepository(session)
        self.machines = repo.MachineRepository(session)
        self.machine_readings = repo.MachineReadingRepository(session)
        self.machine_refusals = repo.MachineRefusalRepository(session)
        self.deviations = repo.DeviationRepository(session)
        self.book_settings = repo.BookSettingsRepository(session)
        self.book_answers = repo.BookAnswerRepository(session)
        self.book = LockedBook(session)
        self.ledger = Ledger(session)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Undo what was not committed, pictures too; what was looked at stays on record all the same.

        Raises:
            Stale: When the database found at the last moment that another work was first.
        """
        # What was read may still be looked at after the work; what was changed is not written.
        self.session.expunge_all()
        self.session.rollback()
        try:
            self._write_accesses()
        finally:
            self.session.close()
            self._remove_put()
        if isinstance(error, StaleDataError) or (isinstance(error, IntegrityError) and _is_race(error)):
            raise Stale from error

    @property
    def now(self) -> datetime:
        """The present moment by this work's clock, aware UTC."""
        return self._clock()

    def commit(self) -> None:
        """Keep everything done so far, looks included.

        Raises:
            Stale: When another work changed the same prescription first.
            RuntimeError: When it was opened to read only.
        """
        if self._reads_only:
            raise RuntimeError("a work that was opened to read only has nothing to commit")
        try:
            self.session.flush()
        except (StaleDataError, IntegrityError) as error:
            if isinstance(error, IntegrityError) and not _is_race(error):
                raise
            raise Stale from error
        self._insert_accesses()
        # Where the answer to a commit is lost the rows may be there: then rather a file too many.
        put, self._put = self._put, []
        try:
            self.session.commit()
        except DBAPIError as error:
            if trouble_of(error) is MachineTrouble.FULL:
                self._put = put
            raise
        self._accesses.clear()

    def put_blob(self, data: bytes) -> str:
        """Seal a picture and keep it, unless this work is undone.

        Args:
            data: The bytes of a picture.

        Returns:
            The key to ask for it by.
        """
        key = self.blobs.put(data)
        self._put.append(key)
        return key

    def audit(
        self, actor: Actor, action: str, subject_kind: str, subject_id: int | None, *, allowed: bool
    ) -> None:
        """Note a look at a patient's data; it is written even if the work is undone.

        Args:
            actor: Who looked.
            action: What they wanted to do.
            subject_kind: What they looked at.
            subject_id: Which one, None for a list.
            allowed: Whether they were let in.
        """
        access = Access(self.now, actor.staff_id, action, subject_kind, subject_id, allowed)
        self._accesses.append(access)

    def forget_looks(self) -> None:
        """Leave the looks of this work off the record: nothing of what was read is shown."""
        self._accesses.clear()

    def _remove_put(self) -> None:
        while self._put:
            self.blobs.remove(self._put.pop())

    def _write_accesses(self) -> None:
        if self._accesses:
            self._insert_accesses()
            self.session.commit()
            self._accesses.clear()

    def _insert_accesses(self) -> None:
        if self._accesses:
            self.session.execute(insert(access_log), [vars(access) for access in self._accesses])


# Two works wrote the same step of one chain, sent one form twice, or put two versions in force at once.
_RACED = (
    "ledger_events",
    "request_key",
    "pot_id",
    "uq_plans_in_force_day",
    "plans.day",
    "rule_versions",
    "agreed_formulas",
    "form_drafts",
    "sign_corrections",
    "appraisals",
    "opinions",
    "own_formulas",
    "paper_number",
    "paper_batches",
    "paper_signatures",
    "herb_codes",
    "incoming_prescriptions",
    "outcomes",
    "lots",
    "suppliers",
    "bins",
    "shortages",
    "notices",
    "ratings",
    "wechat_links",
    "pot_runs",
    "pot_steps",
    "quality_checks",
    "retained_samples",
    "devices",
    "handovers",
    "pickup_codes",
    "bag_returns",
    "cash_dues",
    "cash_receipts",
    "machines",
    "machine_refusals",
    "deviations",
    "book_lines",
    "book_answers",
)


def _is_race(error: IntegrityError) -> bool:
    text = str(error.orig)
    return _is_unique_violation(error) and any(mark in text for mark in _RACED)


def _is_unique_violation(error: IntegrityError) -> bool:
    # psycopg gives the SQL standard's code, sqlite3 the name of its own.
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return code in ("23505", "SQLITE_CONSTRAINT_UNIQUE")
