"""Typical faults of twelve kinds of data: what seedkit finds, and others on the same files.

    python benchmarks/faults.py PEERS

PEERS is an environment with check-jsonschema, frictionless and csvkit (its `csvclean` says what
csvlint does of cells). The faults are those of tests/support/typical_faults.py. Each tool is given
what it can read: JSON Schema the records of JSON Lines, one a file, and YAML, TOML and front matter
as files of their own; frictionless a table schema with the same types, values and bounds.

A fault is found if anything is reported that is not reported of the sound file. It is found at its
place if line and column are the right ones; of a JSON path, if it leads to the value, or to the
object that lacks a key or has one too many; of a table, if row and cell are right, or the row for a
fault of rows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from seedkit.corpus.analyse import Analyser  # noqa: E402
from seedkit.formats.layout import Layout  # noqa: E402
from seedkit.formats.load import builtin_text, merge  # noqa: E402
from seedkit.formats.spec import FormatSpec  # noqa: E402
from support.typical_faults import COLUMNS, KINDS, KindOfData  # noqa: E402

JSON_TYPES = {"date": {"type": "string", "format": "date"}, "list": {"type": "array"}}
IN_FIELDS = {
    "jsonl", "chat jsonl", "instruction jsonl", "yaml", "toml", "front matter in yaml",
    "front matter in toml",
}  # fmt: skip
TABLES = {"csv": ",", "tsv": "\t"}
FRICTIONLESS = """
import json, sys
from frictionless import Dialect, Resource, Schema
from frictionless.formats import CsvControl
for line in sys.stdin:
    path, mark, schema = json.loads(line)
    quote = {"quote_char": '"'} if mark == "," else {}
    dialect = Dialect(controls=[CsvControl(delimiter=mark, **quote)])
    resource = Resource(path=path, schema=Schema.from_descriptor(schema), dialect=dialect)
    report = resource.validate()
    found = report.flatten(["rowNumber", "fieldNumber"])
    found += [[None, None]] * len(report.errors)
    print(json.dumps(found), flush=True)
"""


def values_of(kind: KindOfData) -> dict[str, Any]:
    """Return the format as it is, with the built-in one that it extends."""
    values = dict(kind.format)
    base = values.pop("extends", None)
    return values if base is None else merge(tomllib.loads(builtin_text(base)), values)


def by_seedkit(kind: KindOfData, text: str) -> list[str]:
    """Return the places that seedkit reports."""
    spec = FormatSpec.model_validate({"files": ["*"], **values_of(kind)})
    found = Analyser(Layout("x", spec)).analyse("x", text.encode()).diagnostics
    starts = [each.place.start for each in found]
    return [f"{start.line}:{start.column}" if start else "" for start in starts]


def schema_of(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the JSON Schema that says of an object what these fields do."""
    root: dict[str, Any] = {"type": "object"}
    for field in fields:
        at = root
        *before, last = field["name"].replace("[]", ".[]").replace("[-1]", ".[-1]").split(".")
        for part in before:
            at = (
                at.setdefault("items", {})
                if part == "[]"
                else at.setdefault("properties", {}).setdefault(part, {})
            )
        if last == "[-1]" or "[-1]" in before:
            continue  # it has no word for the last item
        one = at.setdefault("items", {}) if last == "[]" else None
        if one is None:
            one = at.setdefault("properties", {}).setdefault(last, {})
            at["additionalProperties"] = False
            if field.get("required", True) and "unless" not in field:
                at.setdefault("required", []).append(last)
        one.update(of_field(field))
    return root


def of_field(field: dict[str, Any]) -> dict[str, Any]:
    """Return what JSON Schema says of one value."""
    given = field.get("type", [])
    types = [given] if isinstance(given, str) else given
    names = [JSON_TYPES.get(each, {"type": each})["type"] for each in types]
    said: dict[str, Any] = (
        {"type": [*names, *(["null"] if field.get("null") else [])]} if names else {}
    )
    if "date" in types:
        said["format"] = "date"
    keys = {
        "enum": "enum", "min": "minimum", "max": "maximum", "min_chars": "minLength",
        "max_chars": "maxLength", "min_items": "minItems", "pattern": "pattern",
    }  # fmt: skip
    said |= {keys[key]: value for key, value in field.items() if key in keys}
    return said


def parts(name: str, text: str) -> Iterator[tuple[str, str, int]]:
    """Return what a validator of documents can read: the ending of a file, its text, its line."""
    if "jsonl" in name:
        for number, line in enumerate(text.split("\n"), start=1):
            if line or number < text.count("\n"):
                yield "json", line, number
    elif name.startswith("front matter"):
        mark = text[:3]
        yield name.rsplit(" ", 1)[1], text[4:].split(f"\n{mark}\n")[0] + "\n", 2
    else:
        yield name, text, 1


def by_check_jsonschema(
    peers: Path, folder: Path, name: str, texts: dict[str, str]
) -> dict[str, list[tuple[str, int, str]]]:
    """Return for each text, by its name, what is wrong: the file, its first line, the JSON path."""
    [section] = [each for each in values_of(KINDS[name])["section"] if each.get("field")]
    (folder / "schema.json").write_text(json.dumps(schema_of(section["field"])))
    of: dict[str, tuple[str, int]] = {}
    for index, (fault, text) in enumerate(texts.items()):
        for ending, part, line in parts(name, text):
            path = folder / f"{index}-{line}.{ending}"
            path.write_text(part)
            of[str(path)] = (fault, line)
    ran = subprocess.run(
        [peers / "bin/check-jsonschema", "-o", "json", "--schemafile", folder / "schema.json", *of],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = json.loads(ran.stdout[ran.stdout.index("{") :])
    found: dict[str, list[tuple[str, int, str]]] = {fault: [] for fault in texts}
    for each in said.get("errors", []):
        fault, line = of[each["filename"]]
        found[fault].append((each["filename"], line, each["path"]))
    for each in said.get("parse_errors", []):
        fault, line = of[each["filename"]]
        found[fault].append((each["filename"], line, ""))
    return found


def innermost(ending: str, text: str, line: int, column: int) -> str | None:
    """Return the JSON path of the innermost object or value at a place; None if it is not known."""
    import yaml

    if ending == "toml":
        at = text.split("\n")[line - 1].partition("=")
        return f"$.{at[0].strip()}" if column > len(at[0]) else "$"
    try:
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    path = "$"

    def holds(each: yaml.Node) -> bool:
        start, end = each.start_mark, each.end_mark
        here = (line - 1, column - 1)
        return (start.line, start.column) <= here < (end.line, end.column)

    while True:
        if isinstance(node, yaml.MappingNode):
            inner = [(f".{key.value}", value) for key, value in node.value if holds(value)]
        elif isinstance(node, yaml.SequenceNode):
            inner = [(f"[{i}]", each) for i, each in enumerate(node.value) if holds(each)]
        else:
            return path
        if not inner:
            return path
        path, node = path + inner[0][0], inner[0][1]


def exact_by_path(found: list[tuple[str, int, str]], at: str) -> bool:
    """Tell whether one of the paths leads to the place."""
    line, column = map(int, at.split(":"))
    for file, first, path in found:
        text = Path(file).read_text()
        inside = path and 0 <= line - first < max(1, text.count("\n"))
        if inside and path == innermost(Path(file).suffix[1:], text, line - first + 1, column):
            return True
    return False


def table_schema() -> dict[str, Any]:
    """Return the columns as frictionless has them."""
    fields = []
    for column in COLUMNS:
        rules: dict[str, Any] = {"required": True}
        rules |= {"unique": True} if "unique" in column else {}
        for key, name in (
            ("enum", "enum"),
            ("min", "minimum"),
            ("max", "maximum"),
            ("max_chars", "maxLength"),
        ):
            rules |= {name: column[key]} if key in column else {}
        kind = column.get("type", "string")
        fields.append({"name": column["name"], "type": kind, "constraints": rules})
    return {"fields": fields}


def by_frictionless(
    peers: Path, folder: Path, mark: str, texts: dict[str, str]
) -> dict[str, list[tuple[int | None, int | None]]]:
    """Return rows and cells, from 1, of what is wrong in each text."""
    asked = []
    for index, text in enumerate(texts.values()):
        (folder / f"{index}.csv").write_text(text)
        asked.append(json.dumps([f"{index}.csv", mark, table_schema()]))
    ran = subprocess.run(
        [peers / "bin/python", "-c", FRICTIONLESS],
        input="\n".join(asked), capture_output=True, text=True, check=True, cwd=folder,
    )  # fmt: skip
    answers = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("[")]
    return {
        fault: [(row, cell) for row, cell in answer]
        for fault, answer in zip(texts, answers, strict=True)
    }


def by_csvclean(peers: Path, folder: Path, mark: str, text: str) -> list[int]:
    """Return the lines that csvclean reports."""
    (folder / "clean.csv").write_text(text)
    ran = subprocess.run(
        [peers / "bin/csvclean", "-a", "-d", mark, folder / "clean.csv"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    rows = ran.stderr.splitlines()[1:] if ran.returncode else []
    return [int(row.split(",")[0]) for row in rows if row.split(",")[0].isdigit()] or [0] * bool(
        ran.returncode
    )


def cell_of(text: str, at: str, mark: str) -> tuple[int, int]:
    """Return row and cell, from 1, of a place; no row of these texts spans lines."""
    line, column = map(int, at.split(":"))
    before = text.split("\n")[line - 1][: column - 1]
    return line, before.count(mark) - 2 * before.count('"Far, far') // 2 + 1


def main() -> None:
    """Print a row a kind: faults, and how many of them each tool finds, and at the place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", type=Path, help="an environment with the other tools")
    peers = parser.parse_args().peers.absolute()
    print("kind | faults | seedkit | check-jsonschema | frictionless | csvclean")
    print("(found, of these at the place)")
    for name, kind in KINDS.items():
        faulty = {fault: kind.faulty(fault) for fault in kind.faults}
        texts = {"": kind.text, **{fault: text for fault, (text, _) in faulty.items()}}
        ours = {fault: by_seedkit(kind, text) for fault, (text, _) in faulty.items()}
        row = [name, str(len(faulty))]
        exact = sum(ours[fault] == [at] for fault, (_, at) in faulty.items())
        row.append(f"{sum(map(bool, ours.values()))}, {exact}")
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            if name in IN_FIELDS:
                paths = by_check_jsonschema(peers, folder, name, texts)
                assert not paths[""], paths[""]
                exact = sum(exact_by_path(paths[fault], at) for fault, (_, at) in faulty.items())
                row.append(f"{sum(bool(paths[fault]) for fault in faulty)}, {exact}")
            else:
                row.append("-")
            if name in TABLES:
                mark = TABLES[name]
                cells = by_frictionless(peers, folder, mark, texts)
                assert not cells[""], cells[""]
                exact = 0
                for fault, (text, at) in faulty.items():
                    line, cell = cell_of(text, at, mark)
                    exact += any(each in ((line, cell), (line, None)) for each in cells[fault])
                row.append(f"{sum(bool(cells[fault]) for fault in faulty)}, {exact}")
                lines = {
                    fault: by_csvclean(peers, folder, mark, text)
                    for fault, (text, _) in faulty.items()
                }
                exact = sum(
                    int(at.split(":")[0]) in lines[fault] for fault, (_, at) in faulty.items()
                )
                row.append(f"{sum(map(bool, lines.values()))}, {exact} (line)")
            else:
                row += ["-", "-"]
        print(" | ".join(row))


if __name__ == "__main__":
    main()
