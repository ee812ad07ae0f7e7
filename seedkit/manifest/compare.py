"""Compares what the indexes list with the seeds that there are, both ways: one cause, one problem.

What is exactly right claims its seed first. Then come entries that mean a seed but spell it wrong,
then those that were renamed; only what is left is dangling, or unlisted.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from seedkit.core.rules import (
    INDEX_DANGLING_ENTRY,
    INDEX_LISTED_TWICE,
    INDEX_NOT_A_LINK,
    INDEX_NOT_CHECKED_OUT,
    INDEX_OUT_OF_ORDER,
    INDEX_PATH_ESCAPES,
    INDEX_RENAMED_SEED,
    INDEX_UNLISTED_SEED,
    INDEX_WRONG_LABEL,
    INDEX_WRONG_SPELLING,
    INDEX_WRONG_VALUE,
    Rule,
)
from seedkit.core.text import shorten, visible
from seedkit.manifest import SeedSummary
from seedkit.manifest.inserts import Inserter
from seedkit.manifest.listing import CorpusFiles, Listing, TargetKind
from seedkit.manifest.load import Indexes
from seedkit.manifest.model import IndexFile, IndexFix, IndexProblem, IndexSpan, Link
from seedkit.manifest.order import movable_rows, sorted_rows
from seedkit.manifest.renames import Clue, Git, GitTexts, Lost, alike, pair_renamed
from seedkit.manifest.rows import RowEdits, is_label
from seedkit.manifest.rows_without_link import SeedNames, dead_rows, unlinked_names
from seedkit.manifest.target import encode_target, relative, resolve, shown
from seedkit.manifest.values import Wrong


class Entry(NamedTuple):
    """An entry that is not simply a seed's."""

    listing: Listing
    link: Link
    path: str
    kind: TargetKind


def compare(
    indexes: Indexes,
    corpus: CorpusFiles,
    seeds: Mapping[str, SeedSummary],
    *,
    by_path: bool = False,
    groups: Collection[str] | None = None,
    pulse: Callable[[], None] = lambda: None,
    git: Git | None = None,
) -> list[IndexProblem]:
    """Return all that is wrong. `by_path`: entries are to be sorted; `groups`: of all formats.

    `pulse` is called for each table or list, and each row that is written: what it raises ends the
    comparison.
    `git` is asked where entries name nothing.
    """
    return _Comparer(indexes, corpus, seeds, groups, pulse, git).run(by_path)


class _Comparer:
    def __init__(
        self,
        indexes: Indexes,
        corpus: CorpusFiles,
        seeds: Mapping[str, SeedSummary],
        groups: Collection[str] | None,
        pulse: Callable[[], None],
        git: Git | None,
    ) -> None:
        self._pulse = pulse
        self._indexes, self._corpus, self._seeds = indexes, corpus, seeds
        self._git = git
        self._complete = indexes.complete
        self._blind = False  # whether git could not be asked for what is not checked out
        self._problems: list[IndexProblem] = list(indexes.problems)
        self._likely: dict[str, str] = {}  # what unlisted seeds may have been
        self._claimed: dict[str, tuple[IndexFile, Link]] = {}
        self._edits = RowEdits(groups)

    def run(self, by_path: bool) -> list[IndexProblem]:
        files = self._indexes.files
        listings, odd = list[Listing](), list[Entry]()
        for file in files:
            for block in file.manifest.blocks:
                self._pulse()
                listings.append(self._corpus.listing(file, block))
                odd += self._claim(listings[-1])
        self._pulse()
        lost: list[Entry] = []
        for entry in odd:
            if entry.kind is TargetKind.SPELLING:
                self._spelling(entry)
            elif entry.kind is TargetKind.ESCAPE:
                self._escape(entry)
            else:
                lost.append(entry)
        self._no_links(listings)
        self._dead_rows(listings, by_path=by_path)
        gone = self._gone(lost)
        unlisted = sorted(self._corpus.seeds - self._claimed.keys())
        if not self._complete:
            unlisted = []  # they may be listed where nothing could be read
        renamed = self._renames(gone, unlisted)
        for listing in listings:
            self._pulse()
            self._values(listing)
            self._labels(listing)
            if by_path:
                self._order(listing)
        unlisted = [path for path in unlisted if path not in renamed]
        if unlisted:
            self._pulse()
            self._unlisted(unlisted, Inserter(files, listings, self._seeds))
        return self._problems

    def _claim(self, listing: Listing) -> Iterator[Entry]:
        """Note which seeds are listed, report those listed twice; return the other entries."""
        claimed, odd, file = self._claimed, listing.odd, listing.file
        for i, (path, link) in enumerate(zip(listing.paths, listing.links, strict=True)):
            if odd and i in odd:
                yield Entry(listing, link, path, odd[i])
            elif path not in claimed:
                claimed[path] = file, link
            else:
                self._twice(Entry(listing, link, path, TargetKind.SEED))

    def _twice(self, entry: Entry) -> None:
        said = entry.link.target
        message = f"{shown(entry.path)} is listed twice"
        if entry.kind is TargetKind.SPELLING:
            message += f", here as {shown(said)}"
        self._report(
            INDEX_LISTED_TWICE,
            entry,
            message,
            "remove one of the rows",
            change=self._edits.removal(entry.listing, entry.link),
            first=_span(*self._claimed[entry.path]),
        )

    def _spelling(self, entry: Entry) -> None:
        if entry.path in self._claimed:
            return self._twice(entry)
        self._claimed[entry.path] = entry.listing.file, entry.link
        said = resolve(entry.listing.file.base, entry.link.target) or ""
        same_case = unicodedata.normalize("NFC", said) == unicodedata.normalize("NFC", entry.path)
        what = "in another Unicode normalization form" if same_case else "in another case"
        message = f"{shown(said)} is spelled {what} than the seed {shown(entry.path)}"
        return self._report(
            INDEX_WRONG_SPELLING, entry, message, None, change=self._retarget(entry, entry.path)
        )

    def _escape(self, entry: Entry) -> None:
        target = entry.link.target
        if target.startswith("/") or target[1:2] == ":":
            message = f"{shown(target)} is an absolute path"
        elif "\\" in target:
            message = f"{shown(target)} has backslashes instead of `/`"
        else:
            message = f"{shown(target)} leaves the corpus"
        index = shown(entry.listing.file.path)
        change = None
        if entry.path in self._corpus.seeds and entry.path not in self._claimed:
            self._claimed[entry.path] = entry.listing.file, entry.link
            entry.listing.meant[entry.link.text_start] = entry.path, entry.link
            change = self._retarget(entry, entry.path)
        remedy = f"link to a path below the corpus, relative to {index}, with `/` between folders"
        self._report(INDEX_PATH_ESCAPES, entry, message, remedy, change=change)

    def _names(self) -> SeedNames:
        """The seeds that nothing lists so far; none if what lists them may not have been read."""
        return SeedNames(self._corpus.seeds - self._claimed.keys() if self._complete else ())

    def _no_links(self, listings: Sequence[Listing]) -> None:
        """Report what would list a seed if it were a link, in rows that list nothing."""
        listings = [listing for listing in listings if listing.block.broken]
        names = self._names() if listings else SeedNames(())
        for listing in listings:
            rows, base = {link.line for link in listing.links}, listing.file.base
            for link in listing.block.broken:
                path = self._corpus.named(base, link.target) or names.find(base, link.target)
                if path is not None and path not in self._claimed and link.line not in rows:
                    rows.add(link.line)
                    self._no_link(listing, link, path)

    def _no_link(self, listing: Listing, link: Link, path: str) -> None:
        file = listing.file
        self._claimed[path] = file, link
        listing.meant[link.text_start] = path, link
        raw = file.manifest.text[link.start : link.end]
        apart = link.text_end + 1, link.start - 1
        gap = file.manifest.text[slice(*apart)]
        target = encode_target(relative(file.base, path))
        if raw and resolve(file.base, link.target) == path:
            target = raw if gap else f"<{raw}>"
        if not raw:
            why = "it is empty"
        elif gap:
            why = "a blank is before it"
        elif " " in raw or "\t" in raw:
            why = "its target has a blank"
        else:
            why = "its target has odd parentheses"
        message = f"`({visible(raw)})` does not make a link to {shown(path)}, {why}"
        edits = [(*apart, "")] if gap else []
        edits += [(link.start, link.end, target)] if target != raw else []
        change = IndexFix(f"link to {shown(path)}", file.path, tuple(edits))
        remedy = f"write it as `({visible(target)})`" + (", without the blank" if gap else "")
        self._problems.append(
            IndexProblem(
                INDEX_NOT_A_LINK,
                _span(file, link),
                message,
                remedy,
                change=change,
                involved=(path,),
            )
        )

    def _dead_rows(self, listings: Sequence[Listing], *, by_path: bool) -> None:
        """Report rows that list nothing though they name a seed that no other row lists."""
        if not self._complete or self._corpus.seeds <= self._claimed.keys():
            return
        names = self._names()
        for listing in listings:
            for found in unlinked_names(listing, names):
                if found.path not in self._claimed:
                    self._claimed[found.path] = listing.file, found.link
                    listing.meant[found.start] = found.path, found.link
                    self._problems.append(found.problem(listing.file))
        names = self._names()
        for file in self._indexes.files:
            ordered = [each for each in listings if each.file is file] if by_path else None
            for dead in dead_rows(file, names, ordered):
                for row in dead.rows:
                    self._claimed.setdefault(row.path, (file, row.link))
                self._problems.append(dead.problem(file))

    def _gone(self, lost: list[Entry]) -> list[Entry]:
        """Report what is only not checked out, once for each reason; return the other entries."""
        absent = self._git.absent({e.path for e in lost}) if lost and self._git else []
        self._blind = absent is None
        for each in absent or ():
            paths = frozenset(each.paths)
            entry = next(entry for entry in lost if entry.path in paths)
            more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
            verb = "are" if more else "is"
            message = f"{shown(entry.path)}{more} {verb} not checked out here, {each.reason}"
            remedy = f"`{each.command}` brings {'them' if more else 'it'}"
            self._report(INDEX_NOT_CHECKED_OUT, entry, message, remedy)
        hidden = {path for each in absent or () for path in each.paths}
        if any(map(self._corpus.is_index, hidden)):
            self._complete = False
        return [entry for entry in lost if entry.path not in hidden]

    def _renames(self, lost: list[Entry], unlisted: Sequence[str]) -> set[str]:
        """Report entries that name nothing; return the unlisted seeds that are some of them."""
        free = {path: self._seeds[path] for path in unlisted} if lost else {}
        left = {i: self._lost(entry) for i, entry in enumerate(lost)} if free else {}
        known = pair_renamed(left, free, self._clues() if left else ())
        rest = {i: each for i, each in left.items() if i not in known}
        likely = alike(rest, {p: seed for p, seed in free.items() if p not in known.values()})
        self._likely = {path: lost[i].path for i, path in likely.items()}
        found = set(known.values())
        for i, entry in enumerate(lost):
            new = known.get(i)
            if new is not None:
                self._moved(entry, new)
            else:
                self._dangling(entry, likely.get(i))
        return found

    def _clues(self) -> tuple[Clue, ...]:
        if self._git is None:
            return ()
        texts = GitTexts(self._git, sorted(self._claimed))
        return texts.same, texts.edited

    def _moved(self, entry: Entry, new: str) -> None:
        message = f"{shown(entry.path)} does not exist, the seed is now {shown(new)}"
        entry.listing.meant[entry.link.text_start] = new, entry.link
        wrong = self._wrong(entry.listing, entry.link, new)
        change = self._retarget(entry, new, wrong, renamed=True)
        self._report(INDEX_RENAMED_SEED, entry, message, None, change=change, also=(new,))

    def _dangling(self, entry: Entry, like: str | None) -> None:
        message = f"{shown(entry.path)} does not exist"
        remedy = "remove the row, or restore the file"
        if like is not None:
            remedy += f"; if the seed is now {shown(like)}, `seedkit mv` records that"
        change = None if self._blind else self._edits.removal(entry.listing, entry.link)
        self._report(INDEX_DANGLING_ENTRY, entry, message, remedy, change=change)

    def _lost(self, entry: Entry) -> Lost:
        """What the row of an entry says of its seed, to know it by under another name."""
        columns = self._edits.columns(entry.listing)
        said = columns.said(entry.link) if columns else {}
        titles = {self._text_of(entry), said.get("title", "")}
        return Lost(entry.path, frozenset(titles), said)

    def _text_of(self, entry: Entry) -> str:
        """What the text of an entry's link says."""
        return entry.listing.file.manifest.link_text(entry.listing.block, entry.link)

    def _wrong(self, listing: Listing, link: Link, path: str) -> list[Wrong]:
        columns = self._edits.columns(listing)
        return columns.wrong(link, self._seeds[path]) if columns else []

    def _values(self, listing: Listing) -> None:
        columns = self._edits.columns(listing) if listing.paths else None
        if columns is None:
            return
        rows: Iterable[tuple[str, Link]] = zip(listing.paths, listing.links, strict=True)
        if listing.odd:
            rows = [(path, link) for path, link in rows if path in self._corpus.seeds]
        file = listing.file
        for path, link in columns.suspects(rows, self._seeds):
            for wrong in columns.wrong(link, self._seeds[path]):
                change = None
                if not is_label(wrong, link):
                    change = IndexFix(f"correct {wrong.names}", file.path, (wrong.edit,))
                span = IndexSpan(file.path, wrong.start, wrong.end)
                message = wrong.message(path)
                remedy = "correct the cell, or restore the seed"
                self._problems.append(
                    IndexProblem(
                        INDEX_WRONG_VALUE, span, message, remedy, change=change, involved=(path,)
                    )
                )

    def _labels(self, listing: Listing) -> None:
        """Report entries whose text is the name of another seed in the folder of theirs."""
        seeds, text, odd = self._corpus.seeds, listing.file.manifest.text, listing.odd
        rows = zip(listing.paths, listing.links, strict=True)
        doubtful = [
            (i, path, link)
            for i, (path, link) in enumerate(rows)
            if not path.endswith(text[link[3] : link[4]])  # by number: this is for every row
        ]
        for i, path, link in doubtful:
            said = text[link.text_start : link.text_end]
            other = path[: path.rfind("/") + 1] + said
            if i not in odd and other in seeds and not path.casefold().endswith(said.casefold()):
                entry = Entry(listing, link, path, TargetKind.SEED)
                message = (
                    f"the link to {shown(path)} has the text `{shorten(said)}`, another seed's name"
                )
                remedy = "correct the text or the path, whichever is wrong"
                self._report(INDEX_WRONG_LABEL, entry, message, remedy, also=(other,))

    def _order(self, listing: Listing) -> None:
        """Report the first entry that sorts before the one above it."""
        last = ""
        for path, link in listing.corrected():
            if path < last:
                entry = Entry(listing, link, path, TargetKind.SEED)
                message = f"{shown(path)} stands after {shown(last)}, which sorts after it"
                rows, file = movable_rows(listing), listing.file
                edit = sorted_rows(file.manifest, rows) if rows else None
                change = edit and IndexFix("sort the rows by path", file.path, (edit,))
                remedy = "sort the rows of this table or list by path"
                return self._report(INDEX_OUT_OF_ORDER, entry, message, remedy, change=change)
            last = path
        return None

    def _unlisted(self, paths: list[str], inserter: Inserter) -> None:
        main = self._indexes.files[0].path
        for path, change in inserter.insert(paths):
            self._pulse()
            message = f"{shown(path)} is not listed in {shown(main)}"
            remedy = "add a row for it, or exclude the file if it is no seed"
            involved: tuple[str, ...] = ()
            if path in self._likely:  # a new row would not have what the old one says
                involved = (self._likely[path],)
                remedy = f"if it was {shown(*involved)}, `seedkit mv` records that"
                change = change and change._replace(safe=False)
            self._problems.append(
                IndexProblem(
                    INDEX_UNLISTED_SEED, path, message, remedy, change=change, involved=involved
                )
            )

    def _report(
        self,
        rule: Rule,
        entry: Entry,
        message: str,
        remedy: str | None,
        *,
        change: IndexFix | None = None,
        first: IndexSpan | None = None,
        also: tuple[str, ...] = (),
    ) -> None:
        span = _span(entry.listing.file, entry.link)
        involved = (entry.path, *also)
        self._problems.append(IndexProblem(rule, span, message, remedy, first, change, involved))

    def _retarget(
        self, entry: Entry, path: str, wrong: Sequence[Wrong] = (), *, renamed: bool = False
    ) -> IndexFix | None:
        """Link to another path, as `RowEdits.retarget`; None if other entries would follow."""
        listing, link = entry.listing, entry.link
        if self._edits.is_shared(listing.file, link):
            return None
        old = entry.path if renamed else None
        return self._edits.retarget(listing, link, path, wrong, old=old)


def _span(file: IndexFile, link: Link) -> IndexSpan:
    return IndexSpan(file.path, link.start, link.end)
