"""Writes rows for new seeds, in the manner of the others; edits or removes rows that there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from seedkit.manifest import SeedSummary
from seedkit.manifest.listing import Listing
from seedkit.manifest.model import IndexFile, IndexFix, Items, Link, Table
from seedkit.manifest.target import encode_target, escape_text, guard_start, relative, shown, tidy
from seedkit.manifest.values import Columns, Padding, Wrong, columns_of, expected, in_cell, in_style

LINK_COLUMNS = ("seed", "seeds", "file", "path", "name")  # where links go if there is none yet
_SAMPLE = 200  # rows looked at to see what their links' texts are
_MARK = re.compile(r"([ \t]*+)([-+*]|[0-9]{1,9}(?=[.)]))([.)]?)([ \t]*+)")

Caption = Callable[[str, SeedSummary], str]  # the text of a link to a seed


class RowWriter(Protocol):
    """Writes rows of one table or list, without their newline."""

    def row(self, path: str, seed: SeedSummary) -> str:
        """Return the row for a seed."""
        ...


def _file_name(path: str, seed: SeedSummary | None = None) -> str:
    return path.rpartition("/")[2]


def _stem(path: str, seed: SeedSummary | None = None) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def _whole_path(path: str, seed: SeedSummary | None = None) -> str:
    return path


def _title(path: str, seed: SeedSummary) -> str:
    return tidy(seed.title) or _file_name(path, seed)


_NAMES = (_file_name, _stem, _whole_path)
_CAPTIONS: tuple[Caption, ...] = (_title, *_NAMES)


def renamed_text(text: str, said: str, old: str, new: str) -> str:
    """Return the text of a link to a file that was renamed: its new name, if it was the old one.

    `text` is the Markdown of what it `said`.
    """
    name = next((name for name in _NAMES if tidy(name(old)) == said), None)
    return text if name is None else in_cell("", tidy(name(new)), text)


def link_to(base: str, path: str, text: str) -> str:
    """Return a link with a Markdown text from an index in folder `base` to a path of the corpus."""
    return f"[{text}]({encode_target(relative(base, path))})"


def usual_caption(listing: Listing, seeds: Mapping[str, SeedSummary]) -> Caption:
    """Return what the texts of most links of a listing are."""
    manifest, block = listing.file.manifest, listing.block
    default = _default_caption(block.columns if isinstance(block, Table) else ())
    votes: Counter[Caption] = Counter()
    for path, link in islice(zip(listing.paths, listing.links, strict=True), _SAMPLE):
        if path in seeds:
            said = manifest.link_text(block, link)
            seed = seeds[path]
            votes.update(each for each in _CAPTIONS if tidy(each(path, seed)) == said)
    return max(_CAPTIONS, key=lambda each: (votes[each], each is default))


def _default_caption(columns: Iterable[str]) -> Caption:
    """With a column for the title, the link's text need not be the title as well."""
    return _file_name if "title" in map(str.casefold, columns) else _title


class TableWriter:
    """Writes rows of a table like the row with the link `like`; without one, like its header."""

    def __init__(
        self,
        file: IndexFile,
        table: Table,
        like: Link | None = None,
        caption: Caption | None = None,
    ) -> None:
        manifest = file.manifest
        self._base = file.base
        self._columns = columns_of(manifest, table)
        line = like.line if like else table.first
        spans = manifest.cells(line)
        row = manifest.row_text(line)
        self._indent = row[: len(row) - len(row.lstrip(" \t"))]
        self._opens = "|" if row.lstrip(" \t").startswith("|") else ""
        self._closes = "|" if row.rstrip(" \t").endswith("|") else ""
        cells = [manifest.text[start:end] for start, end in spans]
        cells = _completed(cells, len(self._columns), bool(self._closes))
        self._like = [cell.strip() for cell in cells]
        self._padding = [Padding(*pair) for pair in zip(cells, self._columns, strict=True)]
        keys = [column.key for column in self._columns]
        if like:
            held = [start <= like.text_start < end for start, end in spans]
            self._said = manifest.text[like.text_start : like.text_end]
        else:
            held = [key in LINK_COLUMNS for key in keys]
            self._said = ""
        self._link_column = held.index(True) if True in held[: len(keys)] else 0
        self._caption = caption or _default_caption(table.columns)

    def row(self, path: str, seed: SeedSummary) -> str:
        """Return the row for a seed: a link, the values of known columns, the others empty."""
        wanted = [expected(seed, column.key) for column in self._columns]
        contents = [
            in_cell(column.key, want, like) if want else ""
            for column, want, like in zip(self._columns, wanted, self._like, strict=True)
        ]
        key, want = self._columns[self._link_column].key, wanted[self._link_column]
        text = in_style(key, want, self._said) if want else escape_text(self._caption(path, seed))
        contents[self._link_column] = link_to(self._base, path, text)
        opens = self._opens
        if not opens:
            contents[0] = guard_start(contents[0])
            opens = "" if contents[0] else "|"  # or the empty cell would not be seen
        parts = zip(self._padding, contents, strict=True)
        cells = "|".join(padding.around(content) for padding, content in parts)
        return f"{self._indent}{opens}{cells}{self._closes}".rstrip(" \t")


def _completed(cells: list[str], count: int, closed: bool) -> list[str]:
    """Return as many cells as there are columns, those that the row lacks like the others."""
    lacking = count - len(cells)
    if lacking <= 0:
        return cells[:count]
    blank = " " if any(cell != cell.strip() for cell in cells) else ""
    last = cells[-1] if closed else cells[-1] + blank
    new = [f"{blank}x{blank}"] * lacking
    return [*cells[:-1], last, *new[:-1], new[-1] if closed else f"{blank}x"]


class ItemWriter:
    """Writes items of a list, indented and marked like one that it has."""

    def __init__(
        self, file: IndexFile, items: Items, like: Link, caption: Caption, *, counts: bool
    ) -> None:
        self._base, self._caption = file.base, caption
        last = last_mark(file.manifest.row_text(like.line))
        self._indent = re.sub(r"[^\t]", " ", last.before)
        self._mark, self._after = last.mark, last.after
        self._space = last.space if 0 < last.width <= 4 else " "  # after more, code would follow
        first = last_mark(file.manifest.row_text(items.first)).mark
        counted = last.mark.isdigit() and (items.first == like.line or first != last.mark)
        self._counts = counts and counted

    def row(self, path: str, seed: SeedSummary) -> str:
        """Return the item for a seed. Numbers go on counting if those before did."""
        if self._counts and int(self._mark) < 999_999_999:
            self._mark = str(int(self._mark) + 1)
        link = link_to(self._base, path, escape_text(self._caption(path, seed)))
        return f"{self._indent}{self._mark}{self._after}{self._space}{link}"


class Mark(NamedTuple):
    """The mark of an item: what stands before it, what follows its number, and the blanks."""

    before: str
    mark: str
    after: str
    space: str

    @property
    def width(self) -> int:
        """Return how many columns the blanks take."""
        return len(self.space.expandtabs(4))


def last_mark(line: str) -> Mark:
    """Return the mark of the innermost item that begins in a line."""
    at, mark = 0, _MARK.match(line)
    found = Mark("", "-", "", " ")
    while mark and (mark[4] or mark.end() == len(line)) and (mark[2].isdigit() == bool(mark[3])):
        found = Mark(line[:at] + mark[1], mark[2], mark[3], mark[4])
        at = mark.end()
        mark = _MARK.match(line, at)
    return found


_AFTER_PATH = re.compile(r"\?|(?<!&)#")  # `&#` is a character reference


class RowEdits:
    """Makes edits of rows; what it finds out of a table, it keeps.

    `groups` are the names of all groups of all formats, if they are known.
    """

    def __init__(self, groups: Collection[str] | None) -> None:
        self._groups = groups
        self._columns: dict[int, Columns] = {}
        self._served: dict[str, Counter[int]] = {}

    def columns(self, listing: Listing) -> Columns | None:
        """Return the columns of a table, None for a list."""
        block = listing.block
        if not isinstance(block, Table):
            return None
        if id(block) not in self._columns:
            self._columns[id(block)] = Columns(listing.file.manifest, block, self._groups)
        return self._columns[id(block)]

    def retarget(
        self,
        listing: Listing,
        link: Link,
        path: str,
        wrong: Sequence[Wrong] = (),
        *,
        old: str | None = None,
    ) -> IndexFix:
        """Link to another path, its query and fragment kept, and correct the cells that go with it.

        A text that was the name of the `old` file follows. Where the path is that of a reference
        definition, other links that it serves follow, too: see `is_shared`.
        """
        file = listing.file
        start, end = link.start, link.end
        if link.definition is not None:
            start, end, _ = link.definition
        raw = file.manifest.text[start:end]
        target = encode_target(relative(file.base, path)) + raw[_path_end(raw) :]
        edits = [(start, end, target)]
        edits += (each.edit for each in wrong if not is_label(each, link))
        text_is_free = all(at != link.text_start for at, _, _ in edits) and not link.is_its_label
        if old is not None and text_is_free:
            like = file.manifest.text[link.text_start : link.text_end]
            said = file.manifest.link_text(listing.block, link)
            text = renamed_text(like, said, old, path)
            edits += [(link.text_start, link.text_end, text)] if text != like else []
        return IndexFix(f"link to {shown(path)}", file.path, tuple(sorted(edits)))

    def is_shared(self, file: IndexFile, link: Link) -> bool:
        """Tell whether the path of a link is that of a definition which serves other links, too."""
        if link.definition is None:
            return False
        if file.path not in self._served:
            links = file.manifest.links()
            self._served[file.path] = Counter(
                link.definition.start for link in links if link.definition is not None
            )
        return self._served[file.path][link.definition.start] > 1

    def removal(self, listing: Listing, link: Link) -> IndexFix | None:
        """Remove a row; None where other items would lose theirs."""
        block = listing.block
        if not isinstance(block, Table) and link.line in block.nests:
            return None
        start, end = listing.file.manifest.row_span(block, link.line)
        return IndexFix("remove the row", listing.file.path, ((start, end, ""),), safe=False)


def is_label(wrong: Wrong, link: Link) -> bool:
    """Tell whether to correct it would change the label of a reference, and so break the link."""
    return link.is_its_label and wrong.edit[0] == link.text_start


def _path_end(raw: str) -> int:
    """Return where the query or fragment of a target as written starts; its end if it has none."""
    found = _AFTER_PATH.search(raw)
    return found.start() if found else len(raw)
