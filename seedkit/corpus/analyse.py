"""Bytes and a format in, `Facts` out: everything seedkit knows of one seed. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

from seedkit.core.diagnostic import (
    Applicability,
    Diagnostic,
    Edit,
    Fix,
    Place,
    Position,
    Related,
    fingerprint,
)
from seedkit.core.document import Document, Finding, Kind, Section, TextFix
from seedkit.core.rules import (
    FORMAT_NO_FORMAT,
    NAME_WRONG_DIGEST,
    REPEAT_REPEATED_SECTION,
    RULES,
    TEXT_CONFLICT_MARKER,
    TEXT_CONTROL_CHARACTER,
    TEXT_MISSING_FINAL_NEWLINE,
    TEXT_MIXED_NEWLINES,
    TEXT_TRAILING_WHITESPACE,
    TEXT_UNWANTED_FINAL_NEWLINE,
    TEXT_WRONG_NEWLINE,
)
from seedkit.core.skipped import SkippedSeed
from seedkit.core.text import LineIndex, decode
from seedkit.corpus.facts import Allowance, KeyPlace
from seedkit.corpus.fix_filter import Examined, none_new, workable
from seedkit.formats.damage import certain, is_binary, is_countable, is_damaged
from seedkit.formats.layout import Layout
from seedkit.formats.newlines import parsed
from seedkit.formats.parser import parse, parse_damaged
from seedkit.rules.name import check_digest, check_name, name_groups
from seedkit.rules.references import Key, check_references, keys_of
from seedkit.rules.repeat import check_repeated_section, comparable
from seedkit.rules.section import check_sections, checks_of
from seedkit.rules.text import (
    TextSeed,
    check_conflict_marker,
    check_encoding,
    check_size,
    check_text,
)
from seedkit.sources.compressed import expand, is_compressed

ALLOW = "seedkit: allow "
_MOST = 1000  # findings of one rule in one seed that are reported one by one
# Findings about the layout of a text: its sections say the same with them and without.
_LAYOUT = frozenset(
    (
        TEXT_TRAILING_WHITESPACE.name, TEXT_MIXED_NEWLINES.name, TEXT_WRONG_NEWLINE.name,
        TEXT_MISSING_FINAL_NEWLINE.name, TEXT_UNWANTED_FINAL_NEWLINE.name,
    )
)  # fmt: skip


class Facts(NamedTuple):
    """What one seed is.

    `digest` is SHA-256 of its bytes. Where a finding says that the text may not be cut as its
    author meant, `title` is empty and `records` is minus their number: nothing is derived from
    them until that is fixed. `groups` are those of its name, without a wrong digest; `compared` is
    the text that is compared for repeats, offsets as in the seed, None if the seed is skipped.
    `skipped` says why it is neither compared nor searched, None if it is.
    """

    size: int
    digest: bytes
    format: str
    title: str
    records: int
    sections: int
    groups: Mapping[str, str]
    keys: tuple[KeyPlace, ...]
    allowances: tuple[Allowance, ...]
    diagnostics: tuple[Diagnostic, ...]
    compared: str | None = None
    skipped: SkippedSeed | None = None


class Analyser:
    """Analyses seeds of one format; what depends on the format alone is computed once."""

    def __init__(self, layout: Layout, passage_tokens: int = 30) -> None:
        self.layout = layout
        self.passage_tokens = passage_tokens
        self.checks = [checks_of(spec) for spec in layout.sections]
        self.encoding = layout.spec.file.encoding
        self.title_sections = [i for i, s in enumerate(layout.sections) if s.name == "title"]

    def analyse(self, path: str, data: bytes) -> Facts:
        """Return the facts of the seed `path` with the content `data`.

        Raises `Refused` for a compressed one that does not hold what can be read, and nothing else.
        """
        layout = self.layout
        held = expand(path, data, layout.spec.file.max_bytes)
        digest = hashlib.sha256(data).digest()
        groups = name_groups(path, layout)
        findings = list(check_name(path, layout, groups))
        too_large = check_size(len(held), layout.spec.file)
        text, document, damaged, binary = None, None, False, False
        counted = True  # whether it is certain how many records there are
        repeated: list[Finding] = []
        if too_large is not None:
            findings.append(too_large)
        else:
            text, damaged = decode(held, self.encoding)
            binary = is_binary(text, damaged=damaged)
            examine = partial(self._examine, path, groups or {}, damaged=damaged, binary=binary)
            examined = examine(text, data)
            if is_compressed(path):  # nobody could make an edit of it
                findings += (finding._replace(fix=None) for finding in examined.findings)
            elif any(finding.fix is not None for finding in examined.findings):
                findings += workable(examined, layout, examine)
            else:
                findings += examined.findings
            document = examined.document
            repeated = [f for f in findings if f.rule == REPEAT_REPEATED_SECTION.name]
            counted = not findings or not _miscut(findings)
            counted &= not binary and (not damaged or is_countable(document, layout))
        if document is None and layout.spec.file.hash is not None:
            findings += check_digest(layout, groups or {}, data, None)
        if groups and any(finding.rule == NAME_WRONG_DIGEST.name for finding in findings):
            assert layout.spec.file.hash is not None  # or there is no digest to be wrong
            groups = {k: v for k, v in groups.items() if k != layout.spec.file.hash.group}
        places = _Places(path, text or "")
        diagnostics = tuple(map(places.diagnostic, _bounded(findings))) if findings else ()
        if document is None:
            empty: tuple[Allowance, ...] = ()
            return Facts(
                len(data), digest, layout.name, "", 0, 0, groups or {}, (), empty, diagnostics,
                skipped="too-large",
            )  # fmt: skip
        keys = keys_of(document, layout) if layout.unique_in_corpus or layout.references else ()
        return Facts(
            len(data),
            digest,
            layout.name,
            self._title(document, findings),
            len(document.records) if counted else -len(document.records),
            document.count_sections(),
            groups or {},
            tuple(places.key(key, damaged=damaged) for key in keys),
            tuple(_allowances(document, places)) if layout.spec.comments else (),
            diagnostics,
            None if binary else comparable(document, layout, repeated),
            "binary" if binary else None,
        )

    def too_large(self, path: str, size: int, *, compressed: bool = False) -> Facts:
        """Return the facts of a seed that has, or `compressed` holds, too much to be read."""
        groups = name_groups(path, self.layout)
        findings = list(check_name(path, self.layout, groups))
        too_large = check_size(size, self.layout.spec.file, compressed=compressed)
        findings += [too_large] if too_large is not None else []
        places = _Places(path, "")
        diagnostics = tuple(map(places.diagnostic, findings))
        return Facts(
            size, b"", self.layout.name, "", 0, 0, groups or {}, (), (), diagnostics,
            skipped="too-large",
        )  # fmt: skip

    def allows(self, path: str, before: bytes, after: bytes, *, safe: bool) -> bool:
        """Tell whether a change of a seed is one that a fix may make: it makes no new finding, and,
        if it is to be `safe`, leaves what was parsed as it was.
        """
        if check_size(len(after), self.layout.spec.file) is not None:
            return False
        groups = name_groups(path, self.layout) or {}

        def examined(data: bytes) -> Examined:
            text, damaged = decode(data, self.encoding)
            binary = is_binary(text, damaged=damaged)
            return self._examine(path, groups, text, data, damaged=damaged, binary=binary)

        old, new = examined(before), examined(after)
        same = parsed(old.document, self.layout) == parsed(new.document, self.layout)
        return none_new(old, new) and (same or not safe)

    def _examine(
        self,
        path: str,
        groups: Mapping[str, str],
        text: str,
        data: bytes | None = None,
        *,
        damaged: bool,
        binary: bool,
    ) -> Examined:
        """Parse and check a text; `data` are its bytes. A `damaged` one has undecodable bytes.

        Of that, findings are left out that those bytes may be the cause of: all, if it is `binary`.
        """
        layout = self.layout
        document = parse_damaged(text, layout) if damaged else parse(text, layout)
        seed = TextSeed(path, document, layout)
        conflict = check_conflict_marker(seed)
        findings = [conflict] if conflict is not None else []
        if damaged and (binary or layout.spec.file.undecodable == "forbid"):
            findings.append(check_encoding(text, self.encoding, binary=binary))
            found = [] if binary else self._inner(seed, conflicts=conflict is not None)
            findings += certain(document, layout, found)
        else:
            found = self._inner(seed, conflicts=conflict is not None)
            # A text full of NULs, as of UTF-16: nothing else that is said of it is true.
            controls = [f for f in found if f.rule == TEXT_CONTROL_CHARACTER.name]
            findings += controls if binary and controls else found
        if layout.spec.file.hash is not None:
            data = text.encode(self.encoding, "surrogateescape") if data is None else data
            findings += check_digest(layout, groups, data, None if damaged else text)
        return Examined(document, findings)

    def _inner(self, seed: TextSeed, *, conflicts: bool) -> list[Finding]:
        """Check the text and, but for one with conflicts of a merge, its structure."""
        document, layout = seed.document, self.layout
        findings = list(check_text(seed))
        if not conflicts:
            findings += document.findings
            findings += check_sections(document, layout, self.checks)
            findings += check_references(document, layout)
            findings += check_repeated_section(document, layout, self.passage_tokens)
        return findings

    def _title(self, document: Document, findings: list[Finding]) -> str:
        """The first section named `title`, on one line; none if it or its record has a finding.

        The index is not compared with a title that is wrong itself: one cause, one message.
        """
        for record in document.records[:1] if self.title_sections else ():
            for section in record.sections:
                if section.number in self.title_sections:
                    value = document.value(section)
                    damaged = is_damaged(value, 0, len(value))
                    if damaged or (findings and _at_fault(section, record.end, findings)):
                        return ""
                    return _one_line(value)
        return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _miscut(findings: list[Finding]) -> bool:
    """Tell whether the text may not be cut as its author meant: what is counted is in doubt."""
    return any(map(_is_structural, findings))


def _is_structural(finding: Finding) -> bool:
    return finding.rule.startswith("format/") or finding.rule == TEXT_CONFLICT_MARKER.name


def _bounded(findings: list[Finding]) -> list[Finding]:
    """The findings, of one rule without a fix so many at most; another one counts the others."""
    if len(findings) <= _MOST:
        return findings
    kept: list[Finding] = []
    counts = Counter[str]()
    first: dict[str, Finding] = {}  # that is left out
    for finding in findings:
        if finding.fix is None:
            counts[finding.rule] += 1
            if counts[finding.rule] > _MOST:
                first.setdefault(finding.rule, finding)
                continue
        kept.append(finding)
    for rule, finding in first.items():
        more = counts[rule] - _MOST
        message = f"{more:,} more of this rule in this seed, from here on"
        kept.append(Finding(rule, message, finding.start, finding.end, severity=finding.severity))
    return kept


def _at_fault(section: Section, record_end: int, findings: list[Finding]) -> bool:
    """Tell whether a section of the first record may not say what its author meant."""
    return any(
        finding.start <= record_end
        if _is_structural(finding)
        else finding.start <= section.end
        and section.start <= finding.end
        and finding.rule.startswith(("section/", "text/"))
        and finding.rule not in _LAYOUT
        for finding in findings
    )


class _Places:
    """Gives findings of one text their places; its line index is made when one needs it."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._index: LineIndex | None = None

    def place(self, start: int, end: int) -> Place:
        if start < 0:
            return Place(self.path)
        if self._index is None:
            self._index = LineIndex(self.text)
        index = self._index
        return Place(self.path, Position(*index.position(start)), Position(*index.position(end)))

    def key(self, key: Key, *, damaged: bool) -> KeyPlace:
        """Place a key; one that has undecodable bytes can't be read."""
        name, digest, start, end, target, shown = key
        if damaged and is_damaged(self.text, start, end):
            digest = ""
        return KeyPlace(name, digest, self.place(start, end), target, shown)

    def diagnostic(self, finding: Finding) -> Diagnostic:
        place = self.place(finding.start, finding.end)
        subject = finding.message if finding.start < 0 else self.text[finding.start : finding.end]
        return Diagnostic(
            finding.rule,
            finding.severity or RULES[finding.rule].severity,
            finding.message,
            place,
            help=finding.help,
            related=tuple(
                Related(self.place(start, end), message) for start, end, message in finding.related
            ),
            fix=None if finding.fix is None else self._fix(finding.fix),
            fingerprint=fingerprint(finding.rule, subject),
        )

    def _fix(self, fix: TextFix) -> Fix:
        edits = tuple(Edit(self.place(edit.start, edit.end), edit.text) for edit in fix.edits)
        applicability = Applicability.SAFE if fix.safe else Applicability.UNSAFE
        return Fix(fix.title, edits, applicability)


def _allowances(document: Document, places: _Places) -> Iterator[Allowance]:
    """Read `# seedkit: allow RULE reason` from the comments of the file and of its records."""
    records = document.records
    number = 0
    for piece in document.pieces:
        if piece.kind is not Kind.COMMENT:
            continue
        line = document.text[piece.start : piece.end].rstrip("\r\n")
        _, found, rest = line.partition(ALLOW)
        if not found or not rest.strip():
            continue
        comment = places.place(piece.start, piece.start + len(line))
        name = rest.split()[0]
        while number < len(records) and records[number].end <= piece.start:
            number += 1
        if not records or piece.start < records[0].start or len(records) == 1:
            yield Allowance(name, comment)
            continue
        record = records[min(number, len(records) - 1)]
        span = places.place(record.start, record.end)
        assert span.start is not None and span.end is not None  # a record has a span
        yield Allowance(name, comment, span.start.offset, span.end.offset)


def no_format(path: str, data: bytes) -> Facts:
    """Return the facts of a seed that no format matches: it is compared as plain text, if it is.

    Raises `Refused` as `Analyser.analyse` does.
    """
    message = "no format matches this file"
    remedy = "add it to `files` of a format in schemas/, or to `exclude`"
    diagnostic = FORMAT_NO_FORMAT.diagnostic(
        message, Place(path), remedy, fingerprint=fingerprint(FORMAT_NO_FORMAT.name, message)
    )
    text, damaged = decode(expand(path, data), "utf-8")
    binary = is_binary(text, damaged=damaged)
    return Facts(
        len(data), hashlib.sha256(data).digest(), "", "", 0, 0, {}, (), (), (diagnostic,),
        None if binary else text,
        "binary" if binary else None,
    )  # fmt: skip
