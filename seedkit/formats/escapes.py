"""Escape styles that change the delimiters of one text: `suffix` and `longest`.

Both come from tree-sitter's corpus tests: a file whose content holds a delimiter line carries the
same extra characters on every delimiter, or uses longer ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedkit.core.text import line_spans
from seedkit.formats.layout import Layout

if TYPE_CHECKING:
    from seedkit.formats.spec import FormatSpec


def effective_layout(text: str, layout: Layout) -> Layout:
    """Return the layout with the literal delimiters that this text really uses."""
    style = layout.spec.escape.style
    if style not in ("suffix", "longest"):
        return layout
    literals = [literal for literal in layout.near_targets if literal]
    starts, ends = line_spans(text)
    lines = [text[a:b] for a, b in zip(starts, ends, strict=True)]
    if style == "suffix":
        renamed = _with_suffix(lines, literals)
    else:
        renamed = {literal: _longest(lines, literal) for literal in literals}
    if all(old == new for old, new in renamed.items()):
        return layout
    return Layout(layout.name, _rename(layout.spec, renamed))


def _with_suffix(lines: list[str], literals: list[str]) -> dict[str, str]:
    for line in lines:
        for literal in literals:
            if line.startswith(literal):
                suffix = line[len(literal) :]
                return {each: each + suffix for each in literals}
    return {}


def _longest(lines: list[str], literal: str) -> str:
    if len(set(literal)) != 1:
        return literal
    runs = [line for line in lines if len(line) >= len(literal) and set(line) == {literal[0]}]
    return max(runs, key=len, default=literal)


def _rename(spec: FormatSpec, renamed: dict[str, str]) -> FormatSpec:
    def new(delimiter: object) -> object:
        return renamed.get(delimiter, delimiter) if isinstance(delimiter, str) else delimiter

    sections = [
        section.model_copy(
            update={
                **{key: new(getattr(section, key)) for key in ("delimiter", "close")},
                "aliases": [new(each) for each in section.aliases],
            }
        )
        if section.match == "line"
        else section
        for section in spec.section
    ]
    record = spec.record
    if record is not None:
        keys = ("delimiter", "open", "close")
        record = record.model_copy(update={key: new(getattr(record, key)) for key in keys})
    return spec.model_copy(update={"section": sections, "record": record})
