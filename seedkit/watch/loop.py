"""The loop of a watch: settle, look, index, judge, tell; and see that nothing was missed.

It is driven by hints, by the clock and by those who ask for an answer. What it does at each turn
depends on these alone, so that a test can drive it as well.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from seedkit.diagnostic import Diagnostic
from seedkit.errors import SeedkitError
from seedkit.watch import health
from seedkit.watch.events import Listener, Place
from seedkit.watch.handshake import Live
from seedkit.watch.hints import Dirty, Hints
from seedkit.watch.live import Findings
from seedkit.watch.memory import give_back

QUIET = 0.1  # seconds without a new hint before changes are looked at
LONGEST = 2.0  # seconds that changes wait for quiet, and then their findings for other changes
GIT = 30.0  # seconds that they wait for git to finish
PATROL = 60.0  # seconds between looks at everything while all is well
DOUBTFUL = 5.0  # and while it is not
UNSURE = 0.5  # and if a file was so fresh that a later write might not show
SHARE = 0.001  # of the time may go into these looks; into those of a doubtful watch, ten times that
CANARY = 30.0  # seconds between tests of whether events still arrive
ANSWER = 10.0  # seconds that such a test may take


class Change(NamedTuple):
    """What a look at the corpus found."""

    changed: Sequence[str]
    removed: Sequence[str]


class Corpus(Protocol):
    """What the loop needs of a corpus."""

    root: str

    def places(self) -> list[Place]:
        """Return the folders in which something may change."""
        ...

    def look(self, paths: frozenset[str] | None) -> Change:
        """Bring what is known up to date with the disk: at these absolute paths, or everywhere.

        Raises `SeedkitError` if the corpus can't be read as it is now.
        """
        ...

    def index(self) -> int:
        """Bring the search index up to date; return how many seeds were written to it."""
        ...

    def findings(self) -> list[Diagnostic]:
        """Return what `check` finds now."""
        ...

    def seeds(self) -> int:
        """Return how many seeds there are."""
        ...

    def state(self) -> str:
        """Return what names the state of the corpus that is known and indexed; empty if unsure."""
        ...


class Event(NamedTuple):
    """Something to tell: what, when (seconds since 1970), and what belongs to it."""

    event: str
    at: float
    data: dict[str, object]


class Loop:
    """Keeps a corpus known, indexed and judged until it is stopped."""

    def __init__(
        self,
        corpus: Corpus,
        live: Live,
        tell: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.corpus = corpus
        self.live = live
        self.hints = Hints(str(live.cookies), clock)
        self.degraded: dict[str, str] = {}  # what is not well, in words, by kind
        self._tell = tell
        self._clock, self._wall = clock, wall
        self._listener: Listener | None = None
        self._places: list[Place] = []
        self._root = health.identity(corpus.root)
        self._findings = Findings()
        self._cost = 0.0  # seconds that a look at everything takes
        self._next_patrol = 0.0
        self._next_canary = 0.0
        self._canary: tuple[str, float] | None = None  # the one under way: its path, its end
        self._drift = wall() - clock()
        self._restarts = 0
        self._judge_by: float | None = None  # when findings are due at the latest, if they are

    def run(self) -> None:
        """Watch until `hints.stop` is called."""
        try:
            self.start()
            while not self.hints.stopped:
                if self.hints.wait(self.pause()) and not self.hints.stopped:
                    self._settle()
                if not self.hints.stopped:
                    self.turn()
        finally:
            self.stop()

    def start(self) -> None:
        """Listen, then look at everything, so that nothing falls between."""
        self._listen()
        began = self._clock()
        self._look(None, first=True)
        now = self._clock()
        self._next_canary = now + CANARY
        self.live.ready()
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
        """Return how many findings there are, by `errors`, `warnings` and `infos`."""
        return self._findings.counts()

    def findings(self) -> Mapping[str, Sequence[Diagnostic]]:
        """Return the findings as they were told last, by path."""
        return self._findings.told

    def pause(self) -> float:
        """Return how many seconds nothing has to be done, if nothing happens."""
        now = self._clock()
        ends = [self._next_patrol, self._next_canary, now + DOUBTFUL]
        if self._canary is not None:
            ends.append(self._canary[1])
        return max(0.0, min(ends) - now)

    def turn(self) -> None:
        """Do what is due now."""
        dirty = self.hints.take()
        cookies = self._without_canary(dirty)
        now = self._clock()
        for reason in dirty.reasons:
            self._say("degraded", reason=f"{reason}: looking at everything")
        everything = dirty.everything or now >= self._next_patrol or self._woke_up()
        everything |= self._root_changed() or not self._healthy(now)
        if self._root is None:
            pass  # an unmounted disk is no reason to forget what was on it
        elif everything:
            self._look(None)
        elif dirty.paths:
            self._look(dirty.paths)
        if dirty.reasons and not self.degraded:
            self._say("recovered")
        for cookie in cookies:
            self.live.answer(cookie, "" if self.degraded else self.corpus.state())
        if self._judge_by is not None and (not self.hints.any() or now >= self._judge_by):
            self._judge()

    def _settle(self) -> None:
        """Wait until changes pause, but not for ever, and not while somebody waits for an answer.

        A cookie's event may overtake those of changes just before it by a few milliseconds, since
        they come through different threads.
        """
        self._wait_for_quiet()
        if self.hints.awaited:
            self.hints.settle(0.02)

    def _wait_for_quiet(self) -> None:
        """Wait until changes pause, and git is done, or somebody waits."""
        if self.hints.awaited:
            return
        first = self.hints.first or self._clock()
        while self._clock() < first + LONGEST and self.hints.wait_more(QUIET):
            if self.hints.awaited or self.hints.stopped:
                return
        lock = os.path.join(self.corpus.root, ".git", "index.lock")
        while os.path.exists(lock) and self._clock() < first + GIT:
            self.hints.wait_more(QUIET)
            if self.hints.awaited or self.hints.stopped:
                return

    def _look(self, paths: frozenset[str] | None, *, first: bool = False) -> None:
        began = self._clock()
        try:
            change = self.corpus.look(paths)
            if change.changed or change.removed:
                self._say("changed", changed=list(change.changed), removed=list(change.removed))
            self._index(began, first=first)
        except SeedkitError as error:
            if first:  # there is nothing yet to go on with
                raise
            self._ill("corpus", error.message)
        else:
            self._well("corpus")
            self._judge_by = self._judge_by or self._clock() + LONGEST
            if first:
                self._judge(first=True)
        if paths is None:
            self._cost = self._clock() - began
            if self.corpus.places() != self._places:
                self._listen()
        self._plan()

    def _plan(self) -> None:
        """Set the time of the next look at everything, so that these take little of all time."""
        least, share = (DOUBTFUL, SHARE * 10) if self.degraded else (PATROL, SHARE)
        if not self.degraded and not self.corpus.state():  # saved while it was looked at
            least, share = UNSURE, SHARE * 100
        self._next_patrol = self._clock() + max(least, self._cost / share)

    def _judge(self, *, first: bool = False) -> None:
        """Tell what is wrong now. What can be found goes before: searches wait for that."""
        self._judge_by = None
        try:
            found = self.corpus.findings()
        except SeedkitError as error:
            self._ill("corpus", error.message)
            return
        for turn in self._findings.update(found):
            self._say("diagnostics" if turn.now else "cleared", turn=turn, first=first)
        give_back()

    def _index(self, began: float, *, first: bool) -> None:
        """Bring the index up to date; without one, `search` does without the watch."""
        try:
            indexed = self.corpus.index()
        except (SeedkitError, OSError) as error:
            self._ill("index", f"the index can't be brought up to date: {error}")
            return
        self._well("index")
        if indexed and not first:
            self._say("indexed", seeds=indexed, took=round(self._clock() - began, 3))

    def _listen(self) -> None:
        """Listen at the places there are now, with a listener of its own."""
        if self._listener is not None:
            self._listener.stop()
        self._places = self.corpus.places()
        listener = Listener(self.hints)
        listener.start([*self._places, Place(str(self.live.cookies), recursive=False)])
        self._listener = listener
        self._canary = None
        self._check_coverage()

    def _check_coverage(self) -> None:
        """Compare what is listened to with the folders there are."""
        assert self._listener is not None  # called while listening
        missing = health.unwatched(place.path for place in self._places if place.recursive)
        if missing:
            limit = health.watch_limit()
            self._ill(
                "coverage",
                f"{missing:,} folders can't be watched (fs.inotify.max_user_watches is {limit:,}): "
                "they are looked at every few seconds",
            )
        elif self._listener.refused:
            path, reason = next(iter(self._listener.refused.items()))
            self._ill("coverage", f"{path} can't be watched: {reason}")
        else:
            self._well("coverage")
        mounts = {place.path: health.network_mount(place.path) for place in self._places}
        kinds = sorted({kind for kind in mounts.values() if kind})
        if kinds:
            self._ill(
                "network",
                f"on a network file system ({', '.join(kinds)}) changes made elsewhere are not "
                "heard: it is looked at every few seconds",
            )
        else:
            self._well("network")

    def _root_changed(self) -> bool:
        """Tell whether the corpus is another folder than before; then listen to that one."""
        root = health.identity(self.corpus.root)
        if root == self._root and root is not None:
            return False
        if root is None:
            self._root = None
            self._ill("root", f"{self.corpus.root} is gone: waiting for it to come back")
            return False
        self._root = root
        self._listen()
        self._well("root")
        return True

    def _healthy(self, now: float) -> bool:
        """Test whether events arrive; if not, listen anew and return False."""
        assert self._listener is not None  # called while listening
        if self._canary is not None and now < self._canary[1] and self._listener.alive():
            return True
        if self._canary is not None or not self._listener.alive():
            self._restarts += 1
            self._listen()
            if self._restarts >= 3:
                self._ill("events", "no events arrive: everything is looked at every few seconds")
            self._next_canary = now + CANARY
            return False
        if now >= self._next_canary:
            path = self.live.cookies / f"canary-{int(now * 1000)}"
            self._next_canary = now + CANARY
            try:
                path.touch(0o600)
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                self._ill("cache", f"the cache can't be written: {reason}")
            else:
                self._well("cache")
                self._canary = str(path), now + ANSWER
        return True

    def _without_canary(self, dirty: Dirty) -> list[str]:
        """The cookies of others; our own says that events arrive."""
        if self._canary is not None and self._canary[0] in dirty.cookies:
            self._canary = None
            self._restarts = 0
            self._well("events")
        cookies = []
        for cookie in dict.fromkeys(dirty.cookies):
            if os.path.basename(cookie).startswith("canary-"):
                if os.path.exists(cookie):
                    os.unlink(cookie)
            else:
                cookies.append(cookie)
        return cookies

    def _woke_up(self) -> bool:
        """Tell whether the machine slept: then its clocks differ by more than before."""
        drift = self._wall() - self._clock()
        slept = drift - self._drift > DOUBTFUL
        self._drift = drift
        return slept

    def _ill(self, kind: str, reason: str) -> None:
        if self.degraded.get(kind) != reason:
            self.degraded[kind] = reason
            self._say("degraded", reason=reason)
            self._plan()

    def _well(self, kind: str) -> None:
        if self.degraded.pop(kind, None) is not None and not self.degraded:
            self._say("recovered")

    def _say(self, what: str, **data: object) -> None:
        self._tell(Event(what, self._wall(), data))
