"""Rules about configuration and formats. `config` and `formats.load` find most of them."""

from __future__ import annotations

from typing import ClassVar

from seedkit.diagnostic import Severity
from seedkit.rules.base import Rule


class InvalidToml(Rule):
    r"""A configuration or format file that is not TOML.

    ## What it does

    Reports the place where seedkit.toml, pyproject.toml or a file in schemas/ stops being TOML
    1.0, or UTF-8. Nothing is checked until it is mended, and seedkit exits with 2.

    ## Why is this bad?

    What such a file meant to say is anybody's guess. A check by half of its settings would be
    worse than none.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- schemas/note.toml --
        files = ["seeds/**"]

    ## How to fix

    By hand: correct the line. Most often a quote or bracket is missing, on that line or before it.
    A pattern with backslashes goes between single quotes: `'\d+'`.
    """


class UnreadableFile(Rule):
    """A configuration or format file that can't be read, or may not be.

    ## What it does

    Reports a seedkit.toml, pyproject.toml or schemas/*.toml that the system refuses to read, that
    is a symbolic link, or that has more than 1,000,000 bytes or a name that is not UTF-8, and a
    schemas/ with more than 1,000 formats. Nothing is checked, and seedkit exits with 2.

    ## Why is this bad?

    Without it seedkit would check by other rules than yours. Links are never followed, so that no
    repository can make seedkit read a file outside of it.

    ## Example

    (no executable example: a file in an example can always be read)

    ## How to fix

    By hand: make the file readable (`chmod u+r FILE`), replace the link by a copy, or rename it.
    """


class UnknownKey(Rule):
    """A key that means nothing.

    ## What it does

    Reports a key in `[tool.seedkit]`, seedkit.toml or a format that seedkit does not know, and
    names one that is similar. Nothing is checked until it is mended, and seedkit exits with 2.

    ## Why is this bad?

    Mostly it is a slip of the pen. If seedkit passed over it, a rule that you believe is in force
    would never be applied.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        new_line = "lf"
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        newline = "lf"

    ## How to fix

    By hand: correct the key or remove it. `seedkit schema config` and `seedkit schema format`
    print JSON Schemas with which editors complete and check these files. A key that should exist
    may be one of a newer seedkit.
    """


class InvalidValue(Rule):
    """A value that its key does not take.

    ## What it does

    Reports a value in the configuration or a format that is of the wrong type, out of bounds, or
    none of those allowed, and keys that are required and missing, or that exclude each other in
    one table. Nothing is checked until it is mended, and seedkit exits with 2.

    ## Why is this bad?

    seedkit can't do what the value asks for, and does not guess what was meant.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        newline = "unix"
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        newline = "lf"

    ## How to fix

    By hand: write a value that the message names. docs/configuration.md and docs/formats.md
    describe every key.
    """


class BadPattern(Rule):
    r"""A pattern that does not compile.

    ## What it does

    Reports a regular expression in a format that RE2 does not accept, and says which construct
    stands in the way, and file patterns (`files`, `exclude`, `per_file_ignores`) that are not
    gitignore-style or can never match. Nothing is checked until it is mended, and seedkit exits
    with 2.

    ## Why is this bad?

    seedkit runs patterns of others on text of others, so it takes only those that are linear in
    time. Look-around, backreferences, atomic groups and possessive quantifiers are not.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        name = '(?!draft)[a-z]+\.txt'
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- schemas/note.toml --
        files = ["seeds/**", "!draft*"]
        [file]
        name = '[a-z]+\.txt'

    ## How to fix

    By hand: say it without the construct. What a name must not be is often said better by `files`
    with `!`, what a section must not be by `enum` or a class of characters. The syntax is at
    <https://github.com/google/re2/wiki/Syntax>.
    """


class InconsistentFormat(Rule):
    r"""Parts of a format that contradict each other.

    ## What it does

    Reports what no file could ever satisfy or no parser could tell apart: two sections of one
    name, two delimiters that match the same line, two sections in a row with nothing between them,
    a `same_as`, `unique` or `[[rule]]` that names what is not there. Nothing is checked until it
    is mended, and seedkit exits with 2.

    ## Why is this bad?

    Such a format cuts files otherwise than you meant, or reports every one of them.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [sections]
        delimiter = "\n"
        [[section]]
        name = "body"
        [[section]]
        name = "copy"
        same_as = "text"
        -- seeds/tides.txt --
        The moon pulls the sea.
        The moon pulls the sea.

    Use instead:

        -- schemas/note.toml --
        files = ["seeds/**"]
        [sections]
        delimiter = "\n"
        [[section]]
        name = "body"
        [[section]]
        name = "copy"
        same_as = "body"

    ## How to fix

    By hand: correct the name, or give each section a delimiter of its own.
    """


class UnknownFormat(Rule):
    """The name of a format that does not exist.

    ## What it does

    Reports a name in `formats` without a schemas/NAME.toml, and an `extends` that names no
    built-in format. Nothing is checked until it is mended, and seedkit exits with 2.

    ## Why is this bad?

    The first format that claims a file has it. If one of the order is missing, files fall to
    another, and are checked by rules that are not theirs.

    ## Example

        -- seedkit.toml --
        formats = ["notes"]
        -- schemas/note.toml --
        files = ["seeds/**"]
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- seedkit.toml --
        formats = ["note"]

    ## How to fix

    By hand: correct the name, without `.toml`; or add the format. Formats lie in schemas/ itself,
    not in a folder below it.
    """


class UnknownRule(Rule):
    """The name of a rule or family that does not exist.

    ## What it does

    Reports a name in `select`, `ignore` or `per_file_ignores` that is neither a rule nor a family
    of rules. Nothing is checked until it is mended, and seedkit exits with 2.

    ## Why is this bad?

    A misspelled `select` would check nothing, a misspelled `ignore` ignore nothing, and neither
    would say so.

    ## Example

        -- seedkit.toml --
        ignore = ["text/byte-order-mark"]
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- seedkit.toml --
        ignore = ["text/bom"]

    ## How to fix

    By hand: correct the name; `seedkit rule` lists all. Rules that a newer seedkit has renamed or
    dropped are in its changelog.
    """


class MissingFolder(Rule):
    """A folder of seeds that does not exist.

    ## What it does

    Reports a folder that `seeds` names, or the default `seeds`, if it is not there. Nothing is
    checked until it is mended, and seedkit exits with 2.

    ## Why is this bad?

    A check of the wrong folder checks nothing.

    ## Example

        -- seedkit.toml --
        seeds = ["seed"]
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- seedkit.toml --
        seeds = ["seeds"]

    ## How to fix

    By hand: correct the name (folders are relative to the root of the corpus), or make the folder.
    git keeps no empty folders: put a seed or a .gitkeep into it.
    """


class NoSeeds(Rule):
    """A corpus without any seed.

    ## What it does

    Reports a corpus in which no file is a seed: the folders of `seeds` are empty, or `exclude`
    leaves out all that is in them. INDEX.md and the formats are then not compared with anything.
    The rule counts whatever other rules and PATHs are asked for, and no baseline accepts it; only
    `ignore = ["config/no-seeds"]` switches it off.

    ## Why is this bad?

    Nothing was checked, so that nothing was found means nothing. Most often a folder was moved, a
    pattern is too wide, or a checkout is not complete.

    ## Example

        -- seedkit.toml --
        exclude = ["*.txt"]
        -- schemas/note.toml --
        files = ["seeds/**"]
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- seedkit.toml --
        exclude = ["*.bak"]

    ## How to fix

    By hand: correct `seeds` or `exclude`, or add the first seed with `seedkit add FILE`.
    """


class NoFormats(Rule):
    """A corpus without any format.

    ## What it does

    Reports a corpus with no format in schemas/. Its seeds are then taken as plain UTF-8 text:
    rules about text, names and the index apply, those about structure have nothing to go by.

    ## Why is this bad?

    That each seed is complete, and cut where it should be, is most of what seedkit can check, and
    here it checks none of it. A schemas/ that was moved or not committed goes unnoticed.

    ## Example

        -- schemas/drafts/note.toml --
        files = ["seeds/**"]
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- schemas/drafts/note.toml -> schemas/note.toml --

    ## How to fix

    By hand: declare one; `extends = "builtin:plain"` and `files = ["seeds/**"]` in
    schemas/plain.toml is enough to begin with. Formats lie in schemas/ itself, not in a folder
    below it.
    """

    severity: ClassVar[Severity] = Severity.WARNING


class UnusedFormat(Rule):
    """A format that claims no file.

    ## What it does

    Reports a format if no seed has it: because its `files` match none, or because a format before
    it claims them all. Formats claim files in the order of `formats`, then by name. In a corpus
    without any seed, [config/no-seeds](#confignoseeds) says all there is to say.

    ## Why is this bad?

    The format was written to check some seeds, and checks none. Most often a folder was renamed,
    or a pattern of another format is too wide.

    ## Example

        -- schemas/all.toml --
        files = ["seeds/**"]
        -- schemas/note.toml --
        files = ["seeds/notes/**"]
        -- seeds/notes/tides.txt --
        The moon pulls the sea.
        -- seeds/moon.txt --
        The moon is round.

    Use instead:

        -- seedkit.toml --
        formats = ["note", "all"]

    ## How to fix

    By hand: correct its `files`, put it before the format that takes its files, or delete it.
    """

    severity: ClassVar[Severity] = Severity.WARNING


class UnusedAllowance(Rule):
    """An allowance that allows nothing.

    ## What it does

    Reports a comment `seedkit: allow RULE` in a seed if nothing in its record (in the whole seed,
    if it stands at the top) breaks that rule, or if there is no such rule. Seeds can carry such
    comments if their format declares `[comments]`.

    ## Why is this bad?

    The fault it excused is gone, and the next one of its kind would be excused unseen.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [comments]
        prefix = "#"
        -- seeds/tides.txt --
        # seedkit: allow text/trailing-whitespace the layout is the author's
        The moon pulls the sea.

    Use instead:

        -- seeds/tides.txt --
        The moon pulls the sea.

    ## How to fix

    By hand: remove the comment, or correct the rule's name.
    """

    severity: ClassVar[Severity] = Severity.WARNING


class StaleBaseline(Rule):
    """A baseline entry for a finding that is gone.

    ## What it does

    Reports an entry of seedkit-baseline.json that accepts more findings than there are. An entry
    is passed over if nobody looked for it: its rule or its path is left out, or its seed can't be
    read. One of a seed that was renamed, with the same bytes, holds for the new path.

    ## Why is this bad?

    The fault was mended, which is good; but as long as the entry stands, the same fault could come
    back without a word. A baseline should only ever shrink.

    ## Example

        -- seedkit-baseline.json --
        {
          "version": 1,
          "findings": [
            {"path": "seeds/tides.txt", "rule": "text/bom", "fingerprint": "5ba38fc1e2b0d2c7"}
          ]
        }
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- seedkit-baseline.json --
        {
          "version": 1,
          "findings": []
        }

    ## How to fix

    `seedkit check --baseline-update` writes the file anew. It also accepts whatever else is found
    at the moment, so run `seedkit check` first and see that nothing else is left.
    """

    severity: ClassVar[Severity] = Severity.WARNING
