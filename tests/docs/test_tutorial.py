"""docs/tutorial.md: every command in it is run, and prints what stands there.

`UPDATE=1 pytest tests/docs/test_tutorial.py` writes what the commands print now.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.gitrepo import ALONE
from support.places import ROOT

TUTORIAL = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
END = "-- end of output --"


def commands(block: str) -> list[str]:
    """The commands of a block, each with its prompts: `$ ` before it, `> ` before what goes on."""
    found: list[str] = []
    for line in block.removesuffix("\n").split("\n"):
        if line.startswith("$ "):
            found.append(line)
        elif found and line.startswith("> ") and not found[-1].endswith("\n"):
            found[-1] += f"\n{line}"
        elif found and not found[-1].endswith("\n"):
            found[-1] += "\n"  # output begins, and a later `> ` is of it
    return [command.removesuffix("\n") for command in found]


def without_prompts(command: str) -> str:
    return "\n".join(line[2:] for line in command.split("\n"))


def run(every: list[str], folder: Path) -> list[str]:
    """Run the commands in one shell; return what each printed."""
    tools = folder / "bin"
    home = folder / "home"
    tools.mkdir()
    home.mkdir()
    seedkit = tools / "seedkit"
    seedkit.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m seedkit "$@"\n')
    seedkit.chmod(0o755)
    environment = {
        **os.environ,
        **ALONE,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "PYTHONPATH": str(TUTORIAL.parent.parent),
        "LC_ALL": "C.UTF-8",
    }
    script = "".join(f"{without_prompts(each)}\necho '{END}'\n" for each in every)
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"],
        cwd=home, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    *outputs, rest = done.stdout.split(f"{END}\n")
    assert (len(outputs), rest) == (len(every), "")
    return outputs


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("git")), reason="needs bash and git")
def test_tutorial(tmp_path: Path) -> None:
    text = TUTORIAL.read_text(encoding="utf-8")
    blocks = [commands(match[1]) for match in BLOCK.finditer(text)]
    outputs = iter(run([command for block in blocks for command in block], tmp_path))
    rendered = iter("".join(f"{command}\n{next(outputs)}" for command in block) for block in blocks)
    current = BLOCK.sub(lambda match: f"```console\n{next(rendered)}```", text)
    if os.environ.get("UPDATE"):
        TUTORIAL.write_text(current, encoding="utf-8")
    assert TUTORIAL.read_text(encoding="utf-8") == current


def test_links_of_the_tutorial_lead_somewhere() -> None:
    prose = BLOCK.sub("", TUTORIAL.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)#:]+)\)", prose)
    assert targets
    assert [target for target in targets if not (TUTORIAL.parent / target).exists()] == []
