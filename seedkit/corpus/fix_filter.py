"""Which fixes of a seed are offered: those that work, and as safe only what changes no section."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from seedkit.core.document import Document, Finding, TextFix
from seedkit.core.rules import NAME_WRONG_DIGEST
from seedkit.formats.layout import Layout
from seedkit.formats.newlines import parsed

_NUMBER = re.compile(r"\d[\d,]*")


class Examined(NamedTuple):
    """A text as parsed, and what was found in it."""

    document: Document
    findings: list[Finding]


def workable(before: Examined, layout: Layout, examine: Callable[[str], Examined]) -> list[Finding]:
    """Return the findings, without the fixes that do not work.

    After a fix that works its finding is gone and there is no finding that was not there before. A
    safe one also leaves what was parsed as it was, else it is made unsafe. `examine` examines
    another text of the same seed.
    """
    return [
        finding
        if finding.fix is None
        else finding._replace(fix=_workable(finding, finding.fix, before, layout, examine))
        for finding in before.findings
    ]


def edited(text: str, fix: TextFix) -> str:
    """Return the text with the edits of the fix made."""
    parts: list[str] = []
    at = 0
    for start, end, new in sorted(fix.edits):
        parts += (text[at:start], new)
        at = end
    return "".join((*parts, text[at:]))


def _workable(
    finding: Finding,
    fix: TextFix,
    before: Examined,
    layout: Layout,
    examine: Callable[[str], Examined],
) -> TextFix | None:
    text = edited(before.document.text, fix)
    file = layout.spec.file
    try:
        size = len(text.encode(file.encoding, "surrogateescape"))
    except UnicodeEncodeError:
        return None  # what it writes has no place in the file's encoding
    if size > file.max_bytes:
        return None
    after = examine(text)
    if any(each.rule == finding.rule for each in after.findings) or not none_new(before, after):
        return None
    wrong_name = any(each.rule == NAME_WRONG_DIGEST.name for each in after.findings)
    if fix.safe and (
        wrong_name or parsed(before.document, layout) != parsed(after.document, layout)
    ):
        return fix._replace(safe=False)
    return fix


def none_new(before: Examined, after: Examined) -> bool:
    """Tell whether each finding afterwards was there before: the same text, or the same words."""
    had = _features(before)
    for rule, words, subject in _features(after):
        for number, (its_rule, its_words, its_subject) in enumerate(had):
            if rule == its_rule and (words == its_words or subject == its_subject):
                del had[number]
                break
        else:
            return False
    return True


def _features(examined: Examined) -> list[tuple[str, str, str]]:
    """Of each finding the rule, its words without numbers, and the text that it is about."""
    text = examined.document.text
    features = []
    for rule, message, start, end, *_ in examined.findings:
        words = "" if rule == NAME_WRONG_DIGEST.name else _NUMBER.sub("0", message)
        features.append((rule, words, words if start < 0 else text[start:end]))
    return features
