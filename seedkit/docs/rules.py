"""Reference pages of docs/, written from what the code says of itself."""

from __future__ import annotations

from typing import Final

from seedkit.core.rules import FAMILIES, RULES, Rule
from seedkit.rules import manual

_INTRODUCTION: Final = """\
# Rules

<!-- Made of core/rules.py and rules/pages/: UPDATE=1 pytest tests/test_rule_manuals.py -->

Every finding of `seedkit check` names its rule. `seedkit rule NAME` prints the page of a rule, and
`seedkit rule` lists them all.

A rule is part of a family, and wherever a rule can be named, so can its family:
`--select text,name --ignore text/bom`, or `select`, `ignore` and `per_file_ignores` in the
configuration. A rule that is named counts for more than its family.

Errors and warnings make `seedkit check` exit with 1. Faults of the configuration that keep it from
being used make every command exit with 2.

`seedkit check --fix` applies safe fixes. A safe fix leaves what is parsed as it was: the same
records, and in each the same sections, byte for byte. One thing counts as layout: whether a line
ends with LF or CRLF, also inside a section of several lines. A CR that no LF follows, a doubled CR
before LF, and a newline inside a quoted cell of `rows` may be content: no safe fix touches them.
Fixes that change a text, or remove something, take `--unsafe-fixes` as well. A fix is offered only
where it works: its finding is gone afterwards, and there is no other that was not there before. So
none is offered that would make the digest in a file's name wrong.
`seedkit check --diff` shows all that would change.

The examples are little corpora that the tests run: `-- PATH --` begins a file, `-- OLD -> NEW --`
is one renamed. `\\xHH` stands for a byte, `\\uHHHH`, `\\t` and `\\r` for a character, a backslash
at the end of a file for no newline there. Files that an example leaves out are as they should be:
INDEX.md lists all seeds, and a format in schemas/ claims them.
"""


def rules_reference() -> str:
    """Return docs/rules.md: a table of each family's rules, then the manual page of each rule."""
    tables = [_table(family) for family in FAMILIES]
    pages = [_page(rule) for rule in RULES.values()]
    return "\n".join((_INTRODUCTION, *tables, "## Manual pages\n", *pages))


def _table(family: str) -> str:
    rows = [_row(rule) for rule in RULES.values() if rule.family == family]
    head = "| rule | severity | fixable | finds |\n|---|---|---|---|"
    return "\n".join((f"## {family}\n\n{FAMILIES[family]}\n", head, *rows, ""))


def _row(rule: Rule) -> str:
    summary = manual.summary(rule).replace("|", "\\|")
    fixable = "yes" if rule.fixable else ""
    anchor = rule.name.replace("/", "")
    return f"| [{rule.name}](#{anchor}) | {rule.severity} | {fixable} | {summary} |"


def _page(rule: Rule) -> str:
    """The manual page, its headings two levels down."""
    summary, _, rest = manual.page(rule).partition("\n")
    fixable = "sometimes fixable" if rule.fixable else "not fixable"
    body = rest.replace("\n## ", "\n#### ")
    return f"### {rule.name}\n\n**{summary}** ({rule.severity}, {fixable})\n{body}\n"
