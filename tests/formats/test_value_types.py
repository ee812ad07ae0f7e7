"""All that depends on the type of a value agrees with the table of types."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from seedkit.formats.field_spec import FieldSpec, FieldType
from seedkit.formats.spec import SectionSpec
from seedkit.formats.values import TYPES
from seedkit.search.records import ORDERED


def test_models_and_search_have_the_types_of_the_table() -> None:
    written = {kind for kind, known in TYPES.items() if known.written}
    assert get_args(FieldType) == tuple(TYPES)
    for annotation in get_args(SectionSpec.model_fields["type"].annotation):
        assert annotation is type(None) or set(get_args(annotation)) == written
    assert {kind for kind, known in TYPES.items() if known.ordered} == set(ORDERED)


@pytest.mark.parametrize("kind", TYPES)
def test_limits_that_a_type_can_have(kind: str) -> None:
    known = TYPES[kind]
    assert accepts(type=kind, pattern="x") is known.text
    assert accepts(type=kind, max_chars=5) is known.text
    assert accepts(type=kind, max=5) is known.bounded


def accepts(**keys: Any) -> bool:
    try:
        FieldSpec(name="a", **keys)
    except ValidationError:
        return False
    return True
