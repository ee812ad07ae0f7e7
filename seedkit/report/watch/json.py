"""`watch --format json`: one event a line.

`watch --format json` as pydantic models; schemas/watch.json is generated from them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel

from seedkit.report.check import json as check_json
from seedkit.report.check.json import Count, OutputModel, diagnostic, dump, valid
from seedkit.watch.model import Event, Turn

Seconds = Annotated[float, Field(ge=0)]


class _Timed(OutputModel):
    at: float
    """When, in seconds since 1970."""


class ReadyOutput(_Timed):
    """All seeds are known and the index answers. Findings of before have been reported."""

    event: Literal["ready"]
    version: Literal[1]
    """Version of this output."""
    root: str
    """Absolute path of the corpus."""
    seeds: Count
    """Seeds there are."""
    errors: Count
    """Findings of severity `error`."""
    warnings: Count
    """Findings of severity `warning`."""
    infos: Count
    """Findings of severity `info`."""
    took: Seconds
    """Seconds from the start."""
    degraded: list[str]
    """What is not well: why changes may be noticed late."""


class ChangedOutput(_Timed):
    """Seeds have changed."""

    event: Literal["changed"]
    changed: list[str]
    """Seeds that are new or different."""
    removed: list[str]
    """Seeds that are gone."""


class DiagnosticsOutput(_Timed):
    """The findings at a path are others than before."""

    event: Literal["diagnostics"]
    path: str
    """The file."""
    diagnostics: list[check_json.DiagnosticOutput]
    """All findings there now."""


class ClearedOutput(_Timed):
    """There are no findings at a path any more."""

    event: Literal["cleared"]
    path: str
    """The file."""


class CheckedOutput(_Timed):
    """What was saved has been checked; what changed has been reported before."""

    event: Literal["checked"]
    seeds: Count
    """Seeds that had changed or gone."""
    errors: Count
    """Findings of severity `error` that there are now."""
    warnings: Count
    """Findings of severity `warning`."""
    infos: Count
    """Findings of severity `info`."""


class IndexedOutput(_Timed):
    """The index answers with the changes."""

    event: Literal["indexed"]
    seeds: Count
    """Seeds that were written to it."""
    took: Seconds
    """Seconds since the changes were looked at."""


class DegradedOutput(_Timed):
    """Changes may be noticed late, or not be indexed."""

    event: Literal["degraded"]
    reason: str
    """Why, in words."""


class RecoveredOutput(_Timed):
    """Changes are noticed at once again."""

    event: Literal["recovered"]


class StoppedOutput(_Timed):
    """The last line."""

    event: Literal["stopped"]


class WatchEvent(
    RootModel[
        Annotated[
            ReadyOutput
            | ChangedOutput
            | DiagnosticsOutput
            | ClearedOutput
            | CheckedOutput
            | IndexedOutput
            | DegradedOutput
            | RecoveredOutput
            | StoppedOutput,
            Field(discriminator="event"),
        ]
    ]
):
    """One line of what `seedkit watch --format json` writes."""


def model(event: Event, root: str) -> OutputModel:
    """Return the event as the wire model."""
    data: dict[str, object] = {"event": event.event, "at": event.at}
    for key, value in event.data.items():
        match value:
            case bool():
                pass  # for people: whether it was so before
            case Turn():
                data["path"] = valid(value.path)
                if value.now:
                    data["diagnostics"] = [diagnostic(each) for each in value.now]
            case str():
                data[key] = valid(value)
            case list():
                data[key] = [valid(each) for each in value]
            case _:
                data[key] = value
    if event.event == "ready":
        data |= {"version": 1, "root": valid(root)}
    return WatchEvent.model_validate(data).root


def line(event: Event, root: str) -> str:
    """Return the event as one line of JSON."""
    return dump(model(event, root), indent=None) + "\n"
