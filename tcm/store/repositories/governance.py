"""Versions of the rules, replays, findings with their fate, the institution's own formulas."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcm.records.errors import N_
from tcm.records.governance import AgreedFormula, FindingRecord, RuleReplay, RuleVersion, Standing
from tcm.store import governance_tables as g
from tcm.store.repositories.base import Repository


class RuleVersionRepository(Repository[RuleVersion]):
    """Versions of the rules."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, RuleVersion, N_("没有这个规则版本。"))

    def in_force(self, institution_ids: Iterable[int]) -> list[RuleVersion]:
        """The versions in force at some institutions.

        Args:
            institution_ids: Which.

        Returns:
            At most one for each.
        """
        query = select(RuleVersion).where(g.rule_versions.c.standing == Standing.IN_FORCE)
        return self._many(query.where(g.rule_versions.c.institution_id.in_(set(institution_ids))))

    def by_version(self, version: str) -> RuleVersion | None:
        """The version people call by that name.

        Args:
            version: Such as 2026-11-22.1.

        Returns:
            The version, or None.
        """
        return self._one(select(RuleVersion).filter_by(version=version))


class RuleReplayRepository(Repository[RuleReplay]):
    """Replays of past prescriptions."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, RuleReplay, N_("没有这次重放。"))


class FindingRepository(Repository[FindingRecord]):
    """Findings that lay before a pharmacist."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, FindingRecord, N_("没有这条审核提示。"))

    def of_prescription(self, prescription_id: int) -> list[FindingRecord]:
        """All findings of a prescription's reviews, oldest first.

        Args:
            prescription_id: Which.

        Returns:
            The findings.
        """
        query = select(FindingRecord).filter_by(prescription_id=prescription_id)
        return self._many(query.order_by(g.finding_records.c.id))


class AgreedFormulaRepository(Repository[AgreedFormula]):
    """The institutions' own formulas."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, AgreedFormula, N_("没有这个协定方。"))

    def in_force(self, institution_ids: Iterable[int]) -> list[AgreedFormula]:
        """Formulas in force at some institutions, by name.

        Args:
            institution_ids: Which.

        Returns:
            One version of each.
        """
        query = select(AgreedFormula).where(g.agreed_formulas.c.standing == Standing.IN_FORCE)
        query = query.where(g.agreed_formulas.c.institution_id.in_(set(institution_ids)))
        return self._many(query.order_by(g.agreed_formulas.c.name, g.agreed_formulas.c.id))

    def versions(self, institution_id: int, name: str) -> list[AgreedFormula]:
        """All versions of one formula, newest first.

        Args:
            institution_id: Whose.
            name: Of the formula.

        Returns:
            The versions.
        """
        query = select(AgreedFormula).filter_by(institution_id=institution_id, name=name)
        return self._many(query.order_by(g.agreed_formulas.c.version.desc()))

    def last_version(self, institution_id: int, name: str) -> int:
        """The highest version of one formula.

        Args:
            institution_id: Whose.
            name: Of the formula.

        Returns:
            Its number, 0 where there is none.
        """
        query = select(func.max(g.agreed_formulas.c.version)).where(
            g.agreed_formulas.c.institution_id == institution_id, g.agreed_formulas.c.name == name
        )
        return self._session.scalar(query) or 0
