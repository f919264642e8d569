"""A refusal is one sentence, kept as msgid and values so that it can be said in another language."""

from tcm.records.errors import Invalid, Refused, Stale


def test_a_refusal_fills_its_places() -> None:
    refusal = Invalid("%(pot)s号锅正在煎%(number)s。", pot="P01", number="20261121-00001")
    assert str(refusal) == "P01号锅正在煎20261121-00001。"
    assert (refusal.msgid, refusal.values) == (
        "%(pot)s号锅正在煎%(number)s。",
        {"pot": "P01", "number": "20261121-00001"},
    )


def test_a_refusal_without_places_keeps_a_percent_sign() -> None:
    assert str(Refused("超量50%")) == "超量50%"


def test_a_stale_page_is_told_so_and_that_nothing_is_lost() -> None:
    assert str(Stale()) == "刚刚有别人改动过，请刷新后再看一遍。您填写的内容仍在页面上。"
