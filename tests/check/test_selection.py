"""Which findings count: what is selected, what explains what, what a seed allows."""

from __future__ import annotations

import pytest

from seedkit.check.selection import Selection, apply_allowances
from seedkit.core.diagnostic import Diagnostic, Place, Position, Severity
from seedkit.core.patterns import Globs
from seedkit.corpus.facts import Allowance


def place(start: int | None, end: int | None = None, path: str = "seeds/a.txt") -> Place:
    if start is None:
        return Place(path)
    end = start if end is None else end
    return Place(path, Position(1, start + 1, start), Position(1, end + 1, end))


def finding(
    rule: str, start: int | None = None, end: int | None = None, path: str = "seeds/a.txt"
) -> Diagnostic:
    return Diagnostic(rule, Severity.ERROR, rule, place(start, end, path))


@pytest.mark.parametrize(
    ("select", "ignore", "wanted"),
    [
        (["text"], [], True),
        (["text/bom"], [], True),
        (["name"], [], False),
        (["text/empty"], [], False),
        ([], [], False),
        (["text"], ["text"], False),
        (["text"], ["text/bom"], False),
        # a rule named beats a family named, on either side
        (["text/bom"], ["text"], True),
        (["text", "text/bom"], ["text"], True),
        (["text/bom"], ["text/bom"], False),
        (["text", "text/bom"], ["text/bom"], False),
        (["text"], ["name"], True),
    ],
)
def test_a_rule_named_beats_a_family_named(
    select: list[str], ignore: list[str], wanted: bool
) -> None:
    selection = Selection(select, ignore)
    assert selection.wants("text/bom") is wanted
    assert selection.wants("text/bom") is wanted  # remembered
    assert selection.keeps(finding("text/bom")) is wanted
    assert selection.kept([finding("text/bom")]) == [finding("text/bom")] * wanted


def test_allowances_of_what_is_not_checked_are_not_judged() -> None:
    selection = Selection(["text"], ["text/bom"])
    assert selection.checks("text/empty")
    assert not selection.checks("text/bom")
    assert not selection.checks("name/pattern")
    assert selection.checks("no/rule")


def test_per_file_ignores() -> None:
    selection = Selection(
        ["text", "name"],
        [],
        [(Globs(["seeds/old/**"]), ["text"]), (Globs(["*.md"]), ["name/pattern"])],
    )
    kept = [
        (rule, path)
        for rule in ("text/bom", "name/pattern", "name/wrong-digest")
        for path in ("seeds/a.txt", "seeds/old/a.txt", "seeds/old/a.md")
        if selection.keeps(finding(rule, path=path))
    ]
    found = [
        finding(rule, path=path)
        for rule in ("text/bom", "name/pattern", "name/wrong-digest")
        for path in ("seeds/a.txt", "seeds/old/a.txt", "seeds/old/a.md")
    ]
    assert [(each.rule, each.place.path) for each in selection.kept(found)] == kept
    assert kept == [
        ("text/bom", "seeds/a.txt"),
        ("name/pattern", "seeds/a.txt"),
        ("name/pattern", "seeds/old/a.txt"),
        ("name/wrong-digest", "seeds/a.txt"),
        ("name/wrong-digest", "seeds/old/a.txt"),
        ("name/wrong-digest", "seeds/old/a.md"),
    ]


def allowance(rule: str, start: int | None = None, end: int | None = None) -> Allowance:
    return Allowance(rule, place(0, 10), start, end)


def shown(diagnostics: list[Diagnostic]) -> list[str]:
    return [f"{d.place.path}: {d.message}" for d in diagnostics]


def test_an_allowance_of_the_whole_seed() -> None:
    found = [
        finding("text/bom", 0, 1),
        finding("text/empty"),
        finding("text/bom", path="seeds/b.txt"),
    ]
    kept = apply_allowances(found, {"seeds/a.txt": [allowance("text/bom")]})
    assert kept == found[1:]
    assert apply_allowances(found, {"seeds/a.txt": [allowance("text")]}) == found[2:]


def test_an_allowance_of_a_record_holds_inside_it() -> None:
    found = [finding("text/bom", at) for at in (9, 10, 15, 20, 21)]
    kept = apply_allowances(found, {"seeds/a.txt": [allowance("text/bom", 10, 20)]})
    assert kept == [found[0], found[-1]]
    whole = finding("text/bom")
    assert apply_allowances([whole], {"seeds/a.txt": [allowance("text/bom", 10, 20)]}) == []


def test_an_allowance_that_allows_nothing_is_told() -> None:
    allowances = {
        "seeds/a.txt": [allowance("text/bom"), allowance("text/bmo"), allowance("evil\x1b")]
    }
    kept = apply_allowances([], allowances)
    assert shown(kept) == [
        "seeds/a.txt: allowance of `text/bom` allows nothing",
        "seeds/a.txt: allowance of `text/bmo`, which is no rule",
        "seeds/a.txt: allowance of `evil\\x1b`, which is no rule",
    ]
    assert {(d.rule, d.severity, d.help, d.place) for d in kept} == {
        ("config/unused-allowance", Severity.WARNING, "remove it", place(0, 10))
    }


def test_two_allowances_of_one_finding_are_both_used() -> None:
    both = {"seeds/a.txt": [allowance("text/bom"), allowance("text")]}
    assert apply_allowances([finding("text/bom", 0)], both) == []
