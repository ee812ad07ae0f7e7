"""What `watch` tells a person: what was saved, what is wrong with it, what has been mended.

10:31:07 seeds/a.txt
error[section/too-long]: section `title` has 214 characters, at most 200 are allowed
 --> seeds/a.txt:2:201
  |
…
10:31:20 seeds/a.txt: mended section/too-long
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import cast

from seedkit.diagnostic import Diagnostic
from seedkit.report import DIM, CheckReport, Style
from seedkit.report.full import findings
from seedkit.text import plural, visible
from seedkit.watch.live import Turn
from seedkit.watch.loop import Event

_GREEN = "32"
_YELLOW = "33"
_FEW = 3  # paths that are named; of more, the number is told
_MOST = 20  # findings of one save that are shown


class Log:
    """Turns events into lines; `read` returns the text of a file of the corpus."""

    def __init__(self, style: Style, read: Callable[[str], str | None]) -> None:
        self._style = style
        self._read = read
        self._is_ready = False

    def lines(self, event: Event) -> Iterator[str]:
        """Return what to print of an event, in chunks that end with a newline."""
        match event.event:
            case "changed" if self._is_ready:  # what has changed before it began is no news
                yield self._head(event, self._changed(event))
            case "diagnostics" | "cleared":
                if not event.data["first"]:
                    yield from self._turn(event, cast(Turn, event.data["turn"]))
            case "degraded":
                reason = visible(str(event.data["reason"]))
                yield self._head(event, self._style.paint(_YELLOW, f"degraded: {reason}"))
            case "recovered":
                yield self._head(event, self._style.paint(_GREEN, "all is well again"))
            case "ready":
                self._is_ready = True
                yield self._head(event, self._ready(event))

    def _ready(self, event: Event) -> str:
        seeds, errors, warnings = (
            cast(int, event.data[key]) for key in ("seeds", "errors", "warnings")
        )
        what = f"watching {plural(seeds, 'seed')}"
        if not errors + warnings:
            return f"{what}, no findings"
        counted = [plural(n, noun) for n, noun in ((errors, "error"), (warnings, "warning")) if n]
        return f"{what}, {' and '.join(counted)} (`seedkit check` lists them)"

    def _changed(self, event: Event) -> str:
        changed = cast(Sequence[str], event.data["changed"])
        removed = cast(Sequence[str], event.data["removed"])
        if len(changed) + len(removed) <= _FEW:
            named = [f"{visible(path)} (removed)" for path in removed]
            return ", ".join([*map(visible, changed), *named])
        if not changed:
            return f"{plural(len(removed), 'seed')} removed"
        gone = [f"{len(removed):,} removed"] if removed else []
        return ", ".join([f"{plural(len(changed), 'seed')} changed", *gone])

    def _turn(self, event: Event, turn: Turn) -> Iterator[str]:
        if turn.cleared:
            rules = ", ".join(dict.fromkeys(each.rule for each in turn.cleared))
            mended = self._style.paint(_GREEN, f"mended {rules}")
            yield self._head(event, f"{visible(turn.path)}: {mended}")
        if turn.new:
            yield from self._findings(turn.new)

    def _findings(self, new: Sequence[Diagnostic]) -> Iterator[str]:
        report = CheckReport("", new[:_MOST], 0, self._read)
        for chunk in findings(report, self._style):
            yield chunk.removesuffix("\n")  # no blank line: what is saved next follows at once
        if len(new) > _MOST:
            yield f"… and {len(new) - _MOST:,} more in {visible(new[0].place.path)}\n"

    def _head(self, event: Event, text: str) -> str:
        stamp = time.strftime("%H:%M:%S", time.localtime(event.at))
        return f"{self._style.paint(DIM, stamp)} {text}\n"
