"""The table of rules: names, constants, pages and checks belong together."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from seedkit.core import rules as table
from seedkit.core.rules import FAMILIES, RULES, Rule

PACKAGE = Path(table.__file__).parent.parent
CONSTANTS = {rule.name: name for name, rule in vars(table).items() if isinstance(rule, Rule)}


@cache
def names_used() -> set[str]:
    """Every name that the modules of seedkit use, but for the table and what they import."""
    return {
        node.id
        for path in PACKAGE.rglob("*.py")
        if path != Path(table.__file__)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Name)
    }


def string_constants(path: Path) -> set[str]:
    return {
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_rules_are_grouped_by_family() -> None:
    assert list(dict.fromkeys(rule.family for rule in RULES.values())) == list(FAMILIES)
    places = [list(FAMILIES).index(rule.family) for rule in RULES.values()]
    assert places == sorted(places)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_constant_is_the_name_in_capitals(rule: Rule) -> None:
    assert CONSTANTS[rule.name] == rule.name.upper().replace("/", "_").replace("-", "_")


def test_every_page_is_that_of_a_rule() -> None:
    pages = PACKAGE / "rules" / "pages"
    found = {path.relative_to(pages).with_suffix("").as_posix() for path in pages.rglob("*.*")}
    assert found == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_something_finds_it(rule: Rule) -> None:
    assert CONSTANTS[rule.name] in names_used()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_it_is_superseded_by_other_rules(rule: Rule) -> None:
    assert set(rule.superseded_by) <= RULES.keys() - {rule.name}


def test_names_are_written_in_the_table_only() -> None:
    """A rule is named by its constant; a misspelt one is an error of the type checker."""
    written = {
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in PACKAGE.rglob("*.py")
        if path != Path(table.__file__)
        for name in string_constants(path) & RULES.keys()
    }
    assert written == set()
