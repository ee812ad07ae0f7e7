"""What only a process of its own shows: what is loaded, signals, pipes, terminals."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from seedkit.settings.engines import STORED
from seedkit.version import __version__
from support.commandline import CLEAN, DEMO, ran, seedkit
from support.corpora import Files
from support.places import ROOT

Corpus = Callable[[Files], Path]

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")


def start(
    arguments: list[str], cwd: Path, *, code: str = "", env: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start `seedkit ARGUMENTS`, in a Python that has run the code before."""
    program = f"import sys\n{code}\nfrom seedkit.cli import main\nsys.exit(main())\n"
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


# -- what is loaded

LISTING = """
import atexit, json, os
def listing():
    with open(os.environ["MODULES"], "w") as file:
        json.dump({name: getattr(m, "__file__", None) for name, m in sys.modules.items()}, file)
atexit.register(listing)
"""
HEAVY = frozenset(
    (
        "argparse", "asyncio", "concurrent.futures", "ctypes", "difflib", "email", "hashlib",
        "http", "importlib.metadata", "json", "logging", "multiprocessing", "sqlite3",
        "subprocess", "tempfile", "tomllib", "traceback", "unicodedata", "urllib",
    )
)  # fmt: skip
ENTRY = frozenset(("seedkit", "seedkit.cli", "seedkit.version"))
PYDANTIC = frozenset(
    ("annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection")
)


class Loaded:
    """The modules that a run has loaded."""

    def __init__(self, files: Mapping[str, str | None]) -> None:
        here = str(ROOT / "seedkit")
        places = {sysconfig.get_paths()[name] for name in ("purelib", "platlib")}
        self.seedkit = {name for name in files if name.split(".")[0] == "seedkit"}
        assert all((files[name] or "").startswith(here) for name in self.seedkit)
        self.heavy = HEAVY & files.keys()
        self.others = {
            name.partition(".")[0]
            for name, file in files.items()
            if file is not None and any(file.startswith(place) for place in places)
        } - {"seedkit", "sitecustomize", "usercustomize", "_distutils_hack"}
        self.others = {name for name in self.others if not name.startswith("__editable__")}
        self.others -= {"_virtualenv", "coverage", "a1_coverage"}  # of the test run itself

    def under(self, names: tuple[str, ...]) -> set[str]:
        """The modules of seedkit whose names, without `seedkit.`, begin with one of these."""
        modules = {name.removeprefix("seedkit.") for name in self.seedkit}
        return {name for name in modules if name.startswith(names)}


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[..., Loaded]:
    def run(*arguments: str, cwd: Path = tmp_path, code: int = 0) -> Loaded:
        target = tmp_path / "modules.json"
        env = {"MODULES": str(target), "COVERAGE_PROCESS_START": ""}
        ended = finish(start(list(arguments), cwd, code=LISTING, env=env))
        assert ended[0] == code, ended[2]
        return Loaded(json.loads(target.read_text()))

    return run


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_load_nothing(loaded: Callable[..., Loaded], option: str) -> None:
    found = loaded(option)
    assert found.seedkit == ENTRY
    assert found.others == set()
    assert found.heavy == {"json"}  # the listing's own


def test_unknown_command_loads_little(loaded: Callable[..., Loaded]) -> None:
    found = loaded("chekc", code=2)
    assert found.others == set()
    assert found.seedkit <= ENTRY | {
        "seedkit.cli.run", "seedkit.cli.output", "seedkit.core", "seedkit.core.errors",
        "seedkit.core.text", "seedkit.report", "seedkit.core.diagnostic",
    }  # fmt: skip


def test_rules_and_their_manuals_load_no_package(loaded: Callable[..., Loaded]) -> None:
    found = loaded("rule", "text/bom")
    assert found.others == set()
    assert not found.heavy & {"sqlite3", "multiprocessing", "tomllib", "difflib"}


def test_schema_loads_pydantic_only(loaded: Callable[..., Loaded]) -> None:
    assert loaded("schema", "config").others == PYDANTIC
    assert not loaded("schema", "builtin:fortune").heavy & {"sqlite3", "multiprocessing"}


@posix
def test_warm_check_loads_no_package(loaded: Callable[..., Loaded], corpus: Corpus) -> None:
    root = corpus(CLEAN)
    outwait_the_clock(root)
    cold = loaded("check", "--format", "concise", cwd=root)
    assert cold.others <= PYDANTIC | {"numpy", "pathspec", "platformdirs", "re2"}
    assert cold.others >= {"pathspec", "pydantic", "re2"}
    assert not cold.heavy & {"concurrent.futures", "multiprocessing", "difflib", "subprocess"}

    warm = loaded("check", "--format", "concise", cwd=root)
    assert warm.others == set()
    assert warm.heavy <= {
        "argparse",
        "hashlib",
        "json",
        "sqlite3",
        "tempfile",
        "unicodedata",
        "urllib",
    }
    unneeded = (
        "corpus.analyse", "corpus.pool", "settings.config", "formats", "manifest", "check.repair",
        "repeats.", "rules.index", "rules.manual", "rules.name", "rules.section", "rules.text",
        "core.toml", "core.validation", "report.check.full",
        "report.check.json",
    )  # fmt: skip
    assert warm.under(unneeded) == {"repeats.parameters"}
    for command in ("show-files", "stats"):
        assert loaded(command, cwd=root).others == set()
    for arguments in (("seeds/a.txt",), ("--statistics",), ("-q",), ("--diff",)):
        assert loaded("check", *arguments, cwd=root).others == set()


@posix
@pytest.mark.parametrize("engine", STORED)
def test_warm_search_loads_its_engine_only(
    loaded: Callable[..., Loaded], corpus: Corpus, engine: str
) -> None:
    pytest.importorskip(engine)
    root = corpus({**CLEAN, "seedkit.toml": f'engine = "{engine}"\n'})
    outwait_the_clock(root)
    loaded("search", "tide", cwd=root)

    warm = loaded("search", "tide", cwd=root)
    assert warm.others >= {engine}
    assert not warm.others & ({"tantivy", "whoosh"} - {engine})
    assert not warm.others & (PYDANTIC | {"numpy", "pathspec", "platformdirs", "yaml"})
    if engine != "whoosh":  # which imports some of them itself
        assert not warm.heavy & {"concurrent.futures", "multiprocessing", "difflib", "subprocess"}
    unneeded = (
        "settings.config", "manifest", "corpus.pool", "corpus.repeated", "repeats.",
        "rules.section", "core.toml", "core.validation",
        "report.search.json", "search.index.verify",
    )  # fmt: skip
    assert warm.under(unneeded) == {"repeats.parameters"}
    for arguments in (["--count"], ["-l"], ["--facets", "format"], ["--explain"]):
        assert not loaded("search", "tide", *arguments, cwd=root).others & PYDANTIC


def outwait_the_clock(root: Path) -> None:
    """Make the files old enough to be believed: a fresh signature is looked at again next time."""
    marker = root.parent / "marker"
    newest = max(path.stat().st_ctime_ns for path in root.rglob("*"))
    while True:
        marker.write_text("")
        if marker.stat().st_ctime_ns > newest + 50_000_000:
            return


# -- the command is installed


def test_console_script() -> None:
    script = shutil.which("seedkit", path=sysconfig.get_path("scripts"))
    if script is None:
        pytest.skip("seedkit is not installed in this environment")
    ended = subprocess.run([script, "--version"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"seedkit {__version__}\n", "")


def test_python_m() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "seedkit", "chekc"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("seedkit: error: there is no command `chekc`\n")


# -- interrupted


def corpus_of_many(corpus: Corpus, count: int, text: str = "No newline") -> Path:
    seeds = {f"seeds/{n:05}.txt": f"{text} {n}" for n in range(count)}
    return corpus({"seedkit.toml": "", "schemas/note.toml": DEMO["schemas/note.toml"], **seeds})


def same_as_fresh(root: Path) -> None:
    """A check now, with what the cache holds, finds what one without a cache does."""
    given = ("check", "--format", "concise", "--ignore", "repeat")
    with_cache = seedkit(*given, cwd=root)
    with contextlib.ExitStack() as stack:
        folder = root.parent / "fresh"
        stack.callback(shutil.rmtree, folder)
        assert seedkit(*given, "--cache-dir", str(folder), cwd=root) == with_cache
    assert with_cache.code in (0, 1)


@posix
def test_interrupted_while_it_writes(corpus: Corpus) -> None:
    root = corpus_of_many(corpus, 1000)
    process = start(["check", "--format", "concise", "--select", "text"], root)
    assert process.stdout is not None
    assert process.stdout.read(5) == "seeds"  # and now it waits, for the pipe is full
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process)
    assert (code, err) == (130, "interrupted\n")
    same_as_fresh(root)


# Says so at the first sign of progress, and goes on only when it is interrupted.
PAUSING = """
import shlex
import signal
import seedkit.cli.opening as opening
class Pausing(opening.Progress):
    def __call__(self, done, total):
        print("begun", flush=True)
        signal.pause()
opening.Progress = Pausing
"""


@posix
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupted_while_it_analyses(corpus: Corpus, jobs: str) -> None:
    root = corpus_of_many(corpus, 1000)
    process = start(["check", "--jobs", jobs], root, code=PAUSING)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    assert finish(process) == (130, "", "interrupted\n")
    same_as_fresh(root)


# Stops when a file has been written next to it, and is to take the old one's place.
HALFWAY = """
import os, signal
import seedkit.sources.files
def replace(*_):
    print("begun", flush=True)
    signal.pause()
class Os:
    def __getattr__(self, name):
        return replace if name == "replace" else getattr(os, name)
seedkit.sources.files.os = Os()
"""


@posix
def test_interrupted_while_it_fixes(corpus: Corpus) -> None:
    root = corpus(DEMO)
    process = start(["check", "--fix"], root, code=HALFWAY)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    assert finish(process) == (130, "", "interrupted\n")
    left = {str(p.relative_to(root)): p.read_text() for p in root.rglob("*") if p.is_file()}
    assert left == DEMO
    same_as_fresh(root)


@posix
def test_two_at_once(corpus: Corpus) -> None:
    root = corpus_of_many(corpus, 500)
    given = ["check", "--format", "concise", "--ignore", "repeat"]
    first, second = (start(given, root) for _ in range(2))
    ended = finish(first)
    assert finish(second) == ended
    assert ended[0] == 1
    assert ended[2] == ""
    same_as_fresh(root)


# -- pipes and terminals


@posix
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "--format", "concise"], 1),  # what it has found, it has found
        (["check", "--format", "json"], 1),
        (["check", "--diff", "-q"], 1),
        (["check", "--exit-zero"], 0),
        (["show-files"], 0),
        (["rule", "--all"], 0),
        (["check", "--help"], 0),
        (["--help"], 0),
        (["--version"], 0),
    ],
)
def test_the_reader_leaves(corpus: Corpus, arguments: list[str], code: int) -> None:
    root = corpus_of_many(corpus, 30)
    process = start(arguments, root)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == code
    process.stderr.close()


@posix
def test_nobody_hears(corpus: Corpus) -> None:
    root = corpus({**DEMO, "README.md": ""})
    for arguments, expected in (
        (["check", "README.md", "-v"], 2),
        (["check", "-v"], 1),
        (["check", "--config", "foo=1"], 2),
        (["nonsense"], 2),
        ([], 2),
    ):
        process = start(arguments, root)
        assert process.stderr is not None
        process.stderr.close()
        assert process.stdout is not None
        process.stdout.read()
        assert process.wait(timeout=60) == expected
        process.stdout.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["check"], "seedkit check"),
        (["check", "--format", "json"], "seedkit check"),
        (["check", "--help"], "seedkit check"),
        (["rule"], "seedkit rule"),
        (["--version"], "seedkit"),
        (["--help"], "seedkit"),
    ],
)
def test_a_full_disk(corpus: Corpus, arguments: list[str], name: str) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "seedkit", *arguments],
            cwd=corpus(CLEAN), stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (
        2,
        f"{name}: error: the output can't be written: no space left on device\n"
        "  help: make room on the disk\n",
    )


@posix
def test_an_ascii_terminal(corpus: Corpus) -> None:
    root = corpus({**DEMO, "seeds/é.txt": "Où est-il ?\u202e\n"})
    env = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"}
    code, out, err = finish(start(["check", "--select", "text,index"], root, env=env))
    assert (code, err) == (1, "")
    assert out.isascii()
    assert " --> seeds/\\xe9.txt:1:12\n" in out
    assert "1 | O\\xf9 est-il ?\\u202e\n" in out
    json_out = finish(start(["check", "--format", "json"], root, env=env))[1]
    assert {each["path"] for each in json.loads(json_out)["diagnostics"]} == {
        "seeds/b.txt",
        "seeds/é.txt",
    }
    code, out, err = finish(start(["check", "seeds/ü"], root, env=env))
    assert (code, out, err) == (
        2,
        "",
        "seedkit check: error: there is no file `seeds/\\xfc`\n",
    )


@posix
@pytest.mark.parametrize("command", ["check", "rule", "rule --format json", "show-files"])
def test_a_closed_stdout(corpus: Corpus, command: str) -> None:
    run = f"exec {shlex.quote(sys.executable)} -m seedkit {command} >&-"
    done = subprocess.run(["sh", "-c", run], cwd=corpus(DEMO), capture_output=True, text=True)
    said = f"seedkit {command.split()[0]}: error: the output can't be written: it is closed\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@posix
def test_on_a_terminal(corpus: Corpus) -> None:
    pty = pytest.importorskip("pty")
    root = corpus(DEMO)
    reading, writing = pty.openpty()
    env = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "CI")}
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "seedkit", "check", "--select", "index"],
            cwd=root, env={**env, "TERM": "xterm", "PYTHONUTF8": "1", "COLUMNS": "60"},
            stdin=subprocess.DEVNULL, stdout=writing, stderr=writing,
        )  # fmt: skip
        os.close(writing)
        shown = b""
        with contextlib.suppress(OSError):  # Linux says so when the other end is closed
            while part := os.read(reading, 1 << 16):
                shown += part
        assert process.wait(timeout=60) == 1
    finally:
        os.close(reading)
    # Where it took half a second, progress was shown, and removed again.
    rest = re.sub(r"(?:\r\x1b\[KChecking [^\r\n]*)+\r\x1b\[K(?!Checking)", "", shown.decode())
    assert (
        rest.replace("\r\n", "\n").replace("\x1b", "^")
        == """\
^[1;31merror[index/unlisted-seed]^[0m^[1m: `seeds/b.txt` is not listed in^[0m
^[1m    `INDEX.md`^[0m
 ^[2m-->^[0m seeds/b.txt
^[2m  = ^[0m^[1mhelp:^[0m add a row for it, or exclude the file if it is no
          seed
^[2m  = ^[0m^[1mfix:^[0m add a row to the index (--fix)

Found 1 error in 2 seeds, 1 fixable with --fix.
"""
    )


def test_the_same_run_twice(corpus: Corpus) -> None:
    root = corpus(CLEAN)
    for _ in range(2):
        process = start(["check"], root)
        assert finish(process) == ran("Checked 2 seeds, no findings.\n")
