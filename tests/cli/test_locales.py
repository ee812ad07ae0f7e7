"""Names of files are UTF-8 in every locale; what is printed is in the encoding of the locale."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.commandline import ran, seedkit
from support.corpora import Files

pytestmark = pytest.mark.skipif(
    os.name == "nt" or sys.platform == "darwin", reason="names of files are Unicode there"
)

UTF8 = {"LC_ALL": "C.UTF-8"}
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
CORPUS: Files = {
    "seedkit.toml": "",
    "schemas/note.toml": 'files = ["seeds/**"]\n',
    "INDEX.md": "# Seeds\n\n- [a](seeds/a.txt)\n- [é](seeds/é.txt)\n",
    "seeds/a.txt": "hello mill\n",
    "seeds/é.txt": "naïve mill wheel\n",
    "seeds/種/目.txt": "no mill in any index\n",
}


@pytest.fixture(scope="session")
def latin_1(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a locale whose encoding is ISO-8859-1."""
    if shutil.which("localedef") is None:
        pytest.skip("locales can't be made")
    folder = tmp_path_factory.mktemp("locales")
    command = ["localedef", "-i", "en_US", "-f", "ISO-8859-1", str(folder / "en_US.ISO-8859-1")]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("there is no source of a locale")
    return {"LOCPATH": str(folder), "LC_ALL": "en_US.ISO-8859-1"}


@pytest.fixture(params=["ASCII", "ISO-8859-1"])
def elsewhere(request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment of a locale whose encoding is not UTF-8."""
    if request.param == "ASCII":
        return ASCII
    made: dict[str, str] = request.getfixturevalue("latin_1")
    return made


def run(root: Path, env: Mapping[str, str], *arguments: str) -> tuple[int, bytes, bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    kept = {name: value for name, value in kept.items() if name not in ("LANG", "PYTHONUTF8")}
    command = [sys.executable, "-m", "seedkit", *arguments]
    done = subprocess.run(command, cwd=root, env={**kept, **env}, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("check", "--format", "json"),
        ("check", "seeds/é.txt", "--format", "json"),
        ("check", "--jobs", "2", "--format", "json"),
        ("search", "mill", "--engine", "scan", "-0"),
        ("search", "path:é", "-0"),
        ("stats", "--format", "json"),
    ],
)
def test_an_answer_is_the_same(
    corpus: Callable[[Files], Path], elsewhere: dict[str, str], command: tuple[str, ...]
) -> None:
    root = corpus(CORPUS)
    expected = run(root, UTF8, *command)
    assert expected[0] in (0, 1)
    assert run(root, elsewhere, *command)[:2] == expected[:2]
    assert run(root, UTF8, *command) == expected  # nothing else is in the cache now


def test_fixes_are_the_same(corpus: Callable[[Files], Path], elsewhere: dict[str, str]) -> None:
    root = corpus(CORPUS)
    assert run(root, elsewhere, "check", "--fix", "-q") == (0, b"", b"")
    text = (root / "INDEX.md").read_text("utf-8")
    listed = [line for line in text.splitlines() if line.startswith("- ")]
    assert listed == ["- [a](seeds/a.txt)", "- [é](seeds/é.txt)", "- [目](seeds/種/目.txt)"]


def test_what_is_printed_is_in_the_encoding_of_the_locale(
    corpus: Callable[[Files], Path], latin_1: dict[str, str]
) -> None:
    root = corpus(CORPUS)
    listed = run(root, latin_1, "search", "mill", "-l", "--sort", "path")[1]
    assert listed == b"seeds/a.txt\nseeds/\xe9.txt\nseeds/\\u7a2e/\\u76ee.txt\n"
    listed = run(root, ASCII, "search", "mill", "-l", "--sort", "path")[1]
    assert listed == b"seeds/a.txt\nseeds/\\xe9.txt\nseeds/\\u7a2e/\\u76ee.txt\n"


def test_an_encoding_that_is_asked_for(corpus: Callable[[Files], Path]) -> None:
    asked = {**ASCII, "PYTHONIOENCODING": "utf-8"}
    assert run(corpus(CORPUS), asked, "search", "path:é", "-l")[1] == "seeds/é.txt\n".encode()


def test_within_a_program_it_is_refused(
    corpus: Callable[[Files], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "iso8859-1")
    assert seedkit("check", cwd=corpus(CORPUS)) == ran(
        err="seedkit: error: Python decodes the names of files as iso8859-1, not as UTF-8\n"
        "  help: set PYTHONUTF8=1\n",
        code=2,
    )
