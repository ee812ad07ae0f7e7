"""docs/pre-commit.md: what it says to write works, and what it says to run runs."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from shlex import split
from typing import Any

import pytest

from support.commandline import CLEAN, seedkit
from support.gitrepo import Repo
from support.places import ROOT

yaml = pytest.importorskip("yaml")

DOCUMENT = (ROOT / "docs" / "pre-commit.md").read_text("utf-8")
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
COMMANDS = re.findall(r"^(seedkit check\b.*?)(?: +#.*)?$", DOCUMENT, re.MULTILINE)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.fixture
def repo(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    repo = Repo(tmp_path / "repo", CLEAN)
    for name in [name for name in os.environ if name.startswith("PRE_COMMIT")]:
        monkeypatch.delenv(name)
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    return repo


def test_hooks_are_those_of_the_manifest() -> None:
    configured = [
        hook
        for block in blocks("yaml")
        for entry in yaml.safe_load(block)["repos"]
        for hook in entry["hooks"]
    ]
    assert len(configured) == 2
    known = {hook["id"] for hook in HOOKS}
    assert {hook["id"] for hook in configured} <= known
    table = DOCUMENT.partition("## Which hook\n\n")[2].partition("\n")[0]
    assert set(re.findall(r"`(seedkit-\w+)`", table)) == known


@pytest.mark.parametrize("hook", HOOKS, ids=[hook["id"] for hook in HOOKS])
def test_hooks_run_what_there_is(repo: Repo, hook: dict[str, Any]) -> None:
    _, *arguments = split(hook["entry"])
    for block in blocks("yaml"):
        for each in yaml.safe_load(block)["repos"][0]["hooks"]:
            repo.stage({"seeds/a.txt": "Another\n"})
            names = [] if hook.get("pass_filenames") is False else ["seeds/a.txt"]
            assert seedkit(*arguments, *each.get("args", []), *names, cwd=repo.root).code == 0
            repo.stage({"seeds/a.txt": "no newline"})
            assert seedkit(*arguments, *each.get("args", []), *names, cwd=repo.root).code == 1


def test_there_are_commands() -> None:
    assert len(COMMANDS) == 5


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(repo: Repo, command: str) -> None:
    _, *arguments = split(command)
    assert seedkit(*arguments, cwd=repo.root).code == 0
    repo.stage({"seeds/a.txt": "no newline"})
    assert seedkit(*arguments, cwd=repo.root).code == (0 if "--fix" in command else 1)


def test_the_remedy_is_one(repo: Repo) -> None:
    remedy = DOCUMENT.partition("## When a commit is blocked\n\n```sh\n")[2].partition("```")[0]
    repo.stage({"seeds/a.txt": "no newline", "seeds/c.txt": "Not listed\n"})
    assert seedkit("check", "--staged", cwd=repo.root).code == 1
    for command in remedy.splitlines():
        program, *arguments = split(command)
        if program == "git":
            repo.git(*arguments)
        else:
            seedkit(*arguments, cwd=repo.root)
    assert seedkit("check", "--staged", cwd=repo.root).code == 0


def test_the_hook_without_pre_commit(repo: Repo, tmp_path: Path) -> None:
    program = shutil.which("seedkit")
    if program is None:
        pytest.skip("seedkit is not on PATH")
    (script,) = [block for block in blocks("sh") if block.startswith("#!")]
    hook = repo.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(script)
    hook.chmod(0o755)
    caches = {"SEEDKIT_CACHE_DIR": str(tmp_path / "cache")}
    repo.stage({"seeds/a.txt": "no newline"})
    with pytest.raises(AssertionError, match=r" --> seeds/a\.txt:1:11"):
        repo.git("commit", "--message=.", **caches)
    repo.write({"seeds/a.txt": "newline\n"})
    repo.git("commit", "--all", "--message=.", **caches)


def test_attributes_keep_bytes(repo: Repo) -> None:
    (attributes,) = blocks("gitattributes")
    repo.stage({".gitattributes": attributes, "seeds/crlf.txt": "a\r\n"})
    repo.git("config", "core.autocrlf", "true")
    repo.git("add", "--renormalize", ".")
    assert repo.git("cat-file", "blob", ":seeds/crlf.txt") == "a\r"
    assert repo.git("check-attr", "text", "seeds/deep/x.txt").endswith("text: unset")


def test_links_and_options_are_real() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", DOCUMENT):
        assert (ROOT / "docs" / target).exists(), target
    help_text = seedkit("check", "--help").out
    others = {
        "--all-files",
        "--files",
        "--update",
        "--unshallow",
        "--from-ref",
        "--to-ref",
        "--hook-type",
    }  # of pre-commit and git
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", DOCUMENT)) - others:
        assert option in help_text, option
