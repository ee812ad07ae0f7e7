"""docs/ci.md and action.yml: every command in them runs, and does what is said of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shlex import split
from typing import Any

import pytest

from seedkit.cli.reports import FORMATS
from support.commandline import CLEAN, DEMO, seedkit
from support.corpora import Files
from support.places import ROOT

yaml = pytest.importorskip("yaml")
Corpus = Callable[[Files], Path]

DOCUMENT = (ROOT / "docs" / "ci.md").read_text("utf-8")
OTHERS = ("--quiet", "--disable-pip-version-check", "--all-files", "--from-ref", "--to-ref")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
SNIPPETS: list[Any] = [
    yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
]
COMMANDS = sorted(set(re.findall(r"^(?:.*[-:] )?(seedkit check\b.*)$", DOCUMENT, re.MULTILINE)))
BASH = shutil.which("bash")


def steps(snippet: Any) -> list[dict[str, Any]]:
    return [step for job in snippet.get("jobs", {}).values() for step in job["steps"]]


def test_there_is_something_to_test() -> None:
    assert len(SNIPPETS) == 4
    assert len(COMMANDS) == 4


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command: str, corpus: Corpus) -> None:
    root = corpus(DEMO)
    _, *arguments = split(command)
    assert seedkit(*arguments, cwd=root).code == 1
    for report in re.findall(r"--output \w+=(\S+)", command):
        assert (root / report).stat().st_size > 0


def test_reports_that_gitlab_is_told_of_are_written() -> None:
    (job,) = [snippet["seedkit"] for snippet in SNIPPETS if "seedkit" in snippet]
    written = set(re.findall(r"--output \w+=(\S+)", " ".join(job["script"])))
    assert written == set(job["artifacts"]["reports"].values())


def test_options_and_formats_are_real() -> None:
    help_text = seedkit("check", "--help").out
    text = DOCUMENT + (ROOT / "action.yml").read_text("utf-8")
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)):
        if option not in OTHERS:
            assert option in help_text, option


def test_every_format_is_described() -> None:
    table = DOCUMENT.partition("| format | what reads it |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(FORMATS)


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", DOCUMENT):
        assert (ROOT / "docs" / target).exists(), target


def test_inputs_of_the_action_are_documented_and_used() -> None:
    table = DOCUMENT.partition("| input |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE)) == set(ACTION["inputs"])
    used = [
        s.get("with", {}) for t in SNIPPETS for s in steps(t) if "seedkit@" in s.get("uses", "")
    ]
    assert len(used) == 2
    for given in used:
        assert given.keys() <= ACTION["inputs"].keys()
    whole = (ROOT / "action.yml").read_text("utf-8")
    for name in ACTION["inputs"]:
        assert re.search(rf"\binputs\.{name}\b", whole)


def test_no_expression_is_pasted_into_a_script() -> None:
    """An input could end the command it stands in, and begin another."""
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_the_document_and_the_project_use_the_same_actions() -> None:
    project = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    everywhere = [
        *steps(project),
        *ACTION["runs"]["steps"],
        *(s for t in SNIPPETS for s in steps(t)),
    ]
    versions: dict[str, set[str]] = {}
    for step in everywhere:
        name, _, version = step.get("uses", "").partition("@")
        versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


# -- the action itself, but for the installation


def run_action(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the last step as the runner does, with the seedkit of these tests installed."""
    temporary = folder.parent / "runner"
    (temporary / "seedkit" / "bin").mkdir(parents=True)
    program = temporary / "seedkit" / "bin" / "seedkit"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m seedkit "$@"\n')
    program.chmod(0o755)
    step = ACTION["runs"]["steps"][-1]
    values = {name: each["default"] for name, each in ACTION["inputs"].items()} | inputs
    given = {
        variable: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda m: values[m[1]], text)
        for variable, text in step["env"].items()
    }
    return subprocess.run(
        [str(BASH), "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder.parent,
        env={**os.environ, "RUNNER_TEMP": str(temporary), "PYTHONPATH": str(ROOT), **given},
        capture_output=True,
        text=True,
    )


needs_bash = pytest.mark.skipif(BASH is None, reason="there is no bash")


@needs_bash
def test_the_action_annotates_and_writes_reports(corpus: Corpus) -> None:
    root = corpus(DEMO)
    done = run_action(
        root,
        root="corpus",
        sarif="a $HOME b.sarif",
        junit="x.xml",
        arguments='\n--select\n \ntext\r\n\t\n--config\nignore=["text/bom"]\n\n',
    )
    assert done.stderr == ""
    assert done.returncode == 1
    assert done.stdout == (
        "::error file=seeds/b.txt,line=1,endLine=1,col=21,endColumn=21,"
        "title=text/missing-final-newline::seeds/b.txt:1:21: no newline at the end of the file\n"
        "Found 1 error in 2 seeds, 1 fixable with --fix.\n"
    )
    log = json.loads((root.parent / "a $HOME b.sarif").read_text("utf-8"))
    assert len(log["runs"][0]["results"]) == 1
    assert (root.parent / "x.xml").is_file()


@needs_bash
def test_the_action_passes_a_clean_corpus(corpus: Corpus) -> None:
    done = run_action(corpus(CLEAN), root="corpus")
    assert (done.returncode, done.stdout) == (0, "Checked 2 seeds, no findings.\n")


@needs_bash
def test_the_action_explains_an_option_with_its_value(corpus: Corpus) -> None:
    done = run_action(corpus(CLEAN), root="corpus", arguments="--ignore text")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "seedkit check: error: there is no option `--ignore text`\n"
        "  help: an option and its value are two arguments: `--ignore` and `text`\n"
    )


@needs_bash
def test_the_action_runs_nothing_but_seedkit(corpus: Corpus) -> None:
    root = corpus(CLEAN)
    attack = '"; touch hacked; "$(touch hacked)`touch hacked`'
    done = run_action(root, root="corpus", arguments=attack)
    assert done.returncode == 2
    assert attack in done.stderr
    assert not (root.parent / "hacked").exists()
