"""Twelve kinds of data, and the faults that people make in each: one finding, at its place."""

from __future__ import annotations

import tomllib

import pytest

from seedkit.corpus.analyse import Analyser
from seedkit.formats.layout import Layout
from seedkit.formats.load import builtin_text, merge
from seedkit.formats.spec import FormatSpec
from support.typical_faults import KINDS, KindOfData


def found(kind: KindOfData, text: str) -> list[str]:
    """Findings as `LINE:COLUMN: RULE MESSAGE`."""
    values = dict(kind.format)
    base = values.pop("extends", None)
    if base is not None:
        values = dict(merge(tomllib.loads(builtin_text(base)), values))
    of = Layout("x", FormatSpec.model_validate({"files": ["*"], **values}))
    lines = []
    for each in Analyser(of).analyse("x", text.encode()).diagnostics:
        start = each.place.start
        at = f"{start.line}:{start.column}: " if start is not None else ""
        lines.append(f"{at}{each.rule} {each.message}")
    return lines


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_file_has_no_finding(kind: str) -> None:
    assert found(KINDS[kind], KINDS[kind].text) == []


@pytest.mark.parametrize(
    ("kind", "fault"), [(kind, fault) for kind in KINDS for fault in KINDS[kind].faults]
)
def test_a_fault_is_one_finding_at_its_place(kind: str, fault: str) -> None:
    text, at = KINDS[kind].faulty(fault)
    findings = found(KINDS[kind], text)
    assert [finding.split(": ")[0] for finding in findings] == [at]


def test_there_are_ten_faults_of_twelve_kinds() -> None:
    assert len(KINDS) == 12
    assert all(len(kind.faults) >= 10 for kind in KINDS.values())
