r"""Runs the examples of manual pages: little corpora, written as text.

In the section "Example" of a rule's manual, each indented block is a corpus. A line
`-- PATH --` begins a file, as in txtar; what follows, up to the next such line, is its content.

- `\xHH` is a byte, `\uHHHH`, `\t`, `\r` and `\n` a character, in paths too: so that what can't be
  seen can be written. Files in TOML, JSON and Markdown have escapes of their own, and keep theirs.
- A backslash at the end of a file takes away the newline after it.
- `-- OLD -> NEW --` is a file of the example before under another name.

A block after "Use instead:" fixes the block before it: files that it does not give stay as they
were. An example that gives none has an INDEX.md that lists its seeds; one that gives nothing in
schemas/ has a format `note` that matches every seed and asks nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote

from seedkit.check.run import run_check, selection
from seedkit.core.diagnostic import Diagnostic
from seedkit.core.errors import ConfigError
from seedkit.corpus.workspace import Workspace
from seedkit.settings.load import load_settings
from seedkit.sources.source import MemorySource
from seedkit.store.database import CacheDatabase

Files = Mapping[str, bytes]

_FILE = re.compile(r"-- (\S(?:(?! -> ).)*?)(?: -> (\S+))? --")
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|([trn]))")
_NAMED = {"t": b"\t", "r": b"\r", "n": b"\n"}
_WITH_ESCAPES = (".toml", ".json", ".md")


class Example(NamedTuple):
    """A corpus with a fault, and what to use instead."""

    bad: Files
    good: Files


def sections(manual: str) -> dict[str, str]:
    """Return the text under each heading of a manual page, in order; what is above them is ""."""
    parts = re.split(r"^## (.+)\n", manual, flags=re.MULTILINE)
    return dict(zip(["", *parts[1::2]], parts[::2], strict=True))


def reason_for_none(manual: str) -> str | None:
    """Return why a manual page has no example that can be run, None if it should have one."""
    found = re.search(r"^\(no executable example: (.+)\)$", manual, flags=re.MULTILINE)
    return None if found is None else found[1]


def examples(manual: str) -> list[Example]:
    """Return the examples of a manual page, complete with the files that they leave out."""
    found: list[Example] = []
    bad: Files | None = None
    for label, lines in _blocks(sections(manual).get("Example", "")):
        if label != "Use instead:":
            if bad is not None:
                raise ValueError("an example is followed by another, not by what to use instead")
            bad = _files(lines, {})
        elif bad is None:
            raise ValueError("there is no example that this could be used instead of")
        else:
            found.append(Example(_complete(bad), _complete(_files(lines, bad))))
            bad = None
    if bad is not None:
        raise ValueError("an example lacks what to use instead")
    return found


def findings(files: Files) -> list[Diagnostic]:
    """Return what a check of the corpus finds, whatever its configuration is like."""
    try:
        workspace = _workspace(files)
    except ConfigError as error:
        return error.diagnostics
    return run_check(workspace, selection(workspace)).diagnostics


def findings_by_seed(files: Files) -> list[Diagnostic]:
    """Return what is found by looking at each seed alone; raises `ConfigError`."""
    workspace = _workspace(files)
    seeds = workspace.rows_with_findings().values()
    return [each for seed in seeds for each in workspace.findings_of(seed).diagnostics]


def _workspace(files: Files) -> Workspace:
    source = MemorySource(files)
    workspace = Workspace(source, load_settings(source), CacheDatabase(None))
    workspace.refresh()
    return workspace


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """The indented blocks of a text, each with the last line above it that is not blank."""
    label, block = "", list[str]()
    for line in [*text.split("\n"), "end"]:
        if line.startswith("    ") or (block and not line):
            block.append(line[4:])
            continue
        if block:
            yield label, block
            label, block = "", []
        label = line or label


def _files(lines: list[str], before: Files) -> dict[str, bytes]:
    files = dict(before)
    contents: dict[str, list[str]] = {}
    while lines and not lines[-1]:
        lines.pop()
    path = ""
    for line in lines:
        header = _FILE.fullmatch(line)
        if header is None:
            if not path:
                raise ValueError(f"an example begins with a file, not with {line!r}")
            contents[path].append(line)
            continue
        path = _decode(header[2] or header[1]).decode()
        if header[2]:
            files[path] = files.pop(_decode(header[1]).decode())
        contents[path] = []
    for path, content in contents.items():
        if content or path not in files:
            files[path] = _content(path, "".join(f"{line}\n" for line in content))
    return files


def _content(path: str, text: str) -> bytes:
    text = text.removesuffix("\\\n") if text.endswith("\\\n") else text
    return text.encode() if path.endswith(_WITH_ESCAPES) else _decode(text)


def _decode(text: str) -> bytes:
    parts: list[bytes] = []
    at = 0
    for match in _ESCAPE.finditer(text):
        parts.append(text[at : match.start()].encode())
        at = match.end()
        byte, char, name = match.groups()
        if byte:
            parts.append(bytes.fromhex(byte))
        else:
            parts.append(chr(int(char, 16)).encode() if char else _NAMED[name])
    return b"".join((*parts, text[at:].encode()))


def _complete(files: Files) -> Files:
    complete = dict(files)
    if not any(path.startswith("schemas/") for path in files):
        complete["schemas/note.toml"] = b'files = ["seeds/**"]\n'
    if not any(path.endswith("INDEX.md") for path in files):
        seeds = sorted(path for path in files if path.startswith("seeds/"))
        rows = [f"| [seed {n}]({quote(path)}) |\n" for n, path in enumerate(seeds, 1)]
        complete["INDEX.md"] = f"# Seeds\n\n| seed |\n|---|\n{''.join(rows)}".encode()
    return complete
