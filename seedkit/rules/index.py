"""Rules about INDEX.md: every seed is listed there once, and what it says of a seed is true."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple

from seedkit.diagnostic import (
    Applicability,
    Diagnostic,
    Edit,
    Fix,
    Place,
    Position,
    Related,
    Severity,
    sort_key,
)
from seedkit.manifest.compare import Comparison, compare
from seedkit.manifest.history import Git
from seedkit.manifest.inserts import new_index
from seedkit.manifest.listing import Corpus
from seedkit.manifest.load import Indexes, load_indexes
from seedkit.manifest.model import Problem, Span, Table
from seedkit.manifest.summary import SeedSummary
from seedkit.manifest.target import shown
from seedkit.manifest.unlinked import includable, listed, load_unlinked, report_unlinked
from seedkit.rules.base import Rule
from seedkit.text import LineIndex


class MissingIndex(Rule):
    """A corpus without an index.

    ## What it does

    Reports that the file which `index` in the configuration names, INDEX.md by default, does not
    exist. Seeds are then not reported one by one as unlisted.

    ## Why is this bad?

    Nobody can see what the corpus is meant to hold. A seed that is lost is not missed, and a file
    that is left over by accident becomes part of the corpus.

    ## Example

        -- seedkit.toml --
        index = "CONTENTS.markdown"
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- CONTENTS.markdown --
        # Index

        | Seed |
        |---|
        | [tides.txt](seeds/tides.txt) |

    ## How to fix

    `seedkit check --fix` writes an index that lists every seed. Add headings, prose and columns to
    it as you like: later fixes keep them.
    """

    fixable: ClassVar[bool] = True


class UnreadableIndex(Rule):
    r"""An index that can't be read.

    ## What it does

    Reports an index, or one that it includes, that is not UTF-8, is a symbolic link, is too large,
    or may not be read. No seed is then reported as unlisted: it may be listed there.

    ## Why is this bad?

    It is unknown which seeds the corpus has, so the corpus is not checked against its index.

    ## Example

        -- seedkit.toml --
        index = "CONTENTS.markdown"
        -- CONTENTS.markdown --
        - [The caf\xe9](seeds/cafe.txt)
        -- seeds/cafe.txt --
        It is by the river.

    Use instead:

        -- CONTENTS.markdown --
        - [The café](seeds/cafe.txt)

    ## How to fix

    By hand: convert the file to UTF-8, for instance with `iconv -f WINDOWS-1252 -t UTF-8`, put a
    file in the place of the link, or split an index that is too large: it may link to others.
    """


class MergeConflict(Rule):
    """An index with a merge conflict in it.

    ## What it does

    Reports conflict markers as git leaves them in an index: a line that starts with `<<<<<<< `, one
    that is `=======`, and one that starts with `>>>>>>> `. What the index lists is then not
    compared with the seeds, and no fix is offered that would change it.

    ## Why is this bad?

    Two people changed the same rows, and nobody has decided yet which of them are right.

    ## Example

        -- INDEX.md --
        - [Moon](seeds/moon.txt)
        <<<<<<< HEAD
        - [Tides](seeds/tides.txt)
        =======
        - [Wind](seeds/wind.txt)
        >>>>>>> topic
        -- seeds/moon.txt --
        It goes round once a month.
        -- seeds/tides.txt --
        The moon pulls the sea.
        -- seeds/wind.txt --
        It blows from where it is cold.

    Use instead:

        -- INDEX.md --
        - [Moon](seeds/moon.txt)
        - [Tides](seeds/tides.txt)
        - [Wind](seeds/wind.txt)

    ## How to fix

    By hand: where both sides add rows, keep them all. Remove the lines of the markers.
    """


class IndexBom(Rule):
    r"""A byte order mark at the start of an index.

    ## What it does

    Reports an index that starts with U+FEFF.

    ## Why is this bad?

    In UTF-8 it says nothing, and programs that do not expect it take it for text: a heading or a
    table in the first line is not seen as one.

    ## Example

        -- seedkit.toml --
        index = "CONTENTS.markdown"
        -- CONTENTS.markdown --
        \ufeff- [Tides](seeds/tides.txt)
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- CONTENTS.markdown --
        - [Tides](seeds/tides.txt)

    ## How to fix

    `seedkit check --fix --unsafe-fixes` removes it. It is unsafe because it changes a part of the
    index that lists nothing.
    """

    severity: ClassVar[Severity] = Severity.WARNING
    fixable: ClassVar[bool] = True


class IncludeCycle(Rule):
    """An index that includes itself.

    ## What it does

    Reports a link from an index to itself, or to an index that, over one or more others, includes
    it. An index includes another by a link, in a table or list, to a file with its own name.

    ## Why is this bad?

    Each index is read once, so nothing is lost, but who reads them by hand goes in a circle.

    ## Example

        -- INDEX.md --
        - [Tides](seeds/tides.txt)
        - [All seeds](INDEX.md)
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- INDEX.md --
        - [Tides](seeds/tides.txt)

    ## How to fix

    By hand: remove the row. To link back to an index, do it in a paragraph: what stands outside of
    tables and lists includes nothing.
    """

    severity: ClassVar[Severity] = Severity.WARNING


class UnlinkedIndex(Rule):
    """An index that no other one includes.

    ## What it does

    Reports a file in a folder of seeds that has the name of the index, INDEX.md by default, and to
    which no row of a table and no item of a list links, in the index or in one that it includes.
    Such a file is no seed. What it lists counts as listed only if nothing is wrong with it: every
    seed there, none of them listed elsewhere. Left alone are files that `exclude` names, and those
    of another corpus, which have a seedkit.toml beside them or above.

    ## Why is this bad?

    Readers of the index do not come to it. It is no seed either, so it is not searched: it is
    in the corpus, and nothing ever speaks of it.

    ## Example

        -- INDEX.md --
        - [moon.txt](seeds/moon.txt)
        -- seeds/moon.txt --
        It goes round once a month.
        -- seeds/sea/INDEX.md --
        - [tides.txt](tides.txt)
        -- seeds/sea/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- INDEX.md --
        - [moon.txt](seeds/moon.txt)
        - [sea](seeds/sea/INDEX.md)

    ## How to fix

    `seedkit check --fix` links to it from the index in the nearest folder above, if it lists seeds
    and nothing is wrong with what it lists. If it is no index, rename it or add it to `exclude`.
    """

    severity: ClassVar[Severity] = Severity.WARNING
    fixable: ClassVar[bool] = True


class UnlistedSeed(Rule):
    """A seed that no index lists.

    ## What it does

    Reports a seed to which no row of a table and no item of a list links, in the index or in one
    that it includes. Links are `[text](path)` or references such as `[text][label]`, as CommonMark
    has them. Links in paragraphs, quotes, code and comments list nothing. Of the links of a row,
    the first that names a seed counts.

    ## Why is this bad?

    The index says what belongs to the corpus. A file beyond it may be there by accident, and
    nobody who reads the index finds it.

    ## Example

        -- INDEX.md --
        - [moon.txt](seeds/moon.txt)
        -- seeds/moon.txt --
        It goes round once a month.
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- INDEX.md --
        - [moon.txt](seeds/moon.txt)
        - [tides.txt](seeds/tides.txt)

    ## How to fix

    `seedkit check --fix` adds a row where the seeds of the same folder are listed, in order if
    they are. If the file is not a seed, remove it or add it to `exclude`. A seed that may be that
    of a dangling row, under another name, gets a row of its own only with `--unsafe-fixes`: with
    `seedkit mv OLD NEW` it keeps the old one, with all that this says of it.
    """

    fixable: ClassVar[bool] = True


class NotALink(Rule):
    """An entry that Markdown does not read as a link.

    ## What it does

    Reports a row with `[text](path)` where the path is that of a seed, but has a blank in it or
    before it, or parentheses that do not match, or is missing, as in `[tides.txt]()`; and a row of
    a table or list of seeds that has a seed's name without a link. Only if no other row lists it.

    ## Why is this bad?

    Whoever looks at the index sees brackets and a path instead of a link.

    ## Example

        -- INDEX.md --
        - [Spring tides](seeds/spring tides.txt)
        -- seeds/spring tides.txt --
        The moon pulls the sea.

    Use instead:

        -- INDEX.md --
        - [Spring tides](<seeds/spring tides.txt>)

    ## How to fix

    `seedkit check --fix` encloses the path in `<` and `>`, or makes the link.
    """

    fixable: ClassVar[bool] = True


class NotARow(Rule):
    """A row that Markdown does not read as one.

    ## What it does

    Reports lines that look like rows of a table and name seeds, but are not in one: a blank line
    parts them from the table, or the header or the line of dashes below it is missing. They are
    reported once for a paragraph, and only if nothing else lists those seeds. A list item without a
    blank after its mark, as `-[a](b)`, is reported too.

    ## Why is this bad?

    Such rows list nothing, and readers of the index see bars instead of a table.

    ## Example

        -- INDEX.md --
        | Seed | Title |
        |---|---|
        | [ebb.txt](seeds/ebb.txt) | The ebb |

        | [tides.txt](seeds/tides.txt) | The tides |
        -- seeds/ebb.txt --
        The water goes.
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- INDEX.md --
        | Seed | Title |
        |---|---|
        | [ebb.txt](seeds/ebb.txt) | The ebb |
        | [tides.txt](seeds/tides.txt) | The tides |

    ## How to fix

    Make one table of the rows. `seedkit check --fix` removes a blank line between a table and rows
    with as many cells.
    """

    fixable: ClassVar[bool] = True


class WrongLabel(Rule):
    """An entry whose text is the name of another seed.

    ## What it does

    Reports an entry that links to a seed, and has the file name of another seed in the same folder
    as its text.

    ## Why is this bad?

    Readers take one seed for the other.

    ## Example

        -- INDEX.md --
        - [ebb.txt](seeds/tides.txt)
        - [Ebb](seeds/ebb.txt)
        -- seeds/ebb.txt --
        The water goes.
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- INDEX.md --
        - [tides.txt](seeds/tides.txt)
        - [Ebb](seeds/ebb.txt)

    ## How to fix

    Correct the text or the path, whichever is wrong.
    """

    severity: ClassVar[Severity] = Severity.WARNING


class DanglingEntry(Rule):
    """An entry whose file does not exist.

    ## What it does

    Reports a row that links to something in a folder of seeds that is not there; elsewhere too, if
    it has a seed's file name or stands among rows that list seeds.

    ## Why is this bad?

    Either a seed was lost, or the index promises what the corpus does not hold.

    ## Example

        -- INDEX.md --
        - [Moon](seeds/moon.txt)
        - [Tides](seeds/tides.txt)
        -- seeds/moon.txt --
        It goes round once a month.

    Use instead:

        -- INDEX.md --
        - [Moon](seeds/moon.txt)

    ## How to fix

    Restore the file. If it was renamed, `seedkit mv OLD NEW` records that, and the row follows. If
    it is gone for good, `seedkit rm SEED` or `seedkit check --fix --unsafe-fixes` removes the row
    with all that it says of the seed.
    """

    fixable: ClassVar[bool] = True


class NotCheckedOut(Rule):
    """Entries whose files git has, but has not checked out here.

    ## What it does

    Reports, once for each reason, that entries name files which git knows but has not put on disk:
    they are left out by a sparse checkout, are marked `skip-worktree`, or belong to a submodule
    that is not checked out. Such an entry is not dangling: no fix removes or changes it, and its
    columns are compared with nothing.

    ## Why is this bad?

    It is no fault of the corpus, so it does not fail a check. But the check has not seen these
    seeds.

    ## Example

    (no executable example: the files of an example are all there)

    ## How to fix

    If you want these seeds to be checked too, run the command that the finding names.
    """

    severity: ClassVar[Severity] = Severity.INFO


class RenamedSeed(Rule):
    """An entry that has a seed's former name.

    ## What it does

    Reports an entry whose file does not exist where an unlisted seed is known to be the one it
    means: the row has its digest, its size and title, or its id, which is a group of its name that
    the format declares `unique`; or git has had the file, in the last commit or staged, with the
    same bytes or most of the same lines. Lines that other seeds have as well don't count, nor does
    a seed that was there beside the old one. A likely name alone is no evidence, and only a hint in
    the help of `index/dangling-entry`.

    ## Why is this bad?

    The link is dead, and whatever the row says is not found from the seed.

    ## Example

        -- INDEX.md --
        | Seed | sha256 | Licence |
        |---|---|---|
        | [tide.txt](seeds/tide.txt) | 80f58cd9 | CC0 |
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- INDEX.md --
        | Seed | sha256 | Licence |
        |---|---|---|
        | [tides.txt](seeds/tides.txt) | 80f58cd9 | CC0 |

    ## How to fix

    `seedkit check --fix` links to the new name, and corrects the columns that follow from it. The
    text of the link follows if it was the name of the file. `seedkit mv OLD NEW` renames a seed and
    its row together.
    """

    fixable: ClassVar[bool] = True


class ListedTwice(Rule):
    """A seed that is listed more than once.

    ## What it does

    Reports every entry of a seed but the first, in the index and all that it includes.

    ## Why is this bad?

    Rows about one seed come to contradict each other, and counting rows does not count seeds.

    ## Example

        -- INDEX.md --
        - [Tides](seeds/tides.txt)
        - [The tides](seeds/tides.txt)
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- INDEX.md --
        - [Tides](seeds/tides.txt)

    ## How to fix

    Keep the better row. `seedkit check --fix --unsafe-fixes` keeps the first.
    """

    fixable: ClassVar[bool] = True


class WrongSpelling(Rule):
    """An entry that spells a seed's path in another case or Unicode form.

    ## What it does

    Reports an entry whose path is that of a seed but for upper and lower case, or for the Unicode
    normalization form of its letters.

    ## Why is this bad?

    The link works on some systems and is dead on others.

    ## Example

        -- INDEX.md --
        - [Tides](seeds/Tides.txt)
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- INDEX.md --
        - [Tides](seeds/tides.txt)

    ## How to fix

    `seedkit check --fix` spells it as the file is.
    """

    fixable: ClassVar[bool] = True


class WrongValue(Rule):
    """A cell that says of a seed what is not so.

    ## What it does

    Compares the columns `format`, `title`, `bytes`, `records` and `sha256` with the seed, and those
    named after a group of the format's name pattern, such as `id` and `number`. Numbers may have
    separators, digests may be cut to eight digits or more. An empty cell is wrong.

    ## Why is this bad?

    Readers and programs that trust the index are misled, and a seed that was altered goes unseen.

    ## Example

        -- INDEX.md --
        | seed | bytes |
        |---|---|
        | [Tides](seeds/tides.txt) | 23 |
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- INDEX.md --
        | seed | bytes |
        |---|---|
        | [Tides](seeds/tides.txt) | 24 |

    ## How to fix

    If the seed is right, `seedkit check --fix` corrects the cell and keeps its padding.
    """

    fixable: ClassVar[bool] = True


class PathEscapes(Rule):
    r"""An entry whose path leaves the corpus, or is none.

    ## What it does

    Reports targets that are absolute or start with a drive letter, that leave the corpus by `..`,
    or that part folders with backslashes. They are never opened.

    ## Why is this bad?

    They mean something on one machine only, and may make other tools read what is no seed.

    ## Example

        -- INDEX.md --
        - [Tides](/home/ada/corpus/seeds/tides.txt)
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- INDEX.md --
        - [Tides](seeds/tides.txt)

    ## How to fix

    `seedkit check --fix` mends paths that end in that of an unlisted seed. Correct others by hand.
    """

    fixable: ClassVar[bool] = True


class OutOfOrder(Rule):
    """An entry that sorts before the one above it.

    ## What it does

    With `index_order = "path"`, reports the first entry of a table or list that is out of place.

    ## Why is this bad?

    In a sorted index, seeds are found at a glance, and two changes seldom meet in one line.

    ## Example

        -- seedkit.toml --
        index_order = "path"
        -- INDEX.md --
        - [Tides](seeds/tides.txt)
        - [Moon](seeds/moon.txt)
        -- seeds/moon.txt --
        It goes round once a month.
        -- seeds/tides.txt --
        The moon pulls the sea.

    Use instead:

        -- INDEX.md --
        - [Moon](seeds/moon.txt)
        - [Tides](seeds/tides.txt)

    ## How to fix

    By hand: sort the rows, for instance with your editor's command for lines.
    """

    severity: ClassVar[Severity] = Severity.WARNING


class IndexReport(NamedTuple):
    """What is wrong with the index, and where seeds with a wrong name of their own are listed.

    `columns` are the names of all columns of its tables, folded.
    """

    diagnostics: list[Diagnostic]
    renamed: Mapping[str, Place]
    columns: frozenset[str] = frozenset()


def check_index(
    index_path: str,
    seeds: Mapping[str, SeedSummary],
    folders: Sequence[str],
    read: Callable[[str], bytes | None],
    exists: Callable[[str], bool],
    *,
    order: Literal["any", "path"] = "any",
    misnamed: frozenset[str] = frozenset(),
    groups: Collection[str] | None = None,
    pulse: Callable[[], None] = lambda: None,
    git: Git | None = None,
    others: Collection[str] = (),
) -> IndexReport:
    """Compare the index, and those it includes, with the seeds. Paths are relative to the root.

    `read` returns a file's bytes, None if there is none, and may raise `SeedkitError` or `OSError`,
    which become findings. `misnamed` are seeds whose name is reported elsewhere: where an entry
    has their former name, it is not reported here but returned. `groups` are the names of all name
    groups, if the caller knows them: then no seed is asked for its groups in vain. `pulse` is
    called again and again. `git` is asked where entries name nothing. `others` are files that have
    the name of an index: they should be included. Never raises but what these two raise.
    """
    indexes = load_indexes(index_path, seeds, read)
    corpus = Corpus(seeds, folders, exists, index_path.rpartition("/")[2])

    def compared(indexes: Indexes) -> Comparison:
        return compare(
            indexes,
            corpus,
            seeds,
            by_path=order == "path",
            misnamed=misnamed,
            groups=groups,
            pulse=pulse,
            git=git,
        )

    linked = indexes or Indexes()
    # Where one can't be read, nobody knows what it includes.
    candidates = others if linked.complete else ()
    more, unlinked = load_unlinked(linked, index_path, candidates, seeds, read)
    if indexes is None and not unlinked:
        return IndexReport([_missing(index_path, seeds)], {})
    everything = linked.joined(more)
    found = compared(everything)
    included = includable(unlinked, everything, found.problems, corpus)
    files = {file.path: file for each in included.values() for file in each}
    if indexes is None:
        left = [each for each in unlinked if each not in included]
        problems = report_unlinked(left, (), linked, ())
        known = set(listed(files.values(), corpus))
        rest = {path: seed for path, seed in seeds.items() if path not in known}
        missing = _missing(index_path, rest, [each.path for each in included])
        return IndexReport([missing, *(_diagnostic(each, _Places({})) for each in problems)], {})
    if len(included) < len(unlinked):
        found = compared(linked.joined(Indexes(list(files.values()))))
    problems = [
        *found.problems,
        *report_unlinked(unlinked, included, linked, found.problems),
    ]
    places = _Places(everything.texts)
    diagnostics = []
    for problem in problems:
        pulse()
        diagnostics.append(_diagnostic(problem, places))
    renamed = {path: places.of(span) for path, span in found.renamed.items()}
    tables = (block for file in everything.files for block in file.manifest.blocks)
    columns = frozenset(
        name.casefold() for block in tables if isinstance(block, Table) for name in block.columns
    )
    return IndexReport(sorted(diagnostics, key=sort_key), renamed, columns)


def _missing(
    index_path: str, seeds: Mapping[str, SeedSummary], others: Sequence[str] = ()
) -> Diagnostic:
    text = new_index(index_path, seeds, others)
    message = f"the corpus has no index, {shown(index_path)} does not exist"
    place = Place(index_path)
    remedy = "list every seed there"
    fix = Fix("list every seed in a new index", (Edit(place, text),))
    return Diagnostic("index/missing-index", MissingIndex.severity, message, place, remedy, fix=fix)


_SEVERITIES: Mapping[str, Severity] = {
    "unreadable-index": UnreadableIndex.severity,
    "merge-conflict": MergeConflict.severity,
    "index-bom": IndexBom.severity,
    "include-cycle": IncludeCycle.severity,
    "unlinked-index": UnlinkedIndex.severity,
    "unlisted-seed": UnlistedSeed.severity,
    "not-a-link": NotALink.severity,
    "not-a-row": NotARow.severity,
    "wrong-label": WrongLabel.severity,
    "dangling-entry": DanglingEntry.severity,
    "not-checked-out": NotCheckedOut.severity,
    "renamed-seed": RenamedSeed.severity,
    "listed-twice": ListedTwice.severity,
    "wrong-spelling": WrongSpelling.severity,
    "wrong-value": WrongValue.severity,
    "path-escapes": PathEscapes.severity,
    "out-of-order": OutOfOrder.severity,
}


class _Places:
    """Gives spans of the indexes their lines and columns; many seeds are inserted at one point."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._lines: dict[str, LineIndex] = {}
        self._known: dict[tuple[str, int], Position] = {}

    def of(self, span: Span) -> Place:
        path, start, end = span
        return Place(path, self._position(path, start), self._position(path, end))

    def _position(self, path: str, offset: int) -> Position:
        known = self._known.get((path, offset))
        if known is None:
            if path not in self._lines:
                self._lines[path] = LineIndex(self._texts[path])
            known = Position(*self._lines[path].position(offset))
            self._known[path, offset] = known
        return known


def _diagnostic(problem: Problem, places: _Places) -> Diagnostic:
    fix = None
    if problem.change is not None:
        title, path, edits, safe = problem.change
        fix = Fix(
            title,
            tuple(Edit(places.of(Span(path, start, end)), text) for start, end, text in edits),
            Applicability.SAFE if safe else Applicability.UNSAFE,
        )
    related: tuple[Related, ...] = ()
    if problem.first is not None:
        related = (Related(places.of(problem.first), "first listed here"),)
    return Diagnostic(
        f"index/{problem.rule}",
        _SEVERITIES[problem.rule],
        problem.message,
        Place(problem.place) if isinstance(problem.place, str) else places.of(problem.place),
        problem.help,
        related,
        fix,
        about=problem.about,
    )
