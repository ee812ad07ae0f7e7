"""The hooks, as pre-commit and prek run them when somebody commits.

Both build an environment with pip from this repository's HEAD, which takes a while; it is built
once for all tests, whatever process runs them. Without the programs, or without an index of
packages, there is nothing to test.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from support.commandline import CLEAN
from support.gitrepo import ALONE, Repo
from support.histories import PUSHES, drawn, git, told
from support.hook_scenes import NOTHING, Event, Place, Scene, agree, ends, happened, reported
from support.hook_scenes import Said as Spoken
from support.places import ROOT

WITH_OURS = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
RUNNERS = ("pre-commit", "prek")
BODY = " ".join(f"word{number}" for number in range(40))
MANY = 1_500  # names of 200 characters: more than one command line takes, 128 KiB with pre-commit

pytestmark = pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="hooks are installed from a repository"
)


class Said(NamedTuple):
    """Whether the commit was made, and what was said of it."""

    made: bool
    text: str

    def blocked_by(self, hooks: str, *parts: str) -> None:
        """The hooks, and no others, have failed, and the parts stand in what they say."""
        failed = re.findall(r"^seedkit (\w+)\.+Failed$", self.text, re.MULTILINE)
        assert (self.made, failed) == (False, hooks.split()), self.text
        for part in parts:
            assert part in self.text


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where pip can't get what builds the package."""
    folder = tmp_path_factory.mktemp("packages")
    command = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "hatchling")
    done = subprocess.run((*command, "--dest", str(folder)), capture_output=True, check=False)
    if done.returncode:
        pytest.skip("pip finds no packages")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run of the tests, for all of its processes."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="module")
def origin(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with this one's HEAD, to install hooks from: that of the first who makes one."""
    folder = tmp_path_factory.mktemp("origin")
    repo = Repo(folder / "seedkit")
    archive = folder / "head.tar"
    subprocess.run(("git", "archive", f"--output={archive}", "HEAD"), cwd=ROOT, check=True)
    shutil.unpack_archive(archive, repo.root)
    repo.commit()
    with contextlib.suppress(OSError):  # it is there
        repo.root.rename(shared / "hooks-origin")
    repo.root = shared / "hooks-origin"
    return repo


Make = Callable[..., "Guarded"]


class Tool(NamedTuple):
    """A runner of hooks: its program, its environment, a folder for it, and the hooks' origin."""

    program: str
    environment: dict[str, str]
    home: Path
    origin: Repo


@pytest.fixture(scope="module", params=RUNNERS)
def tool(
    request: pytest.FixtureRequest,
    packages: None,
    origin: Repo,
    shared: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Tool:
    """Return a runner; it locks the environments that it builds, so all processes have them."""
    program = shutil.which(request.param, path=WITH_OURS)
    if program is None:
        pytest.skip(f"{request.param} is not installed")
    home = tmp_path_factory.mktemp(request.param)
    environments = str(shared / f"hooks-{request.param}")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        **ALONE,
        "PRE_COMMIT_HOME": environments,
        "PREK_HOME": environments,
        "SEEDKIT_CACHE_DIR": str(home / "cache"),
        "PIP_NO_COMPILE": "0",  # pip's way to say yes: most of what it installs is never imported
        "PATH": os.pathsep.join((os.path.dirname(program), os.environ["PATH"])),
    }
    return Tool(program, environment, home, origin)


@pytest.fixture(scope="module")
def runner(tool: Tool) -> Make:
    """Return a function that makes a repository whose commits the runner's hooks guard."""

    def make(*hooks: str) -> Guarded:
        root = tool.home / f"corpus{len(list(tool.home.iterdir()))}"
        return Guarded(root, tool.environment, tool.program, tool.origin, hooks)

    return make


class Guarded(Repo):
    """A repository with hooks."""

    def __init__(
        self, root: Path, environment: dict[str, str], program: str, origin: Repo,
        hooks: tuple[str, ...],
    ) -> None:  # fmt: skip
        super().__init__(root)
        self.environment = environment
        self.program = program
        revision = origin.git("rev-parse", "HEAD")
        lines = [f"repos:\n- repo: file://{origin.root}\n  rev: {revision}\n  hooks:"]
        config = "\n".join([*lines, *(f"  - id: {hook}" for hook in hooks)])
        self.write({**CLEAN, "README.md": "About\n", ".pre-commit-config.yaml": f"{config}\n"})
        self.commit()
        self.run(program, "install", "--install-hooks").check_returncode()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def attempt(self, *arguments: str) -> Said:
        """Try to commit; what was staged and changed for a commit that is blocked is undone."""
        before = self.git("rev-parse", "HEAD")
        done = self.run("git", "commit", "--message=.", *arguments)
        made = self.git("rev-parse", "HEAD") != before
        assert made == (done.returncode == 0), done.stdout
        self.git("reset", "--quiet", "--hard")
        return Said(made, done.stdout)


LISTED = CLEAN["INDEX.md"]


def test_a_story_of_commits(runner: Make) -> None:
    repo = runner("seedkit-check", "seedkit-corpus")

    repo.stage({"seeds/c.txt": "C\n", "INDEX.md": f"{LISTED}- [c](seeds/c.txt)\n"})
    repo.write({"seeds/a.txt": "broken on disk", "seeds/untracked.txt": "u"})
    good = repo.attempt()
    assert good.made, good.text
    (repo.root / "seeds/untracked.txt").unlink()

    repo.stage({"seeds/b.txt": "first\nLamp"})
    repo.write({"seeds/b.txt": "first\nLamp\n"})  # fixed on disk alone
    repo.attempt().blocked_by("check corpus", " --> seeds/b.txt:2:5\n", "2 | Lamp\n")

    repo.stage({"seeds/d.txt": "D\n"})
    repo.attempt().blocked_by("check corpus", "`seeds/d.txt` is not listed in `INDEX.md`")

    repo.git("rm", "--quiet", "seeds/c.txt")
    repo.attempt().blocked_by("check corpus", " --> INDEX.md:5:7\n", "`seeds/c.txt` does not exist")

    repo.write({"seeds/a.txt": f"{BODY}\n"})
    assert repo.attempt("--all").made
    repo.write({"seeds/b.txt": f"{BODY} more\n", "seeds/c.txt": "C"})
    repo.attempt("--", "seeds/b.txt").blocked_by(
        "check corpus", "seed is 97 % the same as", "seeds/a.txt", "seeds/b.txt"
    )

    repo.stage({"README.md": "Nothing to do with it\n"})
    assert repo.attempt().made


def test_a_hook_for_what_is_touched(runner: Make) -> None:
    """Old faults block only who touches their file; but nothing says so to CI, which sees all."""
    repo = runner("seedkit-check")
    repo.write({"seeds/b.txt": "old fault"})
    repo.git("add", "--all")
    assert repo.attempt("--no-verify").made
    repo.stage({"seeds/a.txt": "Another\n"})
    assert repo.attempt().made
    repo.stage({"INDEX.md": LISTED.replace("- [a](seeds/a.txt)\n", "")})
    repo.attempt().blocked_by("check", "`seeds/a.txt` is not listed")
    everything = repo.run(repo.program, "run", "--all-files")
    assert everything.returncode == 1
    assert " --> seeds/b.txt:1:10\n" in everything.stdout
    (repo.root / "seeds/link.txt").symlink_to("a.txt")
    repo.git("add", "--all")
    repo.attempt().blocked_by("check", "seed is a symbolic link: it is not read")


def test_more_files_than_a_command_line_takes(runner: Make) -> None:
    repo = runner("seedkit-check", "seedkit-corpus")
    names = [f"seeds/{number:0190}.txt" for number in range(MANY)]
    rows = "".join(f"- [{number}]({name})\n" for number, name in enumerate(names))
    seeds = {name: f"{name}\n" for name in names}
    repo.stage({**seeds, "INDEX.md": LISTED + rows, names[7]: "no newline"})
    said = repo.attempt()
    said.blocked_by("check corpus", f" --> {names[7]}:1:11\n")
    assert said.text.count("Found 1 error in ") == 2  # of one batch, and of the corpus
    assert "Found 1 error in 1,502 seeds, 1 fixable with --fix.\n" in said.text


def test_a_push_is_judged_by_its_commits(runner: Make, tmp_path: Path) -> None:
    repo = runner("seedkit-check", "seedkit-corpus")
    repo.run(repo.program, "install", "--hook-type", "pre-push").check_returncode()
    remote = tmp_path / "remote.git"
    repo.git("init", "--quiet", "--bare", str(remote))
    repo.git("remote", "add", "origin", str(remote))

    def pushed(branch: str) -> bool:
        return agreed(repo.run("git", "push", "origin", branch))

    def ran(*arguments: str) -> bool:
        return agreed(repo.run(repo.program, "run", *arguments))

    assert pushed("main")  # with the first commit of all
    repo.git("checkout", "--quiet", "-b", "bad")
    repo.write({"seeds/b.txt": "Lamp"})
    repo.git("commit", "--quiet", "--all", "--no-verify", "--message=.")
    repo.git("checkout", "--quiet", "main")
    assert not pushed("bad")
    repo.git("checkout", "--quiet", "-b", "deletes")
    repo.git("rm", "--quiet", "seeds/b.txt")
    repo.git("commit", "--quiet", "--no-verify", "--message=.")
    repo.git("checkout", "--quiet", "main")
    assert not pushed("deletes")
    repo.git("checkout", "--quiet", "-b", "good")
    repo.write({"seeds/b.txt": "Another\n"})
    repo.git("commit", "--quiet", "--all", "--no-verify", "--message=.")
    repo.stage({"seeds/a.txt": "bad in the index"})
    assert pushed("good")
    repo.git("reset", "--quiet", "--hard")

    repo.git("checkout", "--quiet", "main")
    assert ran("--from-ref", "main", "--to-ref", "good")
    assert not ran("--from-ref", "main", "--to-ref", "bad")
    assert not ran("--from-ref", "main", "--to-ref", "deletes")
    assert ran("--all-files")
    repo.git("checkout", "--quiet", "bad")
    repo.stage({"README.md": "Something else is staged\n"})
    assert not ran("--all-files")


def agreed(done: subprocess.CompletedProcess[str]) -> bool:
    """Return whether a command succeeded; where it failed, both hooks failed, else neither."""
    failed = len(re.findall(r"^seedkit \w+\.+Failed$", done.stdout, re.MULTILINE))
    assert failed == (2 if done.returncode else 0), done.stdout
    return done.returncode == 0


# -- histories, as in test_hook_histories.py

HISTORIES = int(os.environ.get("SEEDKIT_HOOK_HISTORIES", "2"))
MODES = {"changes": "seedkit-check", "corpus": "seedkit-corpus", "new": "seedkit-corpus"}
HOOK = re.compile(r"^mode (\w+)\.+(Passed|Failed)\n((?:- .*\n)*)", re.MULTILINE)


@pytest.mark.parametrize("number", range(76, 76 + HISTORIES))  # first a push and a merge
def test_histories(tool: Tool, tmp_path: Path, number: int) -> None:
    """The hooks find what clean checkouts have, whatever has happened, run by either."""
    ops, event = drawn(Random(number))
    scene = Scene(tmp_path, told(ops), Place())
    about, text = event_for(tool, scene, event)
    parts = HOOK.split(text)[1:]
    said = {parts[at]: spoken(*parts[at + 1 : at + 4]) for at in range(0, len(parts), 4)}
    if said or event[0] not in PUSHES:  # nothing to push
        agree(scene, about, said.__getitem__)


def event_for(tool: Tool, scene: Scene, event: tuple[str, int, int, int]) -> tuple[Event, str]:
    """Let an event happen; return what it is about, and what the runner says."""
    lines = [f"repos:\n- repo: file://{tool.origin.root}"]
    lines.append(f"  rev: {tool.origin.git('rev-parse', 'HEAD')}\n  hooks:")
    for mode, hook in MODES.items():
        lines.append(f"  - id: {hook}\n    name: mode {mode}\n    verbose: true")
    lines.append("    args: [--since, HEAD]\n")
    (scene.root / ".pre-commit-config.yaml").write_text("\n".join(lines))
    (scene.root / ".git/info/exclude").write_text(".pre-commit-config.yaml\n")

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=scene.root, env=tool.environment, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.stdout

    kind, _, _, three = event
    before, after = ends(scene.history, event)
    about = happened(scene, event)
    if kind == "everything":
        return about, run(tool.program, "run", "--all-files")
    if kind == "between":
        refs = f"refs/commits/{before}", f"refs/commits/{after}"
        return about, run(tool.program, "run", "--from-ref", refs[0], "--to-ref", refs[1])
    if kind == "commit":
        run(tool.program, "install")
        if scene.history.merging is not None:
            (scene.root / ".git/MERGE_MSG").write_text("Merge\n")
        return about, run("git", "commit", "--allow-empty", "--message=.")
    remote = scene.root.parent / "remote.git"
    git(scene.root.parent, "init", "--quiet", "--bare", str(remote))
    git(scene.root, "for-each-ref", "--format=delete %(refname)", "refs/remotes")
    for number in range(2):
        git(scene.root, "update-ref", "-d", f"refs/remotes/origin/{number}")
    git(scene.root, "remote", "add", "origin", str(remote))
    for name, each in (("x", before), ("y", three % len(scene.history.commits))):
        git(
            scene.root,
            "push",
            "--quiet",
            "origin",
            f"refs/commits/{each}:refs/heads/{name}",
        )
    run(tool.program, "install", "--hook-type", "pre-push")
    return about, run("git", "push", "origin", f"+refs/commits/{after}:refs/heads/x")


def spoken(result: str, details: str, text: str) -> Spoken:
    """Return what a hook says, of which the runner says how it ended."""
    code = re.search(r"exit code: (\d+)", details)
    ended = int(code[1]) if code else int(result == "Failed")
    found = reported(re.sub(r"^  (?=\w)", "", text, flags=re.MULTILINE))  # prek indents it
    nothing = any(each.strip() in text for each in NOTHING)
    errors = found if ended == 2 else []
    return Spoken(ended, [] if ended == 2 else sorted(set(found)), errors, nothing)
