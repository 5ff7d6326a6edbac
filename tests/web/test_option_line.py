"""Options typed in one line hold what a carrier's option promises to take."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web import option_line

NAMES = st.from_regex(r"[A-Za-z_0-9]{1,8}", fullmatch=True)
WORDS = st.text("ab1 ;=|[]{},", min_size=1, max_size=20).map(str.strip).filter(bool)
OBJECTS = st.dictionaries(st.text("ab;=", max_size=5), st.text('ab;=}]"', max_size=9) | st.integers(), max_size=3)
JSON = (OBJECTS | st.lists(OBJECTS, max_size=3)).map(json.dumps)


@given(st.dictionaries(NAMES, WORDS | JSON, max_size=5))
def test_whatever_a_pairing_has_is_written_so_that_it_is_read_again(options: dict[str, str]) -> None:
    assert option_line.read(option_line.written(options)) == options


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        ("", {}),
        (" ; ", {}),
        ("carrier_id=106; deliver_on=2026-03-05;", {"carrier_id": "106", "deliver_on": "2026-03-05"}),
        ("customs_attributes=ead=own|mrn=26CZ1", {"customs_attributes": "ead=own|mrn=26CZ1"}),
        ('fields={"a": "b; c=d"}; swap=1', {"fields": '{"a": "b; c=d"}', "swap": "1"}),
        ('content_data=[{"x": ";"}]', {"content_data": '[{"x": ";"}]'}),
        ('sender_mask="Shop; Long 1; Brno"; services=1', {"sender_mask": "Shop; Long 1; Brno", "services": "1"}),
        ("note2=[VIP] door; size=S", {"note2": "[VIP] door", "size": "S"}),
        ('note2="VIP" door; size=S', {"note2": '"VIP" door', "size": "S"}),
    ],
)
def test_a_value_with_semicolons_is_json_or_stands_in_quotes(typed: str, options: dict[str, str]) -> None:
    assert option_line.read(typed) == options


@pytest.mark.parametrize("typed", ["x", "=1", "a=", 'a=""', "a=1; b", "a; b=1", 'a={"b": 1}; c', "a=" + "[" * 99_999])
def test_what_is_no_option_is_none(typed: str) -> None:
    found = option_line.read(typed)

    assert found is None or found == {"a": "[" * 99_999}
