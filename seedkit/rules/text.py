"""Rules about the text as a whole: encoding, newlines, characters that can't be seen.

Each reports at most once a file, at the first place, with the number of places: a file saved by
the wrong editor is one cause, not ten thousand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from seedkit.diagnostic import Severity
from seedkit.document import WHOLE_FILE, Document, Finding, Kind, TextEdit, TextFix
from seedkit.rules.base import Rule
from seedkit.text import BIDI_CONTROLS, line_spans, plural

if TYPE_CHECKING:
    from seedkit.formats.spec import FileSpec

# C0 and C1 controls but for tab, LF and CR; noncharacters of the BMP.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_BIDI = re.compile(f"[{''.join(sorted(BIDI_CONTROLS))}]")
# Default-ignorable code points that no orthography needs, and the two joiners.
# A virama (vowel killer) before a joiner at the end of a word asks for its visible form.
_VIRAMAS = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2"
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0001]|(?<![^\x00-\x7f])[\u200c\u200d]"
    f"|(?<![{_VIRAMAS}])[\u200c\u200d](?![^\x00-\x7f])"
)
_NEWLINE_NAMES = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
_NEWLINE = re.compile(r"\r\n|\n|\r")


class TextSeed(NamedTuple):
    """What the text rules look at: a decoded seed, parsed, and what its format wants."""

    text: str
    document: Document
    spec: FileSpec


class InvalidUtf8(Rule):
    r"""Bytes that are not UTF-8.

    ## What it does

    Reports the first run of bytes that can't be UTF-8, and how many more there are. Overlong forms
    and encoded surrogates are such bytes too. The file is not parsed: rules about its text,
    structure and sections stay silent until it is mended.

    ## Why is this bad?

    Every program that reads the file has to guess what the bytes mean, and each guesses otherwise:
    one stops, one shows `cafÃ©`, one writes U+FFFD and loses the letter for good.

    ## Example

        -- seeds/river.txt --
        A caf\xe9 by the river.

    Use instead:

        -- seeds/river.txt --
        A café by the river.

    ## How to fix

    By hand: find out which encoding the file has, and convert it, for instance with
    `iconv -f WINDOWS-1252 -t UTF-8`. Where every file of the format has that encoding on purpose,
    declare it: `encoding = "cp1252"` in the format's `[file]`.
    """

    fixable: ClassVar[bool] = False

    @staticmethod
    def check(data: bytes, text: str) -> Finding:
        """Report undecodable bytes; `text` is `data` decoded with `surrogateescape`."""
        return _undecodable("text/invalid-utf8", "UTF-8", text)


class InvalidEncoding(Rule):
    """Bytes that the declared encoding can't have.

    ## What it does

    Reports the first run of bytes that the `encoding` of the format's `[file]` gives no meaning,
    and how many more there are. The file is not parsed: rules about its text, structure and
    sections stay silent until it is mended.

    ## Why is this bad?

    The format promises an encoding, and whoever decodes by it stops at this byte. Mostly the file
    has another encoding than its neighbours: often UTF-8.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        encoding = "ascii"
        -- seeds/river.txt --
        A café by the river.

    Use instead:

        -- seeds/river.txt --
        A cafe by the river.

    ## How to fix

    By hand: convert the file to the declared encoding with `iconv`, or declare the encoding that
    the files have. UTF-8 is the default, and has room for every character.
    """

    @staticmethod
    def check(data: bytes, text: str, encoding: str) -> Finding:
        """Report undecodable bytes; `text` is `data` decoded with `surrogateescape`."""
        return _undecodable("text/invalid-encoding", encoding, text)


class Unreadable(Rule):
    """A seed that can't be read.

    ## What it does

    Reports a file in a folder of seeds that the system refuses to open or read: a missing
    permission, a damaged disk, a file that was replaced by a link while seedkit ran.

    ## Why is this bad?

    Nothing is known of such a seed: it is neither checked, nor compared with others, nor found by
    a search. A silent skip would look like a clean result.

    ## Example

    (no executable example: a file in an example can always be read)

    ## How to fix

    By hand: make the file readable (`chmod u+r FILE`), restore it from git, or, if it is no seed,
    add it to `exclude`.
    """


class TooLarge(Rule):
    """A file larger than its format allows.

    ## What it does

    Reports a file of more than `max_bytes` bytes (in the format's `[file]`; 100,000,000 unless
    declared). The file is not parsed: rules about its text, structure and sections stay silent.

    ## Why is this bad?

    A seed many times as large as the others is rarely one text: more often a log, an archive or a
    whole download that was put in the wrong folder. It also makes every run slower.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        max_bytes = 40
        -- seeds/tides.txt --
        The moon pulls the sea, and the sea follows it round the earth.

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.

    ## How to fix

    By hand: split or shorten the file, or move it out of the folder of seeds. If it is as it
    should be, raise `max_bytes`.
    """

    @staticmethod
    def check(size: int, spec: FileSpec) -> Finding | None:
        """Report a file of more than `max_bytes` bytes."""
        if size <= spec.max_bytes:
            return None
        message = (
            f"file has {size:,} bytes, at most {spec.max_bytes:,} are allowed; it was not parsed"
        )
        return Finding("text/too-large", message, WHOLE_FILE, WHOLE_FILE)


class Empty(Rule):
    r"""A seed with no text.

    ## What it does

    Reports a file of no bytes, or of nothing but white space.

    ## Why is this bad?

    An empty seed has nothing to train on, to test with or to find. Mostly it is what an
    interrupted download or a failed export left behind, and then text is missing.

    ## Example

        -- seeds/tides.txt --
        \

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.

    ## How to fix

    By hand: restore the text, or delete the file and its entry in the index. Empty files that
    belong there on purpose are best named in `per_file_ignores`.
    """

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report a file without any character that is not white space."""
        body = seed.text.removeprefix("\ufeff")
        if not body or body.isspace():
            what = "file has only white space" if body else "file is empty"
            yield Finding("text/empty", what, WHOLE_FILE, WHOLE_FILE)


class Bom(Rule):
    r"""A byte order mark at the start.

    ## What it does

    Reports U+FEFF as the first character of a file. It never counts as part of the first section.

    ## Why is this bad?

    UTF-8 has no byte order to mark. Programs that don't expect the mark take it for text: the
    first line no longer equals its delimiter, the first key is `\ufeffid`, and joining two files
    leaves the mark in the middle of a text, where nobody sees it.

    ## Example

        -- seeds/tides.txt --
        \ufeffThe moon pulls the sea.

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.

    ## How to fix

    `seedkit check --fix` removes the mark. No section changes, so the fix is safe. Then tell the
    editor or export that wrote it to write "UTF-8", not "UTF-8 with BOM" or "utf-8-sig".
    """

    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report U+FEFF as the first character."""
        if seed.text.startswith("\ufeff"):
            fix = TextFix("remove the byte order mark", (TextEdit(0, 1, ""),))
            yield Finding("text/bom", "file starts with a byte order mark", 0, 1, fix=fix)


class ControlCharacter(Rule):
    r"""A control character, such as NUL, or a noncharacter.

    ## What it does

    Reports the first control character other than tab and the newlines (U+0000 to U+001F and
    U+007F to U+009F), or noncharacter (such as U+FFFE), and how many more there are.

    ## Why is this bad?

    Nobody types these. A NUL mostly means UTF-16 or binary data; U+0080 to U+009F mean
    Windows-1252 text that was read as Latin-1; U+001B begins commands that a terminal obeys. Many
    programs end a text at NUL, and XML can't hold most of the others.

    ## Example

        -- seeds/tides.txt --
        The moon pulls\x00 the sea.

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.

    ## How to fix

    By hand: find out what put the character there, since it seldom comes alone. Delete it, put the
    character there that was meant (`“` for U+0093), or convert the file again from its source.
    """

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report C0 and C1 controls other than tab and newlines, and noncharacters."""
        yield from _first("text/control-character", _CONTROL, seed.text, "control character")


class BidiControl(Rule):
    r"""A bidirectional control, which makes text read otherwise than it is stored.

    ## What it does

    Reports the first character that sets the direction of text by force (U+061C, U+200E, U+200F,
    U+202A to U+202E, U+2066 to U+2069), and how many more there are. It is a warning, and an error
    where one stands in a delimiter.

    ## Why is this bad?

    Such a character reorders what is shown, not what is stored, so that a reviewer and a program
    read two different texts ("Trojan Source", CVE-2021-42574). In a delimiter it cuts a file where
    nobody sees a cut.

    ## Example

        -- seeds/amounts.txt --
        Pay \u202e001\u202c euros.

    Use instead:

        -- seeds/amounts.txt --
        Pay 001 euros.

    ## How to fix

    By hand: remove the control. Arabic, Hebrew and other texts written from right to left seldom
    need one; where they do, ignore the rule for those files in `per_file_ignores`.
    """

    severity = Severity.WARNING

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report the first; as an error where any stands in a delimiter."""
        if seed.text.isascii():
            return
        for finding in _first("text/bidi-control", _BIDI, seed.text, "bidirectional control"):
            at = _in_delimiter(seed, _BIDI)
            if at is None:
                yield finding
            else:
                what = f"bidirectional control {_points(seed.text[at])}"
                message = f"{what}, in a delimiter{_times(len(_BIDI.findall(seed.text)))}"
                yield finding._replace(
                    start=at, end=at + 1, message=message, severity=Severity.ERROR
                )


class InvisibleCharacter(Rule):
    r"""A character that takes no room and shows nothing.

    ## What it does

    Reports the first zero width space, soft hyphen, word joiner, Hangul filler or other such
    character, and how many more there are. Zero width joiner and non-joiner are reported only
    beside an ASCII character or at either end of the text, where they join nothing; in Persian, in
    Indic scripts and in emoji they are spelling.

    ## Why is this bad?

    Two words that look alike are not: searches miss them, repeats are not found, and a tokenizer
    makes something else of each. They come with text copied from web pages, and as watermarks.

    ## Example

        -- seeds/tides.txt --
        The moon pulls the\u200b sea.

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.

    ## How to fix

    By hand: delete the character, or put a space where one was meant. Where a script needs it (a
    zero width space separates words in Khmer), ignore the rule in `per_file_ignores`.
    """

    severity = Severity.WARNING

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report invisible characters; joiners only where they join nothing."""
        if seed.text.isascii():
            return
        body = seed.text[1:] if seed.text.startswith("\ufeff") else seed.text
        shift = len(seed.text) - len(body)
        for finding in _first("text/invisible-character", _INVISIBLE, body, "invisible character"):
            yield finding._replace(start=finding.start + shift, end=finding.end + shift)


class ReplacementCharacter(Rule):
    r"""A U+FFFD, the mark of a character that some program lost.

    ## What it does

    Reports the first U+FFFD (`�`), and how many more there are.

    ## Why is this bad?

    A decoder writes U+FFFD for bytes that it can't read. The file is valid UTF-8 again, but what
    stood there is gone, and no tool can tell what it was.

    ## Example

        -- seeds/river.txt --
        A caf\ufffd by the river.

    Use instead:

        -- seeds/river.txt --
        A café by the river.

    ## How to fix

    By hand: convert the text again from its source, with the right encoding. If there is no source
    any more, write what must have stood there. A text about U+FFFD itself is one for
    `per_file_ignores`.
    """

    severity = Severity.WARNING

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report the first U+FFFD."""
        at = seed.text.find("\ufffd")
        if at >= 0:
            count = _times(seed.text.count("\ufffd"))
            message = f"replacement character U+FFFD: text was lost in a conversion{count}"
            yield Finding("text/replacement-character", message, at, at + 1)


class MixedNewlines(Rule):
    r"""Lines of one file that end differently.

    ## What it does

    Reports a file that has more than one of LF, CRLF and CR, with the number of each, at the first
    newline that is not as it should be: as `newline` in the format's `[file]` declares, or, where
    that is `any`, as most lines of the file end.

    ## Why is this bad?

    It is the trace of two editors or a careless join. Programs that split at LF keep a CR at the
    end of some lines, so that lines which look equal are not, and a delimiter line is missed.

    ## Example

        -- seeds/tides.txt --
        The moon pulls the sea.\r
        The sea follows the moon.
        The earth turns below.

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.
        The sea follows the moon.
        The earth turns below.

    ## How to fix

    `seedkit check --fix` ends all lines alike. How lines end is layout, not content, so the fix is
    safe. In git, `* text=auto eol=lf` in .gitattributes keeps them so.
    """

    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report the first line end that is not like most, or not as declared."""
        if "\r" not in seed.text:
            return
        counts = _newlines(seed.text)
        if len(counts) < 2:
            return
        wanted = _wanted(seed.spec) or max(counts, key=lambda newline: (counts[newline], newline))
        listed = " and ".join(f"{counts[n]:,} {_NEWLINE_NAMES[n]}" for n in sorted(counts))
        yield _newline_finding("text/mixed-newlines", f"newlines are mixed: {listed}", seed, wanted)


class WrongNewline(Rule):
    r"""Lines that end otherwise than the format declares.

    ## What it does

    Reports a file whose lines all end alike, but not as `newline` (`lf` or `crlf`) in the format's
    `[file]` says. A file that has several kinds is one for `text/mixed-newlines`.

    ## Why is this bad?

    The same text has other bytes: digests differ, git shows every line as changed, and programs
    that split at LF keep a CR at the end of each line.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        newline = "lf"
        -- seeds/tides.txt --
        The moon pulls the sea.\r
        The sea follows the moon.\r

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.
        The sea follows the moon.

    ## How to fix

    `seedkit check --fix` writes the declared newline. How lines end is layout, not content, so the
    fix is safe. If the files come back wrong from git, set `* text eol=lf` in .gitattributes.
    """

    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report a file whose newlines are all of one kind, and not the declared one."""
        wanted = _wanted(seed.spec)
        if wanted is None or (wanted == "\n" and "\r" not in seed.text):
            return
        counts = _newlines(seed.text)
        if len(counts) == 1 and wanted not in counts:
            found = _NEWLINE_NAMES[next(iter(counts))]
            message = f"lines end with {found}, {_NEWLINE_NAMES[wanted]} is required"
            yield _newline_finding("text/wrong-newline", message, seed, wanted)


class MissingFinalNewline(Rule):
    r"""A file that does not end with a newline, though its format requires one.

    ## What it does

    Reports a file without a newline at its end where the format's `[file]` has
    `final_newline = "require"`.

    ## Why is this bad?

    A line ends with a newline; without it `cat` glues the next file to the last line, and adding a
    line at the end shows up as a change of two.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        final_newline = "require"
        -- seeds/tides.txt --
        The moon pulls the sea.\

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.

    ## How to fix

    `seedkit check --fix` adds the newline, of the kind that the other lines have. It belongs to no
    section, so the fix is safe.
    """

    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report a text that does not end with a newline."""
        if (
            seed.spec.final_newline != "require"
            or seed.text.endswith(("\n", "\r"))
            or not seed.text
        ):
            return
        end = len(seed.text)
        newline = _wanted(seed.spec) or next(iter(_newlines(seed.text)), "\n")
        fix = TextFix("add a newline", (TextEdit(end, end, newline),))
        message = "no newline at the end of the file"
        yield Finding("text/missing-final-newline", message, end, end, fix=fix)


class UnwantedFinalNewline(Rule):
    r"""A newline at the end of a file, though its format forbids it.

    ## What it does

    Reports the newlines that end a file, one or more, where the format's `[file]` has
    `final_newline = "forbid"`.

    ## Why is this bad?

    In such formats the bytes of a file are exactly its text. A newline that an editor adds unasked
    changes its digest, and becomes part of what a program reads.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        final_newline = "forbid"
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.\

    ## How to fix

    `seedkit check --fix` removes all newlines at the end. They belong to no section, so the fix is
    safe. In .editorconfig, `insert_final_newline = false` keeps editors from adding it again.
    """

    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report the newlines that end the text."""
        if seed.spec.final_newline != "forbid" or not seed.text.endswith(("\n", "\r")):
            return
        start = len(seed.text.rstrip("\r\n"))
        fix = TextFix("remove the newline", (TextEdit(start, len(seed.text), ""),))
        message = "newline at the end of the file"
        yield Finding("text/unwanted-final-newline", message, start, len(seed.text), fix=fix)


class NotNfc(Rule):
    r"""Text that is not in Unicode Normalization Form C.

    ## What it does

    Reports the first sequence that NFC writes differently, and on how many more lines there are
    others, where the format's `[file]` has `normalization = "nfc"`.

    ## Why is this bad?

    `é` can be one character (U+00E9) or two (`e` and U+0301). Both look the same and are not
    equal: a search for one misses the other, duplicates go unnoticed, and file names and keys
    don't match. Text from macOS file names and from PDF files is often decomposed.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        normalization = "nfc"
        -- seeds/river.txt --
        A cafe\u0301 by the river.

    Use instead:

        -- seeds/river.txt --
        A caf\u00e9 by the river.

    ## How to fix

    `seedkit check --fix --unsafe-fixes` normalizes the lines concerned. The fix is unsafe because
    it changes characters of the text, if not how it looks.
    """

    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report the first sequence that NFC writes differently."""
        text = seed.text
        if seed.spec.normalization != "nfc" or unicodedata.is_normalized("NFC", text):
            return
        starts, ends = line_spans(text)
        places: list[tuple[int, int]] = []
        edits: list[TextEdit] = []
        for a, b in zip(starts, ends, strict=True):
            line = text[a:b]
            if not unicodedata.is_normalized("NFC", line):
                places.append((a, b))
                edits.append(TextEdit(a, b, unicodedata.normalize("NFC", line)))
        if not places:
            return
        a, b = _unnormalized(text, *places[0])
        lines = "" if len(places) == 1 else f", and on {plural(len(places) - 1, 'more line')}"
        found, wanted = _points(text[a:b]), _points(unicodedata.normalize("NFC", text[a:b]))
        message = f"text is not in NFC: {found} should be {wanted}{lines}"
        fix = TextFix("normalize to NFC", tuple(edits), safe=False)
        yield Finding("text/not-nfc", message, a, b, fix=fix)


class TrailingWhitespace(Rule):
    r"""Spaces or tabs at the end of a line.

    ## What it does

    Reports the first line that ends with a space or tab, and on how many more lines there are
    some. Where the space keeps a line from being a delimiter, `format/near-delimiter` says so
    instead.

    ## Why is this bad?

    Nobody sees it, editors remove it or add it, and every such change looks like one of content.
    Two lines that look equal are not.

    ## Example

        -- seeds/tides.txt --
        The moon pulls the sea.\x20\x20
        The sea follows the moon.

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.
        The sea follows the moon.

    ## How to fix

    `seedkit check --fix --unsafe-fixes` removes it. The fix is unsafe because the space may be
    content: in Markdown two of them break the line, in poems and tables they may be the layout.
    For such seeds put `text/trailing-whitespace` into `ignore`.
    """

    severity = Severity.WARNING
    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report the first line that ends with a space or tab."""
        text = seed.text
        if not _has_trailing(text):
            return
        starts, ends = line_spans(text)
        edits = []
        for a, b in zip(starts, ends, strict=True):
            kept = len(text[a:b].rstrip(" \t"))
            if a + kept < b:
                edits.append(TextEdit(a + kept, b, ""))
        if not edits:
            return
        more = "" if len(edits) == 1 else f", and on {plural(len(edits) - 1, 'more line')}"
        fix = TextFix("remove trailing white space", tuple(edits), safe=False)
        start, end, _ = edits[0]
        yield Finding(
            "text/trailing-whitespace", f"trailing white space{more}", start, end, fix=fix
        )


# Invisible characters that `str.isprintable` takes for letters and marks.
_PASSING = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]")


def check_text(seed: TextSeed) -> Iterator[Finding]:
    """Run the checks that can find anything in this text: most texts need few of them."""
    text, spec = seed.text, seed.spec
    if not text or text.isspace() or text.startswith("\ufeff"):
        empty = list(Empty.check(seed))
        if empty:  # and nothing more can be said of it
            yield from empty
            return
    if spec.final_newline != "any":
        yield from MissingFinalNewline.check(seed)
        yield from UnwantedFinalNewline.check(seed)
    if _has_trailing(text):
        yield from TrailingWhitespace.check(seed)
    if "\r" in text or spec.newline == "crlf":
        yield from MixedNewlines.check(seed)
        yield from WrongNewline.check(seed)
    printable = text.replace("\n", "").isprintable()
    if not printable:
        yield from Bom.check(seed)
        yield from ControlCharacter.check(seed)
        yield from BidiControl.check(seed)
    if not text.isascii():
        if not printable or _PASSING.search(text):
            yield from InvisibleCharacter.check(seed)
        yield from ReplacementCharacter.check(seed)
        if spec.normalization == "nfc":
            yield from NotNfc.check(seed)


def _undecodable(rule: str, encoding: str, text: str) -> Finding:
    bad = re.compile("[\udc80-\udcff]+")
    first = bad.search(text)
    assert first is not None  # strict decoding failed
    count = sum(len(match[0]) for match in bad.finditer(text))
    shown = " ".join(f"{ord(char) - 0xDC00:02x}" for char in first[0][:4])
    more = "" if count == len(first[0]) else f", and {plural(count - len(first[0]), 'more byte')}"
    what = "byte" if len(first[0]) == 1 else "bytes"
    dots = " …" if len(first[0]) > 4 else ""
    message = f"{what} `{shown}{dots}` can't be {encoding}{more}; the file was not parsed"
    return Finding(rule, message, first.start(), first.end(), help=_looks_like(text, encoding))


def _looks_like(text: str, encoding: str) -> str:
    """The remedy: what the file seems to be, where that can be told."""
    if text.startswith(("\udcff\udcfe", "\udcfe\udcff")):
        return f"the file looks like UTF-16: convert it to {encoding}"
    if "\x00" in text:
        return "the file looks binary: remove it, or add it to `exclude`"
    return f"convert the file to {encoding}, or declare its `encoding` in the format"


def _first(rule: str, pattern: re.Pattern[str], text: str, what: str) -> Iterator[Finding]:
    match = pattern.search(text)
    if match is None:
        return
    count = 1 + sum(1 for _ in pattern.finditer(text, match.end()))
    message = f"{what} {_points(match[0])}{_times(count)}"
    yield Finding(rule, message, match.start(), match.end())


def _points(text: str) -> str:
    """Name the characters, the first few: `U+0000 (NUL)` or `U+200B (ZERO WIDTH SPACE)`."""
    shown = text[:3]
    names = []
    for char in shown:
        name = _CONTROL_NAMES.get(ord(char)) or unicodedata.name(char, "")
        names.append(f"U+{ord(char):04X}" + (f" ({name})" if name and len(text) == 1 else ""))
    return " ".join(names) + (" …" if len(text) > 3 else "")


_CONTROL_NAMES = {0x00: "NUL", 0x07: "BEL", 0x08: "BACKSPACE", 0x0B: "VERTICAL TAB",
                  0x0C: "FORM FEED", 0x1B: "ESCAPE", 0x7F: "DELETE", 0x85: "NEXT LINE"}  # fmt: skip


def _times(count: int) -> str:
    return "" if count == 1 else f", and {count - 1:,} more"


def _in_delimiter(seed: TextSeed, pattern: re.Pattern[str]) -> int | None:
    for piece in seed.document.pieces:
        if piece.kind is Kind.DELIMITER:
            match = pattern.search(seed.text, piece.start, piece.end)
            if match:
                return match.start()
    return None


def _newlines(text: str) -> dict[str, int]:
    crlf = text.count("\r\n")
    counts = {"\n": text.count("\n") - crlf, "\r\n": crlf, "\r": text.count("\r") - crlf}
    return {newline: count for newline, count in counts.items() if count}


def _wanted(spec: FileSpec) -> str | None:
    return {"lf": "\n", "crlf": "\r\n", "any": None}[spec.newline]


def _newline_finding(rule: str, message: str, seed: TextSeed, wanted: str) -> Finding:
    """One edit from the first wrong newline to the last: a text may have millions of them."""
    wrong = [match.span() for match in _NEWLINE.finditer(seed.text) if match[0] != wanted]
    start, end = wrong[0][0], wrong[-1][1]
    mended = _NEWLINE.sub(wanted, seed.text[start:end])
    fix = TextFix(f"end lines with {_NEWLINE_NAMES[wanted]}", (TextEdit(start, end, mended),))
    return Finding(rule, message, *wrong[0], fix=fix)


def _has_trailing(text: str) -> bool:
    if text.endswith((" ", "\t")) or " \n" in text or "\t\n" in text:
        return True
    return "\r" in text and (" \r" in text or "\t\r" in text)


def _unnormalized(text: str, start: int, end: int) -> tuple[int, int]:
    """The smallest stretch, from one base character to another, whose NFC is that of the line.

    Widening goes on while one more base would still change what came before it: Hangul jamo.
    """
    bases = [i for i in range(start, end) if not unicodedata.combining(text[i])]
    bases = sorted({start, *bases})
    bases.append(end)
    for at, last in enumerate(bases):
        for first in reversed(bases[max(0, at - 3) : at]):
            if not unicodedata.is_normalized("NFC", text[first:last]):
                return first, _settled(text, first, bases, at)
    return start, end


def _settled(text: str, first: int, bases: list[int], at: int) -> int:
    """Where the stretch that begins at `first` composes no further."""
    while at + 1 < len(bases):
        now = unicodedata.normalize("NFC", text[first : bases[at]])
        wider = unicodedata.normalize("NFC", text[first : bases[at + 1]])
        if wider.startswith(now):
            break
        at += 1
    return bases[at]
