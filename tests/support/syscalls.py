"""What a command asks the system for, by strace: to let a part of it fail, or to have it half done.

strace is Linux's. Tests that need it are skipped where it is not installed, or not allowed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from support.trouble import Trouble

CHANGING = (
    "openat", "write", "pwrite64", "ftruncate", "rename", "renameat", "renameat2", "unlink",
    "unlinkat", "mkdir", "mkdirat", "fsync", "fdatasync",
)  # fmt: skip
_LINE = re.compile(r"(\d+\.\d+) (\w+)\((.*)\) += (-?\d+)")
_HANDLE = re.compile(r"(\d+|AT_FDCWD)<([^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@cache
def available() -> bool:
    """Tell whether processes can be traced here."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", os.devnull, "true"], check=False).returncode == 0


class Operation(NamedTuple):
    """One call that changes files, or may: `number` counts those of its name in its thread.

    `first` is set for the thread that the program begins with. Of a write, `at` is where, and
    `data` what; of a rename, `to` is the new path; `size` is that of a truncation.
    """

    name: str
    number: int
    path: str
    to: str = ""
    at: int = 0
    data: bytes = b""
    size: int = 0
    first: bool = True


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "seedkit", *arguments]


def _strace(trouble: Trouble, options: Sequence[str], arguments: Sequence[str]) -> tuple[int, str]:
    """Run a command on the corpus under strace; return its exit code, and what it said."""
    ran = subprocess.run(
        ["strace", "-f", *options, *_command([*arguments, "--cache-dir", str(trouble.cache)])],
        cwd=trouble.root, capture_output=True, text=True, errors="replace", timeout=120,
        env={**os.environ, "COVERAGE_PROCESS_START": ""}, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr


def record(trouble: Trouble, *arguments: str) -> list[Operation]:
    """Run a command; return what it did to the files of the cache, in order."""
    logs = trouble.cache.with_name("strace")
    logs.mkdir()
    calls = ",".join((*CHANGING, "lseek"))
    options = ["-ff", "-ttt", "-y", "-xx", "-s", "100000000", "-o", f"{logs}/log"]
    code, said = _strace(trouble, [*options, "-e", f"trace={calls}"], arguments)
    assert code == 0, said
    lines: list[tuple[float, bool, int, str, str, int]] = []
    by_thread = sorted(logs.iterdir(), key=lambda path: int(path.suffix[1:]))
    for log in by_thread:
        counts: dict[str, int] = {}
        for line in log.read_text().splitlines():
            match = _LINE.match(line)
            if match is None:
                continue
            counts[match[2]] = number = counts.get(match[2], 0) + 1
            lines.append(
                (float(match[1]), log == by_thread[0], number, match[2], match[3], int(match[4]))
            )
    shutil.rmtree(logs)
    found = _operations([line[1:] for line in sorted(lines)])
    return [each for each in found if each.path.startswith(str(trouble.cache))]


def _operations(lines: Sequence[tuple[bool, int, str, str, int]]) -> Iterator[Operation]:
    # Where the next byte of an open file goes, by its path too: one thread may be getting a number
    # while another still writes to the file that had it before.
    places: dict[tuple[str, str], int] = {}
    for first, number, name, given, result in lines:
        if result < 0:
            continue
        texts = [bytes.fromhex(each.replace("\\x", "")) for each in _TEXT.findall(given)]
        match = _HANDLE.match(given)
        handle, path = match.groups() if match else ("", "")
        path = os.fsdecode(bytes.fromhex(path.replace("\\x", "")))
        paths = [os.path.join(path, os.fsdecode(text)) for text in texts]
        last = given.rpartition(", ")[2]
        if name == "openat":
            places[str(result), paths[0]] = 0
            if "O_CREAT" in given or "O_TRUNC" in given:
                truncated = int("O_TRUNC" in given)
                yield Operation("open", number, paths[0], size=truncated, first=first)
        elif name == "lseek":
            places[handle, path] = result
        elif name == "write":
            yield Operation(
                name, number, path, at=places.get((handle, path), 0), data=texts[0][:result]
            )
            places[handle, path] = places.get((handle, path), 0) + result
        elif name == "pwrite64":
            yield Operation(name, number, path, at=int(last), data=texts[0][:result])
        elif name == "ftruncate":
            yield Operation(name, number, path, size=int(last))
        elif name.startswith("rename"):
            yield Operation(name, number, paths[0], paths[-1])
            for number_of, named in list(places):
                if named == paths[0]:
                    places[number_of, paths[-1]] = places.pop((number_of, named))
        elif name in ("fsync", "fdatasync"):
            yield Operation(name, number, path)
        else:
            yield Operation(name, number, paths[0])


def failing(
    trouble: Trouble, operation: Operation, error: str, *arguments: str, lasting: bool = False
) -> tuple[int, str]:
    """Run a command of which an operation, and maybe all like it after that, fails.

    The n-th call of a name fails in each thread that comes so far.
    """
    name = "openat" if operation.name == "open" else operation.name
    when = f"{operation.number}{'+' if lasting else ''}"
    inject = f"inject={name}:error={error}:when={when}"
    return _strace(trouble, ["-o", os.devnull, "-e", f"trace={name}", "-e", inject], arguments)


class Replay:
    """Brings the cache to any state in between of what was recorded.

    Files are rewritten; folders stay the ones that they are, since an index knows its own.
    """

    def __init__(self, cache: Path, before: dict[Path, bytes], operations: list[Operation]) -> None:
        self.cache = cache
        self.before = before
        self.operations = operations
        self._parked = cache.with_name("parked")
        self._parked.mkdir()
        self._folders = {path for path in cache.rglob("*") if path.is_dir()}
        made = (Path(each.path) for each in operations if each.name.startswith("mkdir"))
        self._made = [folder for folder in made if folder.is_dir()]  # others were for a while
        self._known = self._folders | set(self._made)

    def state(self, count: int, lost: str = "") -> dict[str, bytes]:
        """Return the files as they are after so many operations, by path.

        If the machine fails, what was not flushed to the disk may be lost: the bytes are `missing`,
        or they are `zeros`.
        """
        files = {str(path): data for path, data in self.before.items()}
        flushed = dict(files)
        for each in self.operations[:count]:
            path = each.path
            data = files.get(path, b"")
            if each.name == "open":
                if each.size or path not in files:
                    files[path] = b""
                flushed.setdefault(path, b"")
            elif each.name in ("write", "pwrite64"):
                data = data.ljust(each.at, b"\0")
                files[path] = data[: each.at] + each.data + data[each.at + len(each.data) :]
            elif each.name == "ftruncate":
                files[path] = data[: each.size].ljust(each.size, b"\0")
            elif each.name.startswith("rename"):
                files[each.to] = files.pop(path)
                flushed[each.to] = flushed.pop(path, b"")
            elif each.name.startswith("unlink"):
                files.pop(path, None)
                flushed.pop(path, None)
            elif each.name in ("fsync", "fdatasync") and path in files:
                flushed[path] = data
        if not lost:
            return files
        kept = {path: flushed.get(path, b"") for path in files}
        if lost == "zeros":
            for path, data in files.items():
                kept[path] = kept[path][: len(data)].ljust(len(data), b"\0")
        return kept

    def bring(self, count: int, files: dict[str, bytes]) -> None:
        """Make the cache what it is after so many operations, with these files."""
        for folder in sorted(self._parked.iterdir()):  # outer ones first
            place = self.cache / folder.name.replace("|", "/")
            if place.exists():  # made by a process that was asked since
                shutil.rmtree(place)
            os.rename(folder, place)
        for path in self.cache.rglob("*"):
            if not path.is_dir():
                path.unlink()
        for path in sorted(self.cache.rglob("*"), reverse=True):
            if path not in self._known:
                path.rmdir()
        done = {Path(e.path) for e in self.operations[:count] if e.name.startswith("mkdir")}
        for folder in reversed(self._made):
            if folder not in done:
                name = str(folder.relative_to(self.cache)).replace("/", "|")
                os.rename(folder, self._parked / name)
        for name, data in files.items():
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_bytes(data)
