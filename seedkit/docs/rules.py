"""Reference pages of docs/, written from what the code says of itself."""

from __future__ import annotations

import inspect
from typing import Final

from seedkit.rules import RULES, rule

_FAMILIES: Final = {
    "text": "The text as a whole: encoding, newlines, characters that can't be seen.",
    "name": "File names, one by one and compared with each other.",
    "format": "Structure: is the file cut as its format in schemas/ declares?",
    "section": "What each section holds. Records with a fault of structure are passed over.",
    "index": "INDEX.md, compared with the seeds both ways.",
    "repeat": "Text that occurs more than once, within a seed or in several.",
    "config": "The configuration, the formats, and what they allow.",
}

_INTRODUCTION: Final = """\
# Rules

<!-- Made of the docstrings in seedkit/rules/: UPDATE=1 pytest tests/test_rule_manuals.py -->

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
    families = list(dict.fromkeys(family for family, _ in RULES.values()))
    tables = [_table(family) for family in families]
    pages = [_page(name) for name in RULES]
    return "\n".join((_INTRODUCTION, *tables, "## Manual pages\n", *pages))


def _table(family: str) -> str:
    rows = [_row(name) for name, (its_family, _) in RULES.items() if its_family == family]
    head = "| rule | severity | fixable | finds |\n|---|---|---|---|"
    return "\n".join((f"## {family}\n\n{_FAMILIES[family]}\n", head, *rows, ""))


def _row(name: str) -> str:
    found = rule(name)
    summary = _manual(name).partition("\n")[0].rstrip(".").replace("|", "\\|")
    fixable = "yes" if found.fixable else ""
    return f"| [{name}](#{name.replace('/', '')}) | {found.severity} | {fixable} | {summary} |"


def _page(name: str) -> str:
    """The manual page, its headings two levels down."""
    found = rule(name)
    summary, _, rest = _manual(name).partition("\n")
    fixable = "sometimes fixable" if found.fixable else "not fixable"
    body = rest.replace("\n## ", "\n#### ")
    return f"### {name}\n\n**{summary}** ({found.severity}, {fixable})\n{body}\n"


def _manual(name: str) -> str:
    return inspect.getdoc(rule(name)) or ""
