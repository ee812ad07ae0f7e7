"""The JSON Schemas of what seedkit reads and writes, generated from its models.

A model of output may end in `Output`, and begin with its command, to differ from the class whose
values it carries: in the schema `OverlapPlaceOutput` is `Place`.
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from typing import Any, Final

# Name: the model it is generated from, and what it describes.
SCHEMAS: Final[dict[str, tuple[str, str]]] = {
    "check": ("seedkit.report.check.json:CheckOutput", "what `check --format json` prints"),
    "add": ("seedkit.report.add.json:AddOutput", "what `add --format json` prints"),
    "repeats": ("seedkit.report.repeats.json:RepeatsOutput", "what `repeats --format json` prints"),
    "overlap": ("seedkit.report.overlap.json:OverlapOutput", "what `overlap --format json` prints"),
    "search": ("seedkit.report.search.json:SearchOutput", "what `search --format json` prints"),
    "watch": ("seedkit.report.watch.json:WatchEvent", "a line of `watch --format json`"),
    "config": ("seedkit.settings.config:Config", "[tool.seedkit] and seedkit.toml"),
    "format": ("seedkit.formats.spec:FormatSpec", "a format: schemas/NAME.toml"),
}


def schema_text(name: str) -> str:
    """Return a JSON Schema (draft 2020-12) as text; raises `KeyError` for an unknown name."""
    module, _, model = SCHEMAS[name][0].partition(":")
    found: Any = getattr(import_module(module), model)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **found.model_json_schema(),
    }
    text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    inner = rf'"(#/\$defs/)?(?!{model}")(?:{name.capitalize()}(?=[A-Z]))?(\w+)Output"'
    return re.sub(inner, r'"\1\2"', text)
