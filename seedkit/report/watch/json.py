"""`watch --format json`: one event a line."""

from __future__ import annotations

from seedkit.report.check.json import dump
from seedkit.report.watch.wire import model
from seedkit.watch.model import Event


def line(event: Event, root: str) -> str:
    """Return the event as one line of JSON."""
    return dump(model(event, root), indent=None) + "\n"
