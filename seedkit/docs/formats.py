"""The reference of the format language, from the models that validate it."""

from __future__ import annotations

from pydantic import BaseModel

from seedkit.docs.tables import cell, key_table
from seedkit.formats.load import builtin_format, builtin_names
from seedkit.formats.spec import (
    ChoiceSpec,
    CommentsSpec,
    EscapeSpec,
    FileSpec,
    FormatSpec,
    HashSpec,
    PatternDelimiter,
    RecordSpec,
    SectionSpec,
    SectionsSpec,
)

_TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("Top level", FormatSpec),
    ("`[file]`", FileSpec),
    ("`[file] hash = { … }`", HashSpec),
    ("`[record]`", RecordSpec),
    ("`delimiter = { pattern = … }`", PatternDelimiter),
    ("`[sections]`", SectionsSpec),
    ("`[[section]]`", SectionSpec),
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
