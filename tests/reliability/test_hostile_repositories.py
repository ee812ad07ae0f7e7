"""What a repository may bring, in every place that is opened: in bounded memory and time, and told.

Each command runs in a process with limits, see `bounded.py`; what is said is compared with
data/hostile_repositories.txt (UPDATE=1 writes it).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seedkit.formats.spec import FormatSpec
from seedkit.settings.config import Config
from support.bounded import under_limits
from support.corpora import write_files
from support.places import DATA

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are the system's")

EXPECTED = DATA / "hostile_repositories.txt"
PLAIN = 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n'
FILES = {
    "seedkit.toml": "",
    "INDEX.md": "# Seeds\n\n- [a](seeds/a.txt)\n",
    "schemas/f.toml": PLAIN,
    "seeds/a.txt": "Two words\n",
}


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(20 << 30)


SPECIAL: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "gigabytes": _sparse,
}
# Where it stands, and the command that opens it.
PLACES = {
    "seedkit.toml": "check",
    "../seedkit.toml": "check",
    "pyproject.toml": "check",
    "../pyproject.toml": "check",
    "INDEX.md": "check",
    "seedkit-baseline.json": "check",
    "schemas": "check",
    "schemas/f.toml": "check",
    "schemas/f.json": "check",
    "seeds": "check",
    "seeds/a.txt": "search words",
    "seeds/b": "check",
    ".gitignore": "check",
    ".git": "check --staged",
    ".pre-commit-config.yaml": "init --pre-commit",
    "draft": "add draft",
}


def front_matter(kind: str) -> str:
    return (
        f'files = ["seeds/**"]\n[sections]\ndelimiter = "---"\n[[section]]\nname = "data"\n'
        f'content = "{kind}"\n[[section]]\nname = "body"\nrequired = false\nempty = "allow"\n'
    )


ALIASES = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
BOMBS = {
    "toml parts": ("toml", "a." * 40_000 + "a = 1"),
    "toml header": ("toml", f"[{'a.' * 40_000}a]"),
    "toml arrays": ("toml", "a = " + "[" * 50_000),
    "toml tables": ("toml", "a = " + "{a = " * 20_000),
    "toml tables of tables": ("toml", "[[a]]\n" * 10_000),
    "toml number": ("toml", f"a = {'9' * 90_000}"),
    "yaml aliases": ("yaml", ALIASES),
    "yaml arrays": ("yaml", "[" * 90_000),
    "yaml lists": ("yaml", "- " * 45_000),
    "yaml anchors": ("yaml", "".join(f"a{n}: &a{n} x\n" for n in range(5_000))),
    "yaml merges": ("yaml", "a: &a {x: 1}\n" + "b:\n" + "  <<: *a\n" * 5_000),
    "yaml number": ("yaml", f"a: {'9' * 90_000}"),
    "json arrays": ("json", "[" * 90_000),
    "json objects": ("json", '{"a":' * 18_000),
    "json number": ("json", f'{{"a": {"9" * 90_000}}}'),
    "json exponent": ("json", '{"a": 1e999999999}'),
    "yaml keys twice": ("yaml", "a: 1\n" * 18_000),
    "lines that end with a blank": ("yaml", "---\n" + "x \n" * 60_000),
    "a long line that ends with a blank": ("yaml", "a: " + "xy" * 40_000 + " "),
}
HOSTILE_VALUES = {
    "number": ("0x" + "f" * 4000, "nan"),
    "list": ("[" + ", ".join(["'x'"] * 40_000) + "]",),
    "text": ("'" + "x" * 200_000 + "'",),
}


def said(text: str, root: Path) -> str:
    """What a command has said, without excerpts of texts."""
    lines = [
        re.sub(
            "git: .*", "git: …", line.replace(str(root), "ROOT").replace(str(root.parent), "ABOVE")
        )
        for line in text.splitlines()
        if re.match(r"[\w ]+(\[|:)| *= (help|fix)| *help", line)
    ]
    return "".join(f"  {line}\n" for line in lines[:3])


def special_files(folder: Path) -> Iterator[tuple[str, Path, list[str]]]:
    for place, command in PLACES.items():
        for kind, make in SPECIAL.items():
            root = folder / f"{len(os.listdir(folder))}" / "c"
            files = dict(FILES)
            if place in ("pyproject.toml", "../seedkit.toml", "../pyproject.toml"):
                del files["seedkit.toml"], files["INDEX.md"]
            if place == "draft":
                files |= {"elsewhere": "text"}
            write_files(root, {name: text for name, text in files.items() if not
                               name.startswith(f"{place}/") and name != place})  # fmt: skip
            if place == ".gitignore":
                subprocess.run(["git", "init", "-q"], cwd=root, check=True)
            (root / place).parent.mkdir(exist_ok=True)
            make(root / place)
            yield f"{kind} as {place}", root, command.split()


def bombs(folder: Path) -> Iterator[tuple[str, Path, list[str]]]:
    for name, (kind, text) in BOMBS.items():
        root = folder / f"{len(os.listdir(folder))}"
        write_files(root, {**FILES, "schemas/f.toml": front_matter(kind), "seeds/a.txt": text})
        yield f"seed: {name}", root, ["check"]
        if kind == "toml":
            for place in ("seedkit.toml", "schemas/f.toml"):
                root = folder / f"{len(os.listdir(folder))}"
                write_files(root, {**FILES, place: f"{text}\n"})
                yield f"{place}: {name}", root, ["check"]


@pytest.mark.parametrize("cases", [special_files, bombs], ids=lambda cases: cases.__name__)
def test_what_a_repository_brings(
    cases: Callable[[Path], Iterator[tuple[str, Path, list[str]]]], tmp_path: Path, cache: Path
) -> None:
    (tmp_path / "corpora").mkdir()
    names, roots, commands = zip(*cases(tmp_path / "corpora"), strict=True)
    found = {}
    for name, root, ran in zip(
        names, roots, under_limits(list(zip(roots, commands, strict=True))), strict=True
    ):
        assert ran.code in (0, 1, 2), (name, ran)
        found[name] = f"## {name}\n{ran.code}\n{said(ran.out + ran.err, root)}"
    before = EXPECTED.read_text() if EXPECTED.exists() else ""
    known = dict(re.findall(r"(?ms)^## (.*?)\n(.*?)(?=^## |\Z)", before))
    known = {name: f"## {name}\n{text}" for name, text in known.items()}
    if os.environ.get("UPDATE") == "1":
        EXPECTED.write_text("".join((known | found).values()))
        known |= found
    assert found == {name: text for name, text in known.items() if name in found}


def keys_of(
    schema: dict[str, Any], at: dict[str, Any], path: str = ""
) -> Iterator[tuple[str, str]]:
    """The keys of settings or formats, with what their values are: number, list or text."""
    for name, what in at.get("properties", {}).items():
        kinds = [what, *what.get("anyOf", ()), *what.get("allOf", ())]
        for kind in kinds:
            inner = schema["$defs"][kind["$ref"].rpartition("/")[2]] if "$ref" in kind else kind
            if inner.get("type") == "array" and "$ref" in inner.get("items", {}):
                table = schema["$defs"][inner["items"]["$ref"].rpartition("/")[2]]
                if table.get("properties"):
                    yield from keys_of(schema, table, f"{path}[[{name}]]")
            elif inner.get("properties"):
                yield from keys_of(schema, inner, f"{path}{name}.")
            elif inner.get("type") in ("integer", "number"):
                yield f"{path}{name}", "number"
            elif inner.get("type") == "array":
                yield f"{path}{name}", "list"
            elif inner.get("type") == "string" and "enum" not in inner and "const" not in inner:
                yield f"{path}{name}", "text"


def written(key: str, value: str) -> str:
    """The TOML that gives the key the value, as far as that needs no other keys."""
    header, _, name = key.rpartition("]]")
    return f"{header}]]\n{name} = {value}\n" if header else f"{name} = {value}\n"


@pytest.mark.parametrize("model", [Config, FormatSpec], ids=lambda model: model.__name__)
def test_every_key_has_bounds(model: Any, tmp_path: Path, cache: Path) -> None:
    """Whatever a key is given, seedkit refuses it at the key, or bears it."""
    schema = model.model_json_schema(by_alias=True)
    keys = dict(keys_of(schema, schema))
    assert len(keys) > (8 if model is Config else 40)
    runs: list[Any] = []
    for key, kind in keys.items():
        for value in HOSTILE_VALUES[kind]:
            root = tmp_path / str(len(runs))
            place = "seedkit.toml" if model is Config else "schemas/f.toml"
            text = written(key, value)
            if model is FormatSpec and key != "files":
                text = f'files = ["seeds/**"]\n{text}'
            write_files(root, {**FILES, place: text})
            runs.append((root, ["check"]))
    for (root, _), ran in zip(runs, under_limits(runs), strict=True):
        assert ran.code in (0, 1, 2), (root, ran)
        assert len(ran.out + ran.err) < 100_000
