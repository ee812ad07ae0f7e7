"""Finds the root of the corpus: the folder with a configuration, or with an index next to seeds."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from seedkit.core.errors import UsageError

if TYPE_CHECKING:
    from seedkit.sources.source import Refused

CONFIG_FILES: Final = ("seedkit.toml", "pyproject.toml")  # the first that there is counts
MAX_BYTES: Final = 1_000_000  # of a configuration or format file; larger is data, or an attack
SCHEMAS: Final = "schemas"  # the folder of formats
BASELINE: Final = "seedkit-baseline.json"  # findings that are accepted
# What HFS+ does not see in a name, as git's `next_hfs_char` lists it.
_UNSEEN: Final = dict.fromkeys(
    [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF]
)
# A header `[tool.seedkit]` or deeper, or a key `tool.seedkit` in the top table.
_TABLE: Final = rb"""(?m)^[ \t]*\[?[ \t]*tool[ \t]*\.[ \t]*["']?seedkit["']?[ \t]*[\].=]"""


def is_git_folder(path: str) -> bool:
    """Tell whether a path leads into git's own folder, on whatever system, spelled however."""
    names = (part.translate(_UNSEEN).casefold() for part in path.replace("\\", "/").split("/"))
    return any(name.rstrip(". ") == ".git" or name == "git~1" for name in names)


def repository_top(folder: str) -> str | None:
    """Return the nearest folder upwards that holds a `.git`, None if there is none."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return None
    return folder


def has_settings(pyproject: bytes) -> bool:
    """Tell whether a pyproject.toml has settings of seedkit."""
    return re.search(_TABLE, pyproject) is not None


def find_root(start: str) -> str:
    """Return the nearest folder upwards that is a corpus; raises `UsageError` if there is none.

    A seedkit.toml marks one whatever it is, so that nothing stands in for it unseen; a
    pyproject.toml that is no regular file marks none.
    """
    at = os.path.realpath(start)
    refused: list[Refused] = []
    while True:
        if _is_root(at, refused):
            return at
        parent = os.path.dirname(at)
        if parent == at:
            if refused:
                raise UsageError(f"no corpus here: {refused[0].message}", help=refused[0].help)
            raise UsageError(
                f"no corpus here: neither {start} nor any folder above it has a seedkit.toml, a "
                "pyproject.toml with [tool.seedkit], or INDEX.md next to seeds/",
                help="name a corpus with --root, or make one of a folder of texts with "
                "`seedkit init`",
            )
        at = parent


def is_root(folder: str) -> bool:
    """Tell whether a folder is a corpus, or is about to be one: it has seeds or formats."""
    return _is_root(folder, []) or any(
        os.path.isdir(os.path.join(folder, name)) for name in ("seeds", SCHEMAS)
    )


def _is_root(folder: str, refused: list[Refused]) -> bool:
    if os.path.lexists(os.path.join(folder, "seedkit.toml")):
        return True
    if os.path.lexists(os.path.join(folder, "INDEX.md")) and os.path.isdir(
        os.path.join(folder, "seeds")
    ):
        return True
    from seedkit.sources.source import (  # which a hook with nothing to do never needs
        Refused,
        read_file,
    )

    try:
        data = read_file(os.path.join(folder, "pyproject.toml"), MAX_BYTES)
        return has_settings(data)
    except Refused as reason:
        refused.append(reason)
        return False
    except OSError:
        return False
