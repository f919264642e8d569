from collections import Counter

import pytest

from tcm.knowledge.appraisals import read_appraisal_codes, read_appraisal_rates


def test_there_are_fifteen_nine_and_four_codes_in_order() -> None:
    codes = read_appraisal_codes()
    assert Counter(code.kind for code in codes) == {"不规范": 15, "用药不适宜": 9, "超常": 4}
    assert [code.code for code in codes] == [
        *(f"1-{number}" for number in range(1, 16)),
        *(f"2-{number}" for number in range(1, 10)),
        *(f"3-{number}" for number in range(1, 5)),
    ]


@pytest.mark.parametrize(
    ("scope", "prescriptions", "drawn"),
    [
        ("herbs", 0, 0),
        ("herbs", 60, 60),
        ("herbs", 5_000, 100),
        ("herbs", 20_001, 101),
        ("outpatient", 200_000, 200),
        ("inpatient", 2_000, 30),
        ("inpatient", 3_001, 31),
    ],
)
def test_a_sample_has_the_share_and_at_least_the_least(scope: str, prescriptions: int, drawn: int) -> None:
    assert read_appraisal_rates()[scope].size(prescriptions) == drawn
