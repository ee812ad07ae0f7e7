"""Every promise in docs/reliability.md names tests, and each of them is one."""

from __future__ import annotations

import re

import pytest

from support.places import ROOT

TEXT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
TEST = r"`(tests/[\w/]+\.py::\w+)`"
NAMED = sorted(set(re.findall(TEST, TEXT)))
# Sections in which nothing is promised.
WITHOUT = ("Limits", "More of it")


def tables(section: str) -> list[list[list[str]]]:
    """The cells of the tables in a section, without the lines below their headers."""
    found = re.findall(r"(?:^\|.*\|\n)+", section, re.MULTILINE)
    return [
        [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()]
        for table in found
    ]


SECTIONS = {
    part.partition("\n")[0]: part.partition("\n")[2] for part in re.split(r"^## ", TEXT, flags=re.M)
}
PROMISES = [
    (title, row)
    for title, section in SECTIONS.items()
    for header, _, *rows in tables(section)
    for row in rows
    if title not in WITHOUT or header[-1] == "shown by"
]


def test_many_are_named() -> None:
    assert len(NAMED) > 60


@pytest.mark.parametrize("name", NAMED)
def test_the_test_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    assert re.search(rf"^def {function}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_section_has_its_promises() -> None:
    with_promises = {title for title, _ in PROMISES}
    assert with_promises == {title for title in SECTIONS if not title.startswith("#")} - set(
        WITHOUT
    )


@pytest.mark.parametrize(("title", "row"), PROMISES)
def test_every_promise_has_a_test(title: str, row: list[str]) -> None:
    assert re.fullmatch(rf"{TEST}(?:, {TEST})*", row[-1].rstrip(" |")), row


def test_each_of_the_promises_has_a_row() -> None:
    section = SECTIONS["Five promises"]
    (table,) = tables(section)
    listed = re.findall(r"^\d\. \*\*([^*.]+)\.\*\*", section, re.MULTILINE)
    assert [row[0] for row in table[2:]] == listed
    assert len(listed) == 5


def test_the_limits_are_named() -> None:
    (table,) = tables(SECTIONS["Limits"])
    assert [row[0] for row in table[2:5]] == [
        "the moment of a rename", "two writes through one memory map (`mmap`)",
        "network file systems",
    ]  # fmt: skip


@pytest.mark.parametrize("program", sorted(set(re.findall(r"python (tests/[\w/]+\.py)", TEXT))))
def test_the_program_is_there(program: str) -> None:
    assert (ROOT / program).is_file()
