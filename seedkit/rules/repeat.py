"""Rules about text that occurs more than once, within a seed or in several.

`RepeatedSection` looks at one seed; the others are found by `repeats` from the fingerprints of all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from seedkit.diagnostic import Severity
from seedkit.document import Document, Finding, Kind, Section
from seedkit.rules.base import Rule

if TYPE_CHECKING:
    from seedkit.formats.layout import Layout

_WORD = re.compile(r"\w+")


class DuplicateSeed(Rule):
    r"""A seed with the same bytes as another.

    ## What it does

    Compares the SHA-256 digests of all seeds and reports every copy of the first one, by path.
    Seeds that are empty, or white space only, are not compared.

    ## Why is this bad?

    A text that is there twice counts twice: in training, in evaluation, in every statistic. Often
    one of the two is then mended and the other is not.

    ## Example

        -- seeds/a.txt --
        one text
        -- seeds/b.txt --
        one text

    Use instead:

        -- seeds/b.txt --
        another text

    ## How to fix

    By hand: remove one of the two. `seedkit check --baseline-update` accepts copies that must stay;
    a further copy is then still reported.
    """


class SameText(Rule):
    r"""A seed that differs from another in case, spacing and punctuation at most.

    ## What it does

    Compares the folded tokens of all seeds: words without regard to case and compatibility forms,
    and nothing between them.

    ## Why is this bad?

    It is the same text, saved twice by programs that treat white space or quotes differently.

    ## Example

        -- seeds/a.txt --
        One text, and one only.
        -- seeds/b.txt --
        one text and  ONE only

    Use instead:

        -- seeds/b.txt --
        another text

    ## How to fix

    By hand: keep the better one.
    """


class NearDuplicate(Rule):
    r"""A seed that is nearly the same as another.

    ## What it does

    Compares the sets of token 3-grams of all seeds, and reports pairs whose Jaccard index, what
    they share by all they have, is at least `near_duplicate` (0.8). No pair is missed and none is
    guessed: see docs/repeats.md. In a group of such seeds, each is compared with one
    representative: the one most of them are like, or else the largest.

    ## Why is this bad?

    Slightly edited copies are the repeats that digests do not find, and they leak from training
    into evaluation texts all the same.

    ## Example

        -- seeds/a.txt --
        one two three four five six seven eight nine ten eleven twelve thirteen fourteen
        -- seeds/b.txt --
        one two three four five six seven eight nine ten eleven twelve thirteen fifteen

    Use instead:

        -- seeds/b.txt --
        entirely different words

    ## How to fix

    By hand: compare them with `seedkit repeats PATH`, and keep one.
    """

    severity: ClassVar[Severity] = Severity.WARNING


class ContainedSeed(Rule):
    r"""A seed that is part of another.

    ## What it does

    Reports a seed of at least `passage_tokens` tokens if at least `contained` (0.8) of its token
    3-grams are those of another that has as many or more. Two that have equally many have that
    share in common, and one of them is reported.

    ## Why is this bad?

    An excerpt beside the whole is a repeat, though the two are not alike. So are two versions of a
    text with too many edits to be near duplicates.

    ## Example

        -- seeds/a.txt --
        The mill at the bend of the river turned all night, and nobody in the village
        slept, because the miller had promised flour before the feast and the water was
        high enough at last.
        -- seeds/b.txt --
        The mill at the bend of the river turned all night, and nobody in the village
        slept, because the miller had promised flour before the feast and the water was
        high enough at last. In the morning the wheel stood still: a branch, some said,
        or a prank of the boys, but the sacks were full, and so the carts went up the
        hill with bread for three days and three nights of dancing in the square.

    Use instead:

        -- seeds/a.txt --
        entirely different words

    ## How to fix

    By hand: remove the excerpt, or that part of the other seed; of two versions, keep the better.
    """

    severity: ClassVar[Severity] = Severity.WARNING


class RepeatedPassage(Rule):
    r"""A passage that occurs elsewhere too.

    ## What it does

    Reports every run of at least `passage_tokens` (30) tokens that occurs again, in another seed or
    in the same one, at its exact place, and names the first place. What seeds of one group of near
    duplicates or contained seeds share is not reported again, nor is a passage within a longer one
    that is reported.

    ## Why is this bad?

    Quoted, pasted and syndicated text makes seeds repeat each other in part, and weighs more than
    it should.

    ## Example

        -- seeds/a.txt --
        The mill at the bend of the river turned all night, and nobody in the village
        slept, because the miller had promised flour before the feast and the water was
        high enough at last. Later it rained for a week, so the road to the hills was
        closed and the post came by boat, late and wet, to everybody but the ferryman.
        -- seeds/b.txt --
        Some stories begin before the first frost, others with a letter that nobody
        answers, and a few begin like this, with a clock in a station hall. The mill at
        the bend of the river turned all night, and nobody in the village slept, because
        the miller had promised flour before the feast and the water was high enough at
        last.

    Use instead:

        -- seeds/b.txt --
        entirely different words

    ## How to fix

    By hand: shorten one of the two, or declare the section with `repeats = false` if quoting is its
    purpose.
    """

    severity: ClassVar[Severity] = Severity.WARNING


class Boilerplate(Rule):
    r"""A passage that very many seeds have.

    ## What it does

    Reports a repeated passage in more than `boilerplate_seeds` (50) seeds once, at its first place,
    instead of once a seed.

    ## Why is this bad?

    It seldom is: licences, disclaimers and templates repeat by design. But what all seeds share is
    worth a look, since it may be a page frame that was scraped with the text.

    ## Example

        -- seedkit.toml --
        boilerplate_seeds = 2
        -- seeds/a.txt --
        The mill at the bend of the river turned all night, and nobody in the village
        slept, because the miller had promised flour before the feast and the water was
        high enough at last. Alpha began it with a drum and a long string of lanterns
        hung across the whole street, from the baker down to the very last house.
        -- seeds/b.txt --
        The mill at the bend of the river turned all night, and nobody in the village
        slept, because the miller had promised flour before the feast and the water was
        high enough at last. Beta answered from over the water, and the echo was longer
        than the song, or so at least the old ferrymen said afterwards in the inn.
        -- seeds/c.txt --
        The mill at the bend of the river turned all night, and nobody in the village
        slept, because the miller had promised flour before the feast and the water was
        high enough at last. Gamma came late as always, with a goat, two apples, a
        borrowed hat, and no excuse at all that anybody there wanted to believe that
        day.

    Use instead:

        -- seeds/a.txt --
        entirely different words
        -- seeds/b.txt --
        other words than those, too

    ## How to fix

    By hand: cut it where it is no part of the text, or declare its section with `repeats = false`.
    """

    severity: ClassVar[Severity] = Severity.INFO


class RepeatedSection(Rule):
    r"""A section that repeats an earlier one of the same seed.

    ## What it does

    Compares the sections of a seed, folded, and reports one of at least `passage_tokens` words that
    equals an earlier one. A section declared as a copy with `same_as` is none.

    ## Why is this bad?

    A body that is stored twice in one file counts twice, and the two copies drift apart.

    ## Example

        -- seedkit.toml --
        passage_tokens = 8
        -- schemas/note.toml --
        files = ["seeds/**"]
        [sections]
        delimiter = "\n"
        [[section]]
        name = "body"
        [[section]]
        name = "heading"
        [[section]]
        name = "again"
        -- seeds/a.txt --
        the mill at the bend of the river turned all night
        The mill
        the mill at the bend of the river turned all night

    Use instead:

        -- schemas/note.toml --
        files = ["seeds/**"]
        [sections]
        delimiter = "\n"
        [[section]]
        name = "body"
        [[section]]
        name = "heading"
        [[section]]
        name = "again"
        same_as = "body"

    ## How to fix

    By hand: remove the copy, or declare it in the format.
    """

    @staticmethod
    def check(document: Document, layout: Layout, passage_tokens: int) -> list[Finding]:
        """Report sections of `passage_tokens` words or more that equal an earlier one, folded."""
        candidates = _alike(document, layout, passage_tokens)
        if not candidates:
            return []
        findings: list[Finding] = []
        first: dict[str, tuple[int, int, str]] = {}
        for section in candidates:
            value = document.value(section).casefold()
            words = _WORD.findall(value)
            if len(words) < passage_tokens and len("".join(words)) < 4 * passage_tokens:
                continue
            start, end, name = first.setdefault(
                " ".join(words), (section.start, section.end, section.name)
            )
            if start == section.start:
                continue
            where = f"`{name}`" if name != section.name else "an earlier one"
            findings.append(
                Finding(
                    "repeat/repeated-section",
                    f"section `{section.name}` repeats {where}",
                    section.start,
                    section.end,
                    help=f'if it should, declare it: `same_as = "{name}"`, or `repeats = false`',
                    related=((start, end, f"`{name}` here"),),
                )
            )
        return findings


def _alike(document: Document, layout: Layout, passage_tokens: int) -> list[Section]:
    """Return sections that are long enough and begin with the same word as another: few."""
    text, names = document.text, layout.compared
    # So many words take as many characters, or twice as many where spaces part them.
    least = 2 * passage_tokens - 1 if text.isascii() else passage_tokens
    found: dict[str, list[Section]] = {}
    for section in document.sections():
        if section.end - section.start >= least and section.name in names:
            word = _WORD.search(text, section.start, section.end)
            if word is not None:
                found.setdefault(word[0].casefold(), []).append(section)
    return [section for same in found.values() if len(same) > 1 for section in same]


def comparable(document: Document, layout: Layout, repeated: list[Finding]) -> str:
    """Return the seed's text with all that is not compared as newlines, so that offsets stay.

    Left out are delimiters, comments, sections declared as copies or as not to be compared, and
    those that `repeated` has reported.
    """
    if layout.compares_all and not repeated:
        return document.text
    left_out = {finding.start for finding in repeated}
    parts = []
    for piece in document.pieces:
        text = document.text[piece.start : piece.end]
        kept = piece.kind is Kind.STRAY or (
            piece.kind is Kind.SECTION
            and piece.name in layout.compared
            and piece.start not in left_out
        )
        parts.append(text if kept else "\n" * len(text))
    return "".join(parts)
