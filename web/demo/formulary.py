"""The demo county's agreed formulas, written by one pharmacist and approved by another; a doctor's own."""

from tcm.knowledge import load
from tcm.records.roles import Role
from tcm.review import Line
from tcm.services import formulary, own_formulas
from tcm.services.own_formulas import OwnRecipe
from tcm.services.recipes import Recipe, fingerprint
from tcm.store.work import Work

_USAGE = "每日1剂，水煎400ml，分早晚两次饭后温服"
# Made up for the demo from textbook formulas; nobody has agreed on them for patients.
RECIPES = {
    "健脾化湿方": Recipe(
        items=(
            Line("党参", 12.0),
            Line("麸炒白术", 12.0),
            Line("茯苓", 15.0),
            Line("薏苡仁", 20.0),
            Line("山药", 15.0),
            Line("陈皮", 6.0),
            Line("砂仁", 6.0, "后下"),
            Line("炙甘草", 6.0),
        ),
        syndromes=("脾虚湿困证", "脾气虚证"),
        usage=_USAGE,
        note="演示用，由参苓白术散化裁。",
    ),
    "宣肺止咳方": Recipe(
        items=(
            Line("炙麻黄", 6.0),
            Line("燀苦杏仁", 9.0),
            Line("紫苏叶", 9.0),
            Line("前胡", 9.0),
            Line("桔梗", 6.0),
            Line("法半夏", 9.0),
            Line("陈皮", 6.0),
            Line("甘草", 6.0),
        ),
        syndromes=("风寒犯肺证",),
        decoction_class="解表",
        usage=_USAGE,
        note="演示用，由三拗汤、杏苏散化裁。",
    ),
    "祛风通痹方": Recipe(
        items=(
            Line("独活", 9.0),
            Line("桑寄生", 12.0),
            Line("秦艽", 9.0),
            Line("防风", 9.0),
            Line("牛膝", 9.0),
            Line("杜仲", 9.0),
            Line("当归", 9.0),
            Line("川芎", 6.0),
            Line("威灵仙", 9.0),
            Line("炙甘草", 6.0),
        ),
        syndromes=("风寒湿痹阻证",),
        usage=_USAGE,
        note="演示用，由独活寄生汤化裁。",
    ),
}


# What the first doctor keeps for their own pen; made up likewise.
OWN_RECIPES = {
    "止咳小方": OwnRecipe(
        items=(
            Line("紫菀", 9.0),
            Line("百部", 6.0),
            Line("桔梗", 6.0),
            Line("陈皮", 6.0),
            Line("甘草", 3.0),
        ),
        syndrome="风寒犯肺证",
        usage=_USAGE,
    ),
    "和胃小方": OwnRecipe(
        items=(
            Line("党参", 12.0),
            Line("麸炒白术", 9.0),
            Line("茯苓", 12.0),
            Line("法半夏", 6.0),
            Line("陈皮", 6.0),
            Line("炙甘草", 6.0),
        ),
        syndrome="脾胃气虚证",
        usage=_USAGE,
    ),
}


def keep_own_formulas(work: Work) -> None:
    """Let the county's first doctor keep formulas of their own.

    Args:
        work: In which the staff are there already.
    """
    doctor = work.staff.with_role(Role.DOCTOR)[0].actor
    for name, recipe in OWN_RECIPES.items():
        own_formulas.keep(work, doctor, load(), name, recipe, f"demo-own-{name}")


def agree_on_formulas(work: Work) -> None:
    """Put the formulas in force.

    Args:
        work: In which the staff are there already.
    """
    knowledge = load()
    writer, approver = (person.actor for person in work.staff.with_role(Role.PHARMACIST)[:2])
    for name, recipe in RECIPES.items():
        made = formulary.draft(work, writer, knowledge, name, recipe, f"demo-formula-{name}")
        formulary.approve(work, approver, knowledge, made.id or 0, fingerprint(made))
