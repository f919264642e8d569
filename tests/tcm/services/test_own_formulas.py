"""A doctor's own formulas: kept by name, offered to their owner alone."""

import pytest

from tcm.records.errors import Forbidden, Invalid
from tcm.records.own_formulas import OwnFormula
from tcm.records.roles import Actor
from tcm.review import Line
from tcm.services import own_formulas
from tcm.services.own_formulas import OwnRecipe, recipe_of
from tests.tcm.county import County

WARM = OwnRecipe(
    items=(Line("党参", 12.0), Line("干姜", 6.0), Line("砂仁", 6.0, "后下")),
    syndrome="脾胃虚寒证",
    usage="水煎服，一日一剂",
)


def kept(
    county: County,
    name: str = "温中小方",
    recipe: OwnRecipe = WARM,
    *,
    by: Actor | None = None,
    key: str = "",
) -> OwnFormula:
    owner = by or county.doctor
    return county.do(own_formulas.keep, owner, county.knowledge, name, recipe, key or county.new_key())


def names(county: County, actor: Actor) -> list[tuple[str, int]]:
    return [(one.name, one.version) for one in county.do(own_formulas.mine, actor)]


def test_what_is_kept_is_offered_to_its_owner_alone(county: County) -> None:
    made = kept(county)
    assert own_formulas.origin_text(made) == "我的方:温中小方 v1"
    [offered] = county.do(own_formulas.mine, county.doctor)
    assert recipe_of(offered) == WARM
    assert names(county, county.other_doctor) == []


def test_the_same_name_again_is_the_next_version_and_the_same_form_the_same_one(county: County) -> None:
    first = kept(county, key="one-form")
    assert kept(county, key="one-form").id == first.id
    lighter = OwnRecipe(items=(Line("党参", 9.0),))
    second = kept(county, "温中 小方", lighter)
    assert (second.name, second.version) == ("温中小方", 2)
    assert names(county, county.doctor) == [("温中小方", 2)]
    with county.work() as work:
        assert recipe_of(work.own_formulas.get(first.id or 0)) == WARM


def test_two_doctors_may_use_one_name(county: County) -> None:
    kept(county)
    kept(county, by=county.other_doctor)
    assert names(county, county.doctor) == names(county, county.other_doctor) == [("温中小方", 1)]


def test_a_formula_is_put_away_by_its_owner_only(county: County) -> None:
    made = kept(county)
    with pytest.raises(Forbidden):
        county.do(own_formulas.put_away, county.other_doctor, made.id or 0)
    assert names(county, county.doctor) == [("温中小方", 1)]
    away = county.do(own_formulas.put_away, county.doctor, made.id or 0)
    assert county.do(own_formulas.put_away, county.doctor, made.id or 0).put_away_at == away.put_away_at
    assert names(county, county.doctor) == []
    assert kept(county).version == 2


def test_only_doctors_keep_formulas(county: County) -> None:
    with pytest.raises(Forbidden):
        kept(county, by=county.pharmacist)


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("方", WARM),
        ("四君子汤", WARM),
        ("温中小方", OwnRecipe(items=())),
        ("温中小方", OwnRecipe(items=(Line("党参", 12.0), Line("潞党参", 6.0)))),
        ("温中小方", OwnRecipe(items=(Line("无此药", 12.0),))),
        ("温中小方", OwnRecipe(items=(Line("党参", 0.0),))),
        ("温中小方", OwnRecipe(items=(Line("党参", 12.0, "随意"),))),
        ("温中小方", OwnRecipe(items=WARM.items, decoction_class="别的")),
        ("温中小方", OwnRecipe(items=WARM.items, usage="服" * 201)),
    ],
)
def test_what_could_not_be_prescribed_is_not_kept(county: County, name: str, recipe: OwnRecipe) -> None:
    with pytest.raises(Invalid):
        kept(county, name, recipe)
    assert names(county, county.doctor) == []


def test_a_form_of_another_doctor_is_not_found_again(county: County) -> None:
    kept(county, key="one-form")
    with pytest.raises(Invalid):
        kept(county, by=county.other_doctor, key="one-form")
