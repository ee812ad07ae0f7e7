"""The loop of a watch: settle, look, index, check, report; and see that nothing was missed.

It is driven by hints, by the clock and by those who ask for an answer. What it does at each turn
depends on these alone, so that a test can drive it as well.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from seedkit.core.diagnostic import Diagnostic
from seedkit.core.errors import SeedkitError
from seedkit.core.text import plural
from seedkit.watch import health
from seedkit.watch.events import DirtyPaths, Listener, WatchedFolder
from seedkit.watch.handshake import Handshake
from seedkit.watch.health import SelfTest, give_back
from seedkit.watch.model import FAILURES, Event, ReportedFindings, Watchable, described

QUIET = 0.1  # seconds without a new hint before changes are looked at
LONGEST = 2.0  # seconds that changes wait for quiet, and then their findings for other changes
QUICK = 0.25  # seconds: findings that take longer to compute wait longer for other changes, so that
CHECKING = 0.01  # of the time, at most, searches have to wait for them
GIT = 30.0  # seconds that they wait for git to finish
RESCAN = 60.0  # seconds between looks at everything while all is well
LONGEST_RESCAN = 600.0  # and on the largest of corpora
DEGRADED = 5.0  # and while the watch is degraded
UNSURE = 0.5  # and if a file was so fresh that a later write might not show; doubled each time
SHARE = 0.001  # of the time may go into these looks; into those of a degraded watch, ten times that
RELISTEN = 3  # times in a row that folders are listened to again because they have changed
FAILED = 3  # tests in a row of whether events arrive, until that is reported


class _GivenWay(Exception):
    """Findings were not computed to the end, since something else was to be done."""


class _There(NamedTuple):
    """Folders that are listened to, and file systems that are mounted below the root."""

    places: dict[WatchedFolder, health.Identity]
    mounted: list[str]


class Loop:
    """Keeps a corpus known, indexed and judged until it is stopped."""

    def __init__(
        self,
        corpus: Watchable,
        handshake: Handshake,
        tell: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.corpus = corpus
        self.handshake = handshake
        self.dirty_paths = DirtyPaths(str(handshake.cookies), clock)
        self.degraded: dict[str, str] = {}  # what is not well, in words, by kind
        self._tell = tell
        self._clock, self._wall = clock, wall
        self._listener: Listener | None = None
        self._places: list[WatchedFolder] = []
        self._listened: _There | None = None  # the folders that are listened to
        self._unseen: frozenset[str] | None = frozenset()  # where a look failed; None: everywhere
        self._changed: list[str] = []  # seeds that changed since findings were last computed
        self._root = health.identity(corpus.root)
        self._findings = ReportedFindings()
        self._cost = 0.0  # seconds that a look at everything takes if nothing has changed
        self._unsure = UNSURE  # seconds to the next look if a file may have changed unseen
        self._next_rescan = 0.0
        self._test = SelfTest()
        self._retry, self._retry_at = DEGRADED, 0.0  # to listen where that was not possible
        self._uncached = False  # whether the cache folder can't be made again
        self._drift = wall() - clock()
        self._patience = LONGEST  # seconds that findings wait for other changes
        self._check_by: float | None = None  # when findings are due at the latest, if they are

    def run(self) -> None:
        """Watch until `dirty_paths.stop` is called."""
        try:
            self.start()
            while not self.dirty_paths.stopped:
                if self.dirty_paths.wait(self.pause()) and not self.dirty_paths.stopped:
                    self._settle()
                if not self.dirty_paths.stopped:
                    self.turn()
        finally:
            self.stop()

    def start(self) -> None:
        """Listen, then look at everything, so that nothing falls between."""
        self._listen()
        began = self._clock()
        self._look(None, first=True)
        now = self._clock()
        self._test.postpone(now)
        self.handshake.ready()
        self._say(
            "ready",
            seeds=self.corpus.seeds(),
            **self._findings.counts(),
            took=round(now - began, 3),
            degraded=sorted(self.degraded.values()),
        )

    def stop(self) -> None:
        """Stop listening, and say so."""
        listener, self._listener = self._listener, None
        self._say("stopped")
        if listener is not None:
            listener.stop()

    def counts(self) -> dict[str, int]:
        """Return how many findings there are, by severity."""
        return self._findings.counts()

    def findings(self) -> Mapping[str, Sequence[Diagnostic]]:
        """Return the findings as last reported, by path."""
        return self._findings.reported

    def pause(self) -> float:
        """Return how many seconds nothing has to be done, if nothing happens."""
        now = self._clock()
        ends = [self._next_rescan, *self._test.ends, now + DEGRADED]
        return max(0.0, min(ends) - now)

    def turn(self) -> None:
        """Do what is due now."""
        dirty = self.dirty_paths.take()
        cookies, passed = self._test.take(dirty.cookies)
        if passed:
            self._recover("events")
            self._recover("cache")
        now = self._clock()
        for reason in dirty.reasons:
            self._say("degraded", reason=f"{reason}: looking at everything")
        everything = dirty.everything or now >= self._next_rescan or self._woke_up()
        everything |= self._moved() or not self._healthy(now)
        if self._root is None:
            self._unseen = None  # an unmounted disk is no reason to forget what was on it
        # Of what was moved, no hint may have come yet, or but one of two.
        elif everything or dirty.paths or self._unseen is None or (cookies and self.corpus.moved()):
            self._look(None if everything else dirty.paths)
        if dirty.reasons and not self.degraded:
            self._say("recovered")
        for cookie in cookies:
            self.handshake.answer(cookie, "" if self.degraded else self.corpus.state())
        if self._check_by is not None and (not self.dirty_paths.any() or now >= self._check_by):
            self._check()

    def _settle(self) -> None:
        """Wait until changes pause, for some seconds, unless a client waits for an answer.

        A cookie's event may overtake those of changes just before it by a few milliseconds, since
        they come through different threads.
        """
        self._wait_for_quiet()
        if self.dirty_paths.awaited:
            self.dirty_paths.settle(0.02)

    def _wait_for_quiet(self) -> None:
        """Wait until changes pause, and git is done, or somebody waits."""
        if self.dirty_paths.awaited:
            return
        first = self.dirty_paths.first or self._clock()
        while self._clock() < first + LONGEST and self.dirty_paths.wait_more(QUIET):
            if self.dirty_paths.awaited or self.dirty_paths.stopped:
                return
        lock = os.path.join(self.corpus.root, ".git", "index.lock")
        while os.path.exists(lock) and self._clock() < first + GIT:
            self.dirty_paths.wait_more(QUIET)
            if self.dirty_paths.awaited or self.dirty_paths.stopped:
                return

    def _look(self, paths: frozenset[str] | None, *, first: bool = False) -> None:
        """Look where something may have changed, and where an earlier look failed.

        Folders that have come, gone or been replaced are listened to, and all is looked at again:
        nobody heard what was saved in them before.
        """
        for _ in range(RELISTEN):
            self._look_once(paths, first=first)
            if not self._moved() and not (paths is None and self._deaf()):
                break
            paths = None
        missing = self.corpus.missing()
        if missing:
            self._degrade("seeds", missing)
        else:
            self._recover("seeds")
        self._plan()

    def _look_once(self, paths: frozenset[str] | None, *, first: bool) -> None:
        paths = None if paths is None or self._unseen is None else paths | self._unseen
        began = self._clock()
        try:
            change = self.corpus.look(paths)
            took = self._clock() - began
            if change.changed or change.removed:
                self._unsure = UNSURE
                self._changed += [*change.changed, *change.removed]
                self._say("changed", changed=list(change.changed), removed=list(change.removed))
            elif paths is None:
                self._cost = took  # of looking alone: nothing was analysed
            self._index(began, first=first)
        except FAILURES as error:
            if first:  # there is nothing yet to go on with
                raise
            self._unseen = paths  # what was heard is not forgotten until it has been seen
            self._degrade("corpus", described(error))
        else:
            self._unseen = frozenset()
            self._recover("corpus")
            self._check_by = self._check_by or self._clock() + self._patience
            if first:
                self._check(first=True)

    def _plan(self) -> None:
        """Set the time of the next look at everything, so that these take little of all time.

        The time is counted from the cost of looking, not of analysing what was found.
        """
        least, most, share = RESCAN, LONGEST_RESCAN, SHARE
        if self.degraded:
            least, most, share = DEGRADED, RESCAN, SHARE * 10
        elif not self.corpus.state():  # saved while it was looked at, or in the future
            least, most, share = self._unsure, RESCAN, SHARE * 100
            self._unsure = min(2 * self._unsure, RESCAN)
        self._next_rescan = self._clock() + min(max(least, self._cost / share), most)

    def _check(self, *, first: bool = False) -> None:
        """Tell what is wrong now. What can be found goes before: searches wait for that."""
        began = self._clock()
        check_by, self._check_by = self._check_by, None
        must = first or check_by is None or began >= check_by

        def give_way() -> None:
            """End what takes long if there is something to do that others wait for."""
            if self.dirty_paths.any() and not must:
                raise _GivenWay

        try:
            found = self.corpus.findings(give_way)
        except _GivenWay:
            self._check_by = check_by
            return
        except FAILURES as error:
            if first:
                raise
            self._degrade("findings", described(error))
            self._check_by = self._clock() + DEGRADED
            return
        self._recover("findings")
        took = self._clock() - began
        self._patience = max(LONGEST, took / CHECKING if took > QUICK else 0.0)
        changed, self._changed = list(dict.fromkeys(self._changed)), []
        news = list(self._findings.update(found))
        for turn in news:
            self._say("diagnostics" if turn.now else "cleared", turn=turn, first=first)
        if not first and (changed or news):
            self._say("checked", seeds=len(changed), **self._findings.counts())
        give_back()

    def _index(self, began: float, *, first: bool) -> None:
        """Bring the index up to date; without one, `search` does without the watch."""
        try:
            indexed = self.corpus.index()
        except FAILURES as error:
            self._degrade("index", f"the index can't be updated: {described(error)}")
            return
        self._recover("index")
        if indexed and not first:
            self._say("indexed", seeds=indexed, took=round(self._clock() - began, 3))

    def _listen(self) -> None:
        """Listen at the places there are now, with a listener of its own."""
        if self._listener is not None:
            self._listener.stop()
        self._places = self.corpus.places()
        self._listened = self._there()
        listener = Listener(self.dirty_paths)
        listener.start([*self._places, WatchedFolder(str(self.handshake.cookies), recursive=False)])
        self._listener = listener
        self._test.drop()
        self._check_coverage()

    def _check_coverage(self) -> None:
        """Compare what is listened to with the folders there are."""
        assert self._listener is not None  # called while listening
        missing = self._unwatched()
        if self._listener.deaf:
            self._degrade(
                "coverage",
                f"changes are not heard: {self._listener.deaf}: everything is looked at every few "
                "seconds",
            )
        elif self._listener.refused:
            path, reason = next(iter(self._listener.refused.items()))
            self._degrade("coverage", f"{path} can't be watched: {reason}")
        elif missing:
            self._degrade("coverage", self._why_unwatched(missing))
        else:
            self._recover("coverage")
        mounts = {place.path: health.network_mount(place.path) for place in self._places}
        kinds = sorted({kind for kind in mounts.values() if kind})
        if kinds:
            self._degrade(
                "network",
                f"on a network file system ({', '.join(kinds)}) changes made elsewhere are not "
                "heard: it is looked at every few seconds",
            )
        else:
            self._recover("network")

    def _why_unwatched(self, missing: int) -> str:
        """Say why folders are not listened to: for want of permission, or of watches."""
        denied = health.unreadable(place.path for place in self._places if place.recursive)
        why = "permission denied"
        if not denied:
            why = f"fs.inotify.max_user_watches is {health.watch_limit():,}"
        folders = plural(denied or missing, "folder")
        return f"{folders} can't be watched ({why}): looked at every few seconds"

    def _moved(self) -> bool:
        """Tell whether other folders are there than are listened to; then listen to those."""
        renewed = self._renewed()
        root = health.identity(self.corpus.root)
        if root is None:
            self._root = None
            self._degrade("root", f"{self.corpus.root} is gone: waiting for it to come back")
            return False
        if root == self._root and self._listened == self._there() and not renewed:
            return False
        self._root = root
        self._listen()
        self._recover("root")
        return True

    def _renewed(self) -> bool:
        """Tell whether the cache folder was removed or replaced, and has been made again."""
        try:
            renewed = self.handshake.renew()
        except SeedkitError as error:
            self._uncached = True
            self._degrade("cache", described(error))
            return False
        if renewed:
            self._uncached = False
            self._recover("cache")
        return renewed

    def _deaf(self) -> bool:
        """Tell whether some folder was not listened to until now, so that all is looked at again.

        A folder that was made and filled at once may be missed. Where folders can't be listened to,
        that is tried again, but ever more rarely: each time all folders are listed.
        """
        if self._root is None:
            return False
        if "coverage" not in self.degraded:
            self._retry, self._retry_at = DEGRADED, 0.0
            if not self._unwatched():
                return False
            self._listen()
            return True
        now = self._clock()
        if now < self._retry_at:
            return False
        self._check_coverage()
        if "coverage" in self.degraded:
            self._listen()
        self._retry = min(2 * self._retry, LONGEST_RESCAN)
        self._retry_at = now + self._retry
        return "coverage" not in self.degraded

    def _unwatched(self) -> int | None:
        return health.unwatched(place.path for place in self._places if place.recursive)

    def _there(self) -> _There:
        """Return what must be as it was: no event tells when it is replaced, or covered."""
        places = {place: health.identity(place.path) for place in self.corpus.places()}
        return _There(places, health.mounted_below(self.corpus.root))

    def _healthy(self, now: float) -> bool:
        """Test whether events arrive; if not, listen again and return False."""
        assert self._listener is not None  # called while listening
        if self._uncached:
            return False
        if self._test.unanswered(now) or not self._listener.alive():
            self._test.failed += 1
            self._listen()
            if self._test.failed >= FAILED:
                self._degrade(
                    "events", "no events arrive: everything is looked at every few seconds"
                )
            self._test.postpone(now)
            return False
        try:
            self._test.begin(self.handshake.cookies, now)
        except OSError as error:
            self._degrade("cache", f"the cache can't be written: {described(error)}")
        return True

    def _woke_up(self) -> bool:
        """Tell whether the machine slept: then its clocks differ by more than before."""
        drift = self._wall() - self._clock()
        slept = drift - self._drift > DEGRADED
        self._drift = drift
        return slept

    def _degrade(self, kind: str, reason: str) -> None:
        if self.degraded.get(kind) != reason:
            self.degraded[kind] = reason
            self._say("degraded", reason=reason)
            self._plan()

    def _recover(self, kind: str) -> None:
        if self.degraded.pop(kind, None) is not None and not self.degraded:
            self._say("recovered")

    def _say(self, what: str, **data: object) -> None:
        self._tell(Event(what, self._wall(), data))
