"""Counterparts, as translations are: which are missing, and which have not as many records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from seedkit.core.diagnostic import Diagnostic, Place, Related, fingerprint
from seedkit.core.patterns import PathTemplate
from seedkit.core.rules import FORMAT_NOT_PARALLEL, NAME_NO_COUNTERPART
from seedkit.core.text import plural, shorten, visible
from seedkit.corpus.remembered import Parts, remembered

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace

_RESULT = "parallel"
_Texts = tuple[str, ...]  # what the wildcards of a pattern stand for


def parallel_findings(workspace: Workspace, unlisted: Iterable[str]) -> list[Diagnostic]:
    """Return a finding for each seed that lacks a counterpart, or has not as many records as it.

    The patterns are those of `parallel` in the configuration. Of what lies in a folder that is
    `unlisted` nobody knows whether it is there.
    """
    templates = {name: PathTemplate(each) for name, each in workspace.config.parallel.items()}
    unread = sorted(workspace.skipped())
    hidden = tuple(f"{folder}/" for folder in sorted(unlisted))

    def parts_of() -> Parts:
        found: dict[str, list[str]] = {name: [] for name in templates}
        for path in sorted({*workspace.seed_paths(), *unread}):
            name = _name_of(path, templates)
            if name is not None:
                found[name].append(path)
        return found

    def find(parts: Parts) -> tuple[list[Diagnostic], bool]:
        return list(_findings(workspace, templates, parts, hidden)), True

    settings = list(workspace.config.parallel.items()), unread, hidden
    return remembered(workspace, _RESULT, settings, parts_of, find)


def _name_of(path: str, templates: Mapping[str, PathTemplate]) -> str | None:
    """The name of the pattern that matches; of several, of the one with the most literal text."""
    matching = [name for name, each in templates.items() if each.match(path) is not None]
    return max(matching, key=lambda name: len("".join(templates[name].literals)), default=None)


def _findings(
    workspace: Workspace,
    templates: Mapping[str, PathTemplate],
    parts: Parts,
    hidden: tuple[str, ...],
) -> Iterator[Diagnostic]:
    together: dict[_Texts, dict[str, str]] = {}  # paths by name
    for name, paths in parts.items():
        if not paths:
            yield _unused(workspace, name)
        for path in paths:
            texts = templates[name].match(path)
            assert texts is not None  # `_name_of`
            together.setdefault(texts, {})[name] = path
    used = [name for name, paths in parts.items() if paths]
    for texts, ours in together.items():
        first = next(iter(ours.values()))
        for name in used:
            missing = templates[name].fill(texts)
            if name not in ours and not missing.startswith(hidden):
                message = f"`{visible(first)}` has no counterpart `{visible(missing)}`"
                mark = fingerprint(NAME_NO_COUNTERPART.name, f"{first}\0{missing}")
                yield NAME_NO_COUNTERPART.diagnostic(
                    message, Place(first), fingerprint=mark, involved=(first, missing)
                )
    known = [path for ours in together.values() for path in ours.values()]
    counts = {path: row.records for path, row in workspace.rows_of(known).items()}
    for ours in together.values():
        yield from _unequal({path: counts.get(path, 0) for path in ours.values()})


def _unequal(counts: Mapping[str, int]) -> Iterator[Diagnostic]:
    """Report who has not as many records as most have; of as many, as the first. A number that is
    not certain is not above 0, and says nothing."""
    certain = {path: count for path, count in counts.items() if count > 0}
    if len(set(certain.values())) < 2:
        return
    [(most, _)] = Counter(certain.values()).most_common(1)
    model = next(path for path, count in certain.items() if count == most)
    for path, count in certain.items():
        if count != most:
            message = f"seed has {plural(count, 'record')}, its counterpart `{visible(model)}` has"
            yield FORMAT_NOT_PARALLEL.diagnostic(
                f"{message} {most:,}",
                Place(path),
                related=(Related(Place(model), plural(most, "record")),),
                fingerprint=fingerprint(FORMAT_NOT_PARALLEL.name, f"{path}\0{model}"),
                involved=(path, model),
            )


def _unused(workspace: Workspace, name: str) -> Diagnostic:
    from seedkit.settings.config import place_of

    pattern = workspace.config.parallel[name]
    return NAME_NO_COUNTERPART.diagnostic(
        f"`{visible(name)}` in `parallel` has no seed: no path is as `{shorten(pattern)}`",
        place_of(workspace.source, "parallel"),
        help="correct its pattern, which is relative to the root, or remove it",
        fingerprint=fingerprint(NAME_NO_COUNTERPART.name, name),
    )
