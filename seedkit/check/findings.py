"""All findings about a corpus, before anyone chooses among them: computed, or remembered.

What a seed says of itself is in the cache database. What is said of many is remembered in parts,
each with a name for what it depends on: the comparison with INDEX.md, with what it read and asked
of the disk too; what the names of seeds say; the repeats.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from seedkit.check.outline import (
    FAULTS,
    WORTH_REMEMBERING,
    hidden_folders,
    outline_findings,
    unseen,
)
from seedkit.core.diagnostic import Diagnostic, Place
from seedkit.core.errors import SeedkitError
from seedkit.core.rules import (
    CONFIG_NO_FORMATS,
    CONFIG_NO_SEEDS,
    CONFIG_UNUSED_FORMAT,
    NAME_NOT_A_FILE,
)
from seedkit.core.skipped import UNLISTED
from seedkit.core.text import plural, shorten
from seedkit.corpus.facts import SeedFindings, pack_findings, unpack_findings
from seedkit.corpus.repeated import repeat_findings
from seedkit.corpus.workspace import Workspace
from seedkit.sources.source import Source

if TYPE_CHECKING:
    from seedkit.corpus.facts import Allowance
    from seedkit.sources.tracked import Absent, Former, Tracked

_INDEX = "index"  # a stored result
_TEXT_LIMIT = 1_000_000  # bytes of a seed that is compared with a former one
INDEX_LIMIT = 50_000_000  # bytes of an INDEX.md


class Findings(NamedTuple):
    """Everything found, in no particular order, and the allowances of each seed that has any.

    `checked` are the SHA-256 digests of the texts that the fixes are for, by path; empty for a file
    that was not there.
    """

    diagnostics: list[Diagnostic]
    allowances: Mapping[str, list[Allowance]]
    checked: Mapping[str, bytes]


class IndexFindings(NamedTuple):
    """What is wrong with the index, and the digests of the indexes that were read, by path."""

    diagnostics: list[Diagnostic]
    read: Mapping[str, bytes]


class _Probe:
    """Reads for the index rules, and notes the answers: they must be the same next time.

    `lasting` tells whether it can be known next time that they are; `compared` whether contents
    of seeds were.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.answers: dict[str, str] = {}
        self.lasting, self.compared = True, False

    def read(self, path: str) -> bytes | None:
        try:
            data = self._source.read(path, INDEX_LIMIT)
        except FileNotFoundError:
            self.answers[f"read {path}"] = "absent"
            return None
        except (SeedkitError, OSError):
            self.answers[f"read {path}"] = "refused"
            raise
        self.answers[f"read {path}"] = hashlib.sha256(data).hexdigest()
        return data

    def ask(self, questions: Iterable[str]) -> None:
        """Ask again what was asked before."""
        for question in questions:
            verb, _, path = question.partition(" ")
            if verb == "read":
                self.read(path)
            elif verb == "git":
                self._note(self._tracked)
            else:
                self.exists(path)

    def digests(self) -> dict[str, bytes]:
        """Return the digest of each file that could be read, empty for one that is not there."""
        reads = {
            question: answer for question, answer in self.answers.items() if answer != "refused"
        }
        return {
            question.removeprefix("read "): b"" if answer == "absent" else bytes.fromhex(answer)
            for question, answer in reads.items()
            if question.startswith("read ")
        }

    def absent(self, paths: Collection[str]) -> Sequence[Absent] | None:
        """Return which of the paths are only not checked out, None if git can't tell."""
        from seedkit.sources.git import GitError  # hardly ever needed, as all that git is asked

        try:
            known = self._tracked
            found = known.absent(paths) if known is not None else []
            self._note(known)
        except GitError:
            self.lasting = False
            return None
        return found

    def former(self, gone: Collection[str], new: Collection[str]) -> Mapping[str, Former]:
        """Return what files that are gone held, by path; nothing if git can't tell."""
        from seedkit.sources.git import GitError

        self.compared = True
        try:
            return self._tracked.former(gone, new) if self._tracked is not None else {}
        except GitError:
            self.lasting = False
            return {}

    def blob(self, path: str) -> str:
        """Return the id of a file's blob in the index, empty if it has none."""
        return self._tracked.blob(path) if self._tracked is not None else ""

    def text(self, path: str) -> bytes:
        """Return the bytes of a seed, none if it is large or can't be read."""
        try:
            return self._source.read(path, _TEXT_LIMIT)
        except (SeedkitError, OSError):
            return b""

    @cached_property
    def _tracked(self) -> Tracked | None:
        from seedkit.sources.tracked import tracked

        return tracked(self._source)

    def _note(self, known: Tracked | None) -> None:
        mark = "no repository" if known is None else known.mark()
        self.answers["git"] = mark
        self.lasting = self.lasting and mark != ""

    def exists(self, path: str) -> bool:
        found = self._source.exists(path)
        self.answers[f"exists {path}"] = str(found)
        return found


def corpus_findings(workspace: Workspace, *, repeats: bool) -> Findings:
    """Return every finding about the corpus, those about repeats if they are asked for."""
    rows = workspace.rows_with_findings()
    stored = {path: workspace.findings_of(row) for path, row in rows.items()}
    formats = {path: row.format for path, row in rows.items()}
    # Without seeds every row would be a finding: `no_seeds` is the one cause.
    index = _index_findings(workspace) if workspace.seed_count else IndexFindings([], {})
    diagnostics = list(_diagnostics(workspace, stored, formats, index))
    workspace.pulse()
    if repeats:
        diagnostics += repeat_findings(workspace)
        workspace.pulse()
    allowances = {path: each.allowances for path, each in stored.items() if each.allowances}
    checked = {**{path: row.digest for path, row in rows.items()}, **index.read}
    return Findings(diagnostics, allowances, checked)


def _diagnostics(
    workspace: Workspace,
    stored: Mapping[str, SeedFindings],
    formats: Mapping[str, str],
    index: IndexFindings,
) -> Iterable[Diagnostic]:
    for each in stored.values():
        yield from each.diagnostics
    yield from index.diagnostics
    yield from _refused(workspace)
    keys = {path: (formats[path], each.keys) for path, each in stored.items() if each.keys}
    if keys:
        from seedkit.rules.references import check_keys

        naming = any(target for _, found in keys.values() for _, _, _, target, _ in found)
        yield from check_keys(keys, _unread_formats(workspace) if naming else ())
    used, names = outline_findings(workspace)
    yield from names
    if workspace.config.parallel and workspace.seed_count:
        from seedkit.check.parallel import parallel_findings

        yield from parallel_findings(workspace, hidden_folders(workspace))
    yield from _formats(workspace, used)


def _unread_formats(workspace: Workspace) -> frozenset[str]:
    """Return the formats of which a seed can't be read, or is not checked out."""
    if hidden_folders(workspace):
        return frozenset(workspace.formats)
    return frozenset(map(workspace.format_of, workspace.skipped()))


# -- the comparison with INDEX.md


def _index_findings(workspace: Workspace) -> IndexFindings:
    memo = workspace.memo
    kept = memo.get(_INDEX)
    if isinstance(kept, _Compared) and kept.holds(workspace):
        return kept.listing
    known = workspace.recall(_INDEX)
    recalled = None if known is None else _recalled_index(workspace, known)
    return recalled or _compared_index(workspace)


class _Compared(NamedTuple):
    """A comparison with the index, and what it depends on: kept as long as the process lasts."""

    key: str
    by_content: bool
    answers: Mapping[str, str]
    listing: IndexFindings

    def holds(self, workspace: Workspace) -> bool:
        """Tell whether a comparison now would give the same."""
        key = _index_key(workspace, by_content=self.by_content)
        if not key or key != self.key:
            return False
        probe = _Probe(workspace.source)
        try:
            probe.ask(self.answers)
        except (SeedkitError, OSError):
            return False
        return probe.answers == self.answers


def _compared_index(workspace: Workspace) -> IndexFindings:
    from seedkit.rules.index import check_index

    config = workspace.config
    probe = _Probe(workspace.source)
    report = check_index(
        config.index,
        workspace.summaries(),
        config.seeds,
        probe.read,
        probe.exists,
        order=config.index_order,
        groups=workspace.group_names(),
        pulse=workspace.pulse,
        git=probe,
        others=_other_indexes(workspace),
    )
    listing = IndexFindings(report.diagnostics, probe.digests())
    if workspace.is_kept and probe.lasting:
        by_content = probe.compared or not report.columns.isdisjoint(("bytes", "sha256"))
        key = _index_key(workspace, by_content=by_content)
        workspace.memo[_INDEX] = _Compared(key, by_content, probe.answers, listing)
        if len(report.diagnostics) <= WORTH_REMEMBERING:
            packed = pack_findings(report.diagnostics)
            value = json.dumps([key, by_content, probe.answers, packed])
            workspace.remember(_INDEX, value)
    return listing


def _recalled_index(workspace: Workspace, known: str) -> IndexFindings | None:
    """What was found last time, if it is compared with the same, and the disk answers the same."""
    try:
        key, by_content, answers, packed = json.loads(known)
        if not key or key != _index_key(workspace, by_content=by_content):
            return None
        probe = _Probe(workspace.source)
        probe.ask(answers)
        if probe.answers != answers:
            return None
        return IndexFindings(unpack_findings(packed), probe.digests())
    except FAULTS:
        return None


def _index_key(workspace: Workspace, *, by_content: bool) -> str:
    """A name for what the index is compared with; with contents, if it may speak of them. Empty if
    that has none."""
    config = workspace.config
    mark = workspace.content_version if by_content else workspace.metadata_version
    key = (config.index, config.index_order, config.seeds, workspace.format_keys)
    return repr((mark, *key, _other_indexes(workspace))) if mark else ""


def _other_indexes(workspace: Workspace) -> list[str]:
    """Return the files in the seeds folders that are called as an index is, but for those of
    another corpus: it has a seedkit.toml."""
    file_table = workspace.files
    if workspace.index_name.encode("utf-8", "surrogateescape") not in file_table.names:
        return []
    main = workspace.config.index
    found = [path for path in file_table.paths if path != main and workspace.is_index(path)]
    corpora = tuple(
        path.removesuffix("seedkit.toml")
        for path in file_table.paths
        if path.endswith("/seedkit.toml")
    )
    return [path for path in found if not path.startswith(corpora)]


# -- what is not said by one seed of itself


def _refused(workspace: Workspace) -> Iterable[Diagnostic]:
    for path, reason in workspace.refused.items():
        if workspace.is_seed(path):
            what, remedy = "seed", "replace it by a file, or add it to `exclude`"
            if reason.startswith("can't be "):
                what = "folder" if reason.startswith(UNLISTED) else "seed"
                remedy = f"{_to_be_read(reason)}, or add it to `exclude`"
            message = f"{what} {reason}: it is not read"
            yield NAME_NOT_A_FILE.diagnostic(message, Place(path), help=remedy)


def _to_be_read(reason: str) -> str:
    """What to do so that a folder can be listed or looked at, given why it can't be."""
    if reason.endswith(os.strerror(errno.ENOTDIR).lower()):
        return "make it a folder"
    return "see to it that you may read it"


def no_seeds(workspace: Workspace) -> Diagnostic | None:
    """Return the finding that no file of the corpus is a seed, None if any is."""
    if workspace.seed_count:
        return None
    config = workspace.config
    folders = " and ".join(f"`{shorten(folder)}`" for folder in config.seeds)
    count = len(workspace.paths)
    at_top = sorted(filter(workspace.is_left_at_top, workspace.paths))
    if at_top:
        first, more = shorten(at_top[0]), len(at_top) - 1
        which = f"`{first}` and {plural(more, 'other file')} lie" if more else f"`{first}` lies"
        named = "any of them" if more else "it"
        why = (
            f"{which} at the top of the corpus, and no pattern in a format's `files` names {named}"
        )
        remedy = (
            "name them, as `*.txt` or `/notes` do, but `*` and `**` do not, or set `seeds` to the "
            "folders that hold seeds"
        )
        place = Place(workspace.settings.config_path or config.seeds[0])
    elif not count and (found := unseen(workspace)):
        path, reason = found[0]
        why = f"`{shorten(path)}` {reason}"
        remedy = _to_be_read(reason)
        place = Place(path)
    elif not count:
        why = f"{folders} {'holds' if len(config.seeds) == 1 else 'hold'} no file"
        remedy = "add one with `seedkit add FILE`, or set `seeds` to the folders that hold seeds"
        place = Place(config.seeds[0])
    else:
        which = f"all {count:,} files" if count > 1 else "the only file"
        why = f"{which} in {folders} {'are' if count > 1 else 'is'} left out"
        if config.exclude:
            remedy = "correct `exclude`, which takes too much, or `seeds`"
        else:
            remedy = "set `seeds` to the folders that hold seeds"
        place = Place(workspace.settings.config_path or config.seeds[0])
    message = f"there are no seeds: {why}"
    return CONFIG_NO_SEEDS.diagnostic(message, place, help=remedy)


def _formats(workspace: Workspace, used: set[str]) -> Iterable[Diagnostic]:
    settings = workspace.settings
    if not used:
        return  # no seed: that is the fault, and reported
    if not settings.declared:
        yield CONFIG_NO_FORMATS.diagnostic(
            "no format is declared, so no seed can be checked against one",
            Place("schemas"),
            help='declare one: schemas/NAME.toml with `extends = "builtin:plain"` and '
            '`files = ["seeds/**"]` is enough',
        )
        return
    unused = settings.format_places.keys() - used
    absent = _unread_formats(workspace) if unused else frozenset()
    for name, place in settings.format_places.items():
        if name in unused and name not in absent:
            message = f"format `{name}` matches no file"
            remedy = "correct its `files`, or an earlier format that claims them, or remove it"
            yield CONFIG_UNUSED_FORMAT.diagnostic(message, place, help=remedy)
