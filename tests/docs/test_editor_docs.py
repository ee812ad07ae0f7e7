"""What docs/editors.md tells editors to do is right: with the editor itself, if it is installed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.commandline import seedkit
from support.corpora import Files
from support.places import ROOT

TEXT = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
BLOCKS: dict[str, str] = dict(re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))

FILES: Files = {
    "schemas/pair.toml": 'files = ["seeds/*.txt"]\n[sections]\ndelimiter = "\\n"\n'
    '[[section]]\nname = "title"\nmax_chars = 10\n[[section]]\nname = "body"\n',
    "INDEX.md": "- [a](seeds/a.txt)\n",
    "seeds/a.txt": "the heron flies\nover the river ",
    "seeds/b c.txt": "miller\nlives by the weir",
}
FOUND = [
    ("seeds/a.txt", 1, 11, "error", "section/too-long"),
    ("seeds/a.txt", 2, 15, "warning", "text/trailing-whitespace"),
    ("seeds/b c.txt", 1, 1, "error", "index/unlisted-seed"),
]


@pytest.fixture
def root(corpus: Callable[[Files], Path]) -> Path:
    return corpus(FILES)


def test_visual_studio_code_matches_every_finding(root: Path) -> None:
    (task,) = json.loads(BLOCKS["json"])["tasks"]
    pattern = task["problemMatcher"]["pattern"]
    program, *arguments = task["command"].split()
    assert program == "seedkit"
    *lines, summary = seedkit(*arguments, cwd=root).out.splitlines()
    matches = [re.fullmatch(pattern["regexp"], line) for line in lines]
    assert re.fullmatch(pattern["regexp"], summary) is None
    named = ("file", "line", "column", "severity", "code")
    cells = [[match[pattern[name]] for name in named] for match in matches if match]
    assert cells == [[str(cell) for cell in found] for found in FOUND]


def on_path(tmp_path: Path) -> str:
    """A folder with the command as users have it."""
    command = tmp_path / "bin" / "seedkit"
    command.parent.mkdir(parents=True)
    command.write_text(
        f"#!{sys.executable}\nimport sys\nfrom seedkit.cli import main\nsys.exit(main())\n"
    )
    command.chmod(0o755)
    return f"{command.parent}:/usr/local/bin:/usr/bin:/bin"


@pytest.mark.skipif(shutil.which("vim") is None, reason="needs vim")
def test_vim_lists_findings_and_hits(root: Path, tmp_path: Path, cache: Path) -> None:
    settings, listed = tmp_path / "vimrc", tmp_path / "listed.json"
    settings.write_text(BLOCKS["vim"])
    entries = (
        "map(getqflist(), '[bufname(v:val.bufnr), v:val.lnum, v:val.col, v:val.type, v:val.text]')"
    )
    done = subprocess.run(
        [
            "vim", "-Nu", str(settings), "-es", "-c", "silent make!", "-c", f"let a = {entries}",
            "-c", "silent grep! heron", "-c", f"let b = {entries}",
            "-c", f"call writefile([json_encode([a, b])], '{listed}')", "-c", "qa!",
        ],
        cwd=root, env={"PATH": on_path(tmp_path), "SEEDKIT_CACHE_DIR": str(cache), "TERM": "dumb"},
        capture_output=True, timeout=60,
    )  # fmt: skip
    if not listed.exists():
        pytest.skip(f"this vim has no quickfix list: {done.stderr.decode()[-200:]}")
    findings, hits = json.loads(listed.read_text())
    assert [entry[:4] for entry in findings] == [
        [path, line, column, severity[0]] for path, line, column, severity, _ in FOUND
    ]
    assert findings[0][4].startswith("section/too-long] section `title` has 15 characters")
    assert hits == [["seeds/a.txt", 1, 5, "", "the heron flies"]]


@pytest.mark.skipif(shutil.which("emacs") is None, reason="needs emacs")
def test_emacs_knows_the_lines(root: Path, tmp_path: Path, cache: Path) -> None:
    program = """
      (require 'grep)
      (with-current-buffer (compilation-start "%s" %s (lambda (_) "*seedkit*"))
        (while (get-buffer-process (current-buffer)) (accept-process-output nil 0.1))
        (goto-char (point-min))
        (condition-case nil
            (while t
              (compilation-next-error 1)
              (let ((place (compilation--message->loc
                             (get-text-property (point) 'compilation-message))))
                (princ (format "%%s:%%s:%%s\\n"
                               (caar (compilation--loc->file-struct place))
                               (compilation--loc->line place) (compilation--loc->col place)))))
          (error nil)))
    """
    cases: list[tuple[str, str, list[tuple[object, ...]]]] = [
        ("nil", "seedkit check --format concise", [found[:3] for found in FOUND]),
        ("'grep-mode", "seedkit search heron", [("seeds/a.txt", 1, "nil")]),
    ]
    for mode, command, expected in cases:
        done = subprocess.run(
            ["emacs", "-Q", "--batch", "--eval", f"(progn {program % (command, mode)})"],
            cwd=root, capture_output=True, text=True, timeout=60,
            env={
                "PATH": on_path(tmp_path / command[8:13].strip()), "SEEDKIT_CACHE_DIR": str(cache),
                "TERM": "dumb", "HOME": str(tmp_path),
            },
        )  # fmt: skip
        lines = [line for line in done.stdout.splitlines() if not line.startswith("Grep finished")]
        assert lines == [":".join(map(str, place)) for place in expected]
