"""Where the cache database and the index are: in a folder of the user's, never the repository's.

A folder that others could have written is refused, since what is in it is believed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from pathlib import Path

from seedkit.core.errors import EnvironmentFault

VARIABLE = "SEEDKIT_CACHE_DIR"
DATABASE = "cache.sqlite"  # in the cache folder
_OLDER = "ledger.sqlite"  # what the database was called before


def cache_folder(root: str, given: str | None = None) -> Path:
    """Return the cache folder of the corpus at `root`, made if it is missing, mode 0700.

    `given` is the user's choice of the folder that holds all caches. Raises `EnvironmentFault` if
    the folder lies in the corpus, belongs to somebody else, or can't be made.
    """
    base = given or os.environ.get(VARIABLE) or _default()
    try:
        resolved = Path(base).expanduser().resolve()
    except (RuntimeError, OSError) as error:  # no such user's home, links in a circle
        raise EnvironmentFault(
            f"the cache folder {base} can't be found: {str(error).lower().rstrip('.')}",
            help=f"choose another with --cache-dir or {VARIABLE}",
        ) from None
    if resolved.is_relative_to(Path(root).resolve()):
        raise EnvironmentFault(
            f"the cache folder {resolved} lies inside the corpus",
            help=f"choose another with --cache-dir or {VARIABLE}: a cache that a repository brings "
            "can't be trusted",
        )
    folder = resolved / hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        raise EnvironmentFault(
            f"the cache folder {folder} can't be made: {(error.strerror or str(error)).lower()}",
            help=f"choose another with --cache-dir or {VARIABLE}",
        ) from None
    _trusted(folder, status)
    return folder


def private_folder(folder: Path) -> Path:
    """Return a folder within the cache folder, made if it is missing, mode 0700.

    Raises `OSError` if it can't be made, `EnvironmentFault` if it belongs to somebody else.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    _trusted(folder, folder.lstat())
    return folder


def remove_older(folder: Path) -> None:
    """Remove the cache database of an older version, which has another name, if it can be."""
    if not (folder / DATABASE).exists():
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                os.unlink(folder / f"{_OLDER}{ending}")


def _trusted(folder: Path, status: os.stat_result) -> None:
    remedy = f"remove it, or choose another with --cache-dir or {VARIABLE}"
    if not stat.S_ISDIR(status.st_mode):
        raise EnvironmentFault(f"the cache folder {folder} is no folder", help=remedy)
    if hasattr(os, "getuid"):
        if status.st_uid != os.getuid():
            raise EnvironmentFault(
                f"the cache folder {folder} belongs to another user", help=remedy
            )
        if status.st_mode & 0o022:
            raise EnvironmentFault(
                f"the cache folder {folder} can be written by others", help=remedy
            )


def _default() -> str:
    from platformdirs import user_cache_dir

    return user_cache_dir("seedkit", appauthor=False)
