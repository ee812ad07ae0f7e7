"""Writes the user's files: each whole or not at all, several all or none, never over other text.

A file is replaced or removed only while it still holds what the change was computed for. That is
compared as the last thing before the rename, after the new text is on the disk. Code that writes
the file between these two steps loses what was written: no system has a rename with a condition.

A file with several names (hard links) is replaced under the one name that is given.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from seedkit.core.errors import EnvironmentFault
from seedkit.core.files import mode_of_new_files, write_temporary
from seedkit.core.text import visible
from seedkit.sources.source import Digest, DiskSource, escapes
from seedkit.sources.walk import reason_of

_ATTEMPTS = 10  # while somebody else keeps saving what is to be changed


class Changed(EnvironmentFault):
    """A file does not hold what the change was computed for; it was left alone."""


class Change(NamedTuple):
    """What a file holds, and what it is to hold; None where there is no file.

    With `source`, the file that is new is that one, moved; it holds the same bytes. What is moved
    or removed, however large, is known by its `Digest`.
    """

    path: str
    before: bytes | Digest | None
    after: bytes | Digest | None
    source: str | None = None


def write_all(
    disk: DiskSource, changes: Sequence[Change], last: Callable[[], object] = lambda: None
) -> None:
    """Make all changes, in order, and call `last`; if anything fails, undo what was done.

    Raises `Changed` if a file is not as a change expects it, `EnvironmentFault` if one can't be
    written, or can't be undone because it was saved meanwhile, and whatever `last` raises.
    """
    steps = [_FileStep(disk, change, alone=len(changes) == 1) for change in changes]
    try:
        for step in steps:
            with _told(step.change):
                step.prepare()
        for step in steps:
            with _told(step.change):
                step.make()
        last()
    except BaseException as error:
        for step in reversed(steps):
            with contextlib.suppress(OSError, EnvironmentFault):
                step.undo()
        saved = [step.change.path for step in steps if step.saved_since]
        if saved and isinstance(error, Changed):  # to start over would write a second one
            raise EnvironmentFault(
                f"{error.message}; {visible(saved[0])} was written, has been saved since, and was "
                "left as it is",
                help="`seedkit check` says what is left to do",
            ) from None
        raise
    finally:
        for step in steps:
            step.clean()


def until_unchanged(attempt: Callable[[], int]) -> int:
    """Return what an attempt returns in which nobody else saves what it is to change.

    Raises `Changed` if there is none.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return attempt()
        except Changed:
            continue
    return attempt()


def create_all(root: str, files: Mapping[str, bytes]) -> None:
    """Write new files under the root; if one can't be written, none of them is left.

    Raises `EnvironmentFault`, also for a file that is there.
    """
    write_all(DiskSource(root), [Change(path, None, data) for path, data in files.items()])


def write_whole(disk: DiskSource, path: str, before: bytes | None, after: bytes) -> None:
    """Replace a file's content at once, or create it; raises what `write_all` raises."""
    write_all(disk, [Change(path, before, after)])


def existing(root: str, paths: Iterable[str]) -> Iterator[str]:
    """Return which of the paths there is something at."""
    return (path for path in paths if os.path.lexists(os.path.join(root, path)))


class _FileStep:
    """One change: prepared on the disk, made by a rename, undone by another."""

    def __init__(self, disk: DiskSource, change: Change, *, alone: bool) -> None:
        self.change = change
        self._disk, self._root, self._alone = disk, disk.root, alone
        self._full = os.path.join(disk.root, change.path)
        self._new: str | None = None  # the new content, under a temporary name
        self._old: str | None = None  # the old file, under another name
        self._folders: list[str] = []  # that were missing
        self._made = False
        self.saved_since = False  # by somebody else, after it was made: it was not undone

    def prepare(self) -> None:
        """Write the new content next to the file, and let it reach the disk."""
        path, before, after, source = self.change
        for each in (path, source or ""):
            if escapes(each):
                raise EnvironmentFault(f"{visible(each)} leaves the corpus")
        if before is None:
            self._make_folders()
        else:
            self._compare(path, before)
        if source is not None or after is None:
            return
        assert isinstance(after, bytes)  # or there would be nothing to write
        self._new = write_temporary(self._full, after, durable=True)
        _copy_owner_and_mode(None if before is None else self._full, self._new)

    def make(self) -> None:
        """Rename, if the file is as it is expected to be. Nothing slow happens in between."""
        path, before, after, source = self.change
        if source is not None:
            assert after is not None  # it is the content of what is moved
            self._compare(source, after)
            _move(os.path.join(self._root, source), self._full)
        elif before is None:
            assert self._new is not None
            _place(self._new, self._full)
        elif self._new is None:
            self._old = write_temporary(self._full, b"")
            self._compare(path, before)
            os.replace(self._full, self._old)
        else:
            if not self._alone:
                self._keep()
            self._compare(path, before)
            os.replace(self._new, self._full)
        self._made = True

    def undo(self) -> None:
        """Put back what was there, unless somebody has changed the file meanwhile."""
        if self._made:
            self._put_back()
        self.clean()
        for folder in reversed(self._folders):
            os.rmdir(folder)

    def _put_back(self) -> None:
        path, before, after, source = self.change
        if after is not None and not self._holds(path, after):
            self.saved_since = True
            return
        if source is not None:
            _move(self._full, os.path.join(self._root, source))
        elif before is None:
            os.unlink(self._full)
        elif after is None:
            assert self._old is not None  # it was only given another name
            _place(self._old, self._full)
        else:
            assert isinstance(before, bytes)  # what is replaced by a text
            os.replace(self._copy_of(before), self._full)

    def clean(self) -> None:
        """Remove what has a temporary name."""
        for temporary in (self._new, self._old):
            if temporary is not None:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)

    def _make_folders(self) -> None:
        at = self._root
        for part in self.change.path.split("/")[:-1]:
            at = os.path.join(at, part)
            if os.path.islink(at):
                message = f"{visible(self.change.path)} can't be written: a link is on its way"
                raise EnvironmentFault(message)
            if not os.path.isdir(at):
                try:
                    os.mkdir(at)
                except FileExistsError as error:  # of a file, where a folder is needed
                    raise OSError(0, error.strerror) from None
                self._folders.append(at)

    def _compare(self, path: str, expected: bytes | Digest) -> None:
        try:
            same = self._holds(path, expected)
        except FileNotFoundError:
            same = False
        if not same:
            raise Changed(
                f"{visible(path)} has changed since it was read, and was left alone",
                help="run the command again",
            )

    def _holds(self, path: str, expected: bytes | Digest) -> bool:
        if isinstance(expected, Digest):
            return self._disk.digest(path) == expected
        return self._disk.read(path) == expected

    def _keep(self) -> None:
        """Give the old file a second name, from which it can be put back even on a full disk."""
        name = write_temporary(self._full, b"")
        os.unlink(name)
        with contextlib.suppress(OSError):  # a file system without hard links
            os.link(self._full, name, follow_symlinks=False)
            self._old = name

    def _copy_of(self, before: bytes) -> str:
        if self._old is not None:
            return self._old
        self._old = write_temporary(self._full, before)
        _copy_owner_and_mode(self._full if os.path.exists(self._full) else None, self._old)
        return self._old


@contextlib.contextmanager
def _told(change: Change) -> Iterator[None]:
    """Say in a message of ours what the system refuses."""
    path = visible(change.path)
    try:
        yield
    except FileExistsError:
        raise EnvironmentFault(f"{path} exists, and was left alone") from None
    except OSError as error:
        raise EnvironmentFault(f"{path} can't be written: {reason_of(error)}") from None
    except ValueError as error:  # a NUL in the name
        raise EnvironmentFault(f"{path} can't be written: {str(error).lower()}") from None


def _place(temporary: str, full: str) -> None:
    """Give a file its name, unless another has it; raises `FileExistsError`."""
    try:
        os.link(temporary, full)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        _replace_new(temporary, full)


def _replace_new(old: str, new: str) -> None:
    """Rename a file to a name that is free; raises `FileExistsError` if it is not."""
    handle = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    os.close(handle)
    try:
        os.replace(old, new)
    except OSError:
        os.unlink(new)  # it is empty
        raise


def _move(old: str, new: str) -> None:
    """Rename a file, not over another; raises `FileExistsError`."""
    if os.path.lexists(new) and os.path.samefile(old, new) and old.lower() == new.lower():
        return os.rename(old, new)  # the same name in another case, where cases are alike
    try:
        os.link(old, new, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        return _replace_new(old, new)
    try:
        return os.unlink(old)
    except OSError:
        os.unlink(new)  # or it would have both names
        raise


def _copy_owner_and_mode(model: str | None, temporary: str) -> None:
    """Give a file the owner and mode of another, as far as the system allows; or a new one's."""
    if model is None:
        os.chmod(temporary, mode_of_new_files())
        return
    status, own = os.lstat(model), os.lstat(temporary)
    if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (own.st_uid, own.st_gid):
        for user, group in ((status.st_uid, status.st_gid), (-1, status.st_gid)):
            with contextlib.suppress(OSError):  # only root may give a file away
                os.chown(temporary, user, group)
                break
    os.chmod(temporary, status.st_mode & 0o7777)
