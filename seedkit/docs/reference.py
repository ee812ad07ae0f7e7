"""Reference pages of docs/, written from the models that validate and the table of rules."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from seedkit.core.rules import FAMILIES, RULES, Rule
from seedkit.formats.field_spec import FieldSpec, PatternDelimiter
from seedkit.formats.load import builtin_format, builtin_names
from seedkit.formats.spec import (
    ChoiceSpec,
    CommentsSpec,
    EscapeSpec,
    FileSpec,
    FormatSpec,
    HashSpec,
    RecordSpec,
    SectionSpec,
    SectionsSpec,
)
from seedkit.rules import manual
from seedkit.settings.config import Config

_TYPES: dict[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def key_table(model: type[BaseModel]) -> str:
    """Return a Markdown table of the model's keys: name, value, default, meaning."""
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for name, info in model.model_fields.items():
        meaning = cell(" ".join((info.description or "").split()))
        rows.append(
            f"| `{info.alias or name}` | {_type(info.annotation)} | {_default(info)} | {meaning} |"
        )
    return "\n".join(rows) + "\n"


def cell(text: str) -> str:
    """Return the text as it is written in a cell of a table."""
    return text.replace("|", "\\|")


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{_toml(value)}`" for value in arguments)
    if origin in (Union, UnionType):
        return " or ".join(_type(each) for each in arguments if each is not NoneType)
    if origin is list:
        return "tables" if _is_table(arguments[0]) else f"array of {_type(arguments[0])}s"
    if origin is dict:
        return f"table of {_type(arguments[1])}"
    if origin is not None:  # Annotated
        return _type(arguments[0])
    return "table" if _is_table(annotation) else _TYPES[annotation]


def _is_table(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    default = info.get_default(call_default_factory=True)
    empty = default in (None, "", [], {}) or _is_table(type(default))
    return "" if empty else f"`{_toml(default)}`"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:_}" if value >= 10_000 else str(value)
    if value == '"':
        return "'\"'"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace("\t", "\\t") + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)


_INTRODUCTION: Final = """\
# Configuration

<!-- Made of seedkit/settings/config.py: UPDATE=1 pytest tests/docs/test_docs.py -->

Settings are in `seedkit.toml`, at the top, or in `pyproject.toml` under `[tool.seedkit]`; if both
are there, `seedkit.toml` counts. All have defaults, so an empty `seedkit.toml` is enough to say
"this folder is a corpus". Unknown keys and wrong values are errors, shown with their place.

The root of a corpus is the nearest folder upwards that has a `seedkit.toml`, a `pyproject.toml`
with `[tool.seedkit]`, or `INDEX.md` next to `seeds/`. `--root DIR` names it, `--config KEY=VALUE`
overrides a setting for one run, `--isolated` ignores the files, and `seedkit show-settings` prints
what is in force. Patterns are those of `.gitignore`, relative to the root.
"""

_AFTER: Final = """\
## What is never a seed

Some files are passed over wherever they lie, whatever `files` and `exclude` say: `.git` and its
kind, `.DS_Store`, `Thumbs.db`, `desktop.ini` and AppleDouble files (`._a.txt`), and what editors
and patch tools leave (`a.txt~`, `#a.txt#`, `.#a.txt`, `.a.txt.swp`, `.~lock.a.txt#`, `a.txt.orig`,
`a.txt.rej`).

With `seeds = ["."]`, files at the top of the corpus are seeds only if a pattern in a format's
`files` names them, as `*.txt`, `**/*.txt`, `/notes` and `/*` do. A pattern that names nothing (`*`,
`**`, `**/*`, `*.*`) takes only what lies in folders, so that README.md and LICENSE are no seeds;
`seedkit show-files` lists what it leaves out. Settings, the index, the baseline, `schemas/` and
names that start with `.` are never seeds.

## Accepting what is there

`per_file_ignores` switches rules off for some files:

```toml
[tool.seedkit.per_file_ignores]
"seeds/old/**" = ["section", "text/trailing-whitespace"]
```

`seedkit check --baseline-update` writes `seedkit-baseline.json`, which accepts every finding of
today. A finding that moves with its text stays accepted; one more of the same is new; an entry
whose finding is gone is reported, so that the file only ever shrinks. An entry is gone only if it
was looked for: not if its rule or path is left out, or its seed can't be read. That a seed can't be
read, or a folder can't be listed, is never accepted. With `--select`, `--ignore` or PATHs,
`--baseline-update` keeps the entries of all others. A seed that is renamed without another change
takes its entries along, but for those about repeats.

A seed whose format has `[comments]` can carry `# seedkit: allow RULE reason` in its leading
comments, for the whole file, or in those of a record, for that record.

## Caches

What is known of each seed is kept in the user's cache folder, never in the corpus.
`--cache-dir DIR` or `SEEDKIT_CACHE_DIR` moves it. It can be deleted at any time.
Where it can't be used (it can't be written, belongs to another user, or lies inside the corpus), a
note says so, and the run does without.
"""


def configuration_reference() -> str:
    """Return docs/configuration.md."""
    return f"{_INTRODUCTION}\n{key_table(Config)}\n{_AFTER}"


_TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("Top level", FormatSpec),
    ("`[file]`", FileSpec),
    ("`[file] hash = { … }`", HashSpec),
    ("`[record]`", RecordSpec),
    ("`delimiter = { pattern = … }`", PatternDelimiter),
    ("`[sections]`", SectionsSpec),
    ("`[[section]]`", SectionSpec),
    ("`[[section.field]]`", FieldSpec),
    ("`[[rule]]`", ChoiceSpec),
    ("`[escape]`", EscapeSpec),
    ("`[comments]`", CommentsSpec),
)


def format_reference() -> str:
    """Return the reference of the format language as Markdown: every table and key."""
    return "\n".join(
        f"### {title}\n\n{' '.join((model.__doc__ or '').split())}\n\n{key_table(model)}"
        for title, model in _TABLES
    )


def format_table() -> str:
    """Return the built-in formats as a Markdown table."""
    rows = ["| name | what it is | sections |", "|---|---|---|"]
    for name in builtin_names():
        spec = builtin_format(name, [])
        sections = [f"`{section.name}`" for section in spec.section]
        listed = ", ".join(sections[:8]) + (", …" if len(sections) > 8 else "")
        rows.append(f"| `{name}` | {cell(spec.title)} | {listed} |")
    return "\n".join(rows) + "\n"


_RULES_INTRODUCTION: Final = """\
# Rules

<!-- Made of core/rules.py and rules/pages/: UPDATE=1 pytest tests/rules/test_rule_manuals.py -->

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
INDEX.md lists all seeds, and a format in schemas/ matches them.
"""


def rules_reference() -> str:
    """Return docs/rules.md: a table of each family's rules, then the manual page of each rule."""
    tables = [_table(family) for family in FAMILIES]
    pages = [_page(rule) for rule in RULES.values()]
    return "\n".join((_RULES_INTRODUCTION, *tables, "## Manual pages\n", *pages))


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
