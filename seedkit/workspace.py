"""The corpus as it is now: the one mutable object, which every command is a client of.

`refresh` compares a walk of the disk with the ledger and analyses what changed; nothing becomes
known in any other way. `check` then judges the whole.
"""

from __future__ import annotations

import hashlib
import os
import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from seedkit.diagnostic import Diagnostic
from seedkit.errors import SeedkitError
from seedkit.facts import unpack_groups, unpack_rest
from seedkit.globs import Globs
from seedkit.journal import Head
from seedkit.ledger import Ledger, Print, Row
from seedkit.parameters import Parameters
from seedkit.root import CONFIG_FILES
from seedkit.settings import Settings
from seedkit.source import Scan, Source, Stamp
from seedkit.version import FACTS, __version__

if TYPE_CHECKING:
    from seedkit.analyse import Allowance, UniquePlace
    from seedkit.formats.layout import Layout
    from seedkit.manifest import SeedSummary
    from seedkit.pool import Job


_GRANULARITY = 2_000_000_000  # ns; of the coarsest clock a file system stamps with (FAT)
_FINE = 20_000_000  # ns; of those that stamp with fractions of a second


class ChangeSet(NamedTuple):
    """What a refresh found: paths whose facts are new, or gone."""

    changed: frozenset[str]
    removed: frozenset[str]


class Position(NamedTuple):
    """A moment in the log of changes: whose log, and how many times anything had changed.

    Without an `identity` it is no moment that anyone could come back to.
    """

    identity: str
    sequence: int


class Changes(NamedTuple):
    """What has changed since a position; `identity` and `sequence` are the position after that.

    Both lists are sorted. A path in `changed` may be gone again, or not be seen yet by whoever
    asks: what can't be read counts as removed.
    """

    identity: str
    sequence: int
    changed: list[str]
    removed: list[str]


class SeedFindings(NamedTuple):
    """What is stored for a seed beside its numbers."""

    diagnostics: list[Diagnostic]
    uniques: list[UniquePlace]
    allowances: list[Allowance]


Progress = Callable[[int, int], None]  # seeds analysed so far, seeds to analyse


@dataclass(slots=True)
class _Plan:
    """What a refresh has to do, and what it already knows."""

    rows: dict[str, Row] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    restamped: list[tuple[str, Stamp, int]] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    prints: list[Print] = field(default_factory=list)
    vanished: bool = False


class Workspace:
    """A corpus: its settings, its source, its ledger, and the rows that are true now."""

    def __init__(
        self, source: Source, settings: Settings, ledger: Ledger, workers: int = 1
    ) -> None:
        self.source = source
        self.settings = settings
        self.ledger = ledger
        self.workers = workers
        self.scan = Scan()
        self.state = ""  # names what the rows were computed from; empty if that can't be relied on
        self.before: Mapping[str, Row] | None = None  # the rows as they were, if any has changed
        self.fresh_prints: dict[str, Print] = {}
        self.memo: dict[str, str] = {}  # what was concluded from rows of this state before
        self._rows: dict[str, Row] | None = {}
        self._head: Head | None = None  # of the log, if the ledger is as we see the corpus
        self._found = ChangeSet(frozenset(), frozenset())
        self._layouts: dict[str, Layout] = {}

    @cached_property
    def format_keys(self) -> dict[str, str]:
        """For each format a digest of all that its seeds' facts depend on; `""` is no format."""
        return {"": f"{__version__}.{FACTS}", **self.settings.format_keys}

    @cached_property
    def _claims_key(self) -> str:
        """A digest of what decides which format a path has."""
        config = self.settings.config
        claims = [[name, spec.files] for name, spec in self.settings.formats.items()]
        data = repr((config.seeds, config.exclude, config.index, claims)).encode()
        return hashlib.sha256(data).hexdigest()[:16]

    @cached_property
    def _excluded(self) -> Globs | None:
        exclude = self.settings.config.exclude
        return Globs(exclude) if exclude else None

    @cached_property
    def _beside(self) -> Globs | None:
        """What formats claim at the top by patterns like `/*.txt`: no other file there is a seed."""
        specs = self.settings.formats.values()
        top = [p for spec in specs for p in spec.files if p[:1] == "/" and "/" not in p[1:]]
        return Globs(top) if top else None

    @cached_property
    def _claims(self) -> list[tuple[str, Globs]]:
        return [(name, Globs(spec.files)) for name, spec in self.settings.formats.items()]

    @property
    def prints_wanted(self) -> bool:
        """Whether seeds are fingerprinted as they are analysed: if a repeat rule is selected."""
        select = self.settings.config.select
        return any(rule == "repeat" or rule.startswith("repeat/") for rule in select)

    def repeat_parameters(self) -> Parameters:
        """Return what counts as a repeat, whatever rules are selected."""
        config = self.settings.config
        return Parameters(
            config.near_duplicate,
            config.contained,
            config.passage_tokens,
            config.boilerplate_seeds,
            config.similarity_tokens == "characters",
        )

    def print_key(self, format_name: str) -> str:
        """Return what a fingerprint is computed with: the format, and what tokens are."""
        characters = self.settings.config.similarity_tokens
        return f"{self.format_keys[format_name]} {characters}"

    def layout(self, format_name: str) -> Layout:
        """Return the compiled form of a format."""
        from seedkit.formats.layout import Layout

        found = self._layouts.get(format_name)
        if found is None:
            found = Layout(format_name, self.settings.formats[format_name])
            self._layouts[format_name] = found
        return found

    def format_of(self, path: str) -> str:
        """Return the name of the first format that claims the path, empty if none does."""
        return next((name for name, globs in self._claims if globs.match(path)), "")

    def is_seed(self, path: str) -> bool:
        """Tell whether a file under the seeds folders is a seed: not excluded, and no index."""
        config = self.settings.config
        index_name = config.index.rpartition("/")[2]
        if path.rpartition("/")[2] == index_name:
            return False
        if "." in config.seeds:
            if path.startswith(("schemas/", ".")) or path in CONFIG_FILES:
                return False
            if "/" not in path and (self._beside is None or not self._beside.match(path)):
                return False
        return self._excluded is None or not self._excluded.match(path)

    @property
    def rows(self) -> dict[str, Row]:
        """The row of every seed, by path; read from the ledger when they are first asked for."""
        if self._rows is None:
            rows, meta = self.ledger.load()
            same = self.ledger.head == self._head
            self.ledger.close()
            if same and len(rows) == int(self.memo["seeds"]):
                self._rows = rows
            else:  # damaged, or stored anew by another process since `refresh` looked
                self._compare(rows, meta, time.time_ns(), lambda done, total: None)
        assert self._rows is not None  # either branch sets it
        return self._rows

    @property
    def seed_count(self) -> int:
        """How many seeds there are, without reading their rows."""
        return len(self._rows) if self._rows is not None else int(self.memo["seeds"])

    def refresh(self, progress: Progress = lambda done, total: None) -> ChangeSet:
        """Bring the rows up to date with the source; return what changed."""
        started = time.time_ns()
        self.scan = self.source.scan(self.settings.config.seeds)
        self.state = self._state()
        self.memo = self.ledger.recall()
        if self.memo.get("state") == self.state and self.memo.get("seeds", "").isdigit():
            self._rows, self._head = None, self.ledger.head
            self._found = ChangeSet(frozenset(), frozenset())
            self.ledger.close()
            return self._found
        known, meta = self.ledger.load()
        return self._compare(known, meta, started, progress)

    def resume(self, state: str) -> bool:
        """Take the seeds to be as the ledger has them, if it has them in `state`; return whether.

        That is for those who know from elsewhere, from a running watch, that this state is true.
        Settings other than those that the rows were stored with can't be resumed with.
        """
        memo = self.ledger.recall()
        known = memo.get("state"), memo.get("settings")
        if known != (state, self._settings_digest) or not memo.get("seeds", "").isdigit():
            self.ledger.close()
            return False
        self.state, self.memo = state, memo
        self._rows, self._head = None, self.ledger.head
        self._found = ChangeSet(frozenset(), frozenset())
        self.ledger.close()
        return True

    @cached_property
    def _settings_digest(self) -> str:
        """A digest of what the facts of all seeds depend on beside the seeds."""
        data = repr((self._claims_key, self.format_keys)).encode()
        return hashlib.sha256(data).hexdigest()[:16]

    def _state(self) -> str:
        """A digest of every path with its stamp, and of what the facts depend on."""
        files = self.scan.files
        numbers = array("q", chain.from_iterable(files.values()))
        paths = "\0".join(files).encode("utf-8", "surrogateescape")
        digest = hashlib.blake2b(paths, digest_size=16)
        digest.update(numbers.tobytes())
        digest.update(self._settings_digest.encode())
        return digest.hexdigest()

    def _compare(
        self, known: Mapping[str, Row], meta: Mapping[str, str], started: int, progress: Progress
    ) -> ChangeSet:
        same_claims = meta.get("claims") == self._claims_key
        plan = self._plan(known, same_claims)
        self._analyse(plan, known, started, progress)
        removed = frozenset(known) - frozenset(plan.rows)
        changed = frozenset(row.path for row in plan.changed)
        # In the order of the scan, whatever was analysed when: then digests of all rows compare.
        rows = {path: plan.rows[path] for path in self.scan.files if path in plan.rows}
        self._rows, self.before = rows, known
        self.fresh_prints = {each.path: each for each in plan.prints}
        if plan.vanished or any(row.racy for row in plan.rows.values()):
            self.state, self.memo = "", {}
        else:
            self.memo = {
                "state": self.state,
                "seeds": str(len(plan.rows)),
                "settings": self._settings_digest,
            }
        claims = {"claims": self._claims_key}
        told = [row.path for row in plan.changed if not _alike(row, known.get(row.path))]
        stored = self.ledger.store(
            plan.changed, plan.restamped, removed, claims, self.memo, plan.prints, told, len(rows)
        )
        self._head = self.ledger.head if stored else None
        if not stored:
            self.state = ""
        self.ledger.close()
        self._found = ChangeSet(changed, removed)
        return self._found

    def position(self) -> Position:
        """Return where in the log of changes the corpus is, as `refresh` has seen it.

        Its identity is empty if the ledger does not hold that: then nothing that is derived from
        the corpus can be brought up to date later.
        """
        head = self._head
        return Position("", 0) if head is None else Position(head.identity, head.sequence)

    def changes_since(self, identity: str, sequence: int) -> Changes | None:
        """Return what has changed since a position, None if nothing can tell.

        That is so if the log is another one, or has been cut since, or is damaged.
        """
        log = self.ledger.changes_since(identity, sequence)
        if log is None:
            return None
        gone = dict(log)
        here = self.position()
        if not here.identity:  # what we have found is not in the log
            gone |= dict.fromkeys(self._found.changed, False)
            gone |= dict.fromkeys(self._found.removed, True)
        return Changes(
            here.identity,
            max(here.sequence, sequence),
            sorted(path for path in gone if not gone[path]),
            sorted(path for path in gone if gone[path]),
        )

    def row(self, path: str) -> Row | None:
        """Return the row of a seed, None for what is no seed; the others need not be read."""
        if self._rows is None and self._head is not None:
            try:
                return self.ledger.row(path, self._head)
            except LookupError:
                self.ledger.close()
        return self.rows.get(path)

    def _plan(self, known: Mapping[str, Row], same_claims: bool) -> _Plan:
        plan = _Plan()
        keys = self.format_keys
        rows, jobs = plan.rows, plan.jobs
        for path, stamp in self.scan.files.items():
            row = known.get(path)
            if row is None or not same_claims:
                if not self.is_seed(path):
                    continue
                format_name = self.format_of(path)
            else:
                format_name = row.format
            if row is not None and row.format == format_name and row.key == keys.get(format_name):
                if (row.stamp == stamp or _same_but_size(row.stamp, stamp)) and not row.racy:
                    rows[path] = row
                else:
                    jobs.append((path, format_name, row.digest))
            else:
                jobs.append((path, format_name, b""))
        return plan

    def _analyse(
        self, plan: _Plan, known: Mapping[str, Row], started: int, progress: Progress
    ) -> None:
        if not plan.jobs:
            return
        from seedkit.pool import Task, analyse_all

        total = len(plan.jobs)
        wanted = {format_name for _, format_name, _ in plan.jobs if format_name}
        needed = {name: self.settings.formats[name] for name in sorted(wanted)}
        task = Task(needed, self.repeat_parameters(), prints=self.prints_wanted)
        results = analyse_all(
            plan.jobs, self.source, task, self.workers, lambda done: progress(done, total)
        )
        for path, result, print_ in results:
            if result is None:
                plan.vanished = True  # gone since it was listed
                continue
            stamp = self.scan.files[path]
            racy = int(_is_racy(stamp, started))
            if isinstance(result, bytes):
                stamp = stamp.sized(known[path].stamp.size)
                row = known[path]._replace(stamp=stamp, racy=racy)
                plan.restamped.append((path, stamp, racy))
            else:
                size, digest, format_name, title, records, sections, groups, rest = result
                stamp = stamp.sized(max(size, 0))
                if size >= 0 and size != stamp.size:
                    racy = 1  # written to while it was read
                row = Row(
                    path, stamp, racy if size >= 0 else 1, self.format_keys[format_name], digest,
                    format_name, title, records, sections, groups, rest,
                )  # fmt: skip
                plan.changed.append(row)
                if print_ is not None:
                    key = self.print_key(format_name)
                    plan.prints.append(Print(path, key, digest, *print_))
            plan.rows[path] = row

    def findings_of(self, row: Row) -> SeedFindings:
        """Return what the ledger has of a seed beside its numbers."""
        return SeedFindings(*unpack_rest(row.path, row.rest))

    def read_text(self, path: str) -> str | None:
        """Return the decoded text of a file of the corpus, None if it can't be read."""
        try:
            data = self.source.read(path)
        except (OSError, SeedkitError):
            return None
        row = self.rows.get(path)
        encoding = "utf-8"
        if row is not None and row.format:
            encoding = self.settings.formats[row.format].file.encoding
        return data.decode(encoding, "surrogateescape")

    def group_names(self) -> frozenset[str]:
        """Return the names of all groups of all formats' file names."""
        patterns = [self.layout(name).name_pattern for name in self.settings.formats]
        return frozenset(name for each in patterns if each is not None for name in each.names)

    def summaries(self) -> Mapping[str, SeedSummary]:
        """Return what the index is compared with, computed for each seed as it is asked for."""
        return _Summaries(self.rows)


class _Summaries(Mapping[str, "SeedSummary"]):
    def __init__(self, rows: Mapping[str, Row]) -> None:
        self._rows = rows

    def __getitem__(self, path: str) -> SeedSummary:
        from seedkit.manifest import SeedSummary

        row = self._rows[path]
        return SeedSummary(
            format=row.format,
            title=row.title,
            size=row.stamp.size,
            records=row.records,
            sha256=row.digest.hex(),
            groups=unpack_groups(row.groups),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, path: object) -> bool:
        return path in self._rows


def _alike(row: Row, before: Row | None) -> bool:
    """Tell whether the log need not speak of a row that is stored again."""
    return before is not None and (row.digest, row.format, row.key) == (
        before.digest, before.format, before.key
    )  # fmt: skip


def _same_but_size(before: Stamp, now: Stamp) -> bool:
    return now.size < 0 and before[1:] == now[1:]


def _is_racy(stamp: Stamp, started: int) -> bool:
    """A file stamped so late that a later write may leave the same stamp (git's racy rule)."""
    if stamp.inode == 0 and stamp.mtime_ns == 0:
        return True  # in memory
    coarse = stamp.mtime_ns % 1_000_000_000 == 0
    newest = max(stamp.mtime_ns, stamp.ctime_ns)
    return newest >= started - (_GRANULARITY if coarse else _FINE)


def cpu_count() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
