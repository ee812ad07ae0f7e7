"""Rules about what a section holds, as its format declares.

Records with a structural error are passed over: what is missing can't also be too short.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from seedkit.diagnostic import Diagnostic, Place, Related, Severity
from seedkit.document import Document, Finding, Record, Section
from seedkit.formats.content import check_content
from seedkit.formats.layout import Layout
from seedkit.patterns import compile_pattern
from seedkit.rules.base import Rule
from seedkit.text import line_spans, normalize_newlines, plural, shorten, visible

if TYPE_CHECKING:
    from seedkit.formats.spec import SectionSpec

# A check of one section's text; its findings have spans within that text. It returns a sequence,
# empty for nearly every section there is, and is no generator: it runs ten times a seed.
SectionCheck = Callable[[str, "SectionSpec"], Sequence[Finding]]


class Empty(Rule):
    r"""A section without text.

    ## What it does

    Reports a section of no characters, or of white space only, unless it says `empty = "allow"`.
    Nothing else is then said about it.

    ## Why is this bad?

    The label is there and promises a text. Mostly it was to be written later, or an export had
    nothing to put there.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [sections]
        delimiter = "\n"
        [[section]]
        name = "title"
        [[section]]
        name = "body"
        -- seeds/tides.txt --

        The moon pulls the sea.

    Use instead:

        -- seeds/tides.txt --
        Tides
        The moon pulls the sea.

    ## How to fix

    By hand: write the text, or remove the section if the format lets records lack it. If it may be
    empty, declare `empty = "allow"`.
    """

    @staticmethod
    def check(value: str, spec: SectionSpec) -> Sequence[Finding]:
        """Report a section of white space only, unless `empty = "allow"`."""
        if value and not value.isspace():
            return ()
        return (Finding("section/empty", f"section `{spec.name}` is empty", 0, len(value)),)


class TooShort(Rule):
    """A section shorter than its format allows.

    ## What it does

    Reports a section with fewer characters, words or lines than its `min_chars`, `min_words` or
    `min_lines`. Words are what white space separates.

    ## Why is this bad?

    A body of three words is rarely a body: more often the text was cut off, is a placeholder, or
    belongs to another section.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "body"
        min_words = 5
        -- seeds/tides.txt --
        To be written

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.

    ## How to fix

    By hand: complete the text, or lower the bound if such texts are right.
    """

    @staticmethod
    def check(value: str, spec: SectionSpec) -> Sequence[Finding]:
        """Report fewer characters, words or lines than the least."""
        for noun, count, least, _ in _measures(value, spec):
            if least is not None and count < least:
                message = (
                    f"section `{spec.name}` has {plural(count, noun)}, at least {least:,} required"
                )
                return (Finding("section/too-short", message, 0, len(value)),)
        return ()


class TooLong(Rule):
    r"""A section longer than its format allows.

    ## What it does

    Reports a section with more characters, words or lines than its `max_chars`, `max_words` or
    `max_lines`, from where it is too long. Words are what white space separates.

    ## Why is this bad?

    What reads the seeds may cut it off: a title field, a prompt, a subtitle on a screen. Often a
    delimiter is missing, and this section has swallowed the next.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [sections]
        delimiter = "\n"
        [[section]]
        name = "title"
        max_chars = 20
        [[section]]
        name = "body"
        -- seeds/tides.txt --
        How the moon pulls the sea
        It does so twice a day.

    Use instead:

        -- seeds/tides.txt --
        The moon and the sea
        It does so twice a day.

    ## How to fix

    By hand: shorten the text, add the missing delimiter, or raise the bound.
    """

    @staticmethod
    def check(value: str, spec: SectionSpec) -> Sequence[Finding]:
        """Report more characters, words or lines than the most, at what is too much."""
        for noun, count, _, most in _measures(value, spec):
            if most is not None and count > most:
                message = (
                    f"section `{spec.name}` has {plural(count, noun)}, at most {most:,} allowed"
                )
                start = _where_excess(value, noun, most)
                return (Finding("section/too-long", message, start, len(value)),)
        return ()


class PatternMismatch(Rule):
    r"""A section that does not match its pattern.

    ## What it does

    Reports a section that its `pattern` (RE2 syntax) does not match as a whole. `.` does not match
    a newline unless the pattern begins with `(?s)`.

    ## Why is this bad?

    Whatever relies on the shape, a date that is parsed, a title in capitals, a command in quotes,
    fails or goes wrong with this text.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [sections]
        delimiter = "\n"
        [[section]]
        name = "date"
        pattern = '\d{4}-\d{2}-\d{2}'
        [[section]]
        name = "body"
        -- seeds/tides.txt --
        14 May 2024
        The moon pulls the sea.

    Use instead:

        -- seeds/tides.txt --
        2024-05-14
        The moon pulls the sea.

    ## How to fix

    By hand: write the text as the pattern demands, or widen the pattern.
    """

    @staticmethod
    def check(value: str, spec: SectionSpec) -> Sequence[Finding]:
        """Report a text that the pattern does not match as a whole."""
        assert spec.pattern is not None  # `checks_of`
        pattern = compile_pattern(spec.pattern)
        if pattern.fullmatch(value):
            return ()
        bare = value.strip()
        if bare and pattern.fullmatch(bare):  # then only what stands around it is wrong
            first = value.index(bare)
            last = first + len(bare)
            head, tail = ("begins", 0, first), ("ends", last, len(value))
            spans = [head, tail]
            if pattern.fullmatch(value[:last]):
                spans = [tail]
            elif pattern.fullmatch(value[first:]):
                spans = [head]
            return [
                Finding(
                    "section/pattern-mismatch",
                    f"section `{spec.name}` {verb} with {_white(value[start:end])}, "
                    "which its pattern does not match",
                    start,
                    end,
                )
                for verb, start, end in spans
                if start < end
            ]
        message = f"section `{spec.name}` does not match `{visible(spec.pattern)}`"
        return (Finding("section/pattern-mismatch", message, 0, len(value)),)


class NotAllowed(Rule):
    r"""A section whose text is none of those allowed.

    ## What it does

    Reports a section that is not, character for character, one of the texts in its `enum`.

    ## Why is this bad?

    A label that nobody knows is a class of its own: counts by label are wrong, and filters pass
    the seed over.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [sections]
        delimiter = "\n"
        [[section]]
        name = "label"
        enum = ["positive", "negative"]
        [[section]]
        name = "review"
        -- seeds/review.txt --
        Positive
        A fine book about the sea.

    Use instead:

        -- seeds/review.txt --
        positive
        A fine book about the sea.

    ## How to fix

    By hand: write one of the texts allowed, or add this one to `enum`.
    """

    @staticmethod
    def check(value: str, spec: SectionSpec) -> Sequence[Finding]:
        """Report a text that `enum` does not list."""
        assert spec.enum is not None  # `checks_of`
        if value in spec.enum:
            return ()
        allowed = ", ".join(f"`{shorten(each, 30)}`" for each in spec.enum[:8])
        more = ", …" if len(spec.enum) > 8 else ""
        message = f"section `{spec.name}` is `{shorten(value, 30)}`, not one of {allowed}{more}"
        return (Finding("section/not-allowed", message, 0, len(value)),)


class Multiline(Rule):
    """A newline in a section that is a single line.

    ## What it does

    Reports the first newline in a section with `content = "line"`.

    ## Why is this bad?

    What reads a title or a command reads one line. Often the rest belongs to another section whose
    delimiter is missing.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "title"
        delimiter = "# "
        match = "prefix"
        content = "line"
        -- seeds/tides.txt --
        # The moon
        and the sea

    Use instead:

        -- seeds/tides.txt --
        # The moon and the sea

    ## How to fix

    By hand: join the lines, or put the missing delimiter before the second. Blank lines round a
    section are no fault with `trim = true` in `[sections]`.
    """

    @staticmethod
    def check(value: str, spec: SectionSpec) -> Sequence[Finding]:
        """Report the first line end of a section with `content = "line"`."""
        if "\n" not in value and "\r" not in value:
            return ()
        starts, ends = line_spans(value)
        message = f"section `{spec.name}` has {len(starts)} lines, it must be a single line"
        return (Finding("section/multiline", message, ends[0], starts[1]),)


class WrongScript(Rule):
    r"""Letters of another script than the section's.

    ## What it does

    Reports the first run of characters that are not in the Unicode script that the section's
    `script` names. Digits, punctuation, white space and combining marks belong to every script.

    ## Why is this bad?

    Letters that look alike are not: a Cyrillic `а` in a Latin word is found by no search, and
    makes other tokens. Whole words of another script mean that columns or languages were swapped.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "text"
        script = "Latin"
        -- seeds/tides.txt --
        The m\u043e\u043en pulls the sea.

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.

    ## How to fix

    By hand: type the letters anew in the right script, or put the text where it belongs. If other
    scripts may occur, remove `script`.
    """

    @staticmethod
    def check(value: str, spec: SectionSpec) -> Sequence[Finding]:
        """Report the first run of letters of another script."""
        script = spec.script
        other = compile_pattern(rf"[^\p{{{script}}}\p{{Common}}\p{{Inherited}}]+").find(value)
        if other is None:
            return ()
        found, first = shorten(value[other[0] : other[1]], 20), value[other[0]]
        named = f"U+{ord(first):04X} {unicodedata.name(first, '')}".rstrip()
        message = f"section `{spec.name}` has letters that are not {script}: `{found}` ({named})"
        return (Finding("section/wrong-script", message, *other),)


class Malformed(Rule):
    """A section that is not the fields, rows or data that it should be.

    ## What it does

    Reports a section with `content = "yaml"`, `"toml"` or `"json"` that does not parse, one with
    `"fields"` in which a line is no `Key: value` (or the continuation of one, indented), and data
    with `mapping` or `required_keys` that is no mapping. Reports also what some programs read and
    others refuse: in JSON `NaN`, `Infinity`, numbers too large for a double, and half of a
    surrogate pair; in YAML tags that make a program build objects (`!!python/…`), and aliases that
    stand for more than a million values. Values nested more than 200 deep, keys of more than 100
    parts in TOML, and data of more than 10 million characters (TOML: one million) are not parsed.

    ## Why is this bad?

    Nothing can be read from it: one stray line hides every key of the section from all programs.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "meta"
        delimiter = "---"
        close = "---"
        content = "yaml"
        [[section]]
        name = "body"
        -- seeds/tides.txt --
        ---
        title: Tides: an introduction
        ---
        The moon pulls the sea.

    Use instead:

        -- seeds/tides.txt --
        ---
        title: "Tides: an introduction"
        ---
        The moon pulls the sea.

    ## How to fix

    By hand: correct the line that the message points to. In YAML, quote what holds `: ` or ` #`.
    """

    @staticmethod
    def check(value: str, spec: SectionSpec) -> Sequence[Finding]:
        """Report what keeps the text from being its kind of content."""
        return [
            Finding(
                _CONTENT_RULES[problem.kind],
                f"section `{spec.name}`: {problem.message}",
                problem.start,
                problem.end,
            )
            for problem in check_content(value, spec)
        ]


class MissingKey(Rule):
    """A required key that is not there.

    ## What it does

    Reports a section that lacks one of its `required_keys`: all that are missing in one message,
    at the end of the section. Keys of `content = "fields"` are compared without regard to case.

    ## Why is this bad?

    What reads the seeds counts on the key: a text without its licence or source can't be
    published, one without its language can't be stemmed.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "meta"
        delimiter = "---"
        close = "---"
        content = "yaml"
        required_keys = ["title", "licence"]
        [[section]]
        name = "body"
        -- seeds/tides.txt --
        ---
        title: Tides
        ---
        The moon pulls the sea.

    Use instead:

        -- seeds/tides.txt --
        ---
        title: Tides
        licence: CC0-1.0
        ---
        The moon pulls the sea.

    ## How to fix

    By hand: add the key. If seeds may lack it, remove it from `required_keys`.
    """


class DuplicateKey(Rule):
    """A key that a mapping has twice.

    ## What it does

    Reports in sections with `content = "yaml"` or `"json"` each key that its mapping has already,
    at any depth. In YAML, `1` and `"1"` are two keys, and `<<` may come more than once.

    ## Why is this bad?

    One of the two values is lost, and programs differ in which: most take the last one, some the
    first, some refuse the file. In TOML a duplicate is an error of syntax, `section/malformed`.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "meta"
        delimiter = "---"
        close = "---"
        content = "yaml"
        [[section]]
        name = "body"
        -- seeds/tides.txt --
        ---
        title: Tides
        author: Ada
        title: The tides
        ---
        The moon pulls the sea.

    Use instead:

        -- seeds/tides.txt --
        ---
        title: The tides
        author: Ada
        ---
        The moon pulls the sea.

    ## How to fix

    By hand: remove one of the two, or merge their values.
    """


class WrongColumns(Rule):
    r"""A row with too many or too few columns.

    ## What it does

    Reports each row of a section with `content = "rows"` that has another number of columns than
    `columns` says. Columns are what `separator` (a tab unless declared) separates; empty lines are
    passed over.

    ## Why is this bad?

    From the missing or superfluous separator on, every value stands in the wrong column.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "words"
        content = "rows"
        columns = 2
        -- seeds/words.txt --
        moon\tnoun
        pull verb
        sea\tnoun

    Use instead:

        -- seeds/words.txt --
        moon\tnoun
        pull\tverb
        sea\tnoun

    ## How to fix

    By hand: put the separator where it belongs; editors like to turn tabs into spaces. Text that
    holds the separator needs another one.
    """


class Differs(Rule):
    r"""A section that should equal another, and does not.

    ## What it does

    Compares a section that has `same_as` with the section it names, in the same record, and
    reports the smallest stretch that differs, with its counterpart.

    ## Why is this bad?

    The format says that one text stands there twice, so the second is neither searched nor
    compared for repeats. If it differs, text goes unsearched, and one of the two versions is
    wrong.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [sections]
        delimiter = "\n"
        [[section]]
        name = "body"
        [[section]]
        name = "title"
        [[section]]
        name = "body_again"
        same_as = "body"
        -- seeds/tides.txt --
        The moon pulls the sea.
        Tides
        The moon pulled the sea.

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.
        Tides
        The moon pulls the sea.

    ## How to fix

    By hand: find out which version is right (`git log -p FILE`), and copy it over the other.
    """

    @staticmethod
    def compare(
        document: Document, section: Section, other: Section, name: str
    ) -> Iterator[Finding]:
        """Report the smallest stretch in which the two texts differ."""
        a, b = document.value(other), document.value(section)
        if a == b:
            return
        start = _common_prefix(a, b)
        tail = _common_prefix(a[start:][::-1], b[start:][::-1])
        span = (section.start + start, section.end - tail)
        related = ((other.start + start, other.end - tail, f"`{other.name}` here"),)
        message = f"section `{name}` differs from `{other.name}`"
        yield Finding("section/differs", message, *span, related=related)


class NotUnique(Rule):
    r"""Two sections with the same text, where the format says there is one.

    ## What it does

    Compares sections that have `unique = "file"` with each other in one file, those that have
    `unique = "corpus"` in all files of the format, and reports each whose text an earlier one has.

    ## Why is this bad?

    An id, a title or a question that names two texts names neither.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [sections]
        delimiter = "\n"
        [[section]]
        name = "title"
        unique = "corpus"
        [[section]]
        name = "body"
        -- seeds/moon.txt --
        Tides
        The moon pulls the sea.
        -- seeds/tides.txt --
        Tides
        The sea follows the moon.

    Use instead:

        -- seeds/moon.txt --
        The moon
        The moon pulls the sea.

    ## How to fix

    By hand: change one of the two. If the rest of the records is the same too, remove one.
    """


_CONTENT_RULES = {
    "malformed": "section/malformed",
    "missing-key": "section/missing-key",
    "duplicate-key": "section/duplicate-key",
    "columns": "section/wrong-columns",
}


class Unique(NamedTuple):
    """A section that must be unique in the corpus: its name, a digest of its text, its span."""

    name: str
    digest: str
    start: int
    end: int


def checks_of(spec: SectionSpec) -> tuple[SectionCheck, ...]:
    """Return the checks that this section's declaration asks for, `Empty` aside."""
    checks: list[SectionCheck] = []
    if any(low is not None for low in (spec.min_chars, spec.min_words, spec.min_lines)):
        checks.append(TooShort.check)
    if any(high is not None for high in (spec.max_chars, spec.max_words, spec.max_lines)):
        checks.append(TooLong.check)
    if spec.pattern is not None:
        checks.append(PatternMismatch.check)
    if spec.enum is not None:
        checks.append(NotAllowed.check)
    if spec.content == "line":
        checks.append(Multiline.check)
    elif spec.content != "text":
        checks.append(Malformed.check)
    if spec.script is not None:
        checks.append(WrongScript.check)
    return tuple(checks)


def check_sections(
    document: Document, layout: Layout, checks: Sequence[tuple[SectionCheck, ...]]
) -> Iterator[Finding]:
    """Check the sections of every sound record, one by one and against each other.

    `checks` are those of each of the format's sections, from `checks_of`.
    """
    text, specs = document.text, layout.sections
    for record in document.records:
        if record.broken:
            continue
        for _, start, end, index in record.sections if specs else ():
            value = text[start:end]
            spec = specs[index]
            if not value or value.isspace():  # then nothing else can be said of it
                found = Empty.check(value, spec) if spec.empty == "forbid" else ()
                yield from (_shift(finding, start) for finding in found)
                continue
            for check in checks[index]:
                found = check(value, spec)
                if found:
                    yield from (_shift(finding, start) for finding in found)
        if layout.has_copies:
            yield from _copies(document, layout, record)
    if layout.unique_in_file:
        yield from _unique_in_file(document, layout)


def unique_sections(document: Document, layout: Layout) -> list[Unique]:
    """Return the sections that the format wants unique in the whole corpus."""
    if not layout.unique_in_corpus:
        return []
    return [
        Unique(section.name, _digest(document.value(section)), section.start, section.end)
        for record in document.records
        for section in record.sections
        if section.number in layout.unique_in_corpus
    ]


def check_unique(
    seeds: Mapping[str, tuple[str, Sequence[tuple[str, str, Place]]]],
) -> Iterator[Diagnostic]:
    """Compare sections that must be unique in the corpus.

    `seeds` maps each path to its format and its sections' names, digests and places.
    """
    seen: dict[tuple[str, str, str], Place] = {}
    for path in sorted(seeds):
        format_name, sections = seeds[path]
        for name, digest, place in sections:
            first = seen.setdefault((format_name, name, digest), place)
            if first is not place:
                message = f"section `{name}` has the same text as that of `{visible(first.path)}`"
                related = (Related(first, "first here"),)
                yield Diagnostic(
                    "section/not-unique", Severity.ERROR, message, place, related=related
                )


def _copies(document: Document, layout: Layout, record: Record) -> Iterator[Finding]:
    by_name: dict[str, Section] = {}
    for section in record.sections:
        by_name.setdefault(section.name, section)
    for section in record.sections:
        original = layout.sections[section.number].same_as
        if original is not None and original in by_name:
            yield from Differs.compare(document, section, by_name[original], section.name)


def _unique_in_file(document: Document, layout: Layout) -> Iterator[Finding]:
    seen: dict[tuple[int, str], Section] = {}
    for section in document.sections():
        if section.number not in layout.unique_in_file:
            continue
        first = seen.setdefault((section.number, document.value(section)), section)
        if first is not section:
            message = f"section `{section.name}` has the same text as an earlier one"
            related = ((first.start, first.end, "first here"),)
            span = (section.start, section.end)
            yield Finding("section/not-unique", message, *span, related=related)


def _measures(value: str, spec: SectionSpec) -> Iterator[tuple[str, int, int | None, int | None]]:
    if spec.min_chars is not None or spec.max_chars is not None:
        yield "character", len(value), spec.min_chars, spec.max_chars
    if spec.min_words is not None or spec.max_words is not None:
        yield "word", len(value.split()), spec.min_words, spec.max_words
    if spec.min_lines is not None or spec.max_lines is not None:
        yield "line", len(line_spans(value)[0]), spec.min_lines, spec.max_lines


def _where_excess(value: str, noun: str, most: int) -> int:
    if noun == "character":
        return most
    if noun == "line":
        return line_spans(value)[0][most]
    rest = value.split(None, most)[-1]
    return len(value) - len(rest)  # `split` keeps the end as it is


def _white(blanks: str) -> str:
    """What white space at an end of a section is, for people."""
    lines = len(line_spans(blanks)[0]) - 1
    return ("white space", "a blank line")[lines] if lines < 2 else f"{lines} blank lines"


def _common_prefix(a: str, b: str) -> int:
    """The length of the common prefix, by bisection: comparing slices is fast."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _digest(value: str) -> str:
    data = normalize_newlines(value).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _shift(finding: Finding, by: int) -> Finding:
    return finding._replace(start=finding.start + by, end=finding.end + by)
