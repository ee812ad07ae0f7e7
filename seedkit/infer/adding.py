"""Where in a corpus does a new text go: which format has it, in which folder, under what name?"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import takewhile
from typing import NamedTuple

from seedkit.analyse import Analyser
from seedkit.diagnostic import Diagnostic, Severity
from seedkit.errors import UsageError
from seedkit.facts import unpack_groups
from seedkit.fix import apply, edits_by_file
from seedkit.formats.layout import Layout
from seedkit.formats.spec import FileSpec, FormatSpec
from seedkit.infer.cluster import delimited, explains
from seedkit.infer.fill import Unfillable, digest_filler, fill, number_filler, text_filler
from seedkit.patterns import compile_pattern
from seedkit.text import normalize_newlines, shorten, visible
from seedkit.workspace import Workspace

_STANDARD_INPUT = "-"
_ROUNDS = 5  # of safe fixes, which end sooner


class Fit(NamedTuple):
    """A format, and what is wrong with a text that is to have it."""

    name: str
    findings: list[Diagnostic]
    telling: bool  # something in the text shows that it has this format
    delimited: int  # characters of it that are delimiters


class Incoming(NamedTuple):
    """A text that is to be added: what the user calls it, its name so far, its bytes."""

    given: str
    name: str
    data: bytes


def fits(data: bytes, formats: Mapping[str, FormatSpec], *, fix: bool = False) -> list[Fit]:
    """Return how well each format fits a text, whatever its name; the nearest first.

    With `fix`, after what can be mended safely has been.
    """
    found = []
    for name, spec in formats.items():
        layout = Layout(name, nameless(spec))
        mended = mend(data, layout) if fix else data
        text = normalize_newlines(mended.decode(spec.file.encoding, "surrogateescape"))
        telling = explains(layout, text) or not delimits(layout)
        found.append(Fit(name, _findings(mended, layout), telling, delimited(layout, text)))
    return sorted(found, key=lambda fit: (-fit.delimited, len(fit.findings)))


def mend(data: bytes, layout: Layout) -> bytes:
    """Return the text with the safe fixes of a format made."""
    encoding = layout.spec.file.encoding
    for _ in range(_ROUNDS):
        grouped = edits_by_file(_findings(data, layout), unsafe=False)
        text = data.decode(encoding, "surrogateescape").encode("utf-8", "surrogateescape")
        after, count = apply(text, [edits for each in grouped.values() for edits in each])
        if not count:
            break
        data = after.decode("utf-8", "surrogateescape").encode(encoding, "surrogateescape")
    return data


def _findings(data: bytes, layout: Layout) -> list[Diagnostic]:
    return [
        each
        for each in Analyser(layout).analyse("x", data).diagnostics
        if each.severity is not Severity.INFO and not each.rule.startswith("repeat/")
    ]


def delimits(layout: Layout) -> bool:
    """Tell whether the format has any delimiter, so that texts without one hardly have it."""
    return layout.spec.record is not None or layout.labelled or layout.positional is not None


def nameless(spec: FormatSpec) -> FormatSpec:
    """Return the format with nothing that is about the name of a file."""
    about_names = {"name", "unique", "sequential", "hash"}
    kept = spec.file.model_dump(exclude=about_names)
    return spec.model_copy(update={"file": FileSpec(**kept)})


def format_for(incoming: Incoming, formats: Mapping[str, FormatSpec], *, fix: bool = False) -> str:
    """Return the one format that fits a text; raises `UsageError` if none does, or several do."""
    if len(formats) == 1:
        return next(iter(formats))
    found = fits(incoming.data, formats, fix=fix)
    sound = [fit.name for fit in found if fit.telling and not fit.findings]
    structured = [name for name in sound if delimits(Layout(name, formats[name]))] or sound
    shown = _shown(incoming.given)
    if len(structured) == 1:
        return structured[0]
    if not structured:
        best = found[0].name
        raise UsageError(
            f"{shown} has no format of this corpus",
            help=f"`--as {best}` says what it lacks to be the nearest one, `{best}`",
        )
    names = ", ".join(f"`{name}`" for name in structured)
    raise UsageError(f"{shown} may have the formats {names}", help="name one of them with --as")


def folders_for(name: str, workspace: Workspace) -> list[str]:
    """Return where a seed of the format may go: where others are, then where its patterns lead."""
    taken = Counter(
        path.rpartition("/")[0] for path, row in workspace.rows.items() if row.format == name
    )
    folders = sorted(taken, key=lambda folder: (-taken[folder], folder))
    for pattern in reversed(workspace.settings.formats[name].files):
        fixed = list(takewhile(_is_plain, pattern.lstrip("/").split("/")[:-1]))
        if fixed or pattern.startswith("/"):
            folders.append("/".join(fixed))
    first = workspace.settings.config.seeds[0]
    return list(dict.fromkeys([*folders, "" if first == "." else first]))


def _is_plain(part: str) -> bool:
    return not any(char in part for char in "*?[\\!")


def number_after(name: str, workspace: Workspace) -> int:
    """Return the number after the last one of a format: of all, if all are numbered as one."""
    numbers: dict[str, list[int]] = {}
    for row in workspace.rows.values():
        number = unpack_groups(row.groups).get("number", "")
        if number.isascii() and number.isdigit() and len(number) <= 18:
            numbers.setdefault(row.format, []).append(int(number))
    every = [number for each in numbers.values() for number in each]
    as_one = name in numbers and len(set(every)) == len(every)
    return max(every if as_one else numbers.get(name, []), default=-1) + 1


def name_for(
    incoming: Incoming, spec: FormatSpec, number: int, taken: Mapping[str, set[str]]
) -> str:
    """Return the name that the text gets; raises `UsageError` if its format can't tell.

    `taken` are the texts of the named groups that other seeds have.
    """
    pattern = spec.file.name
    given = incoming.name
    if pattern is None:
        if given:
            return given
        raise UsageError(
            f"{_shown(incoming.given)} has no name, and its format makes none",
            help="name it with --name",
        )
    groups = compile_pattern(pattern).groups(given) if given else None
    digest = _digest(incoming.data, spec)
    if groups is not None and _keeps(groups, spec, digest, taken):
        return given
    stem = given.rpartition(".")[0] or given
    fillers = {"number": number_filler(number), "date": lambda inner: date.today().isoformat()}
    if digest is not None and spec.file.hash is not None:
        fillers[spec.file.hash.group] = digest_filler(digest)
    if stem:
        fillers["name"] = text_filler([stem])
    try:
        return fill(pattern, fillers)
    except Unfillable as part:
        raise UsageError(
            f"{_shown(incoming.given)} has no name that its format allows: nothing tells what to "
            f"write for `{shorten(str(part))}` in `{shorten(pattern)}`",
            help="give it a name with --name",
        ) from None


def _keeps(
    groups: Mapping[str, str],
    spec: FormatSpec,
    digest: str | None,
    taken: Mapping[str, set[str]],
) -> bool:
    """Tell whether a name that fits the pattern also tells the truth, and is not taken."""
    declared = spec.file.hash
    if declared is not None and digest is not None:
        told = groups.get(declared.group, "")
        if not told or not digest.startswith(told):
            return False
    return all(groups.get(group) not in taken.get(group, set()) for group in spec.file.unique)


def _digest(data: bytes, spec: FormatSpec) -> str | None:
    declared = spec.file.hash
    if declared is None:
        return None
    if declared.of == "text":
        text = normalize_newlines(data.decode(spec.file.encoding, "replace"))
        data = unicodedata.normalize("NFC", text).encode("utf-8", "replace")
    return hashlib.new(declared.algorithm, data, usedforsecurity=False).hexdigest()


def groups_taken(name: str, workspace: Workspace) -> dict[str, set[str]]:
    """Return the texts of the named groups of all seeds of a format."""
    taken: dict[str, set[str]] = {}
    for row in workspace.rows.values():
        if row.format == name:
            for group, text in unpack_groups(row.groups).items():
                taken.setdefault(group, set()).add(text)
    return taken


def place_all(
    incoming: Sequence[Incoming],
    formats: Sequence[str],
    specs: Mapping[str, FormatSpec],
    workspace: Workspace,
) -> dict[str, Incoming]:
    """Return the path that each text gets; raises `UsageError`."""
    placed: dict[str, Incoming] = {}
    numbers = {name: number_after(name, workspace) for name in set(formats)}
    taken = {name: groups_taken(name, workspace) for name in set(formats)}
    for each, name in zip(incoming, formats, strict=True):
        spec = specs[name]
        chosen = name_for(each, spec, numbers[name], taken[name])
        if "/" in chosen or "\0" in chosen or chosen in ("", ".", ".."):
            raise UsageError(f"`{shorten(chosen)}` is no file name")
        path = _path(chosen, name, workspace)
        if path in placed or workspace.source.exists(path):
            raise UsageError(f"{visible(path)} exists", help="give the text a name with --name")
        placed[path] = each
        groups = (compile_pattern(spec.file.name).groups(chosen) if spec.file.name else {}) or {}
        for group, text in groups.items():
            taken[name].setdefault(group, set()).add(text)
        number = groups.get("number", "")
        if number.isascii() and number.isdigit():
            numbers = {other: max(known, int(number) + 1) for other, known in numbers.items()}
    return placed


def _path(file_name: str, name: str, workspace: Workspace) -> str:
    """Where the file goes so that it is a seed, and of this format; raises `UsageError`."""
    folders = folders_for(name, workspace)
    paths = [f"{folder}/{file_name}" if folder else file_name for folder in folders]
    for path in paths:
        if workspace.is_seed(path) and workspace.format_of(path) == name:
            return path
    path = paths[0]
    if not workspace.is_seed(path):
        raise UsageError(
            f"{visible(path)} would be no seed: it is excluded, or an index",
            help="choose another --name, or see `exclude` in the configuration",
        )
    claims = workspace.format_of(path)
    raise UsageError(
        f"{visible(path)} would have {f'format `{claims}`' if claims else 'no format'}, "
        f"not `{name}`",
        help=f"add it to `files` in schemas/{name}.toml, or choose another --name",
    )


def _shown(given: str) -> str:
    return "standard input" if given == _STANDARD_INPUT else visible(given)
