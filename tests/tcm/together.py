"""An expert and a county hospital beside the small county, and what tests of several houses do with them."""

from dataclasses import dataclass

from tcm.records.clinical import Encounter
from tcm.records.people import InstitutionKind, Staff
from tcm.records.roles import Role
from tcm.records.together import (
    Answer,
    AnsweredLine,
    ConsentBy,
    ConsentHow,
    Consultation,
    Referral,
    ReferralLetter,
)
from tcm.services import conferring, referring
from tcm.services.conferring import Question
from tcm.services.referring import Addressed
from tests.tcm.county import County, house

WORDS = "舌淡苔白，请看方药如何调整"
OPINION = Answer(
    "宜健脾化湿", "泄泻", "脾虚湿困证", (AnsweredLine("生黄芪", 20.0), AnsweredLine("砂仁", 6.0, "后下"))
)
LETTER = ReferralLetter("diagnosis", "腹痛待查", "食少便溏", "高血压", "四君子汤七剂")


@dataclass
class Beyond:
    """The houses beyond the townships.

    Args:
        county: The small county.
    """

    county: County

    def __post_init__(self) -> None:
        """Store a county hospital with two experts."""
        with self.county.work() as work:
            self.hospital = work.institutions.add(
                house("CH", InstitutionKind.COUNTY_HOSPITAL, "临湘市中医医院")
            )
            self.expert, self.other_expert = (
                work.staff.add(self._expert(username, name)).actor
                for username, name in (("shi", "石斛生"), ("bai", "白芷兰"))
            )
            work.commit()

    def _expert(self, username: str, name: str) -> Staff:
        return Staff(
            institution_id=self.hospital.id or 0,
            username=username,
            password_hash="",
            name=name,
            role=Role.DOCTOR,
            title="主任医师",
            expert_in="脾胃病",
        )

    def question(self, **changes: object) -> Question:
        """What the doctor asks."""
        fields: dict[str, object] = {
            "expert_id": self.expert.staff_id,
            "words": WORDS,
            "consent_by": ConsentBy.PATIENT,
            "consent_how": ConsentHow.WRITTEN,
        }
        return Question(**{**fields, **changes})  # type: ignore[arg-type]

    def asked(self, visit: Encounter | None = None, **changes: object) -> Consultation:
        """A question that waits."""
        visit = visit or self.county.visited()
        return self.county.do(
            conferring.ask,
            self.county.doctor,
            visit.id or 0,
            self.question(**changes),
            self.county.new_key(),
        )

    def answered(self, visit: Encounter | None = None, answer: Answer = OPINION) -> Consultation:
        """A question that the expert answered."""
        asked = self.asked(visit)
        return self.county.do(conferring.answer, self.expert, self.county.knowledge, asked.key(), answer)

    def referred(self, visit: Encounter | None = None, to: int | None = None) -> Referral:
        """A patient sent up to the county hospital."""
        visit = visit or self.county.visited()
        addressed = Addressed(to or self.hospital.id, "", ConsentBy.GUARDIAN, ConsentHow.ORAL)
        return self.county.do(
            referring.write, self.county.doctor, visit.id or 0, addressed, LETTER, self.county.new_key()
        )

    def looks(self, action: str) -> list[tuple[int, str, int | None, bool]]:
        """Looks under an action: who, at what, which, let in or not."""
        return [(who, kind, key, let) for who, did, kind, key, let in self.county.looks() if did == action]
