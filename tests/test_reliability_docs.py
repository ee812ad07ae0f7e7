"""What docs/reliability.md names as the test of a promise is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/\w+\.py::\w+)`", TEXT)))


def test_many_are_named() -> None:
    assert len(NAMED) > 25


@pytest.mark.parametrize("name", NAMED)
def test_the_test_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    assert re.search(rf"^def {function}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("program", sorted(set(re.findall(r"python (tests/\w+\.py)", TEXT))))
def test_the_program_is_there(program: str) -> None:
    assert (ROOT / program).is_file()
