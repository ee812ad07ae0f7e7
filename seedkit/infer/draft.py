"""A format that is being thought of: plain values, as they would stand in its TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_text, merge
from seedkit.formats.spec import FormatSpec

Values = dict[str, Any]  # a format, as TOML has it


def layout_of(values: Mapping[str, Any], name: str = "draft") -> Layout | None:
    """Return the compiled format, or None if its parts contradict each other."""
    try:
        return Layout(name, spec_of(values))
    except ValueError:  # pydantic's errors are such
        return None


def spec_of(values: Mapping[str, Any]) -> FormatSpec:
    """Return the format, on top of the built-in one that it extends; raises `ValueError`."""
    base = values.get("extends")
    whole = merge(tomllib.loads(builtin_text(base.partition(":")[2])), values) if base else values
    return FormatSpec.model_validate({"files": ["*"], **whole})


def tolerance(count: int) -> int:
    """Return how many of so many cases may go against a rule that is proposed all the same."""
    return max(1 if count >= 10 else 0, count * 3 // 200)
