"""Rules about the text as a whole: encoding, newlines, characters that can't be seen.

Each reports at most once a file, at the first place, with the number of places: a file saved by
the wrong editor is one cause, not ten thousand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from seedkit.conflicts import find_conflicts
from seedkit.diagnostic import Severity
from seedkit.document import WHOLE_FILE, Document, Finding, Kind, TextEdit, TextFix
from seedkit.formats.newlines import STRAY_CR
from seedkit.formats.quotes import quoted_cells
from seedkit.rules.base import Rule
from seedkit.rules.blanks import has_trailing, near_lines, trailing_blanks, without_last_lines
from seedkit.rules.characters import (
    BIDI,
    PASSING,
    SEPARATOR,
    controls,
    first_of,
    invisible,
    points,
    times,
    undecodable,
    utf16_remedy,
)
from seedkit.rules.line_ends import (
    NEWLINE_NAMES,
    count_newlines,
    newline_finding,
    stray_carriage_returns,
    usual_newline,
    wanted_newline,
)
from seedkit.rules.nfc import unnormalized, unnormalized_lines
from seedkit.text import line_start, plural

if TYPE_CHECKING:
    from seedkit.formats.layout import Layout
    from seedkit.formats.quotes import Span
    from seedkit.formats.spec import FileSpec


class TextSeed(NamedTuple):
    """What the text rules look at: a decoded seed, parsed, and what its format wants."""

    path: str
    document: Document
    layout: Layout

    @property
    def text(self) -> str:
        """The decoded text."""
        return self.document.text

    @property
    def spec(self) -> FileSpec:
        """What the format wants of the file as a whole."""
        return self.layout.spec.file


class InvalidUtf8(Rule):
    r"""Bytes that are not UTF-8.

    ## What it does

    Reports the first run of bytes that can't be UTF-8, and how many more there are. Overlong forms
    and encoded surrogates are such bytes too. The rest of the file is checked as if each such byte
    were some character, except for what these bytes may be the cause of: the text of a section that
    has one, and the structure of a record in which a delimiter may be spoiled. A file that looks
    binary is not checked any further. Repeats and searches see each such byte as U+FFFD.

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
    `iconv -f WINDOWS-1252 -t UTF-8`. If git makes UTF-16 of it (`working-tree-encoding` in
    .gitattributes), remove that: what git stores is UTF-8, and `check --staged` reads it. Where
    every file of the format has that encoding on purpose, declare it: `encoding = "cp1252"` in the
    format's `[file]`. Where any bytes may stand in a file, as in what a program prints, declare
    `undecodable = "allow"`: each is some character then. A file that looks binary is reported
    nevertheless.
    """

    fixable: ClassVar[bool] = False

    @staticmethod
    def check(text: str, *, binary: bool = False) -> Finding:
        """Report undecodable bytes, which `text` has as `surrogateescape` keeps them."""
        return undecodable("text/invalid-utf8", "UTF-8", text, binary)


class InvalidEncoding(Rule):
    """Bytes that the declared encoding can't have.

    ## What it does

    Reports the first run of bytes that the `encoding` of the format's `[file]` gives no meaning,
    and how many more there are. The rest of the file is checked as if each such byte were some
    character, except for what these bytes may be the cause of: the text of a section that has one,
    and the structure of a record in which a delimiter may be spoiled. A file that looks binary is
    not checked any further.

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
    def check(text: str, encoding: str, *, binary: bool = False) -> Finding:
        """Report undecodable bytes, which `text` has as `surrogateescape` keeps them."""
        return undecodable("text/invalid-encoding", encoding, text, binary)


class Unreadable(Rule):
    """A seed that can't be read.

    ## What it does

    Reports a file in a folder of seeds that the system refuses to open or read: a missing
    permission, a damaged disk, a file that was replaced by a link while seedkit ran. Reports also
    a pointer of Git LFS or git-annex: the text itself has not been fetched.

    ## Why is this bad?

    Nothing is known of such a seed: it is neither checked, nor compared with others, nor found by
    a search. A silent skip would look like a clean result.

    ## Example

    (no executable example: a file in an example can always be read)

    ## How to fix

    By hand: make the file readable (`chmod u+r FILE`), restore it from git, or, if it is no seed,
    add it to `exclude`. What a pointer stands for is fetched by `git lfs pull` or `git annex get`.
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
        body = seed.text.lstrip("\ufeff")
        if not body or body.isspace():
            what = "file has only white space" if body else "file is empty"
            yield Finding("text/empty", what, WHOLE_FILE, WHOLE_FILE)


class Bom(Rule):
    r"""A byte order mark at the start.

    ## What it does

    Reports U+FEFF as the first character of a file, or several of them. They never count as part of
    the first section.

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

    `seedkit check --fix` removes it. No section changes, so the fix is safe. Then tell the
    editor or export that wrote it to write "UTF-8", not "UTF-8 with BOM" or "utf-8-sig". Where
    programs expect one mark, declare `bom = "allow"` in the format's `[file]`.
    """

    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report U+FEFF as the first character; a tool that adds one may have run twice."""
        count = len(seed.text) - len(seed.text.lstrip("\ufeff"))
        if count > (seed.spec.bom == "allow"):
            one = count == 1
            title = "remove the byte order mark" if one else "remove the byte order marks"
            what = "a byte order mark" if one else f"{count:,} byte order marks"
            fix = TextFix(title, (TextEdit(0, count, ""),))
            yield Finding("text/bom", f"file starts with {what}", 0, count, fix=fix)


class ControlCharacter(Rule):
    r"""A control character, such as NUL, or a noncharacter.

    ## What it does

    Reports the first control character other than tab and the newlines (U+0000 to U+001F and
    U+007F to U+009F) and those in `controls` of the format's `[file]`, or noncharacter (such as
    U+FFFE), and how many more there are.

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
    Where a kind of text has some on purpose, such as colours of a terminal, declare them in the
    format's `[file]`: `controls = '[\x07\x1b]'`.
    """

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report C0 and C1 controls other than tab and newlines, and noncharacters."""
        for finding in controls(seed.text, seed.spec.controls):
            yield finding._replace(help=utf16_remedy(seed.text, seed.spec.encoding))


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
        for finding in first_of("text/bidi-control", BIDI, seed.text, "bidirectional control"):
            at = _in_delimiter(seed, BIDI)
            if at is None:
                yield finding
            else:
                what = f"bidirectional control {points(seed.text[at])}"
                message = f"{what}, in a delimiter{times(len(BIDI.findall(seed.text)))}"
                yield finding._replace(
                    start=at, end=at + 1, message=message, severity=Severity.ERROR
                )


class InvisibleCharacter(Rule):
    r"""A character that takes no room and shows nothing.

    ## What it does

    Reports the first zero width space, soft hyphen, word joiner, Hangul filler or other such
    character, and how many more there are. What a script spells with is not reported beside its
    letters: zero width joiner and non-joiner in Arabic, Persian, Indic and like scripts, and inside
    emoji; zero width space and word joiner in Thai, Lao, Khmer, Burmese, Tibetan and like scripts,
    which write no spaces; combining grapheme joiner beside a combining mark; Mongolian vowel
    separator; Hangul fillers beside jamo. Variation selectors never are. Tag characters are, but in
    the emoji of flags. A character in a line that is nearly a delimiter is left to
    `format/near-delimiter`.

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

    By hand: delete the character, or put a space where one was meant. Where a text needs it (soft
    hyphens in a word list), ignore the rule in `per_file_ignores`.
    """

    severity = Severity.WARNING

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report invisible characters, but those that the script around them spells with."""
        text = seed.text
        if text.isascii():
            return
        start = len(text) - len(text.lstrip("\ufeff"))
        near = near_lines(seed.document)
        found = [
            span
            for span in invisible(text, start)
            if not near or line_start(text, span[0]) not in near
        ]
        if found:
            a, b = found[0]
            message = f"invisible character {points(text[a])}{times(len(found))}"
            yield Finding("text/invisible-character", message, a, b)


class LineSeparator(Rule):
    r"""A Unicode line or paragraph separator, at which some programs end a line and others don't.

    ## What it does

    Reports the first U+2028 or U+2029, and how many more there are. For seedkit, as for git and
    most editors, lines end at LF, CRLF or CR only.

    ## Why is this bad?

    Python's `splitlines`, older JavaScript and some editors end a line there: they count other
    lines than git does, find a delimiter where there is none, and write one record of JSON Lines as
    two. The character comes with text copied from web pages and word processors, and is not seen.

    ## Example

        -- seeds/tides.txt --
        The moon pulls the sea.\u2028The sea follows the moon.

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.
        The sea follows the moon.

    ## How to fix

    By hand: put a newline there, or a space.
    """

    severity = Severity.WARNING

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report the first U+2028 or U+2029."""
        yield from first_of("text/line-separator", SEPARATOR, seed.text, "separator")


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
            count = times(seed.text.count("\ufffd"))
            message = f"replacement character U+FFFD: text was lost in a conversion{count}"
            yield Finding("text/replacement-character", message, at, at + 1)


class ConflictMarker(Rule):
    r"""A merge conflict that git left in a seed.

    ## What it does

    Reports lines `<<<<<<< label`, `=======` and `>>>>>>> label`, in this order and each at the
    start of a line, as git writes them where two branches changed the same place; `|||||||` of the
    styles `diff3` and `zdiff3` may stand between. Other rules say nothing of the structure and the
    sections of such a seed until the conflict is resolved.

    ## Why is this bad?

    The seed holds two versions of a text, and three lines that belong to neither. Whoever reads it
    takes all of it for text.

    ## Example

        -- seeds/tides.txt --
        <<<<<<< HEAD
        The moon pulls the sea.
        =======
        The sea follows the moon.
        >>>>>>> topic

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.

    ## How to fix

    By hand: keep the lines of one side, or of both, and remove the markers; `git diff` shows what
    each side has, and `git log --merge -p FILE` why. For a text about git that quotes a conflict,
    ignore the rule in `per_file_ignores`.
    """

    @staticmethod
    def check(text: str) -> Iterator[Finding]:
        """Report the first conflict, with its separator and its end."""
        conflicts = list(find_conflicts(text))
        if not conflicts:
            return
        first = conflicts[0]
        related = (
            (*first.separator, "the other version begins here"),
            (first.last_start, first.end, "the conflict ends here"),
        )
        more = "" if len(conflicts) == 1 else f", and {len(conflicts) - 1:,} more"
        message = f"merge conflict that git left{more}"
        remedy = "keep one version, or both, and remove the lines with the markers"
        found = Finding("text/conflict-marker", message, first.start, first.first_end, remedy)
        yield found._replace(related=related)


class MixedNewlines(Rule):
    r"""Lines of one file that end differently.

    ## What it does

    Reports a file in which some lines end with LF and some with CRLF, with the number of each, at
    the first newline that is not as it should be: as `newline` in the format's `[file]` declares,
    or, where that is `any`, as most lines of the file end. Newlines inside quoted cells of rows are
    content and don't count. A CR without LF is one for `text/stray-carriage-return`.

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

    `seedkit check --fix` ends all lines alike. Which of LF and CRLF ends a line is layout, not
    content, so the fix is safe; all else stays as it is, byte for byte. Where text looks like a
    quoted cell that holds a newline, and the format does not say that it has rows, the fix takes
    `--unsafe-fixes`. In git, `* text=auto eol=lf` in .gitattributes keeps newlines alike.
    """

    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed, quoted: Sequence[Span]) -> Iterator[Finding]:
        """Report the first line end that is not like most, or not as declared."""
        counts = count_newlines(seed.text, quoted)
        if len(counts) < 2:
            return
        wanted = wanted_newline(seed.spec) or usual_newline(counts)
        listed = " and ".join(f"{counts[n]:,} {NEWLINE_NAMES[n]}" for n in sorted(counts))
        message = f"newlines are mixed: {listed}"
        yield newline_finding(
            "text/mixed-newlines", message, seed.document, seed.layout, quoted, wanted
        )


class StrayCarriageReturn(Rule):
    r"""A carriage return that is not part of CRLF, in a file whose lines end with LF or CRLF.

    ## What it does

    Reports the first CR that no LF follows, or the first line that ends with two CR or more before
    its LF, and how many more of both there are. A file whose lines all end with CR, as on the first
    Macintosh, has none.

    ## Why is this bad?

    Programs disagree on whether such a CR ends a line: some show one line, some two, and a terminal
    writes what follows over what came before. A doubled CR is what a program leaves that turns LF
    into CRLF where that was done already.

    ## Example

        -- seeds/tides.txt --
        The moon pulls the sea.\r\r
        The sea follows the moon.\r\r

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.\r
        The sea follows the moon.\r

    ## How to fix

    A doubled CR: `seedkit check --fix --unsafe-fixes` ends those lines as the others end, or else
    with CRLF. A CR that no LF follows: by hand, since only you can know whether it was meant as a
    newline, is content (a progress bar), or is nothing. If it belongs there, ignore the rule for
    those files in `per_file_ignores`.
    """

    severity = Severity.WARNING
    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report the first CR that is not one of CRLF, unless no line ends otherwise."""
        yield from stray_carriage_returns(seed.text, seed.spec)


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

    `seedkit check --fix` writes the declared newline. Which of LF and CRLF ends a line is layout,
    not content, so the fix is safe. If lines end with CR, which may be content, it takes
    `--unsafe-fixes`. If git made them so (`core.autocrlf`, `eol=crlf`), they come back at the next
    checkout: set `seeds/** -text` in .gitattributes, and git keeps newlines as they are.
    """

    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed, quoted: Sequence[Span]) -> Iterator[Finding]:
        """Report a file whose newlines are all of one kind, and not the declared one."""
        wanted = wanted_newline(seed.spec)
        if wanted is None:
            return
        text, rule = seed.text, "text/wrong-newline"
        if "\r" in text and "\n" not in text:
            message = f"lines end with CR, {NEWLINE_NAMES[wanted]} is required"
            start, last = text.index("\r"), text.rindex("\r") + 1
            edits = (TextEdit(start, last, text[start:last].replace("\r", wanted)),)
            fix = TextFix(f"end lines with {NEWLINE_NAMES[wanted]}", edits, safe=False)
            yield Finding(rule, message, start, start + 1, fix=fix)
            return
        counts = count_newlines(text, quoted)
        if len(counts) == 1 and wanted not in counts:
            found = NEWLINE_NAMES[next(iter(counts))]
            message = f"lines end with {found}, {NEWLINE_NAMES[wanted]} is required"
            yield newline_finding(rule, message, seed.document, seed.layout, quoted, wanted)


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
        wanted, has = wanted_newline(seed.spec), count_newlines(seed.text, ())
        newline = wanted or ("\r" if not has and "\r" in seed.text else usual_newline(has))
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
    safe; with a CR among them that no LF follows, it takes `--unsafe-fixes`. In .editorconfig,
    `insert_final_newline = false` keeps editors from adding it again.
    """

    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report the newlines that end the text."""
        if seed.spec.final_newline != "forbid" or not seed.text.endswith(("\n", "\r")):
            return
        start = len(seed.text.rstrip("\r\n"))
        safe = STRAY_CR.search(seed.text, start) is None  # a CR may be content
        fix = TextFix("remove the newline", (TextEdit(start, len(seed.text), ""),), safe)
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
        lines = unnormalized_lines(text)
        if lines:
            a, b = unnormalized(text, *lines[0])
            more = "" if len(lines) == 1 else f", and on {plural(len(lines) - 1, 'more line')}"
            found, wanted = points(text[a:b]), points(unicodedata.normalize("NFC", text[a:b]))
            edits = [TextEdit(*at, unicodedata.normalize("NFC", text[slice(*at)])) for at in lines]
            fix = TextFix("normalize to NFC", tuple(edits), safe=False)
            message = f"text is not in NFC: {found} should be {wanted}{more}"
            yield Finding("text/not-nfc", message, a, b, fix=fix)


class TrailingWhitespace(Rule):
    r"""Spaces or tabs at the end of a line.

    ## What it does

    Reports the first line that ends with a space or tab, and on how many more lines there are
    some. Lines whose white space means something are left out, each by itself: where it belongs to
    a delimiter; where it keeps a line from being one (see `format/near-delimiter`); where
    the last cell of a row or the value of a field is empty; the `-- ` above a mail signature, and
    messages that are `format=flowed`; two blanks that break a line in Markdown (by the name of the
    file); patches (`.patch`, `.diff`).

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
    content: in poems and tables it may be the layout.
    Where that is so, declare `trailing_whitespace = "allow"` in the format's `[file]`.
    """

    severity = Severity.WARNING
    fixable: ClassVar[bool] = True

    @staticmethod
    def check(seed: TextSeed) -> Iterator[Finding]:
        """Report the first line that ends with a space or tab."""
        if seed.spec.trailing_whitespace == "allow":
            return
        spans = trailing_blanks(seed.path, seed.document, seed.layout)
        if not spans:
            return
        edits = [TextEdit(start, end, "") for start, end in spans]
        more = "" if len(edits) == 1 else f", and on {plural(len(edits) - 1, 'more line')}"
        start, end, _ = edits[0]
        if seed.spec.final_newline == "forbid":
            edits = without_last_lines(seed.text, edits)
        fix = TextFix("remove trailing white space", tuple(edits), safe=False)
        yield Finding(
            "text/trailing-whitespace", f"trailing white space{more}", start, end, fix=fix
        )


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
    if has_trailing(text):
        yield from TrailingWhitespace.check(seed)
    if "\r" in text or spec.newline == "crlf":
        quoted = quoted_cells(seed.document, seed.layout)
        yield from MixedNewlines.check(seed, quoted)
        yield from WrongNewline.check(seed, quoted)
        yield from StrayCarriageReturn.check(seed)
    printable = text.replace("\n", "").isprintable()
    if not printable:
        yield from Bom.check(seed)
        yield from ControlCharacter.check(seed)
        yield from BidiControl.check(seed)
        yield from LineSeparator.check(seed)
    if not text.isascii():
        if not printable or PASSING.search(text):
            yield from InvisibleCharacter.check(seed)
        yield from ReplacementCharacter.check(seed)
        if spec.normalization == "nfc":
            yield from NotNfc.check(seed)


def _in_delimiter(seed: TextSeed, pattern: re.Pattern[str]) -> int | None:
    for piece in seed.document.pieces:
        if piece.kind is Kind.DELIMITER:
            match = pattern.search(seed.text, piece.start, piece.end)
            if match:
                return match.start()
    return None
