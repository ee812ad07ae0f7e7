"""Finds the format and the name of a new text, and what of it can be fixed before it is added."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from seedkit.check.fix import apply_to_file, edits_by_file
from seedkit.check.selection import Selection
from seedkit.core.diagnostic import Diagnostic, Severity
from seedkit.core.errors import UsageError
from seedkit.core.patterns import compile_pattern
from seedkit.core.text import as_written, normalize_newlines, shorten, visible
from seedkit.corpus.analyse import Analyser
from seedkit.corpus.facts import unpack_groups
from seedkit.corpus.workspace import Workspace
from seedkit.edit.destination import (
    Filler,
    Unfillable,
    digest_filler,
    fill,
    number_filler,
    path_for,
    text_filler,
)
from seedkit.formats.layout import Layout
from seedkit.formats.spec import FileSpec, FormatSpec
from seedkit.infer.choose import explains
from seedkit.infer.cluster import delimited
from seedkit.infer.shapes import extension_of
from seedkit.sources.compressed import expand

_STANDARD_INPUT = "-"
_ROUNDS = 5  # of safe fixes, which end sooner


class Fit(NamedTuple):
    """A format, and what is wrong with a text that is to have it."""

    name: str
    findings: list[Diagnostic]
    telling: bool  # something in the text shows that it has this format
    delimited: int  # characters of it that are delimiters


class Incoming(NamedTuple):
    """A text that is to be added: what the user calls it, its name so far, its bytes.

    A `demanded` name is kept, or refused.
    """

    given: str
    name: str
    data: bytes
    demanded: bool = False


def fits(
    data: bytes, formats: Mapping[str, FormatSpec], wanted: Selection, *, fix: bool = False
) -> list[Fit]:
    """Return how well each format fits a text, whatever its name; the nearest first.

    Only findings that are `wanted` count. With `fix`, they are those after the safe fixes.
    """
    found = []
    for name, spec in formats.items():
        layout = Layout(name, nameless(spec))
        fixed = apply_safe_fixes(data, layout) if fix else data
        text = normalize_newlines(fixed.decode(spec.file.encoding, "surrogateescape"))
        telling = explains(layout, text) or not delimits(layout)
        findings = [each for each in _findings(fixed, layout) if wanted.wants(each.rule)]
        found.append(Fit(name, findings, telling, delimited(layout, text)))
    return sorted(found, key=lambda fit: (-fit.delimited, len(fit.findings)))


def apply_safe_fixes(data: bytes, layout: Layout) -> bytes:
    """Return the text with the safe fixes of a format made."""
    works = partial(Analyser(layout).allows, "x", safe=True)
    for _ in range(_ROUNDS):
        grouped = edits_by_file(_findings(data, layout), unsafe=False)
        edits = [edits for each in grouped.values() for edits in each]
        data, count = apply_to_file(data, layout.spec.file.encoding, edits, works)
        if not count:
            break
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


def format_for(
    incoming: Incoming, formats: Mapping[str, FormatSpec], wanted: Selection, *, fix: bool = False
) -> Fit:
    """Return the one format that fits a text, or the nearest with its findings if none does.

    Raises `UsageError` if several fit, or nothing in the text tells which, and as `expand` does.
    """
    if len(formats) == 1:
        return Fit(next(iter(formats)), [], telling=True, delimited=0)
    found = fits(expand(incoming.name, incoming.data), formats, wanted, fix=fix)
    sound = [fit for fit in found if fit.telling and not fit.findings]
    structured = [fit for fit in sound if delimits(Layout(fit.name, formats[fit.name]))] or sound
    if len(structured) == 1:
        return structured[0]
    shown = shown_name(incoming.given)
    if structured:
        names = ", ".join(f"`{fit.name}`" for fit in structured)
        raise UsageError(f"{shown} may have the formats {names}", help="name one of them with --as")
    if found[0].findings:
        return found[0]
    raise UsageError(
        f"nothing in {shown} tells which format it has",
        help=f"name it with --as; `{found[0].name}` is the nearest",
    )


class NamedSeed(NamedTuple):
    """A seed's path, its format, and the named groups of its name."""

    path: str
    format: str
    groups: Mapping[str, str]


def named_seeds(workspace: Workspace, unseen: Iterable[str] = ()) -> list[NamedSeed]:
    """Return what the names of all seeds say, also of those that can't be read, and of `unseen`
    paths: what is not checked out has its number all the same.
    """
    specs = workspace.formats
    patterns = {
        name: compile_pattern(spec.file.name) for name, spec in specs.items() if spec.file.name
    }

    def groups_of(path: str, name: str) -> Mapping[str, str]:
        pattern = patterns.get(name)
        return (pattern.groups(path.rpartition("/")[2]) if pattern else None) or {}

    found = [
        NamedSeed(path, row.format, unpack_groups(row.groups) or groups_of(path, row.format))
        for path, row in workspace.rows.items()
    ]
    for path in unseen:
        name = workspace.format_of(path)
        found.append(NamedSeed(path, name, groups_of(path, name)))
    return found


def number_after(name: str, seeds: Iterable[NamedSeed]) -> int:
    """Return the number after the last one of a format: of all, if all are numbered as one."""
    numbers: dict[str, list[int]] = {}
    for seed in seeds:
        number = seed.groups.get("number", "")
        if number.isascii() and number.isdigit() and len(number) <= 18:
            numbers.setdefault(seed.format, []).append(int(number))
    every = [number for each in numbers.values() for number in each]
    as_one = name in numbers and len(set(every)) == len(every)
    return max(every if as_one else numbers.get(name, []), default=-1) + 1


def name_for(
    incoming: Incoming, spec: FormatSpec, number: int, taken: Mapping[str, Mapping[str, str]]
) -> str:
    """Return the name that the text gets: the one that is demanded, or as its format says.

    `taken` has, by named group and its text, a seed that has it. Raises `UsageError` if the name
    that is demanded is wrong, or no name can be derived.
    """
    if incoming.demanded:
        _refuse_wrong_name(incoming, spec, taken)
        return incoming.name
    pattern = spec.file.name
    given = incoming.name
    if pattern is None:
        if given:
            return given
        raise UsageError(
            f"{shown_name(incoming.given)} has no name, and its format makes none",
            help="name it with --name",
        )
    groups = compile_pattern(pattern).groups(given) if given else None
    digest = _digest(incoming.data, spec)
    if groups is not None and _keeps(groups, spec, digest, taken):
        return given
    suffix = extension_of(given)
    stem = given.removesuffix(suffix)
    fillers: dict[str, Filler] = {
        "number": number_filler(number),
        "date": lambda inner: date.today().isoformat(),
    }
    if digest is not None and spec.file.hash is not None:
        fillers[spec.file.hash.group] = digest_filler(digest)
    if stem:
        fillers["name"] = text_filler([stem])
    if suffix:
        fillers[""] = text_filler([suffix, suffix[1:]])
    try:
        name = fill(pattern, fillers)
        if stem and suffix and not extension_of(name):  # the pattern leaves the suffix to `name`
            name = fill(pattern, {**fillers, "name": text_filler([stem], suffix)})
        return name
    except Unfillable as part:
        raise UsageError(
            f"can't derive a name for {shown_name(incoming.given)}: nothing tells what to write "
            f"for `{shorten(str(part))}` in `{shorten(pattern)}`",
            help="name it with --name",
        ) from None


def _refuse_wrong_name(
    incoming: Incoming, spec: FormatSpec, taken: Mapping[str, Mapping[str, str]]
) -> None:
    name, file = incoming.name, spec.file
    shown = f"--name: `{as_written(name)}`"
    if "/" in name or "\0" in name or name in ("", ".", ".."):
        help = "--to names the folder" if "/" in name else None
        raise UsageError(f"{shown} is not a file name", help=help)
    if file.name is None:
        return
    leave_out = "leave --name out, and the name is made as the format says"
    groups = compile_pattern(file.name).groups(name)
    if groups is None:
        message = f"{shown} does not match `{visible(file.name)}`"
        raise UsageError(f"{message}, as names of this format do", help=leave_out)
    digest = _digest(incoming.data, spec)
    if digest is not None and not _tells_digest(groups, spec, digest):
        assert file.hash is not None  # there is a digest
        claimed = groups.get(file.hash.group, "")
        actual = shorten(digest[: len(claimed)] or digest)
        message = f"{shown} says {file.hash.group} `{shorten(claimed)}`, but the"
        raise UsageError(f"{message} {file.hash.algorithm} is `{actual}`", help=leave_out)
    for group in file.unique:
        text = groups.get(group, "")
        if (other := taken.get(group, {}).get(text)) is not None:
            message = f"{shown} has the {group} `{shorten(text)}`, which is also that of"
            raise UsageError(f"{message} {visible(other)}", help=leave_out)


def _keeps(
    groups: Mapping[str, str],
    spec: FormatSpec,
    digest: str | None,
    taken: Mapping[str, Mapping[str, str]],
) -> bool:
    """Tell whether a name that fits the pattern also tells the truth, and is not taken."""
    if digest is not None and not _tells_digest(groups, spec, digest):
        return False
    return all(groups.get(group, "") not in taken.get(group, {}) for group in spec.file.unique)


def _tells_digest(groups: Mapping[str, str], spec: FormatSpec, digest: str) -> bool:
    claimed = groups.get(spec.file.hash.group, "") if spec.file.hash is not None else ""
    return bool(claimed) and digest.startswith(claimed)


def _digest(data: bytes, spec: FormatSpec) -> str | None:
    declared = spec.file.hash
    if declared is None:
        return None
    if declared.of == "text":
        text = normalize_newlines(data.decode(spec.file.encoding, "replace"))
        data = unicodedata.normalize("NFC", text).encode("utf-8", "replace")
    return hashlib.new(declared.algorithm, data, usedforsecurity=False).hexdigest()


def groups_taken(name: str, seeds: Iterable[NamedSeed]) -> dict[str, dict[str, str]]:
    """Return the texts of the named groups of all seeds of a format, each with a seed's path."""
    taken: dict[str, dict[str, str]] = {}
    for seed in seeds:
        if seed.format == name:
            for group, text in seed.groups.items():
                taken.setdefault(group, {})[text] = seed.path
    return taken


def place_all(
    incoming: Sequence[Incoming],
    formats: Sequence[str],
    specs: Mapping[str, FormatSpec],
    workspace: Workspace,
    to: str | None = None,
    unseen: Mapping[str, str] = MappingProxyType({}),
    shown: Callable[[str], str] = visible,
) -> dict[str, Incoming]:
    """Return the path that each text gets, in the folder `to` if given; raises `UsageError`.

    `unseen` are paths that are taken though no seed is seen there, and why, as what ends a
    sentence. `shown` writes a folder as the user would.
    """
    placed: dict[str, Incoming] = {}
    seeds = named_seeds(workspace, unseen)
    numbers = {name: number_after(name, seeds) for name in set(formats)}
    taken = {name: groups_taken(name, seeds) for name in set(formats)}
    for each, name in zip(incoming, formats, strict=True):
        spec = specs[name]
        chosen = name_for(each, spec, numbers[name], taken[name])
        path = path_for(chosen, name, workspace, to, shown)
        if path in unseen:
            raise UsageError(
                f"{visible(path)} {unseen[path]}", help="give the text another name with --name"
            )
        if path in placed or workspace.exists(path):
            raise UsageError(
                f"{visible(path)} exists", help="give the text another name with --name"
            )
        placed[path] = each
        groups = (compile_pattern(spec.file.name).groups(chosen) if spec.file.name else {}) or {}
        for group, text in groups.items():
            taken[name].setdefault(group, {})[text] = path
        number = groups.get("number", "")
        if number.isascii() and number.isdigit():
            numbers = {other: max(known, int(number) + 1) for other, known in numbers.items()}
    return placed


def is_numbered(path: str, incoming: Incoming, spec: FormatSpec) -> bool:
    """Tell whether a text's path has a number that was chosen for it, and not by its user."""
    name = path.rpartition("/")[2]
    if incoming.demanded or name == incoming.name or spec.file.name is None:
        return False
    return "number" in (compile_pattern(spec.file.name).groups(name) or {})


def shown_name(given: str) -> str:
    """Return what messages call a text that the user names so."""
    return "standard input" if given == _STANDARD_INPUT else visible(given)
