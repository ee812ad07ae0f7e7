"""`seedkit watch`: findings and index follow every change, until it is stopped."""

from __future__ import annotations

import contextlib
import gc
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from seedkit.cli.opening import corpus_source, open_source
from seedkit.cli.options import Parser, one_of
from seedkit.cli.output import Progress, abandon, is_terminal, style_for
from seedkit.core.errors import EXIT_CLEAN
from seedkit.core.text import harmless, plural
from seedkit.report.watch import Log
from seedkit.search.session import Session
from seedkit.settings.cache import settings_key
from seedkit.sources.source import DiskSource
from seedkit.store.location import cache_folder
from seedkit.watch.corpus import WatchedCorpus
from seedkit.watch.handshake import Handshake
from seedkit.watch.health import keep_little
from seedkit.watch.loop import Loop
from seedkit.watch.model import Event

if TYPE_CHECKING:
    from argparse import Namespace

    from seedkit.corpus.workspace import Workspace
    from seedkit.search.index.update import SearchIndex


def main(arguments: Sequence[str]) -> int:
    """Run `seedkit watch`; return the exit code."""
    args = _parser().parse(arguments)
    root = corpus_source(args).root
    folder = cache_folder(root, args.cache_dir)
    gc.enable()  # which a command does without, since it ends soon
    keep_little()
    opening = _Opening(args, folder)
    corpus = WatchedCorpus(root, opening.workspace, opening.index)
    with Handshake(folder) as handshake:
        printer = (_JsonPrinter if args.format == "json" else _TextPrinter)(args, corpus)
        loop = Loop(corpus, handshake, printer.tell)
        printer.loop = loop
        with _ending_on_signals(loop.dirty_paths.stop):
            try:
                loop.run()
            finally:
                gc.unfreeze()
                printer.end()
    return EXIT_CLEAN


def _parser() -> Parser:
    parser = Parser(
        "watch",
        "",
        "Watch the corpus: report problems as files are saved, and when they are fixed;\n"
        "keep the search index up to date. Ends with Ctrl-C.",
        {
            "": "watch until Ctrl-C",
            "--format json": "one event a line, for editors and programs",
            "--once-ready": "bring everything up to date, and exit",
        },
        "Exit codes: 0 ended by SIGTERM or --once-ready, 2 usage or configuration,\n"
        "130 ended by Ctrl-C.",
    )
    output = parser.add_argument_group("Output")
    output.add_argument(
        "--format", metavar="NAME", type=one_of("text", "json"), default="text",
        help="text or json; default: text",
    )  # fmt: skip
    output.add_argument("--once-ready", action="store_true", help="exit after the initial scan")
    return parser


class _Opening:
    """Opens workspaces with the settings that hold now, and their indexes."""

    def __init__(self, args: Namespace, folder: Path) -> None:
        self._args, self._folder = args, folder
        self._key = ""

    def workspace(self, source: DiskSource) -> Workspace | None:
        """A workspace with the settings of now, None if they are those of the last time."""
        key = settings_key(source, self._args.isolated, tuple(self._args.config))
        if key and key == self._key:
            return None
        workspace = open_source(self._args, source, self._folder, refresh=False)
        self._key = key
        return workspace

    def index(self, workspace: Workspace) -> SearchIndex:
        progress = Progress(quiet=self._args.quiet, what="Indexing")
        return Session(workspace, self._folder, workspace.config.engine, progress).index()


class _Printer:
    """Writes what is reported; ends the loop if nobody reads it, or if one look was all."""

    loop: Loop

    def __init__(self, args: Namespace, corpus: WatchedCorpus) -> None:
        self._once = args.once_ready
        self._corpus = corpus

    def tell(self, event: Event) -> None:
        """Write an event."""
        self._write(self._chunks(event))
        if event.event == "ready":
            gc.freeze()  # hardly any of it becomes garbage, and to look through it takes 0.1 s
            if self._once:
                self.loop.dirty_paths.stop()

    def end(self) -> None:
        """Leave the terminal as it was."""

    def _chunks(self, event: Event) -> Iterable[str]:
        raise NotImplementedError

    def _write(self, chunks: Iterable[str]) -> None:
        try:
            for chunk in chunks:
                sys.stdout.write(chunk)
            sys.stdout.flush()
        except OSError:  # the reader has left, and with him the reason to go on
            abandon(sys.stdout)
            self.loop.dirty_paths.stop()


class _JsonPrinter(_Printer):
    """One line of JSON an event."""

    def _chunks(self, event: Event) -> Iterable[str]:
        from seedkit.report.watch.json import line

        return [line(event, self._corpus.root)]


class _TextPrinter(_Printer):
    """A log for people, and at a terminal a line below it that says how things are."""

    def __init__(self, args: Namespace, corpus: WatchedCorpus) -> None:
        super().__init__(args, corpus)
        style = style_for(sys.stdout, args.color, corpus.root)
        self._log, self._color = Log(style, self._read), style.color
        self._status = is_terminal(sys.stderr) and is_terminal(sys.stdout) and not args.quiet
        self._shown = False

    def tell(self, event: Event) -> None:
        """Write an event, and how things are now."""
        self.end()
        super().tell(event)
        if self._status and event.event != "stopped":
            self._line(_status(self._corpus, self.loop))
            self._shown = True

    def end(self) -> None:
        """Remove the status line."""
        if self._shown:
            self._line("")
            self._shown = False

    def _chunks(self, event: Event) -> Iterable[str]:
        return (harmless(chunk, color=self._color) for chunk in self._log.lines(event))

    def _read(self, path: str) -> str | None:
        return self._corpus.workspace.read_text(path)

    def _line(self, text: str) -> None:
        width = shutil.get_terminal_size((80, 24)).columns
        with contextlib.suppress(OSError):
            sys.stderr.write(f"\r\x1b[K{text[: width - 1]}")
            sys.stderr.flush()


def _status(corpus: WatchedCorpus, loop: Loop) -> str:
    counts = loop.counts()
    found = [plural(n, noun) for noun in ("error", "warning") if (n := counts[noun + "s"])]
    parts = [plural(corpus.seeds(), "seed"), " and ".join(found) or "no findings"]
    if loop.degraded:
        parts.append("degraded")
    return " · ".join([*parts, "Ctrl-C ends"])


@contextlib.contextmanager
def _ending_on_signals(stop: Callable[[], object]) -> Iterator[None]:
    """End as the program would: what is under way is left consistent; by SIGTERM the code is 0.

    Python drops what is raised in some places, as in a finalizer: then `stop` has been called.
    """
    ends: dict[int, BaseException] = {
        signal.SIGINT: KeyboardInterrupt(),
        signal.SIGTERM: SystemExit(EXIT_CLEAN),
    }
    came: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        came.append(number)
        stop()
        raise ends[number]

    before = {number: signal.signal(number, end) for number in ends}
    try:
        yield
        if came:
            raise ends[came[0]]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
