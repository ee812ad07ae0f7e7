"""Every rule has a manual page, its examples do what they say, and docs/rules.md is up to date."""

from __future__ import annotations

import os
from itertools import pairwise

import pytest

from seedkit.check.fix import apply
from seedkit.core.diagnostic import Applicability
from seedkit.core.errors import ConfigError
from seedkit.core.rules import RULES
from seedkit.docs import rules_reference
from seedkit.rules.manual import page
from support.examples import (
    Example,
    examples,
    findings,
    findings_by_seed,
    reason_for_none,
    sections,
)
from support.places import ROOT

HEADINGS = ["", "What it does", "Why is this bad?", "Example", "How to fix"]

# Rules that a little corpus in memory can't break.
WITHOUT_EXAMPLE = {
    "config/unreadable-file",
    "index/not-checked-out",
    "name/not-a-file",
    "text/unreadable",
}

# Rules that do not yet fire, and why: their pages are right, the code is not.
KNOWN_FAULTS: dict[str, str] = {}


def manual(name: str) -> str:
    return page(RULES[name])


def each_example(*, broken: bool) -> pytest.MarkDecorator:
    """Run a test with every example; `broken`: it fails where a rule is known not to fire."""
    cases = []
    for name in RULES:
        known = KNOWN_FAULTS.get(name) if broken else None
        marks = [pytest.mark.xfail(strict=True, reason=known)] if known else []
        for number, example in enumerate(examples(manual(name))):
            label = f"{name}-{number + 1}" if number else name
            cases.append(pytest.param(name, example, id=label, marks=marks))
    return pytest.mark.parametrize(("name", "example"), cases)


@each_example(broken=True)
def test_example_breaks_exactly_its_rule(name: str, example: Example) -> None:
    assert [(d.rule, d.severity) for d in findings(example.bad)] == [(name, RULES[name].severity)]


@each_example(broken=True)
def test_rule_looks_at_what_its_record_says(name: str, example: Example) -> None:
    """What looks at one seed, and no more, is found by looking at each seed alone."""
    by_seed = RULES[name].looks_at not in ("corpus", "settings")
    try:
        found = findings_by_seed(example.bad)
    except ConfigError:
        assert not by_seed
    else:
        assert (name in {each.rule for each in found}) == by_seed


@each_example(broken=False)
def test_what_to_use_instead_breaks_no_rule(name: str, example: Example) -> None:
    assert [(d.rule, d.message) for d in findings(example.good)] == []


@each_example(broken=False)
def test_fix_leads_to_what_to_use_instead(name: str, example: Example) -> None:
    for diagnostic in findings(example.bad):
        fix = diagnostic.fix
        if fix is not None and fix.applicability is not Applicability.DISPLAY_ONLY:
            path = fix.edits[0].place.path
            after, count = apply(example.bad.get(path, b""), [fix.edits])
            assert (after, count) == (example.good[path], 1)


@pytest.mark.parametrize("name", RULES)
def test_page_has_a_summary_and_every_heading(name: str) -> None:
    page = sections(manual(name))
    assert list(page) == HEADINGS
    assert all(text.strip() for text in page.values())
    assert "\n" not in page[""].strip(), "one line says what the fault is"
    assert page[""].strip().endswith(".")


@pytest.mark.parametrize("name", RULES)
def test_page_renders_as_it_looks(name: str) -> None:
    """In Markdown, an indented block needs a blank line above it, and a heading likes one."""
    for above, line in pairwise(manual(name).split("\n")):
        if line.startswith("    "):
            assert not above or above.startswith("    ")
        if line.startswith("## ") or above.startswith("## "):
            assert not (above and line)


def test_rules_without_example_are_known() -> None:
    assert {name for name in RULES if reason_for_none(manual(name))} == WITHOUT_EXAMPLE
    assert {name for name in RULES if not examples(manual(name))} == WITHOUT_EXAMPLE


@pytest.mark.parametrize("name", sorted(set(RULES) - WITHOUT_EXAMPLE))
def test_rule_and_page_tell_the_truth_about_fixes(name: str) -> None:
    found = [d.fix for example in examples(manual(name)) for d in findings(example.bad)]
    fixes = [fix for fix in found if fix is not None]
    assert RULES[name].fixable == bool(fixes)
    how = sections(manual(name))["How to fix"]
    assert ("--fix" in how) == bool(fixes)
    applicable = {fix.applicability for fix in fixes}
    assert (Applicability.UNSAFE not in applicable) or "--unsafe-fixes" in how


def test_reference_is_up_to_date() -> None:
    path = ROOT / "docs" / "rules.md"
    if os.environ.get("UPDATE") == "1":
        path.write_text(rules_reference(), "utf-8", newline="\n")
    assert path.read_text("utf-8") == rules_reference(), "run this test with UPDATE=1"


def test_examples_are_read_as_documented() -> None:
    (example,) = examples(
        "Summary.\n\n## Example\n\nSome text:\n\n"
        "    -- seeds/a\\u200bb.txt --\n    x\\xe9\\t\\u00e9\\r\n\n    y\\\n"
        "    -- schemas/s.toml --\n    files = ['\\n']\n\n"
        "Use instead:\n\n"
        "    -- seeds/a\\u200bb.txt -> seeds/c.txt --\n    -- seeds/d.txt --\n    z\n"
        "\n## How to fix\n\nSo.\n"
    )
    a = b"x\xe9\t\xc3\xa9\r\n\ny"
    index = b"# Seeds\n\n| seed |\n|---|\n| [seed 1](%s) |\n"
    assert example.bad == {
        "seeds/a\u200bb.txt": a,
        "schemas/s.toml": b"files = ['\\n']\n",
        "INDEX.md": index % b"seeds/a%E2%80%8Bb.txt",
    }
    assert example.good == {
        "seeds/c.txt": a,
        "seeds/d.txt": b"z\n",
        "schemas/s.toml": b"files = ['\\n']\n",
        "INDEX.md": index % b"seeds/c.txt" + b"| [seed 2](seeds/d.txt) |\n",
    }


@pytest.mark.parametrize(
    "example",
    [
        "    -- seeds/a.txt --\n    x\n",
        "    -- seeds/a.txt --\n    x\n\nAnd another:\n\n    -- seeds/b.txt --\n    x\n",
        "Use instead:\n\n    -- seeds/a.txt --\n    x\n",
        "    x\n    -- seeds/a.txt --\n\nUse instead:\n\n    -- seeds/b.txt --\n",
    ],
    ids=["no remedy", "two examples", "no fault", "text before the first file"],
)
def test_examples_that_make_no_sense_are_refused(example: str) -> None:
    with pytest.raises(ValueError, match="example"):
        examples(f"Summary.\n\n## Example\n\n{example}\n")
