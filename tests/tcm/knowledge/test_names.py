"""Names: what resolves, what must stay ambiguous, what must never be merged."""

import pytest

from tcm.knowledge import load

KNOWLEDGE = load()
NAMES = KNOWLEDGE.names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("坤草", "益母草"),
        ("双花", "金银花"),
        ("银花", "金银花"),
        ("元胡", "延胡索"),
        ("延胡索（元胡）", "延胡索"),
        ("仙灵脾", "淫羊藿"),
        ("丹皮", "牡丹皮"),
        ("山萸肉", "山茱萸"),
        ("枣仁", "酸枣仁"),
        ("淮山", "山药"),
        ("云苓", "茯苓"),
        ("生地", "生地黄"),
        ("熟地", "熟地黄"),
        ("破故纸", "补骨脂"),
        ("川军", "大黄"),
        ("杏仁", "苦杏仁"),
        ("燀杏仁", "燀苦杏仁"),
        ("生石膏", "石膏"),
        ("山楂(焦)", "焦山楂"),
        ("酒军", "酒大黄"),
        ("炙麻黄", "蜜麻黄"),
        ("蜜黄芪", "炙黄芪"),
        ("黄芪", "黄芪"),
        ("附片", "附子"),
        ("黑附片", "附子"),
        ("朴硝", "芒硝"),
        ("官桂", "肉桂"),
        ("八月札", "预知子"),
        ("夜交藤", "首乌藤"),
        ("代赭石", "赭石"),
        ("神曲", "六神曲"),
    ],
)
def test_prescription_names_resolve_to_the_standard_name(written: str, name: str) -> None:
    resolution = NAMES.resolve(written)
    assert (resolution.status, resolution.name) == ("ok", name)


@pytest.mark.parametrize(
    ("written", "candidates"),
    [
        ("沙参", {"北沙参", "南沙参"}),
        ("芍药", {"白芍", "赤芍"}),
        ("贝母", {"川贝母", "浙贝母", "平贝母", "伊贝母", "湖北贝母"}),
        ("术", {"白术", "苍术"}),
        ("乌头", {"川乌", "草乌"}),
        ("大戟", {"京大戟", "红大戟"}),
        ("首乌", {"何首乌", "制何首乌"}),
        ("木防己", {"防己", "广防己"}),
        ("焦三仙", {"焦六神曲", "焦麦芽", "焦山楂"}),
        ("朱茯神", {"茯神", "朱砂"}),
    ],
)
def test_a_name_that_may_mean_several_herbs_stays_ambiguous(written: str, candidates: set[str]) -> None:
    resolution = NAMES.resolve(written)
    assert (resolution.status, resolution.name, set(resolution.candidates)) == ("ambiguous", None, candidates)


@pytest.mark.parametrize(
    ("written", "name", "never"),
    [
        ("生附子", "生附子", "附子"),
        ("生半夏", "生半夏", "法半夏"),
        ("生川乌", "生川乌", "制川乌"),
        ("川乌(生)", "生川乌", "制川乌"),
        ("生天南星", "生南星", "制天南星"),
        ("白附子", "白附子", "附子"),
        ("桂枝", "桂枝", "肉桂"),
        ("牛膝", "牛膝", "川牛膝"),
        ("木通", "木通", "川木通"),
        ("关木通", "关木通", "木通"),
        ("广防己", "广防己", "防己"),
        ("五加皮", "五加皮", "香加皮"),
        ("北五加皮", "香加皮", "五加皮"),
        ("青木香", "青木香", "木香"),
        ("白芍", "白芍", "赤芍"),
        ("枳壳", "枳壳", "枳实"),
    ],
)
def test_look_alikes_are_never_merged(written: str, name: str, never: str) -> None:
    assert NAMES.resolve(written).name == name != never


@pytest.mark.parametrize("written", ["黃耆", " 黄 芪 ", "黄\u200b芪", "黄芪\ufeff", "⻩芪", "北芪"], ids=repr)
def test_traditional_spaced_and_invisible_spellings_are_read(written: str) -> None:
    assert NAMES.resolve(written).name == "黄芪"


def test_a_bracketed_note_is_read_as_a_note_and_a_bracketed_form_as_a_form() -> None:
    noted, formed = NAMES.resolve("附子（先煎）"), NAMES.resolve("(炒)白朮")
    assert (noted.name, noted.handling, formed.name, formed.form) == ("附子", "先煎", "白术", "炒")


def test_an_unknown_name_gets_near_spellings_but_no_name() -> None:
    resolution = NAMES.resolve("黄茋")
    assert (resolution.status, resolution.name, "黄芪" in resolution.candidates) == ("unknown", None, True)


def test_a_text_far_longer_than_any_name_is_refused_without_suggestions() -> None:
    resolution = NAMES.resolve("黄芪" * 1_000_000)
    assert (resolution.status, resolution.candidates) == ("unknown", ())


def test_no_alias_repeats_a_standard_name_and_each_is_spelled_as_normalised() -> None:
    aliases = [alias.alias for alias in NAMES.aliases]
    assert [alias for alias in aliases if alias in KNOWLEDGE.herbs] == []
    assert [alias for alias in aliases if NAMES.normalise(alias) != alias] == []
    assert len(aliases) == len(set(aliases)) > 500


def test_a_spelling_that_says_raw_never_resolves_to_the_processed_form_of_a_toxic_drug() -> None:
    raw = {name for name in KNOWLEDGE.restrictions if name.startswith("生")}
    stems = {name.removeprefix("生") for name in raw}
    wrong = [
        alias.alias
        for alias in NAMES.aliases
        if alias.alias.startswith("生") and alias.name and KNOWLEDGE.herbs[alias.name].base in stems
        if alias.name not in raw
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("hq", "黄芩"),
        ("huangqi", "黄芪"),
        ("gancao", "甘草"),
        ("bz", "白术"),
        ("ejiao", "阿胶"),
        ("双花", "金银花"),
        ("黄芪", "黄芪"),
    ],
)
def test_the_search_puts_the_likeliest_herb_first(typed: str, first: str) -> None:
    assert KNOWLEDGE.herbs.search(typed)[0].name == first


def test_the_initials_of_an_alias_find_the_herb_too() -> None:
    found = [[herb.name for herb in KNOWLEDGE.herbs.search(typed, 5)] for typed in ("xr", "yh", "sh")]
    assert ["苦杏仁" in found[0], "延胡索" in found[1], "金银花" in found[2]] == [True] * 3


def test_the_search_keeps_to_its_limit_and_finds_nothing_for_nothing() -> None:
    search = KNOWLEDGE.herbs.search
    assert (len(search("b", limit=3)), search("  "), search("x" * 50), search("hq", limit=0)) == (
        3,
        [],
        [],
        [],
    )


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("甘草炙", "炙甘草"),
        ("白术炒", "白术"),
        ("五灵脂炒", "五灵脂"),
        ("杏仁炒", "炒苦杏仁"),
        ("附子炮", "炮附片"),
    ],
)
def test_a_processing_word_may_stand_behind_as_in_the_classics(written: str, name: str) -> None:
    assert (NAMES.resolve(written).status, NAMES.resolve(written).name) == ("ok", name)


@pytest.mark.parametrize("written", ["贝母炒", "钩吻炒", "炒炒", "炒"])
def test_a_processing_word_behind_makes_no_clear_name_of_an_unclear_one(written: str) -> None:
    assert NAMES.resolve(written).name is None


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("hq", ["黄芩", "黄芪"]),
        ("bz", ["白术", "白芷"]),
        ("dh", ["地黄", "大黄"]),
        ("ds", ["丹参", "党参"]),
        ("dg", ["当归"]),
        ("cx", ["川芎"]),
        ("gg", ["葛根"]),
        ("zgc", ["炙甘草"]),
        # What one says at the counter comes before a rarer herb's full name: 熟地, 元胡, 杏仁.
        ("sd", ["熟地黄", "柿蒂"]),
        ("yh", ["金银花", "延胡索"]),
        ("xr", ["苦杏仁"]),
        # No formula of the code list names these: the commoner material goes first.
        ("jdh", ["酒大黄"]),
        ("大黄", ["大黄"]),
    ],
)
def test_common_herbs_come_first_and_processed_rows_do_not_crowd_them_out(
    typed: str, first: list[str]
) -> None:
    assert [herb.name for herb in KNOWLEDGE.herbs.search(typed, len(first))] == first
