"""Runs git. Nothing else in seedkit starts a process.

The repository is not trusted: the file system monitor and hooks are switched off, nothing is
fetched, nothing is written but entries of the index that `mv` and `rm` ask for, and no command is
used that compares the working tree, since that may run the filters that the repository configures.
"""

from __future__ import annotations

import os
import select
import subprocess
import weakref
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from seedkit.core.errors import EnvironmentFault

_MINIMUM: Final = "2.15"  # which has --no-optional-locks
_SECONDS: Final = 60  # that git may take for an answer
_SAFE: Final = (
    "--no-pager", "--no-optional-locks", "--literal-pathspecs",
    "-c", "core.fsmonitor=",  # before 2.36, `false` would be the name of a program
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.attributesFile=/dev/null",  # which could be pipes, and change no answer
    "-c", "core.excludesFile=/dev/null",
    "-c", "core.untrackedCache=false",
    "-c", "safe.bareRepository=explicit",
    "-c", "submodule.recurse=false",
)  # fmt: skip
_ENVIRONMENT: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # a clone has none: what is checked is what others get
    "GIT_ALLOW_PROTOCOL": "",  # versions that don't know the former can fetch by no protocol
}
_COMPLETE: Final = (
    "`git fsck` says what is damaged; `git fetch --refetch --no-filter` completes a partial clone"
)
_PATHSPECS: Final = ("GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS")


class GitError(EnvironmentFault):
    """Git can't be run, or can't do what it is asked for; the message has its own words."""


class BlobMissing(GitError):
    """Git has no such blob."""


class BlobTooLarge(Exception):
    """A blob has more bytes than are wanted."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class Runner(NamedTuple):
    """Where git is run, the working directory if `folder` is empty, and in what environment."""

    folder: str
    environment: Mapping[str, str]

    def output(self, *arguments: str, data: bytes = b"") -> bytes:
        """Return what a command says that is given `data`; raises `GitError` if it fails."""
        done = self._run(arguments, data)
        if done.returncode != 0:
            raise _fault(done.stderr)
        return done.stdout

    def fields(self, *arguments: str) -> list[str]:
        """Return the parts of what a command says, each of which it ends with a NUL."""
        return os.fsdecode(self.output(*arguments)).split("\0")[:-1]

    def line(self, *arguments: str) -> str | None:
        """Return what a command says, without the last newline; None if it fails."""
        done = self._run(arguments)
        return os.fsdecode(done.stdout).removesuffix("\n") if done.returncode == 0 else None

    def _run(
        self, arguments: Sequence[str], data: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                (_git(), *_SAFE, *arguments),
                cwd=self.folder or None,
                env=self.environment,
                input=data,
                capture_output=True,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise _silent() from None
        except (OSError, ValueError) as error:  # a folder that is gone, a NUL in an argument
            raise _not_run(error) from None


class Blobs:
    """Reads blobs by their ids, through one process of git that is started for the first."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._process: subprocess.Popen[bytes] | None = None
        self._buffer = bytearray()

    def read(self, name: str, limit: int | None = None) -> bytes:
        """Return the bytes of a blob; raises `BlobTooLarge` or `GitError`."""
        header = self._header(name)
        if len(header) != 3 or header[1] != b"blob":
            raise missing(name)
        size = int(header[2])
        if limit is not None and size > limit:
            self.close()  # and the rest unread
            raise BlobTooLarge(size)
        while len(self._buffer) <= size:
            self._fill()
        data = bytes(self._buffer[:size])
        del self._buffer[: size + 1]
        return data

    def has(self, name: str) -> bool:
        """Tell whether there is an object of this name, of whatever kind; raises `GitError`."""
        header = self._header(name) if "\n" not in name else []
        found = len(header) == 3 and header[2].isdigit()
        if found:
            self.close()  # and what the object holds unread
        return found

    def close(self) -> None:
        """End the process of git; the next `read` starts another."""
        if self._process is not None:
            _end(self._process)
            self._process = None
        self._buffer.clear()

    def _header(self, name: str) -> list[bytearray]:
        """Ask for an object; return its id, kind and size, something else if there is none."""
        self._ask(name)
        while (end := self._buffer.find(b"\n")) < 0:
            self._fill()
        header = self._buffer[:end].split()
        del self._buffer[: end + 1]
        return header

    def _ask(self, name: str) -> None:
        if self._process is None:
            self._process = self._start()
            weakref.finalize(self, _end, self._process)
        assert self._process.stdin is not None  # it is a pipe
        try:
            self._process.stdin.write(name.encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._ended() from None

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                (_git(), *_SAFE, "cat-file", "--batch"),
                cwd=self._runner.folder or None,
                env=self._runner.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise _not_run(error) from None

    def _fill(self) -> None:
        assert self._process is not None and self._process.stdout is not None  # it is a pipe
        handle = self._process.stdout.fileno()
        # Windows can't wait for pipes; git is trusted to answer there.
        if os.name != "nt" and not select.select([handle], [], [], _SECONDS)[0]:
            self.close()
            raise _silent()
        chunk = os.read(handle, 1 << 20)
        if not chunk:
            raise self._ended()
        self._buffer += chunk

    def _ended(self) -> GitError:
        """The error to raise when git has ended though nobody asked it to."""
        assert self._process is not None and self._process.stderr is not None  # it is a pipe
        said = self._process.stderr.read()
        self.close()
        return _fault(said)


def git_environment() -> dict[str, str]:
    """Return the environment of this process, with what makes git safe to run."""
    return {**without(os.environ, _PATHSPECS), **_ENVIRONMENT}


def without(environment: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Return the environment without some variables."""
    return {name: value for name, value in environment.items() if name not in names}


def _git() -> str:
    """The program, from an absolute folder: a repository must not bring its own `git`."""
    name = "git.exe" if os.name == "nt" else "git"
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        program = os.path.join(folder, name)
        if os.path.isabs(folder) and os.path.isfile(program) and os.access(program, os.X_OK):
            return program
    raise GitError("git is not installed, or not in PATH", help="install it: https://git-scm.com")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that only reads; asked to end, it might never do so."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        assert stream is not None  # they are pipes
        try:
            stream.close()
        except OSError:
            continue  # what it has not read has nowhere to go


_ASIDE: Final = "Stopping at filesystem boundary"  # what git did is no remedy


def _fault(said: bytes) -> GitError:
    """Git's own words: what is wrong in its first line, what to do about it in the others."""
    if said.startswith(b"Unknown option: "):
        return _too_old()
    lines = [" ".join(line.split()) for line in os.fsdecode(said).split("\n")]
    lines = [line for line in lines if line and not line.startswith(_ASIDE)]
    if not lines:
        return GitError("git has failed, and does not say why")
    first = next((at for at, line in enumerate(lines) if line.startswith("fatal: ")), 0)
    message = lines[first].removeprefix("fatal: ")
    remedy = _COMPLETE if "promisor remote" in message else " ".join(lines[first + 1 :])
    return GitError(f"git: {message}", help=remedy or None)


def _too_old() -> GitError:
    """The error to raise for a git that does not know the options it is given."""
    done = subprocess.run((_git(), "--version"), capture_output=True, timeout=_SECONDS)
    version = os.fsdecode(done.stdout).strip().removeprefix("git version ") or "this one"
    return GitError(
        f"git {version} is too old: seedkit needs git {_MINIMUM} or newer",
        help="install a newer one: https://git-scm.com",
    )


def _silent() -> GitError:
    return GitError(
        f"git has not answered in {_SECONDS} seconds, and was ended",
        help="run `git status`: a file that it waits for may be a pipe, or on a disk that is away",
    )


def _not_run(error: Exception) -> GitError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return GitError(f"git can't be run: {reason.lower()}")


def missing(name: str) -> BlobMissing:
    """Return the error to raise where git should have a blob."""
    return BlobMissing(f"git has no blob {name[:12]}", help=_COMPLETE)
