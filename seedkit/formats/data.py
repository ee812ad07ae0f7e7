"""Data in a section: what is found in it, and the bounds within which it is parsed.

Parsers of YAML, JSON and TOML recurse and build objects, so a text of a few kilobytes can take a
stack or gigabytes. What is beyond the bounds is a finding, and is not parsed further.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from seedkit.core.rules import SECTION_DUPLICATE_KEY, Rule
from seedkit.core.text import shorten

MAX_DEPTH: Final = 200  # values within values; parsers of many languages take no more than 500
MAX_LENGTH: Final = {"yaml": 10_000_000, "json": 10_000_000, "toml": 1_000_000}  # characters


class Problem(NamedTuple):
    """What is wrong, and where in the section's text, in code points."""

    rule: Rule
    message: str
    start: int
    end: int


class Data(NamedTuple):
    """What a parser found: problems, and the keys if the whole is a mapping.

    `keys` is None if it is a list or a scalar; `start` is where it starts.
    """

    problems: list[Problem]
    keys: Collection[str] | None = None
    start: int = 0


def duplicate_key(key: str, start: int, end: int) -> Problem:
    """Return the problem of a key that its mapping has already."""
    return Problem(
        SECTION_DUPLICATE_KEY, f"key `{shorten(key)}` occurs twice in a mapping", start, end
    )
