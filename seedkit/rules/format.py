"""Rules about structure. The parser finds these; the classes are their manual and severity."""

from __future__ import annotations

from typing import ClassVar

from seedkit.diagnostic import Severity
from seedkit.rules.base import Rule


class NoFormat(Rule):
    """A seed that no format claims.

    ## What it does

    Reports a file in a folder of seeds that `files` of no format in schemas/ matches. What is in
    it is not looked at; that the index lists it still is.

    ## Why is this bad?

    It is either no seed, and then doesn't belong there, or a seed that nobody checks: a new folder
    or a new file extension slips in, and everything looks clean.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/*.txt"]
        -- seeds/moon.txt --
        The moon pulls the sea.
        -- seeds/tides.text --
        The sea follows the moon.

    Use instead:

        -- schemas/note.toml --
        files = ["seeds/*.txt", "seeds/*.text"]

    ## How to fix

    By hand: extend `files` of the format that it has, declare a new format for it, or rename the
    file. What is no seed goes into `exclude`, or out of the folder.
    """


class MissingSection(Rule):
    """A required section that is not there.

    ## What it does

    Reports a record that lacks a section, at the place where it should begin. Every section of a
    format is required unless it says `required = false`. Where a line nearly is the section's
    delimiter, `format/near-delimiter` says so instead.

    ## Why is this bad?

    Part of the text is missing, or its delimiter is, and then it is taken for the end of the
    section before. What reads the seeds fails, or pairs a question with the answer to another.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "question"
        delimiter = "Q: "
        match = "prefix"
        [[section]]
        name = "answer"
        delimiter = "A: "
        match = "prefix"
        -- seeds/tides.txt --
        Q: What pulls the sea?

    Use instead:

        -- seeds/tides.txt --
        Q: What pulls the sea?
        A: The moon.

    ## How to fix

    By hand: add the section, or the delimiter in front of its text. If records may lack it,
    declare `required = false`.
    """


class ExtraSection(Rule):
    r"""More sections than the format has.

    ## What it does

    Reports what follows the last section of a format that cuts by position, with one `delimiter`
    in `[sections]`.

    ## Why is this bad?

    Position is all that tells such sections apart. A line too many means that a delimiter stands
    inside a text, and all that follows it is in the wrong place: a headline of two lines makes its
    second line the body.

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
        Tides
        and currents
        The moon pulls the sea.

    Use instead:

        -- seeds/tides.txt --
        Tides and currents
        The moon pulls the sea.

    ## How to fix

    By hand: join the lines that belong together. If the last section may hold the delimiter,
    declare `rest = true` for it; if there may be several such sections, `repeat = true`.
    """


class DuplicateSection(Rule):
    """A section that occurs again, though it may occur only once.

    ## What it does

    Reports the second delimiter of a section in one record, and points to the first. Sections with
    `repeat = true` may occur any number of times.

    ## Why is this bad?

    Whoever asks for "the" section gets the first or the last, depending on the program. Often the
    delimiter between two records is missing, and they have become one.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "question"
        delimiter = "Q: "
        match = "prefix"
        [[section]]
        name = "answer"
        delimiter = "A: "
        match = "prefix"
        -- seeds/tides.txt --
        Q: What pulls the sea?
        A: The moon.
        A: The sun, a little.

    Use instead:

        -- seeds/tides.txt --
        Q: What pulls the sea?
        A: The moon. The sun, a little.

    ## How to fix

    By hand: join the two, remove one, or put the missing delimiter between the records. If the
    section may repeat, declare `repeat = true`.
    """


class SectionOrder(Rule):
    """Sections in another order than the format's.

    ## What it does

    Reports the delimiter of a section that comes after one that should follow it, where the
    format's `[sections]` has `order = "strict"`, as it has unless declared otherwise. Sections
    that are missing as well are reported once the order is right.

    ## Why is this bad?

    Programs that read the sections one after the other take the wrong text, and people no longer
    find what they look for where they look for it. Often two records have run together.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "question"
        delimiter = "Q: "
        match = "prefix"
        [[section]]
        name = "answer"
        delimiter = "A: "
        match = "prefix"
        -- seeds/tides.txt --
        A: The moon.
        Q: What pulls the sea?

    Use instead:

        -- seeds/tides.txt --
        Q: What pulls the sea?
        A: The moon.

    ## How to fix

    By hand: put the sections into the order in which the format declares them. If their order
    means nothing, declare `order = "any"`.
    """


class UnknownSection(Rule):
    """A label that looks like a section's, and belongs to none of the format.

    ## What it does

    Reports a line that matches `label` in the format's `[sections]` (the general shape of a
    delimiter) and is none of the declared delimiters. `unknown = "allow"` permits it.

    ## Why is this bad?

    Mostly it is a misspelled section: its text is read by nobody, or as the end of the section
    before.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [sections]
        label = '--[A-Z]+--'
        [[section]]
        name = "test"
        delimiter = "--TEST--"
        [[section]]
        name = "expect"
        delimiter = "--EXPECT--"
        -- seeds/sum.txt --
        --TEST--
        1 + 1
        --EXPECT--
        2
        --AUTHOR--
        Ada

    Use instead:

        -- seeds/sum.txt --
        --TEST--
        1 + 1
        --EXPECT--
        2

    ## How to fix

    By hand: correct the label, remove it with its text, or declare the section, with
    `required = false` if few records have it.
    """


class UnclosedSection(Rule):
    """A section whose closing delimiter is missing.

    ## What it does

    Reports the opening delimiter of a section that has a `close`, if that does not follow before
    the record ends.

    ## Why is this bad?

    All the rest of the record, whatever it was meant to be, becomes part of this section. Front
    matter that is not closed swallows the text.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "body"
        [[section]]
        name = "code"
        delimiter = "```"
        close = "```"
        required = false
        -- seeds/sum.txt --
        A sum in one line:
        ```
        1 + 1

    Use instead:

        -- seeds/sum.txt --
        A sum in one line:
        ```
        1 + 1
        ```

    ## How to fix

    By hand: add the closing delimiter where the section ends, on a line of its own unless the
    format says `match = "inline"`.
    """


class StrayText(Rule):
    """Text where the format has no place for any.

    ## What it does

    Reports the first line of text that belongs to no section or no record: before the first
    delimiter, after a closing one, or a closing delimiter with nothing open. `unknown = "allow"`
    in the format's `[sections]` permits it.

    ## Why is this bad?

    No program that reads the sections ever sees this text, and no search finds it. Often it is a
    section whose delimiter was forgotten or mangled.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "question"
        delimiter = "Q: "
        match = "prefix"
        [[section]]
        name = "answer"
        delimiter = "A: "
        match = "prefix"
        -- seeds/tides.txt --
        About tides
        Q: What pulls the sea?
        A: The moon.

    Use instead:

        -- seeds/tides.txt --
        Q: What pulls the sea?
        A: The moon.

    ## How to fix

    By hand: put a delimiter before the text, or remove it. If text may stand there, declare a
    section without `delimiter` at that place: it takes what no other section claims.
    """


class NearDelimiter(Rule):
    r"""A line of text that nearly is a delimiter.

    ## What it does

    Reports a line that would be a delimiter, or begin with a label, but for its case, white space
    around or in it, or (from four characters on, and in formats without escapes) one character. A
    label that ends with a letter or digit is looked for in other case and with white space before
    it. A line of white space is reported where an empty one would part two records.

    ## Why is this bad?

    To people the line is a delimiter, to programs it is content: two records become one, and a
    section is missing. A format without escapes breaks exactly there.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [record]
        mode = "separator"
        delimiter = "%"
        -- seeds/proverbs.txt --
        Measure twice, cut once.
        %\x20
        Many hands make light work.

    Use instead:

        -- seeds/proverbs.txt --
        Measure twice, cut once.
        %
        Many hands make light work.

    ## How to fix

    By hand: make it the delimiter. If it really is text, reword it, or choose a delimiter that
    texts don't have.
    """

    severity: ClassVar[Severity] = Severity.WARNING


class NoRecords(Rule):
    r"""A file without a single record delimiter.

    ## What it does

    Reports a file with text in which nothing begins a record, where the format's `[record]` has
    `mode = "start"` or `mode = "block"`. With `unknown = "allow"` in `[sections]` and no `min` it
    is permitted.

    ## Why is this bad?

    Not one record can be read from the file. Mostly it has another format, and `files` claims too
    much.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [record]
        mode = "start"
        delimiter = { pattern = '\.I (?P<id>\d+)' }
        -- seeds/abstracts.txt --
        The moon pulls the sea.

    Use instead:

        -- seeds/abstracts.txt --
        .I 1
        The moon pulls the sea.

    ## How to fix

    By hand: add the delimiter before each record. If the file has another format, put that format
    first in `formats`, or narrow `files`.
    """


class EmptyRecord(Rule):
    """A record with nothing in it.

    ## What it does

    Reports a record without text, or of white space only, unless each of its declared sections may
    be missing or empty.

    ## Why is this bad?

    It counts as a record and holds nothing: numbering goes wrong, and whatever draws records at
    random draws blanks. Mostly a delimiter was written twice.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [record]
        mode = "separator"
        delimiter = "%"
        -- seeds/proverbs.txt --
        Measure twice, cut once.
        %
        %
        Many hands make light work.

    Use instead:

        -- seeds/proverbs.txt --
        Measure twice, cut once.
        %
        Many hands make light work.

    ## How to fix

    By hand: remove the superfluous delimiter, or add the missing text. If records may be empty,
    declare `empty = "allow"` for each of their sections.
    """


class UnterminatedRecord(Rule):
    """A record that is not ended as its format requires.

    ## What it does

    Reports a record without the `close` that its `open` calls for (`mode = "block"`), or a last
    record without the delimiter after it (`mode = "terminator"`, or `trailing = "require"`).

    ## Why is this bad?

    Either the file was cut off, and text is missing, or two records run together from here on.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [record]
        mode = "block"
        open = "<DOC>"
        close = "</DOC>"
        -- seeds/tides.txt --
        <DOC>
        The moon pulls the sea.

    Use instead:

        -- seeds/tides.txt --
        <DOC>
        The moon pulls the sea.
        </DOC>

    ## How to fix

    By hand: make sure that nothing is missing at the end, then add the delimiter.
    """


class TrailingSeparator(Rule):
    """A separator after the last record, where the format forbids it.

    ## What it does

    Reports a delimiter with nothing after it where the format's `[record]` has
    `mode = "separator"` and `trailing = "forbid"`.

    ## Why is this bad?

    A separator stands between two records. A program that splits there gets one more record than
    there is, an empty one.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [record]
        mode = "separator"
        delimiter = "%"
        trailing = "forbid"
        -- seeds/proverbs.txt --
        Measure twice, cut once.
        %
        Many hands make light work.
        %

    Use instead:

        -- seeds/proverbs.txt --
        Measure twice, cut once.
        %
        Many hands make light work.

    ## How to fix

    By hand: remove the delimiter, or add the record that should follow. If both ways of writing
    are right, declare `trailing = "allow"`.
    """


class TooFewRecords(Rule):
    """Fewer records than the format requires.

    ## What it does

    Reports a file with fewer records than `min` in the format's `[record]`.

    ## Why is this bad?

    The file is not complete, or its delimiters are not those of the format, so that many records
    look like one.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [record]
        mode = "separator"
        delimiter = "%"
        min = 2
        -- seeds/proverbs.txt --
        Measure twice, cut once.
        --
        Many hands make light work.

    Use instead:

        -- seeds/proverbs.txt --
        Measure twice, cut once.
        %
        Many hands make light work.

    ## How to fix

    By hand: correct the delimiters, add the records that are missing, or lower `min`.
    """


class TooManyRecords(Rule):
    """More records than the format allows.

    ## What it does

    Reports the first record beyond `max` in the format's `[record]`.

    ## Why is this bad?

    Files that were meant to stay small enough to review, or to hold one text each, have grown
    together. Or a text holds a line that equals the delimiter, and is cut in two.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [record]
        mode = "separator"
        delimiter = "%"
        max = 1
        -- seeds/proverbs.txt --
        Measure twice, cut once.
        %
        Many hands make light work.

    Use instead:

        -- seeds/proverbs.txt --
        Measure twice, cut once.
        -- seeds/proverbs-2.txt --
        Many hands make light work.

    ## How to fix

    By hand: move records to another file, or raise `max`.
    """


class DuplicateId(Rule):
    r"""Two records of one file with the same id.

    ## What it does

    Compares the groups of the record's delimiter that `unique` in the format's `[record]` lists,
    and reports each record whose value an earlier one of the file has.

    ## Why is this bad?

    Whatever refers to a record by its id, such as a table of relevance judgements, now means two
    texts. Mostly a record was copied to make a new one, and the id was forgotten.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [record]
        mode = "start"
        delimiter = { pattern = '\.I (?P<id>\d+)' }
        unique = ["id"]
        -- seeds/abstracts.txt --
        .I 1
        The moon pulls the sea.
        .I 1
        The sea follows the moon.

    Use instead:

        -- seeds/abstracts.txt --
        .I 1
        The moon pulls the sea.
        .I 2
        The sea follows the moon.

    ## How to fix

    By hand: give the later record a free id. If the two are the same text, remove one.
    """


class MissingAlternative(Rule):
    """A record with none of several sections of which it needs one.

    ## What it does

    Reports a record that has none of the sections in `exactly_one_of` or `at_least_one_of` of a
    `[[rule]]`.

    ## Why is this bad?

    Each of the sections is optional, but without any of them the record is of no use: a test that
    expects nothing, a question without any kind of answer.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "question"
        delimiter = "Q: "
        match = "prefix"
        [[section]]
        name = "answer"
        delimiter = "A: "
        match = "prefix"
        required = false
        [[section]]
        name = "reason"
        delimiter = "No answer: "
        match = "prefix"
        required = false
        [[rule]]
        exactly_one_of = ["answer", "reason"]
        -- seeds/tides.txt --
        Q: What pulls the sea?

    Use instead:

        -- seeds/tides.txt --
        Q: What pulls the sea?
        A: The moon.

    ## How to fix

    By hand: add one of the sections that the message names.
    """


class ConflictingSections(Rule):
    """Sections that exclude each other.

    ## What it does

    Reports a record that has more than one of the sections in `exactly_one_of` of a `[[rule]]`, or
    the first and another one of those in `forbids`.

    ## Why is this bad?

    The record says two things that can't both hold, and each program picks the one it looks at
    first.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "question"
        delimiter = "Q: "
        match = "prefix"
        [[section]]
        name = "answer"
        delimiter = "A: "
        match = "prefix"
        required = false
        [[section]]
        name = "reason"
        delimiter = "No answer: "
        match = "prefix"
        required = false
        [[rule]]
        exactly_one_of = ["answer", "reason"]
        -- seeds/tides.txt --
        Q: What pulls the sea?
        A: The moon.
        No answer: nobody knows.

    Use instead:

        -- seeds/tides.txt --
        Q: What pulls the sea?
        A: The moon.

    ## How to fix

    By hand: remove all but one of the sections that the message names.
    """


class MissingCompanion(Rule):
    """A section that requires another, which is not there.

    ## What it does

    Reports a record that has the first section in `requires` of a `[[rule]]`, and lacks one of the
    others.

    ## Why is this bad?

    The section means something only together with the other: a translation without its language, a
    quotation without its source.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [[section]]
        name = "quote"
        delimiter = "Quote: "
        match = "prefix"
        required = false
        [[section]]
        name = "source"
        delimiter = "Source: "
        match = "prefix"
        required = false
        [[rule]]
        requires = ["quote", "source"]
        -- seeds/galileo.txt --
        Quote: And yet it moves.

    Use instead:

        -- seeds/galileo.txt --
        Quote: And yet it moves.
        Source: said of Galileo by Baretti, 1757

    ## How to fix

    By hand: add the section that is missing, or remove the one that requires it.
    """


class OutOfOrder(Rule):
    r"""Numbers that don't count up, or times that go back.

    ## What it does

    Compares, from record to record, what `counts` and `ascends` of the format's `[record]` list,
    and within a record what `ascends` of a `[[rule]]` lists: sections, or named groups of
    delimiters. Reports a number that is not one more than the one before, and a value that is less.
    The first number of a file may be any. Of two records that changed places one is reported.

    ## Why is this bad?

    A subtitle that ends before it begins is never shown, and players skip those that go back in
    time. Where a number is missing, a record probably is.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [record]
        mode = "start"
        delimiter = { pattern = '\.I (?P<id>\d+)' }
        counts = ["id"]
        -- seeds/abstracts.txt --
        .I 1
        The moon pulls the sea.
        .I 3
        The sea follows the moon.

    Use instead:

        -- seeds/abstracts.txt --
        .I 1
        The moon pulls the sea.
        .I 2
        The sea follows the moon.

    ## How to fix

    By hand: correct the number or time, or put the records into their order. If they may come in
    any, take the name out of `counts` or `ascends`.
    """
