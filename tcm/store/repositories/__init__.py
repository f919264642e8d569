"""Finding and keeping records; whatever changes goes through here and through the ledger."""

from tcm.store.repositories.aftercare import (
    NoticeRepository,
    PatientMessageRepository,
    RatingRepository,
    RecallRepository,
    WechatLinkRepository,
)
from tcm.store.repositories.appraisals import AppraisalRepository, AppraisedRepository
from tcm.store.repositories.base import Repository
from tcm.store.repositories.boils import BoilSettingsRepository, PotRunRepository, PotStepRepository
from tcm.store.repositories.book import BookAnswerRepository, BookSettingsRepository
from tcm.store.repositories.centre import (
    CrewRepository,
    PlanningSettingsRepository,
    PotRepository,
    VehicleRepository,
)
from tcm.store.repositories.charts import (
    ConstitutionRepository,
    FormDraftRepository,
    PulseRecordingRepository,
    SignCorrectionRepository,
)
from tcm.store.repositories.clinical import (
    BagRepository,
    EncounterRepository,
    PhotographRepository,
    PrescriptionRepository,
    ReviewRepository,
)
from tcm.store.repositories.demand import ForecastRepository, PastUseRepository
from tcm.store.repositories.dispensing import (
    DispensingRepository,
    DispensingSettingsRepository,
    WeighedRepository,
)
from tcm.store.repositories.governance import (
    AgreedFormulaRepository,
    FindingRepository,
    RuleReplayRepository,
    RuleVersionRepository,
)
from tcm.store.repositories.machines import (
    DeviationRepository,
    MachineReadingRepository,
    MachineRefusalRepository,
    MachineRepository,
)
from tcm.store.repositories.orders import PurchaseRepository, RequisitionRepository
from tcm.store.repositories.outage import PaperBatchRepository, PaperSignatureRepository
from tcm.store.repositories.own_formulas import OwnFormulaRepository
from tcm.store.repositories.people import InstitutionRepository, PatientRepository, StaffRepository
from tcm.store.repositories.plans import PlanRepository, RouteRepository
from tcm.store.repositories.quality import (
    QualityCheckRepository,
    QualitySettingsRepository,
    RetainedSampleRepository,
)
from tcm.store.repositories.road import (
    BagReturnRepository,
    BoxReadingRepository,
    CashDueRepository,
    CashHandInRepository,
    CashReceiptRepository,
    CourierActRepository,
    CourierSettingsRepository,
    DeliveryAttemptRepository,
    HandoverRepository,
    PickupCodeRepository,
)
from tcm.store.repositories.stock import (
    BinRepository,
    HerbListingRepository,
    LotRepository,
    ReservationRepository,
    SchemeRepository,
    ShortageRepository,
    StockMoveRepository,
    StockSettingsRepository,
    SupplierRepository,
)
from tcm.store.repositories.studies import DayEventRepository, StudyRepository
from tcm.store.repositories.systems import ApiKeyRepository, HerbCodeRepository, IncomingRepository
from tcm.store.repositories.together import (
    ConsultationRepository,
    OutcomeRepository,
    RecordConsentRepository,
    ReferralRepository,
)
from tcm.store.repositories.upkeep import (
    DeviceRepository,
    HealthCheckRepository,
    QualityReviewRepository,
    RecordArchiveRepository,
    UpkeepRepository,
)

__all__ = [
    "AgreedFormulaRepository",
    "ApiKeyRepository",
    "AppraisalRepository",
    "AppraisedRepository",
    "BagRepository",
    "BagReturnRepository",
    "BinRepository",
    "BoilSettingsRepository",
    "BookAnswerRepository",
    "BookSettingsRepository",
    "BoxReadingRepository",
    "CashDueRepository",
    "CashHandInRepository",
    "CashReceiptRepository",
    "ConstitutionRepository",
    "ConsultationRepository",
    "CourierActRepository",
    "CourierSettingsRepository",
    "CrewRepository",
    "DayEventRepository",
    "DeliveryAttemptRepository",
    "DeviationRepository",
    "DeviceRepository",
    "DispensingRepository",
    "DispensingSettingsRepository",
    "EncounterRepository",
    "FindingRepository",
    "ForecastRepository",
    "FormDraftRepository",
    "HandoverRepository",
    "HealthCheckRepository",
    "HerbCodeRepository",
    "HerbListingRepository",
    "IncomingRepository",
    "InstitutionRepository",
    "LotRepository",
    "MachineReadingRepository",
    "MachineRefusalRepository",
    "MachineRepository",
    "NoticeRepository",
    "OutcomeRepository",
    "OwnFormulaRepository",
    "PaperBatchRepository",
    "PaperSignatureRepository",
    "PastUseRepository",
    "PatientMessageRepository",
    "PatientRepository",
    "PhotographRepository",
    "PickupCodeRepository",
    "PlanRepository",
    "PlanningSettingsRepository",
    "PotRepository",
    "PotRunRepository",
    "PotStepRepository",
    "PrescriptionRepository",
    "PulseRecordingRepository",
    "PurchaseRepository",
    "QualityCheckRepository",
    "QualityReviewRepository",
    "QualitySettingsRepository",
    "RatingRepository",
    "RecallRepository",
    "RecordArchiveRepository",
    "RecordConsentRepository",
    "ReferralRepository",
    "Repository",
    "RequisitionRepository",
    "ReservationRepository",
    "RetainedSampleRepository",
    "ReviewRepository",
    "RouteRepository",
    "RuleReplayRepository",
    "RuleVersionRepository",
    "SchemeRepository",
    "ShortageRepository",
    "SignCorrectionRepository",
    "StaffRepository",
    "StockMoveRepository",
    "StockSettingsRepository",
    "StudyRepository",
    "SupplierRepository",
    "UpkeepRepository",
    "VehicleRepository",
    "WechatLinkRepository",
    "WeighedRepository",
]
