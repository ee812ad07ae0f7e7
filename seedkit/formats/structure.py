"""Checks that the right sections of one record are there, in the right order, by its labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedkit.core.document import Finding
from seedkit.core.patterns import compile_pattern
from seedkit.core.rules import (
    FORMAT_CONFLICTING_SECTIONS,
    FORMAT_DUPLICATE_SECTION,
    FORMAT_MISSING_ALTERNATIVE,
    FORMAT_MISSING_COMPANION,
    FORMAT_MISSING_SECTION,
    FORMAT_SECTION_ORDER,
)
from seedkit.core.text import line_spans
from seedkit.formats.labels import Label
from seedkit.formats.layout import Layout, delimiter_key, delimiter_keys

if TYPE_CHECKING:
    from seedkit.formats.spec import SectionSpec

_ORDERS = 10_000  # of sections in a record that are remembered as sound


def missing_sections(sections: Sequence[SectionSpec], at: int) -> Finding:
    """The finding that sections are missing, at the place where they should begin."""
    quoted = ", ".join(f"`{section.name}`" for section in sections)
    what = f"section {quoted} is" if len(sections) == 1 else f"sections {quoted} are"
    delimiter = sections[0].delimiter if len(sections) == 1 else None
    # Text that is there looks like the section to people, if it is its first line that is not.
    named = delimiter is not None and not isinstance(delimiter, str) and delimiter.name
    help_ = f"it begins with {named}" if named else None
    return FORMAT_MISSING_SECTION.finding(f"{what} missing", at, at, help_)


def check_structure(
    text: str,
    layout: Layout,
    labels: list[Label],
    record: tuple[int, int, int],
    near: frozenset[str],
    *,
    sound: bool = True,
) -> list[Finding]:
    """Return findings about order, repetition, absence and choice of sections.

    `record` is the record's start, end and where its delimiter begins; `near` names delimiters that
    some line nearly is, whose absence is explained already. In a record that is not `sound`, text
    stands where a section may have been lost, so absence is not reported.
    """
    order = tuple([label.index for label in labels])
    if sound and not near and order in layout.sound_orders:
        return []
    labels = [label for label in labels if label.index is not None]
    if near.intersection(layout.record_keys):
        return []  # two records in one: what is twice or missing follows from that
    findings = _order(text, layout, labels, near)
    present = {label.index for label in labels}
    if not findings and sound:
        findings += _absent(layout, labels, present, record, near)
    if not findings and sound and not near:
        findings += _choices(text, layout, present, record)
    if sound and not near and not findings and len(layout.sound_orders) < _ORDERS:
        layout.sound_orders.add(order)
    return findings


def _order(text: str, layout: Layout, labels: list[Label], near: frozenset[str]) -> list[Finding]:
    findings: list[Finding] = []
    twice = False  # the first section that is there twice: others follow when two records are one
    first: dict[int, Label] = {}
    order = layout.spec.sections.order
    strict = order == "strict"
    last: Label | None = None
    rounds: list[list[Label]] = []
    for label in labels:
        index = label.index
        assert index is not None  # stray text is not judged here
        name = layout.sections[index].name
        if index in first and not layout.sections[index].repeat:
            if not twice:
                message = f"section `{name}` occurs twice"
                related = ((*_span(text, first[index]), "first here"),)
                span, help_ = _span(text, label), None
                begins = _next_record(text, layout, label)
                if begins is not None:
                    span, help_ = begins, "an empty line is missing before the next record"
                found = FORMAT_DUPLICATE_SECTION.finding(message, *span, help=help_)
                findings.append(found._replace(related=related))
                twice = True
            continue
        if order == "first" and index == 0 and first:
            other = layout.sections[next(iter(first))].name
            message = f"section `{name}` comes after `{other}`, it must be the first"
            findings.append(FORMAT_SECTION_ORDER.finding(message, *_span(text, label)))
        first.setdefault(index, label)
        group = layout.groups[index]
        if strict and last is not None and last.index is not None:
            same_group = group >= 0 and group == layout.groups[last.index]
            if index < last.index and not same_group:
                other = layout.sections[last.index].name
                message = f"section `{name}` comes after `{other}`, not before it"
                findings.append(FORMAT_SECTION_ORDER.finding(message, *_span(text, label)))
                continue
        if group >= 0 and strict:
            goes_on = last is not None and rounds and rounds[-1][-1] is last
            if goes_on and last is not None and _same_round(layout, last, index):
                rounds[-1].append(label)
            else:
                rounds.append([label])
        last = label
    return findings + _incomplete(text, layout, rounds, near)


def _next_record(text: str, layout: Layout, label: Label) -> tuple[int, int] | None:
    """Where the next record begins, if an empty line is missing before it: with the line before the
    label, which is the first section of a record, and has no delimiter but a pattern."""
    first = layout.sections[0]
    if label.index != 1 or first.delimiter is not None or first.pattern is None:
        return None
    if not any(delimiter.literal == "" for delimiter in layout.record_delimiters):
        return None
    end = _span(text, label)[0]
    lines = text[:end].rstrip("\r\n")
    start = max(lines.rfind("\n"), lines.rfind("\r")) + 1
    is_first = compile_pattern(first.pattern).fullmatch(lines[start:])
    return (start, len(lines)) if is_first else None


def _same_round(layout: Layout, last: Label, index: int) -> bool:
    """Tell whether a section goes on with the round of a group that `last` belongs to."""
    assert last.index is not None  # see `_order`
    return layout.groups[last.index] == layout.groups[index] and index > last.index


def _incomplete(
    text: str, layout: Layout, rounds: list[list[Label]], near: frozenset[str]
) -> list[Finding]:
    """Every round of a group of repeated sections must have all that are required."""
    findings: list[Finding] = []
    lacking: list[int] = []  # in the round before
    for number, labels in enumerate(rounds):
        have = {label.index for label in labels}
        before, lacking = lacking, _lacking(layout, labels, near)
        span = _span(text, labels[-1])
        name = layout.sections[labels[-1].index or 0].name
        if before and lacking and have.issuperset(before):
            other = layout.sections[rounds[number - 1][-1].index or 0].name
            message = f"section `{name}` comes after `{other}`, not before it"
            findings[-1] = FORMAT_SECTION_ORDER.finding(message, *span)
            lacking = []
        elif lacking:
            missing = missing_sections([layout.sections[i] for i in lacking], span[0])
            message = f"{missing.message} next to this `{name}`"
            findings.append(FORMAT_MISSING_SECTION.finding(message, *span))
    return findings


def _lacking(layout: Layout, labels: list[Label], near: frozenset[str]) -> list[int]:
    have = {label.index for label in labels}
    group = layout.groups[labels[0].index or 0]
    return [
        index
        for index in layout.members[group]
        if layout.sections[index].required
        and index not in have
        and near.isdisjoint(delimiter_keys(layout.sections[index]))
    ]


def _absent(
    layout: Layout,
    labels: list[Label],
    present: set[int | None],
    record: tuple[int, int, int],
    near: frozenset[str],
) -> list[Finding]:
    missing = [
        index
        for index, section in enumerate(layout.sections)
        if section.required
        and index not in present
        and near.isdisjoint(delimiter_keys(section))
        and not (section.close and delimiter_key(section.close) in near)
    ]
    if not missing:
        return []
    at = record[0]
    for label in labels:
        if label.index is not None and label.index < missing[0]:
            at = label.content_end
    return [missing_sections([layout.sections[index] for index in missing], at)]


def _choices(
    text: str, layout: Layout, present: set[int | None], record: tuple[int, int, int]
) -> list[Finding]:
    have = {layout.sections[index].name for index in present if index is not None}
    _, end, anchor = record
    while anchor < end and text[anchor] in "\r\n":
        anchor += 1
    span = (anchor, anchor + line_spans(text[anchor:end])[1][0])
    findings: list[Finding] = []
    for rule in layout.spec.rule:
        one, some = rule.exactly_one_of, rule.at_least_one_of
        for names in (one, some):
            if names and not have.intersection(names):
                message = f"one of the sections {_listed(names)} is required"
                findings.append(FORMAT_MISSING_ALTERNATIVE.finding(message, *span))
        if one and len(both := [name for name in one if name in have]) > 1:
            message = f"sections {_listed(both)} exclude each other"
            findings.append(FORMAT_CONFLICTING_SECTIONS.finding(message, *span))
        if rule.requires and rule.requires[0] in have:
            lacking = [name for name in rule.requires[1:] if name not in have]
            if lacking:
                message = f"section `{rule.requires[0]}` requires {_listed(lacking)}"
                findings.append(FORMAT_MISSING_COMPANION.finding(message, *span))
        if rule.forbids and rule.forbids[0] in have:
            clash = [name for name in rule.forbids[1:] if name in have]
            if clash:
                message = f"section `{rule.forbids[0]}` forbids {_listed(clash)}"
                findings.append(FORMAT_CONFLICTING_SECTIONS.finding(message, *span))
    return findings


def _span(text: str, label: Label) -> tuple[int, int]:
    """The delimiter itself, without the newlines that belong to it."""
    start, end = label.start, max(label.content, label.start)
    while start < end and text[start] in "\r\n":
        start += 1
    while end > start and text[end - 1] in "\r\n":
        end -= 1
    if start == end:  # no delimiter: the first line of the section
        end = start + line_spans(text[start : label.content_end])[1][0]
    return start, end


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
