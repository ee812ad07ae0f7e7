"""Every rule that offers fixes: `check --fix` makes them all, makes no other finding, and stops."""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.check.baseline import FILE as BASELINE
from seedkit.check.baseline import of
from seedkit.check.fix import fixable
from seedkit.core.diagnostic import Diagnostic
from seedkit.formats.layout import Layout
from seedkit.formats.parser import parse
from seedkit.settings.load import load_settings
from seedkit.sources.source import DiskSource
from support.broken_corpora import FIXABLE, Corpus, corpora
from support.commandline import seedkit
from support.corpora import Files, check_corpus, more, write_files

# -- one corpus for each rule


class Case(NamedTuple):
    """A corpus with one finding, and what the one file becomes that its fix changes."""

    rule: str
    files: Files
    path: str
    after: str
    unsafe: bool = False

    def adjacent(self, files: Files) -> Case:
        """The same, with more files."""
        return self._replace(files={**self.files, **files})


LISTED = "- [a](seeds/a.txt)\n- [b](seeds/b.txt)\n"


def seed(rule: str, file: str, before: str, after: str, *, unsafe: bool = False) -> Case:
    """A fault in one of two seeds, with a line of the format's `[file]`."""
    schema = f'extends = "builtin:plain"\nfiles = ["seeds/a.txt"]\n[file]\n{file}\n'
    other = 'extends = "builtin:plain"\nfiles = ["seeds/b.txt"]\n'
    files = {"seedkit.toml": "", "schemas/a.toml": schema, "schemas/b.toml": other}
    files |= {"INDEX.md": LISTED, "seeds/a.txt": before, "seeds/b.txt": "Ebb and flow"}
    return Case(rule, files, "seeds/a.txt", after, unsafe)


def index(
    rule: str, before: str | None, after: str, *, unsafe: bool = False, name: str = "a.txt"
) -> Case:
    """A fault in INDEX.md, of two seeds."""
    schema = 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n'
    files = {"seedkit.toml": "", "schemas/a.toml": schema}
    files |= {f"seeds/{name}": "The moon pulls the sea.\n", "seeds/b.txt": "Ebb and flow"}
    if before is not None:
        files["INDEX.md"] = before
    return Case(rule, files, "INDEX.md", after, unsafe)


PROSE = "# Seeds\n\nProse  \nwith *marks* and a [link](README.md).\n\n"
TABLE = f"{PROSE}| Seed | sha256 | bytes | Licence |\n|---|---|--:|---|\n"
ROW = "| [b.txt](seeds/b.txt) | d0b36bc0 | 12 | CC0 |\n"
CASES = [
    seed("text/bom", "", "\ufeff\ufeffone\ntwo\n", "one\ntwo\n"),
    seed("text/mixed-newlines", "", "one\r\ntwo\nthree\r\n", "one\r\ntwo\r\nthree\r\n"),
    seed("text/stray-carriage-return", "", "one\r\r\ntwo\n", "one\ntwo\n", unsafe=True),
    seed("text/wrong-newline", 'newline = "lf"', "one\r\ntwo\r\n", "one\ntwo\n"),
    seed("text/missing-final-newline", 'final_newline = "require"', "one\r\ntwo", "one\r\ntwo\r\n"),
    seed("text/unwanted-final-newline", 'final_newline = "forbid"', "one\ntwo\n\n", "one\ntwo"),
    seed("text/not-nfc", 'normalization = "nfc"', "cafe\u0301\n", "caf\u00e9\n", unsafe=True),
    seed("text/trailing-whitespace", "", "one \ntwo\t\n", "one\ntwo\n", unsafe=True),
    index(
        "index/missing-index",
        None,
        "# Index\n\n| Seed |\n|---|\n| [a.txt](seeds/a.txt) |\n| [b.txt](seeds/b.txt) |\n",
    ),
    index("index/index-bom", f"\ufeff\ufeff{PROSE}{LISTED}", PROSE + LISTED, unsafe=True),
    index(
        "index/unlinked-index", PROSE + LISTED, f"{PROSE}{LISTED}- [sea](seeds/sea/INDEX.md)\n"
    ).adjacent({"seeds/sea/INDEX.md": "- [c](c.txt)\n", "seeds/sea/c.txt": "It is deep.\n"}),
    index("index/unlisted-seed", f"{PROSE}- [a](seeds/a.txt)\n\nEnd", f"{PROSE}{LISTED}\nEnd"),
    index(
        "index/not-a-link",
        f"{PROSE}- [a](seeds/a b.txt)\n- [b](seeds/b.txt)\n",
        f"{PROSE}- [a](<seeds/a b.txt>)\n- [b](seeds/b.txt)\n",
        name="a b.txt",
    ),
    index(
        "index/not-a-row",
        f"{TABLE}| [a.txt](seeds/a.txt) | 80f58cd9… | 24 | mine |\n\n \n{ROW}\nEnd",
        f"{TABLE}| [a.txt](seeds/a.txt) | 80f58cd9… | 24 | mine |\n{ROW}\nEnd",
    ),
    index(
        "index/dangling-entry",
        f"{PROSE}{LISTED}- [c](seeds/c.txt)\n\nEnd",
        f"{PROSE}{LISTED}\nEnd",
        unsafe=True,
    ),
    index(
        "index/renamed-seed",
        f"{TABLE}| [old.txt](seeds/old.txt) | 80f58cd9… | 24 | mine |\n{ROW}\nEnd",
        f"{TABLE}| [a.txt](seeds/a.txt) | 80f58cd9… | 24 | mine |\n{ROW}\nEnd",
    ),
    index(
        "index/listed-twice",
        f"{PROSE}{LISTED}- [again](seeds/a.txt)\n\nEnd",
        f"{PROSE}{LISTED}\nEnd",
        unsafe=True,
    ),
    index(
        "index/wrong-spelling",
        f"{PROSE}- [a](seeds/A.txt#top)\n- [b](seeds/b.txt)\n",
        f"{PROSE}- [a](seeds/a.txt#top)\n- [b](seeds/b.txt)\n",
    ),
    index(
        "index/wrong-value",
        f"{TABLE}| [a.txt](seeds/a.txt) | 80f58cd9 |   7 | mine |\n{ROW}\nEnd",
        f"{TABLE}| [a.txt](seeds/a.txt) | 80f58cd9 |  24 | mine |\n{ROW}\nEnd",
    ),
    index(
        "index/path-escapes",
        f"{PROSE}- [a](/home/ada/seeds/a.txt)\n- [b](seeds/b.txt)\n",
        f"{PROSE}- [a](seeds/a.txt)\n- [b](seeds/b.txt)\n",
    ),
    index(
        "index/out-of-order",
        f"{TABLE}{ROW}| [a.txt](seeds/a.txt) | 80f58cd9 | 24 | mine |\n\nEnd",
        f"{TABLE}| [a.txt](seeds/a.txt) | 80f58cd9 | 24 | mine |\n{ROW}\nEnd",
    ).adjacent({"seedkit.toml": 'index_order = "path"\n'}),
]


def test_there_is_a_case_for_each_rule_with_fixes() -> None:
    assert [case.rule for case in CASES] == list(FIXABLE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_the_fix_of_a_rule(corpus: Callable[[Files], Path], case: Case) -> None:
    root = corpus(case.files)
    (finding,) = check_corpus(root)
    assert (finding.rule, fixable(finding, unsafe=False)) == (case.rule, not case.unsafe)
    before = contents(root)
    if case.unsafe:
        assert seedkit("check", "--fix", cwd=root).code == 1
        assert contents(root) == before
    flags = ["--unsafe-fixes"] if case.unsafe else []
    ran = seedkit("check", "--fix", *flags, cwd=root)
    assert ran.code == 0
    assert re.fullmatch(r"Checked \d seeds, no findings\.\n", ran.out)
    assert contents(root) == {**before, case.path: case.after.encode()}


def contents(root: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()
    }


# -- all of them at once


def parsed(layout: Layout, data: bytes) -> object:
    """What a seed says, section by section; whether CRLF or LF ends a line is no part of it."""
    text = data.decode("utf-8", "surrogateescape")
    if layout.name == "table":
        return list(csv.reader(io.StringIO(text.lstrip("\ufeff").rstrip("\r\n"), newline="")))
    document = parse(text, layout)

    def value(text: str) -> str:
        return re.sub(r"(?<!\r)\r\n", "\n", text)

    return [
        (record.fields, [(s.name, value(document.value(s))) for s in record.sections])
        for record in document.records
    ]


def words(finding: Diagnostic) -> tuple[str, str, str]:
    """What a finding says, without counts and values, which other fixes may change.

    Of a list that is out of order one entry is reported, where many may be: any may be it.
    """
    rule, path, message = finding.rule, finding.place.path, finding.message
    if rule == "index/out-of-order":
        message = ""
    elif rule == "index/wrong-value" or not rule.startswith("index/"):
        message = re.sub(r"`[^`]*`, not `[^`]*`|\d[\d,]*", "0", message)
    return rule, path, message


def new_ones(before: Sequence[Diagnostic], after: Sequence[Diagnostic]) -> Iterator[str]:
    """Findings that were not there: neither the same words nor about the same text."""
    had = list(before)
    for each in after:
        subject = each.rule, each.place.path, each.fingerprint
        for old in had:
            same = each.fingerprint and (old.rule, old.place.path, old.fingerprint) == subject
            if same or words(old) == words(each):
                had.remove(old)
                break
        else:
            yield f"new: {each.place.path}: {each.rule}: {each.message}"


def still_there(
    before: Sequence[Diagnostic], offered: Sequence[Diagnostic], after: Sequence[Diagnostic]
) -> Iterator[str]:
    """Findings that were to be fixed, and are there as often as if they had not been."""
    wanted = Counter(map(words, offered))
    left = Counter(map(words, before)) - wanted
    for key, count in Counter(map(words, after)).items():
        if key in wanted and count > left[key]:
            yield "left: " + ": ".join(key)


def changed_sections(
    root: Path, corpus: Corpus, had: dict[str, bytes], has: dict[str, bytes]
) -> Iterator[str]:
    """The seeds of which a fix changed more than the layout."""
    formats = load_settings(DiskSource(str(root))).formats
    for path, name in corpus.seeds.items():
        if had[path] != has[path]:
            layout = Layout(name, formats[name])
            if parsed(layout, had[path]) != parsed(layout, has[path]):
                yield f"other sections: {path}"


# Not of one file: two seeds may be the same once their newlines are, and an entry of the baseline
# is stale once the line that it was about is gone.
_APART = ("repeat/", "config/stale-baseline")
_OWN = ("text/", "format/", "section/")


def found(root: Path) -> list[Diagnostic]:
    return [each for each in check_corpus(root) if not each.rule.startswith(_APART)]


def check_fixing(root: Path, corpus: Corpus, *, unsafe: bool) -> Counter[str]:
    """Fix a corpus; return how many findings of each rule were fixed."""
    write_files(root, corpus.files)
    everything = before = found(root)
    own = [each for each in before if each.rule.startswith(_OWN)]
    if any(corpus.accepted):
        accepted = [each for each, yes in zip(own, corpus.accepted, strict=False) if yes]
        write_files(root, {BASELINE: of(accepted).text()})
        before = found(root)
    had = contents(root)
    offered = [each for each in before if fixable(each, unsafe=unsafe)]
    kept = [each for each in everything if each not in offered]
    flags = ["--unsafe-fixes"] if unsafe else []
    ran = seedkit("check", "--fix", *flags, cwd=root)
    assert ran.code in (0, 1), ran
    after, has = found(root), contents(root)
    faults = [*still_there(before, offered, after), *new_ones(kept, after)]
    if not unsafe:
        faults += changed_sections(root, corpus, had, has)
    fixable_files = {each.fix.edits[0].place.path for each in offered if each.fix is not None}
    changed = {path for path in has if has[path] != had.get(path)}
    # What a row says of a seed follows when that is fixed.
    others = {path for path in changed - fixable_files if not path.endswith("INDEX.md")}
    faults += [f"changed: {path}" for path in others]
    assert not (changed and not fixable_files)
    assert faults == [], faults
    ran = seedkit("check", "--fix", *flags, cwd=root)
    assert ran.code in (0, 1), ran
    assert contents(root) == has
    return Counter(each.rule for each in offered)


@pytest.mark.parametrize(("rule", "needs_unsafe"), [(case.rule, case.unsafe) for case in CASES])
def test_fixes_among_many_faults(rule: str, needs_unsafe: bool) -> None:
    """A finding of each rule is fixed in some corpus at least, among those of other rules."""
    fixed = Counter[str]()

    @given(corpora(rule), st.just(True) if needs_unsafe else st.booleans())
    @more(0.2)
    def fixes(corpus: Corpus, unsafe: bool) -> None:
        root = Path(tempfile.mkdtemp())
        try:
            fixed.update(check_fixing(root, corpus, unsafe=unsafe))
        finally:
            shutil.rmtree(root)

    fixes()
    assert fixed[rule]
