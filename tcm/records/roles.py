"""Who acts: the roles of the staff, and the actor every use case is asked by."""

from dataclasses import dataclass
from enum import StrEnum

from tcm.records.errors import N_


class Role(StrEnum):
    """What a member of staff is employed to do."""

    DOCTOR = "doctor"
    PHARMACIST = "pharmacist"
    FLOOR = "floor"
    COURIER = "courier"
    MANAGER = "manager"
    ADMIN = "admin"


ROLE_TERMS = {
    Role.DOCTOR: N_("医师"),
    Role.PHARMACIST: N_("药师"),
    Role.FLOOR: N_("煎药员"),
    Role.COURIER: N_("配送员"),
    Role.MANAGER: N_("主管"),
    Role.ADMIN: N_("管理员"),
}


@dataclass(frozen=True)
class Actor:
    """The person on whose behalf a use case runs.

    Args:
        staff_id: Row of the staff table.
        role: The role the person acts in.
        institution_id: Where the person works; the scope of most permissions.
    """

    staff_id: int
    role: Role
    institution_id: int
