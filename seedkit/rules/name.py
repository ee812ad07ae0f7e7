"""Rules about file names: the declared pattern, and names that will not travel."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from seedkit.diagnostic import Diagnostic, Place, Related, Severity
from seedkit.document import WHOLE_FILE, Finding
from seedkit.formats.layout import Layout
from seedkit.rules.base import Rule
from seedkit.text import normalize_newlines, shorten, visible

if TYPE_CHECKING:
    from seedkit.formats.spec import FormatSpec


Member = tuple[str, Mapping[str, str]]  # a seed's path and the groups of its name


class Pattern(Rule):
    r"""A file name that does not match its format's pattern.

    ## What it does

    Reports a file whose name, without its folder, is not matched as a whole by `name` in the
    format's `[file]` (RE2 syntax).

    ## Why is this bad?

    What the name carries, such as a number or a digest, can't be read from it: the seed is left
    out of the comparisons of `name/not-unique` and `name/not-sequential`, and of searches like
    `number:12`.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        name = '(?P<number>\d{3})_[a-z-]+\.txt'
        -- seeds/12_Tides.txt --
        The moon pulls the sea.

    Use instead:

        -- seeds/12_Tides.txt -> seeds/012_tides.txt --

    ## How to fix

    By hand: rename the file (`git mv`) and its entry in the index. If many names are like that,
    the pattern is wrong. If the file has another format, change `files` of the two formats.
    """


class WrongDigest(Rule):
    r"""A file name with a digest that is not that of the content.

    ## What it does

    Computes the digest that `hash` in the format's `[file]` describes, and reports a file in whose
    name another one stands. The name may carry the first digits only. With `of = "text"` the text
    is put into NFC with LF newlines before, so that a checkout on another system changes nothing.

    ## Why is this bad?

    The digest in the name is a promise that the content never changes. If it does not hold, either
    the text was altered, perhaps unknowingly by an editor, or the file was named by something
    else.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        name = '(?P<id>[0-9a-f]{8})\.txt'
        hash = { group = "id", algorithm = "sha256" }
        -- seeds/00000000.txt --
        The moon pulls the sea.

    Use instead:

        -- seeds/00000000.txt -> seeds/80f58cd9.txt --

    ## How to fix

    By hand: look at what changed (`git log -p FILE`). Restore the text, or, if it is as it should
    be, give the file the digest that the message names. For the same reason every fix of another
    rule is unsafe in such a file: its name would have to follow.
    """


class UnsafeName(Rule):
    r"""A file name with a character that can't be seen, or that is not UTF-8.

    ## What it does

    Reports a path with a control, bidirectional or other invisible character, an unassigned or
    private one, or a byte that is not UTF-8.

    ## Why is this bad?

    What is shown is not what has to be typed: two names look alike, a name reads backwards, a
    terminal obeys it. Names that are not UTF-8 can't be checked out on macOS or Windows, or be
    linked to from the index.

    ## Example

        -- seeds/tide\u200btable.txt --
        The moon pulls the sea.

    Use instead:

        -- seeds/tide\u200btable.txt -> seeds/tide-table.txt --

    ## How to fix

    By hand: rename the file and its entry in the index.
    `git mv seeds/tide*table.txt seeds/tide-table.txt` spares typing what can't be seen;
    `git ls-files -z | cat -v` shows it.
    """


class NotAFile(Rule):
    """A symbolic link, a device or a pipe where a seed should be.

    ## What it does

    Reports whatever stands in a folder of seeds and is neither a regular file nor a folder, and
    folders that can't be listed. It is not followed, opened or read.

    ## Why is this bad?

    A link may lead out of the corpus, to another machine's files or in a circle, and Windows
    checkouts hold a small text file in its place. So the seed is not checked, and its content
    would count twice if it were.

    ## Example

    (no executable example: the files of an example are regular files)

    ## How to fix

    By hand: replace the link by a copy of the file, or list the real file instead. If it is no
    seed, add it to `exclude`.
    """

    severity: ClassVar[Severity] = Severity.WARNING


class CaseCollision(Rule):
    """Two names that are one on a file system that folds case or Unicode form.

    ## What it does

    Compares the paths of all seeds without regard to case and Unicode normalization, and reports
    each that equals an earlier one.

    ## Why is this bad?

    macOS and Windows have room for only one of the two. Whoever clones the corpus there loses a
    seed, and git shows the other as changed.

    ## Example

        -- seeds/Tides.txt --
        The moon pulls the sea.
        -- seeds/tides.txt --
        The sea follows the moon.

    Use instead:

        -- seeds/Tides.txt -> seeds/tides-2.txt --

    ## How to fix

    By hand: rename one of the two and its entry in the index, or delete it if it is an older
    version of the other. Do it on a file system that has both, such as Linux, or with `git mv`.
    """


class NotUnique(Rule):
    r"""A part of the name that two seeds share, though the format says it is unique.

    ## What it does

    Compares the named groups that `unique` in the format's `[file]` lists, among all seeds of the
    format, whatever folder they are in. Every seed after the first with the same text is reported.

    ## Why is this bad?

    Whatever refers to a seed by this number or id, a database or a result table, now means two
    texts. It happens when two people add a seed at the same time.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        name = '(?P<number>\d{3})_[a-z-]+\.txt'
        unique = ["number"]
        -- seeds/001_moon.txt --
        The moon pulls the sea.
        -- seeds/001_tides.txt --
        The sea follows the moon.

    Use instead:

        -- seeds/001_tides.txt -> seeds/002_tides.txt --

    ## How to fix

    By hand: give the seed that came later a free number or id, and correct the index and whatever
    else refers to it. If the two are the same text, delete one.
    """


class NotSequential(Rule):
    r"""A gap in the numbers that names carry.

    ## What it does

    Sorts the seeds of a format by the group that `sequential` in its `[file]` names, and reports
    each that does not follow the one before by one: a gap, a number given twice (unless the group
    is `unique` too, then `name/not-unique` says so), or what is no number. They may start
    anywhere.

    ## Why is this bad?

    In a corpus that is numbered through, a missing number is a missing seed: not committed,
    deleted without a word, or lost on the way.

    ## Example

        -- schemas/note.toml --
        files = ["seeds/**"]
        [file]
        name = '(?P<number>\d{3})_[a-z-]+\.txt'
        sequential = "number"
        -- seeds/001_moon.txt --
        The moon pulls the sea.
        -- seeds/003_tides.txt --
        The sea follows the moon.

    Use instead:

        -- seeds/003_tides.txt -> seeds/002_tides.txt --

    ## How to fix

    By hand: add the seed that is missing, or renumber those after the gap. If seeds may be taken
    out of this corpus, remove `sequential` and keep `unique`.
    """


def name_groups(path: str, layout: Layout) -> dict[str, str] | None:
    """Return the named groups of the file name, None if it does not match the format's pattern."""
    pattern = layout.name_pattern
    return {} if pattern is None else pattern.groups(path.rpartition("/")[2])


def check_name(path: str, layout: Layout, groups: Mapping[str, str] | None) -> Iterator[Finding]:
    """Report a name that does not match the pattern, or holds characters that do not travel."""
    name = path.rpartition("/")[2]
    seen = visible(path)
    if seen != path:
        bad = next(char for char, as_seen in zip(path, seen, strict=False) if char != as_seen)
        what = "a byte that is not UTF-8" if "\udc80" <= bad <= "\udcff" else f"U+{ord(bad):04X}"
        message = f"name `{seen}` holds {what}"
        yield _whole("name/unsafe-name", message, "rename the file")
    elif _UNPORTABLE.search(path):
        message = f"name `{shorten(name)}` is not possible on Windows"
        finding = _whole("name/unsafe-name", message, "rename the file")
        yield finding._replace(severity=Severity.WARNING)
    if groups is None and layout.name_pattern is not None:
        message = f"name `{shorten(name)}` does not match `{visible(layout.name_pattern.source)}`"
        yield _whole("name/pattern", message, f"rename the file as format `{layout.name}` declares")


# What Windows refuses in a path: characters, device names, a dot or space at the end of a part
# ("Naming Files, Paths, and Namespaces", Microsoft Learn).
_UNPORTABLE = re.compile(
    r'[<>:"|?*\\]|(?:^|/)(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?=[./]|$)|[. ](?=/|$)', re.IGNORECASE
)


def check_digest(
    layout: Layout, groups: Mapping[str, str], data: bytes, text: str | None
) -> Iterator[Finding]:
    """Report a digest in the name that is not that of the bytes, or of the text in NFC with LF."""
    spec = layout.spec.file.hash
    if spec is None or spec.group not in groups:
        return
    if spec.of == "text":
        if text is None:
            return
        data = unicodedata.normalize("NFC", normalize_newlines(text)).encode("utf-8", "replace")
    declared = groups[spec.group]
    actual = hashlib.new(spec.algorithm, data, usedforsecurity=False).hexdigest()
    if not declared or not actual.startswith(declared):
        shown = shorten(actual[: len(declared)] or actual)
        message = (
            f"name says {spec.group} `{shorten(declared)}`, but the {spec.algorithm} is `{shown}`"
        )
        with_lf = hashlib.new(spec.algorithm, data.replace(b"\r\n", b"\n"), usedforsecurity=False)
        if declared and spec.of == "bytes" and with_lf.hexdigest().startswith(declared):
            remedy = "it is right with LF: set `seeds/** -text` in .gitattributes if git wrote CRLF"
        else:
            remedy = "rename the file if the content is as it should be"
        yield _whole("name/wrong-digest", message, remedy)


def check_names(
    paths: Iterable[str],
    formats: Mapping[str, FormatSpec],
    members: Callable[[str], Sequence[Member]],
) -> Iterator[Diagnostic]:
    """Compare the names of all seeds: collisions, unique groups, sequences.

    `members` returns the seeds of a format, sorted by path, with the groups of their names; it is
    asked only for formats that compare groups.
    """
    yield from _collisions(paths)
    for name, spec in formats.items():
        if not spec.file.unique and spec.file.sequential is None:
            continue
        found = members(name)
        for group in spec.file.unique:
            yield from _unique(group, found)
        if spec.file.sequential is not None:
            unique = spec.file.sequential in spec.file.unique
            yield from _sequence(spec.file.sequential, found, unique=unique)


def _collisions(paths: Iterable[str]) -> Iterator[Diagnostic]:
    folded: dict[str, list[str]] = {}
    for path in paths:
        key = path if path.isascii() else unicodedata.normalize("NFC", path)
        folded.setdefault(key.casefold(), []).append(path)
    for same in folded.values():
        if len(same) == 1:
            continue
        first, *others = sorted(same)
        for path in others:
            message = f"name differs from `{visible(first)}` only in case or Unicode form"
            related = (Related(Place(first), "the other"),)
            yield _diagnostic("name/case-collision", path, message, "rename one of them", related)


def _unique(group: str, members: Sequence[Member]) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for path, groups in members:
        value = groups.get(group)
        if value is None:
            continue
        first = seen.setdefault(value, path)
        if first != path:
            message = f"{group} `{shorten(value)}` is that of `{visible(first)}` too"
            related = (Related(Place(first), "the first"),)
            yield _diagnostic(
                "name/not-unique", path, message, f"give one a {group} of its own", related
            )


def _sequence(group: str, members: Sequence[Member], *, unique: bool) -> Iterator[Diagnostic]:
    numbered: list[tuple[int, str]] = []
    for path, groups in members:
        value = groups.get(group)
        if value is None:
            continue
        if not (value.isascii() and value.isdigit()):
            message = f"{group} `{shorten(value)}` is not a number"
            yield _diagnostic("name/not-sequential", path, message, "use digits", ())
            continue
        if len(value) > 18:
            message = f"{group} `{shorten(value)}` has more than 18 digits"
            yield _diagnostic("name/not-sequential", path, message, "use a smaller number", ())
            continue
        numbered.append((int(value), path))
    numbered.sort()
    for (before, other), (number, path) in pairwise(numbered):
        related = (Related(Place(other), "the one before"),)
        if number == before and not unique:
            message = f"{group} {number} is that of `{visible(other)}` too"
            yield _diagnostic("name/not-sequential", path, message, "renumber", related)
        elif number > before + 1:
            gap = f"{before + 1}" if number == before + 2 else f"{before + 1} to {number - 1}"
            message = f"{group} {number} follows {before}: {gap} missing"
            yield _diagnostic(
                "name/not-sequential", path, message, "renumber, or add what is missing", related
            )


def _whole(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule, message, WHOLE_FILE, WHOLE_FILE, help=remedy)


def _diagnostic(
    rule: str, path: str, message: str, remedy: str, related: tuple[Related, ...]
) -> Diagnostic:
    return Diagnostic(rule, Severity.ERROR, message, Place(path), help=remedy, related=related)
