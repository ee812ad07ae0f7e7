"""Finding the command; help; every way to end: messages and exit codes."""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit import cli
from seedkit.core.diagnostic import Diagnostic, Place, Position, Severity
from seedkit.core.errors import ConfigError
from seedkit.version import __version__
from support.commandline import CLEAN, DEMO, ran, seedkit
from support.corpora import Files

Corpus = Callable[[Files], Path]

HELP = """\
seedkit keeps a corpus of text files honest and findable.

Usage: seedkit COMMAND [OPTIONS]

Examples:
  seedkit init                       make a corpus of a folder of texts
  seedkit check                      check the whole corpus
  seedkit check seeds/a.txt          report only what concerns one seed
  seedkit check --fix                apply safe fixes, in INDEX.md above all
  seedkit search mill river          find the seeds with both words
  seedkit rule index/unlisted-seed   explain a rule

Commands:
  init           make a corpus of a folder of texts, infer their formats
  add            bring a text into the corpus, checked and listed
  mv             move a seed, its row and its baseline entries
  rm             remove seeds, their rows and their baseline entries
  check          check seeds against their formats and INDEX.md
  repeats        show which seeds and passages repeat each other
  overlap        show how much of some texts occurs in others
  search         find seeds by the words in them, the best first
  index          bring the search index up to date, look at it, prove it
  watch          report problems as files are saved, keep the index current
  stats          count seeds, bytes, records and sections by format
  rule           explain a rule, or list them all
  schema         print a JSON Schema or a built-in format
  show-files     list the seeds and their formats
  show-settings  print the settings in force

  seedkit COMMAND --help             explain a command and its options
  seedkit --version                  print the version

Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 a bug in seedkit,
130 interrupted
"""

CHECK_HELP = """\
Usage: seedkit check [PATH …] [OPTIONS]

Check that every seed matches its format and is listed in INDEX.md. A PATH
narrows what is reported, not what is known: all seeds are compared.

Examples:
  seedkit check                          check the whole corpus
  seedkit check seeds/a.txt              report only what concerns one seed
  seedkit check --diff                   show what --fix would change
  seedkit check --fix                    apply safe fixes
  seedkit check --select index,text/bom  check some rules and families only
  seedkit check --baseline-update        accept what there is now
  seedkit check --staged                 check what will be committed
  seedkit check --since origin/main      report only what is new

Arguments:
  PATH                   a seed, a folder, INDEX.md, a format

Fixing:
  --fix                  apply safe fixes
  --unsafe-fixes         with --fix or --diff: change content too
  --diff                 show what --fix would change

Rules:
  --select RULE,…        check only these rules or families
  --ignore RULE,…        leave these rules or families out
  --baseline-update      write seedkit-baseline.json

Output:
  --format NAME          full, concise, json, sarif, github, gitlab or junit;
                         default: full
  --output-file FILE     write the report there
  --output FORMAT=FILE   write a report in that format too; may be repeated
  --statistics           count findings by rule
  --max-findings N       show at most N, 0 is all; default: 100 on a terminal
  --exit-zero            exit 0 whatever is found

Files:
  --staged               check git's index in place of the disk
  --hook WHAT            check the push or commit of a hook: corpus or changes
  --since REF            report only what is new since HEAD parted from REF
  --stdin-filename PATH  check standard input in place of that file
  --force-exclude        ignore PATHs that are not seeds

Common options:
  --root DIR             the corpus; default: found upwards
  --config KEY=VALUE     override a setting, in TOML: 'ignore=["index"]'
  --cache-dir DIR        where caches are kept
  --isolated             ignore seedkit.toml and pyproject.toml
  --color WHEN           auto, always or never; default: auto
  -q, --quiet            print findings and nothing else
  -v, --verbose          say what is done, on stderr
  --jobs N               processes; default: one a processor
  -h, --help             show this

Exit codes: 0 clean, 1 findings (errors or warnings), 2 usage or configuration.
With --diff: 1 if --fix would change anything.
"""

RULE_HELP = """\
Usage: seedkit rule [NAME] [OPTIONS]

Explain a rule; list the rules of a family, or all of them.

Examples:
  seedkit rule index/unlisted-seed  explain a rule
  seedkit rule index                list the rules of a family
  seedkit rule --all                explain every rule

Arguments:
  NAME           a rule, or a family of rules

Output:
  --all          explain, instead of listing
  --format NAME  text or json; default: text

Common options:
  -h, --help     show this
"""


@pytest.mark.parametrize("arguments", [["--version"], ["-V"], ["--version", "check"]])
def test_version(arguments: list[str]) -> None:
    assert seedkit(*arguments) == ran(f"seedkit {__version__}\n")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["help"]])
def test_help(arguments: list[str]) -> None:
    assert seedkit(*arguments) == ran(HELP)


def test_no_command() -> None:
    assert seedkit() == ran(err=HELP, code=2)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["check", "--help"], CHECK_HELP),
        (["check", "seeds", "-h"], CHECK_HELP),
        (["help", "check"], CHECK_HELP),
        (["--help", "check"], CHECK_HELP),
        (["rule", "--help"], RULE_HELP),
    ],
)
def test_help_of_a_command(arguments: list[str], expected: str) -> None:
    assert seedkit(*arguments) == ran(expected)


@pytest.mark.parametrize("command", cli.COMMANDS)
@pytest.mark.parametrize("columns", ["20", "300"])
def test_help_fits_a_terminal(command: str, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    code, out, err = seedkit(command, "--help")
    assert (code, err) == (0, "")
    assert max(map(len, out.split("\n"))) <= 80
    assert "\nExamples:\n  seedkit " in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["chekc"],
            "seedkit: error: there is no command `chekc`\n  help: `seedkit check` is similar\n",
        ),
        (
            ["help", "\x1b[31m"],
            "seedkit: error: there is no command `\\x1b[31m`\n  help: see `seedkit --help`\n",
        ),
        (["--fix"], "seedkit: error: options come after the command: seedkit check --fix\n"),
        ([""], "seedkit: error: there is no command ``\n  help: see `seedkit --help`\n"),
    ],
)
def test_unknown_command(arguments: list[str], expected: str) -> None:
    assert seedkit(*arguments) == ran(err=expected, code=2)


# -- how a command ends


def raising(error: BaseException) -> Callable[[list[str]], int]:
    def command(arguments: list[str]) -> int:
        raise error

    return command


def test_a_bug_is_told_from_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedkit.cli.rule.main", raising(ValueError("what\nis \x1b this")))
    head = "seedkit rule: this is a bug in seedkit: ValueError: what is \\x1b this\n"
    remedy = "  help: run it again with -v for the traceback, and report it, please\n"
    assert seedkit("rule") == ran(err=head + remedy, code=3)
    for option in ("-v", "--verbose"):
        code, out, err = seedkit("rule", option)
        assert (code, out) == (3, "")
        assert err.startswith(head + "Traceback (most recent call last):\n")
        assert err.endswith("ValueError: what\nis \\x1b this\n")


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedkit.cli.rule.main", raising(KeyboardInterrupt()))
    assert seedkit("rule") == ran(err="interrupted\n", code=130)


def test_interrupted_before_the_command_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedkit.cli.run.run", raising(KeyboardInterrupt()))
    monkeypatch.setattr("seedkit.cli.run.run", lambda *_: raising(KeyboardInterrupt())([]))
    assert seedkit("rule") == ran(err="interrupted\n", code=130)


@pytest.mark.parametrize(("given", "code"), [(0, 0), (2, 2), (None, 2), ("text", 2)])
def test_a_command_that_exits_by_itself(
    given: object, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedkit.cli.rule.main", raising(SystemExit(given)))
    assert seedkit("rule") == ran(code=code)


def test_the_garbage_collector_is_as_it_was() -> None:
    assert gc.isenabled()
    seedkit("rule", "text")
    assert gc.isenabled()
    gc.disable()
    try:
        seedkit("rule", "text")
        assert not gc.isenabled()
    finally:
        gc.enable()


# -- no corpus, or a bad one


def test_no_corpus(tmp_path: Path) -> None:
    for command in ("check", "stats", "show-files", "show-settings"):
        assert seedkit(command, cwd=tmp_path) == ran(
            code=2,
            err=f"seedkit {command}: error: no corpus here: neither {tmp_path} nor any folder "
            "above it has a seedkit.toml, a pyproject.toml with [tool.seedkit], or INDEX.md next "
            "to seeds/\n  help: name a corpus with --root, or make one of a folder of texts with "
            "`seedkit init`\n",
        )


def test_the_working_directory_is_gone(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = str(corpus(CLEAN))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()
    gone = "seedkit check: error: the working directory is gone\n  help: go to another\n"
    expected = ran(err=gone, code=2)
    assert seedkit("check") == expected
    assert seedkit("check", "--root", root, "seeds") == expected
    assert seedkit("check", "--root", ".") == expected
    for command in (("search", "tide"), ("show-settings",), ("stats",)):
        said = seedkit(*command, "--root", ".")
        assert said == ran(err=gone.replace("check", command[0]), code=2)
    assert seedkit("check", "--root", root) == ran("Checked 2 seeds, no findings.\n")


def test_bad_configuration(corpus: Corpus) -> None:
    root = corpus({**CLEAN, "seedkit.toml": 'fooo = 1\nselect = ["a"]\n'})
    expected = """\
error[config/unknown-rule]: `select`: there is no rule or family `a`; `seedkit rule` lists them
 --> seedkit.toml:2:11
  |
2 | select = ["a"]
  |           ^^^

error[config/unknown-key]: unknown key `fooo`
 --> seedkit.toml:1:1
  |
1 | fooo = 1
  | ^^^^
  |
  = help: remove it

seedkit {}: stopped by 2 errors in the configuration
"""
    for command in ("check", "stats", "show-files", "show-settings"):
        assert seedkit(command, cwd=root) == ran(err=expected.format(command), code=2)


@pytest.mark.parametrize(
    ("options", "colored"),
    [
        ([], False),
        (["--color", "auto"], False),
        (["--color", "always"], True),
        (["--color=always"], True),
        (["--color", "never"], False),
    ],
)
def test_color_of_what_is_wrong_with_the_configuration(
    corpus: Corpus, options: list[str], colored: bool
) -> None:
    root = corpus({**CLEAN, "seedkit.toml": "fooo = 1\n"})
    code, out, err = seedkit("check", *options, cwd=root)
    assert (code, out) == (2, "")
    assert ("\x1b[1;31merror" in err) == colored


def test_configuration_that_can_not_be_shown(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = corpus({**DEMO, "schemas/note.toml": b"\xff"})
    assert "\n1 | \\xff\n" in seedkit("check", cwd=root).err
    (root / "schemas/note.toml").unlink()
    (root / "schemas/note.toml").symlink_to("elsewhere.toml")
    code, out, err = seedkit("check", cwd=root)
    assert code in (1, 2)
    assert "schemas/note.toml" in out + err


# -- one stream is missing


def test_without_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, code in ((["--version"], 2), (["rule"], 2), ([], 2), (["nonsense"], 2)):
        monkeypatch.setattr("sys.stdout", None)
        monkeypatch.setattr("sys.stderr", None)
        assert cli.main(arguments) == code
        sys.stdout.close()
        sys.stderr.close()


def test_streams_that_are_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", err)
    assert cli.main(["--version"]) == 0
    assert cli.main(["rule", "text/bom"]) == 0
    assert cli.main(["rule", "bom"]) == 2
    assert out.getvalue().startswith(f"seedkit {__version__}\n# text/bom (error, ")
    assert err.getvalue().endswith("\n  help: `text/bom` is similar\n")


@pytest.mark.parametrize(
    ("error", "said", "code"),
    [
        (BrokenPipeError(32, "Broken pipe"), "", 0),
        (
            OSError(28, "No space left"),
            "the output can't be written: no space left\n  help: make room on the disk",
            2,
        ),
        (AttributeError("no stdout"), "the output can't be written: it is closed", 2),
    ],
)
def test_the_version_can_not_be_written(
    error: Exception, said: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(out, "flush", lambda: raising(error)([]))
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", err)
    assert cli.main(["--version"]) == code
    assert err.getvalue() == (f"seedkit: error: {said}\n" if said else "")


def test_a_configuration_that_is_gone_before_it_is_shown(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = Position(3, 1, 5)
    place = Place("gone.toml", position, position)
    fault = Diagnostic("config/invalid-toml", Severity.ERROR, "it is bad", place)

    def load_settings(*_: object, **__: object) -> None:
        raise ConfigError([fault])

    monkeypatch.setattr("seedkit.cli.opening.load_settings", load_settings)
    assert seedkit("check", cwd=corpus(CLEAN)) == ran(
        err="error[config/invalid-toml]: it is bad\n --> gone.toml:3:1\n\n"
        "seedkit check: stopped by 1 error in the configuration\n",
        code=2,
    )
