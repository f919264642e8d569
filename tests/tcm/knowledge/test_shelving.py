"""Raw and processed lie in drawers of their own; another word for the same thing does not."""

import pytest

from tcm.knowledge import load, shelving
from tcm.knowledge.tables import rows
from tests.tcm.county import KNOWLEDGE


def _shelved(written: str) -> str | None:
    return shelving.shelf_name(KNOWLEDGE, KNOWLEDGE.names.resolve(written))


@pytest.mark.parametrize(
    ("written", "shelved"),
    [
        ("栀子", "栀子"),
        ("栀子炭", "栀子炭"),
        ("炒栀子", "炒栀子"),
        ("白术(炒)", "炒白术"),
        ("土炒白术", "土炒白术"),
        ("鲜石斛", "鲜石斛"),
        ("麻黄绒", "麻黄绒"),
        ("田七粉", "三七粉"),
    ],
)
def test_a_form_that_is_named_is_another_drawer(written: str, shelved: str) -> None:
    assert _shelved(written) == shelved


@pytest.mark.parametrize(
    ("written", "shelved"),
    [
        ("生栀子", "栀子"),
        ("醋炙柴胡", "醋柴胡"),
        ("炙百部", "蜜百部"),
        ("蜜炙黄芪", "炙黄芪"),
        ("鲜生地", "鲜地黄"),
        ("盐炙陈皮", "盐陈皮"),
        ("制附子", "附子"),
        ("生附子", "生附子"),
    ],
)
def test_another_word_for_the_same_thing_is_the_same_drawer(written: str, shelved: str) -> None:
    assert _shelved(written) == shelved


def test_a_poisonous_herb_not_marked_raw_is_its_processed_form_and_a_raw_one_is_raw() -> None:
    assert [_shelved(name) for name in ("川乌", "川乌头", "生川乌")] == ["制川乌", "制川乌", "生川乌"]


def test_what_is_no_herb_has_no_drawer() -> None:
    assert [_shelved(text) for text in ("没有这种药", "贝母")] == [None, None]


def test_every_spelling_is_shelved_under_a_name_that_means_the_same_herb_and_is_its_own_shelf_name() -> None:
    knowledge = load()
    written = [alias.alias for alias in knowledge.names.aliases if alias.name] + list(knowledge.herbs)
    odd = [text for text in written if _shelved(_shelved(text) or "") != _shelved(text)]
    assert odd == []


def test_every_row_of_the_same_forms_names_a_listed_herb_and_a_form_that_somebody_writes() -> None:
    written = {(alias.name, alias.form) for alias in KNOWLEDGE.names.aliases}
    forms = {form for _, form in written}
    wrong = [
        row
        for row in rows("shelf_forms")
        if row["form"] not in forms or (row["name"] and row["name"] not in KNOWLEDGE.herbs)
    ]
    assert wrong == []
