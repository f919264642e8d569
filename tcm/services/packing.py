"""What a prescription is handed out in: pouches of decoction, sachets of granules, packets of herbs; bags."""

import math
import secrets

from tcm.knowledge.facts import read_boil_rules
from tcm.knowledge.preparation import read_preparation_rules
from tcm.records.clinical import Bag, Preparation, Prescription
from tcm.records.roles import Actor
from tcm.services.moving import moment
from tcm.store.work import Work

# Letters and digits that nobody mixes up on paper or by phone.
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 12
_RULES = read_preparation_rules()
# Sealed pouches of decoction for each 剂.
POUCHES_PER_DOSE = read_boil_rules()["bags_per_dose"]
_PARCELS_PER_DOSE = {
    Preparation.DECOCTED: POUCHES_PER_DOSE,
    Preparation.GRANULES: _RULES["parcels_per_dose:granules"],
    Preparation.OWN_COOKING: _RULES["parcels_per_dose:own_cooking"],
}


def parcels_per_dose(preparation: Preparation) -> int:
    """How many sealed parcels one 剂 is handed out in.

    Args:
        preparation: Of the prescription.

    Returns:
        Pouches, sachets or packets.
    """
    return _PARCELS_PER_DOSE[preparation]


def pouches_of(prescription: Prescription) -> int:
    """How many sealed parcels a prescription makes: pouches, sachets or packets.

    Args:
        prescription: Which.

    Returns:
        Parcels of all its doses.
    """
    return prescription.doses_count * parcels_per_dose(prescription.preparation)


def bags_of(prescription: Prescription) -> int:
    """How many delivery bags its parcels need.

    Args:
        prescription: Which.

    Returns:
        At least one.
    """
    return math.ceil(pouches_of(prescription) / _per_bag(prescription.preparation))


def dry_volume_ml(prescription: Prescription) -> int:
    """How much room a prescription takes in a vehicle that is handed out dry.

    Args:
        prescription: Granules, or herbs to be cooked at home.

    Returns:
        Millilitres of all its parcels.
    """
    if prescription.preparation is Preparation.GRANULES:
        return pouches_of(prescription) * _RULES["dry_ml:granules"]
    grams = sum(item.dose_g for item in prescription.items) * prescription.doses_count
    return math.ceil(grams * _RULES["dry_ml_per_g:own_cooking"])


def pack(work: Work, actor: Actor, prescription: Prescription, pouch_ml: int) -> None:
    """Put a prescription into its bags, each with a code of its own.

    Args:
        work: The unit of work.
        actor: Who packs.
        prescription: Which.
        pouch_ml: Millilitres of one pouch, 0 for what is handed out dry.
    """
    left, per_bag = pouches_of(prescription), _per_bag(prescription.preparation)
    packed_at = moment(work, prescription)
    for position in range(1, bags_of(prescription) + 1):
        pouches = min(left, per_bag)
        left -= pouches
        work.bags.add(
            Bag(
                prescription_id=prescription.key(),
                code=_new_code(),
                position=position,
                pouches=pouches,
                pouch_ml=pouch_ml,
                packed_at=packed_at,
                packed_by_id=actor.staff_id,
            )
        )


def _per_bag(preparation: Preparation) -> int:
    return _RULES[f"parcels_per_bag:{preparation.value}"]


def _new_code() -> str:
    return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
