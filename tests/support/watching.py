"""`seedkit watch` as a process, and what it says."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest


class Watch:
    """A running watch: what it says, gathered as it says it."""

    def __init__(
        self, root: Path, *arguments: str, text: bool = False, command: Sequence[str] = ()
    ) -> None:
        program = "import sys\nfrom seedkit.cli import main\nsys.exit(main())\n"
        output = [] if text else ["--format", "json"]
        self.process = subprocess.Popen(
            command or [sys.executable, "-c", program, "watch", *output, *arguments],
            cwd=root, text=True, encoding="utf-8", stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.root = root
        self.lines: queue.Queue[str] = queue.Queue()
        self.seen: list[str] = []
        self.findings: dict[str, list[str]] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def until(self, wanted: Callable[[], bool], what: str) -> None:
        """Take in what is said until something holds; fail after twenty seconds."""
        end = time.monotonic() + 20
        while not wanted():
            try:
                line = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"not within 20 s: {what}; said: {self.seen[-5:]}")
            assert line, f"ended before: {what}; {self.seen[-5:]}"
            self.take(line)

    def take(self, line: str) -> None:
        self.seen.append(line)
        if line.startswith("{"):
            event = json.loads(line)
            if event["event"] == "diagnostics":
                rules = sorted(each["rule"] for each in event["diagnostics"])
                self.findings[event["path"]] = rules
            elif event["event"] == "cleared":
                del self.findings[event["path"]]

    def said(self, event: str) -> bool:
        return any(f'"event":"{event}"' in line for line in self.seen)


@contextlib.contextmanager
def watching(
    root: Path, *arguments: str, text: bool = False, command: Sequence[str] = ()
) -> Iterator[Watch]:
    watch = Watch(root, *arguments, text=text, command=command)
    try:
        if not text:
            watch.until(lambda: watch.said("ready"), "ready")
        yield watch
    finally:
        watch.process.kill()
        watch.process.wait(10)
        watch._reader.join(10)
        assert watch.process.stdout is not None and watch.process.stderr is not None
        watch.process.stdout.close()
        watch.process.stderr.close()
