"""What is generated from the code is what stands in the repository."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from functools import partial

import pytest

from seedkit.docs import configuration_reference
from seedkit.docs.schemas import SCHEMAS, schema_text
from support.places import ROOT

GENERATED: dict[str, Callable[[], str]] = {
    "docs/configuration.md": configuration_reference,
    **{f"schemas/{name}.json": partial(schema_text, name) for name in SCHEMAS},
}


@pytest.mark.parametrize("path", GENERATED)
def test_generated_file_is_current(path: str) -> None:
    wanted = GENERATED[path]()
    if os.environ.get("UPDATE"):
        (ROOT / path).write_text(wanted, encoding="utf-8")
    assert (ROOT / path).read_text(encoding="utf-8") == wanted


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_one(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text(name)))


@pytest.mark.parametrize(
    "document",
    [*sorted(p.relative_to(ROOT).as_posix() for p in ROOT.glob("*.md")), "docs/formats.md"],
)
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / document).parent.joinpath(target).exists(), target


def test_every_dependency_is_justified() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    listed = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *(
            each
            for extra in project["project"].get("optional-dependencies", {}).values()
            for each in extra
        ),
    ]
    for requirement in listed:
        name, bound, version = re.findall(r"^([\w-]+)(>=)?([\d.]*)", requirement)[0]
        assert name in text, name
        assert bound and version, f"{name} has no lower bound"
