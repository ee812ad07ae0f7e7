"""What comes of damaged files, as an engine has to say it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from seedkit.core.errors import SeedkitError
from seedkit.search.model import IndexDamaged


@contextmanager
def translated() -> Iterator[None]:
    """Raise `IndexDamaged` for whatever is raised that is neither seedkit's nor the system's."""
    try:
        yield
    except (SeedkitError, MemoryError):
        raise
    except FileNotFoundError as error:
        raise _damaged(f"{error.filename} is missing") from error
    except OSError:
        raise
    except Exception as error:  # of every kind: zlib.error, KeyError, UnpicklingError, …
        raise _damaged(str(error)) from error


def _damaged(message: str) -> IndexDamaged:
    return IndexDamaged(f"the search index is damaged: {message.partition(chr(10))[0]}")
