"""Where in a folder are the seeds? In seeds/, in other folders, or beside everything else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from seedkit.root import SCHEMAS
from seedkit.source import Source
from seedkit.walk import Stamp

SEEDS: Final = "seeds"
_MOST = 8  # folders that are listed one by one in `seeds`
# What stands at the top of a project and is no seed.
_PROJECT = re.compile(
    r"(?:.+\.)?readme(?:\..+)?|(?:licen[sc]e|copying|changelog|changes|contributing|authors|notice|makefile|todo"
    r"|security|code_of_conduct)(?:\..+)?|package(?:-lock)?\.json"
    r"|.+\.(?:toml|lock|ini|cfg|ya?ml|py|sh|bat)|seedkit-baseline\.json",
    re.IGNORECASE,
)
_OTHERS = frozenset((SCHEMAS, "node_modules", "__pycache__", "venv", "build", "dist"))


class Place(NamedTuple):
    """The `seeds` setting; the files there; files at the top that are of the project, not seeds."""

    folders: list[str]
    files: dict[str, Stamp]
    project: list[str]
    refused: Mapping[str, str]


def find_seeds(source: Source) -> Place:
    """Return where the seeds are under the root of the source."""
    if source.exists(SEEDS):
        scan = source.scan([SEEDS])
        if scan.files:
            return Place([SEEDS], dict(scan.files), [], scan.refused)
    scan = source.scan(["."])
    project = [path for path in scan.files if "/" not in path and _PROJECT.fullmatch(path)]
    files = {
        path: stamp
        for path, stamp in scan.files.items()
        if not _is_apart(path) and path not in project
    }
    tops = sorted({path.partition("/")[0] for path in files if "/" in path})
    flat = any("/" not in path for path in files)
    folders = ["."] if flat or len(tops) > _MOST or not tops else tops
    refused = {path: why for path, why in scan.refused.items() if not _is_apart(path)}
    return Place(folders, files, sorted(project), refused)


def _is_apart(path: str) -> bool:
    top = path.partition("/")[0]
    name = path.rpartition("/")[2]
    return top.startswith(".") or (top in _OTHERS and top != path) or name == "INDEX.md"
