"""Reads the formats of a corpus: `schemas/*.toml`, each perhaps built on a built-in one.

`read_toml` reads any TOML file of the corpus, settings too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from pydantic import ValidationError

from seedkit.core.diagnostic import Diagnostic, Place, Position
from seedkit.core.errors import ConfigError
from seedkit.core.patterns import Budget, PatternError, check_glob, check_globs
from seedkit.core.rules import (
    CONFIG_BAD_PATTERN,
    CONFIG_INCONSISTENT_FORMAT,
    CONFIG_INVALID_VALUE,
    CONFIG_UNKNOWN_FORMAT,
    CONFIG_UNREADABLE_FILE,
)
from seedkit.core.text import LineIndex, shorten, visible
from seedkit.core.validation import InvalidToml, TomlSource, invalid_values, table_keys
from seedkit.formats.references import check_references_of
from seedkit.formats.spec import FormatSpec
from seedkit.sources.root import MAX_BYTES, SCHEMAS
from seedkit.sources.source import Refused, Source, escapes


def read_toml(source: Source, path: str) -> TomlSource:
    """Read and parse a TOML file of the corpus; raises `ConfigError`."""
    try:
        return TomlSource(path, source.read(path, MAX_BYTES))
    except InvalidToml as error:
        raise ConfigError([error.diagnostic]) from None
    except (Refused, OSError) as error:
        reason = (
            error.message if isinstance(error, Refused) else (error.strerror or str(error)).lower()
        )
        message = f"file can't be read: {reason}"
        raise ConfigError(
            [
                CONFIG_UNREADABLE_FILE.diagnostic(
                    message,
                    Place(path),
                    help=getattr(error, "help", None),
                )
            ]
        ) from None


MAX_FORMATS = 1_000  # a corpus with more is a mistake, or an attack
_MAX_BYTES = 4_000_000  # of all formats together
_MAX_GLOBS = 5_000  # likewise
_PREFIX = "builtin:"
_UNDECODABLE = re.compile("[\ud800-\udfff]")


def builtin_names() -> list[str]:
    """Return the names of the built-in formats, sorted."""
    folder = resources.files("seedkit.formats") / "builtin"
    return sorted(
        f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")
    )


@cache
def builtin_text(name: str) -> str:
    """Return the TOML of a built-in format; raises `FileNotFoundError`."""
    return (resources.files("seedkit.formats") / "builtin" / f"{name}.toml").read_text("utf-8")


def builtin_format(name: str, files: list[str]) -> FormatSpec:
    """Return a built-in format for these files; raises `FileNotFoundError`."""
    return FormatSpec.model_validate({**tomllib.loads(builtin_text(name)), "files": files})


def load_formats(
    source: Source, order: list[str], config_place: Place
) -> tuple[dict[str, FormatSpec], dict[str, Place]]:
    """Return the formats by name, in the order in which they claim files, and their places.

    `order` names those that come first. Raises `ConfigError` with every fault of every format.
    """
    faults: list[Diagnostic] = []
    formats: dict[str, FormatSpec] = {}
    places: dict[str, Place] = {}
    paths = _paths(source, faults)
    budget, globs = Budget(), 0
    for path in paths:
        name = path.removeprefix(f"{SCHEMAS}/").removesuffix(".toml")
        spec = _load(source, path, faults, budget)
        if budget.spent:
            break
        if spec is not None:
            globs += len(spec.files)
            if globs > _MAX_GLOBS:
                message = f"`files` of all formats have more than {_MAX_GLOBS:,} patterns together"
                faults.append(CONFIG_INVALID_VALUE.diagnostic(message, Place(path)))
                break
            formats[name] = spec
            places[name] = Place(path)
    names = [path.removeprefix(f"{SCHEMAS}/").removesuffix(".toml") for path in paths]
    for name in order:
        if name not in names:
            message = (
                f"`formats` names `{shorten(name)}`, but there is no {SCHEMAS}/{shorten(name)}.toml"
            )
            faults.append(CONFIG_UNKNOWN_FORMAT.diagnostic(message, config_place))
    for name, spec in () if faults else formats.items():
        for error, at in check_references_of(spec, formats):
            place = read_toml(source, places[name].path).place(at)
            faults.append(CONFIG_INCONSISTENT_FORMAT.diagnostic(str(error), place))
    if faults:
        raise ConfigError(faults)
    ranked = [*dict.fromkeys(order), *(name for name in sorted(formats) if name not in order)]
    return {name: formats[name] for name in ranked}, places


def _instead(path: str, reason: str) -> str | None:
    """What to put there instead of what is no file, or no folder."""
    what = "folder" if path == SCHEMAS else "file"
    if "symbolic link" in reason:
        return f"links are not followed: put the {what} itself there"
    return f"a {what} is needed there" if re.search("^is |not a directory$", reason) else None


def _paths(source: Source, faults: list[Diagnostic]) -> list[str]:
    if not source.exists(SCHEMAS):
        return []
    scan = source.scan([SCHEMAS])
    for path, reason in sorted(scan.refused.items()):
        if path == SCHEMAS or path.endswith(".toml"):
            fault = CONFIG_UNREADABLE_FILE.diagnostic(f"`{shorten(path)}` {reason}", Place(path))
            faults.append(fault._replace(help=_instead(path, reason)))
    paths = sorted(p for p in scan.files if p.endswith(".toml") and p.count("/") == 1)
    for path in filter(_UNDECODABLE.search, paths):
        message = f"`{shorten(path)}` has a name that is not UTF-8"
        fault = CONFIG_UNREADABLE_FILE.diagnostic(message, Place(path), "rename the file")
        faults.append(fault)
    if len(paths) > MAX_FORMATS:
        message = f"{len(paths):,} formats, at most {MAX_FORMATS:,} are read"
        faults.append(CONFIG_UNREADABLE_FILE.diagnostic(message, Place(SCHEMAS)))
        return []
    total = sum(scan.files[path].size for path in paths)
    if total > _MAX_BYTES:
        message = f"the formats have {total:,} bytes together, at most {_MAX_BYTES:,} are read"
        faults.append(CONFIG_UNREADABLE_FILE.diagnostic(message, Place(SCHEMAS)))
        return []
    return paths


def _load(source: Source, path: str, faults: list[Diagnostic], budget: Budget) -> FormatSpec | None:
    try:
        toml = read_toml(source, path)
        values = _extended(toml, _with_schemas(source, toml))
    except ConfigError as error:
        faults.extend(error.diagnostics)
        return None
    except InvalidToml as error:
        faults.append(error.diagnostic)
        return None
    try:
        spec = FormatSpec.model_validate(values, context=budget)
    except ValidationError as error:
        faults.extend(invalid_values(error.errors(), toml, table_keys(FormatSpec)))
        return None
    if not spec.files:
        message = "`files` is missing: no file can have this format"
        faults.append(CONFIG_INVALID_VALUE.diagnostic(message, Place(path)))
    for index, pattern in enumerate(spec.files):
        try:
            check_glob(pattern)
        except PatternError as error:
            message = f"`files`: the pattern `{shorten(pattern)}` is not valid: {error}"
            faults.append(CONFIG_BAD_PATTERN.diagnostic(message, toml.place(("files", index))))
            return None
    try:
        check_globs(spec.files)
    except PatternError as error:
        message = f"`files`: the patterns are not valid: {error}"
        faults.append(CONFIG_BAD_PATTERN.diagnostic(message, toml.place(("files",))))
    return spec


def _with_schemas(source: Source, toml: TomlSource) -> dict[str, Any]:
    """The values of the file, with JSON Schemas in place of the names of their files.

    Raises `InvalidToml` for one that can't be read or used.
    """
    values = dict(toml.file.values)
    sections = values.get("section")
    if not isinstance(sections, list):
        return values
    values["section"] = list(sections)
    for index, section in enumerate(sections):
        if isinstance(section, Mapping) and isinstance(name := section.get("schema"), str):
            place = toml.place(("section", index, "schema"))
            text = _schema(source, name, place)
            values["section"][index] = {**section, "schema": text}
    return values


def _schema(source: Source, name: str, place: Place) -> str:
    """The text of a JSON Schema, which can be used."""
    path = f"{SCHEMAS}/{name}"
    if not name.endswith(".json") or ".." in name.split("/") or escapes(name):
        message = f"`schema` is `{shorten(name)}`, not the name of a `.json` file in {SCHEMAS}/"
        raise InvalidToml(CONFIG_INVALID_VALUE.diagnostic(message, place))
    try:
        text = source.read(path, MAX_BYTES).decode("utf-8")
    except FileNotFoundError:
        message = f"`schema`: there is no file {visible(path)}"
        raise InvalidToml(CONFIG_UNREADABLE_FILE.diagnostic(message, place)) from None
    except Refused as error:
        message = f"`schema`: {error.message}"
        raise InvalidToml(CONFIG_UNREADABLE_FILE.diagnostic(message, place)) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        message = f"`schema`: {visible(path)} can't be read: {reason}"
        raise InvalidToml(CONFIG_UNREADABLE_FILE.diagnostic(message, place)) from None
    from seedkit.formats.json_schema import BadSchema, check_schema  # here: few formats have one

    try:
        check_schema(text)
    except BadSchema as error:
        if error.offset is not None:
            at = Position(*LineIndex(text).position(error.offset))
            place = Place(path, at, at)
        message = f"JSON Schema {visible(path)} can't be used: {error}"
        raise InvalidToml(CONFIG_INVALID_VALUE.diagnostic(message, place)) from None
    return text


def _extended(toml: TomlSource, values: dict[str, Any]) -> dict[str, Any]:
    """The values of the file, on top of those of the format it extends."""
    base = values.get("extends")
    if base is None:
        return values
    names = builtin_names()
    name = base.removeprefix(_PREFIX) if isinstance(base, str) else ""
    if not isinstance(base, str) or not base.startswith(_PREFIX) or name not in names:
        listed = ", ".join(f"`{_PREFIX}{each}`" for each in names)
        message = f"`extends` must name a built-in format: {listed}"
        raise InvalidToml(CONFIG_UNKNOWN_FORMAT.diagnostic(message, toml.place(("extends",))))
    return merge(tomllib.loads(builtin_text(name)), values)


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the keys of `over`: tables by key, sections and fields by name."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        if key in ("section", "field") and isinstance(old, list) and isinstance(value, list):
            merged[key] = _merge_by_name(old, value)
        elif isinstance(old, Mapping) and isinstance(value, Mapping) and "pattern" not in value:
            merged[key] = merge(old, value)
        else:
            merged[key] = value
    return merged


def _merge_by_name(base: list[Any], over: list[Any]) -> list[Any]:
    merged = list(base)
    names = [section.get("name") for section in base]
    for section in over:
        name = section.get("name") if isinstance(section, Mapping) else None
        if name in names:
            merged[names.index(name)] = merge(merged[names.index(name)], section)
        else:
            merged.append(section)
    return merged
