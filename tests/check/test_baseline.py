"""The baseline: what was there is accepted, one more is new, what is gone is told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.check import baseline
from seedkit.check.baseline import FILE, Baseline, acceptable, of, read_baseline
from seedkit.core.diagnostic import Diagnostic, Place, Position, Severity
from seedkit.core.errors import UsageError
from seedkit.sources.source import MemorySource
from support.corpora import Files, check_corpus, lines, write_files

Corpus = Callable[[Files], Path]


def finding(path: str, subject: str = "x", line: int = 1, rule: str = "text/bom") -> Diagnostic:
    at = Position(line, 1, line)
    return Diagnostic(rule, Severity.ERROR, "message", Place(path, at, at), fingerprint=subject)


def accepted(*findings: Diagnostic) -> Baseline:
    return read_baseline(MemorySource({FILE: of(findings).text().encode()}))


def split(
    found: list[Diagnostic], accepts: Baseline
) -> tuple[list[Diagnostic], int, list[Diagnostic]]:
    """What is new, how many are accepted, and what is said of entries that nothing is found for."""
    parts = baseline.split(found, accepts)
    return parts.fresh, parts.accepted, baseline.stale(parts.left)


def test_what_was_there_is_accepted_wherever_it_moved() -> None:
    old = [finding("a", line=1), finding("a", line=2), finding("b")]
    moved = [finding("a", line=40), finding("a", line=70), finding("b", line=9)]
    assert split(moved, accepted(*old)) == ([], 3, [])


def test_a_third_of_two_is_new() -> None:
    old = [finding("a", line=1), finding("a", line=2)]
    third = finding("a", line=3)
    assert split([*old, third], accepted(*old)) == ([third], 2, [])


@pytest.mark.parametrize(
    "other", [finding("b"), finding("a", "y"), finding("a", rule="text/empty")]
)
def test_another_path_subject_or_rule_is_new(other: Diagnostic) -> None:
    fresh, count, stale = split([other], accepted(finding("a")))
    assert (fresh, count) == ([other], 0)
    assert [d.message for d in stale] == ["baseline accepts `text/bom` in `a`, which is gone"]


def test_what_is_gone_is_told() -> None:
    old = [finding("a"), finding("a"), finding("a"), finding("b\x1b")]
    fresh, count, stale = split([finding("a")], accepted(*old))
    assert (fresh, count) == ([], 1)
    assert [(d.rule, d.severity, d.place, d.message, d.help) for d in stale] == [
        (
            "config/stale-baseline",
            Severity.WARNING,
            Place(FILE),
            message,
            "run `seedkit check --baseline-update`",
        )
        for message in (
            "baseline accepts `text/bom` in `a` (2 findings), which is gone",
            "baseline accepts `text/bom` in `b\\x1b`, which is gone",
        )
    ]


def test_a_finding_without_a_fingerprint_is_known_by_its_message() -> None:
    old = finding("a", subject="")
    assert split([old], accepted(old)) == ([], 1, [])
    other = Diagnostic(old.rule, old.severity, "another", old.place)
    assert split([other], accepted(old))[0] == [other]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy")), max_size=8), st.data())
def test_split_counts_as_a_slow_counter_does(
    pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    before = [finding(*pair) for pair in pairs]
    after = (
        [finding(*pair) for pair in data.draw(st.lists(st.sampled_from(pairs), max_size=8))]
        if pairs
        else []
    )
    left = list(before)
    new = []
    for each in after:
        if each in left:
            left.remove(each)
        else:
            new.append(each)
    fresh, count, stale = split(after, accepted(*before))
    assert (fresh, count) == ((new, len(after) - len(new)) if before else (after, 0))
    assert len(stale) == len(set(left))


def test_the_file_is_stable_and_readable() -> None:
    findings = [finding("b"), finding("caf\udcff"), finding("a"), finding("b", line=7)]
    assert of(findings).text() == of(findings[::-1]).text()
    assert of(findings).text() == (
        '{\n  "version": 1,\n  "findings": [\n'
        '    {"path": "a", "rule": "text/bom", "fingerprint": "x", "count": 1},\n'
        '    {"path": "b", "rule": "text/bom", "fingerprint": "x", "count": 2},\n'
        '    {"path": "caf\\udcff", "rule": "text/bom", "fingerprint": "x", "count": 1}\n'
        "  ]\n}\n"
    )
    assert of([]).text() == '{\n  "version": 1,\n  "findings": []\n}\n'
    assert split(findings, accepted(*findings)) == ([], 4, [])


def test_configuration_faults_are_not_accepted() -> None:
    assert acceptable(finding("a"))
    assert not acceptable(finding("a", rule="config/unused-format"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)
entries = st.fixed_dictionaries(
    {},
    optional={
        key: json_values | st.text() | st.integers()
        for key in ("path", "rule", "fingerprint", "count")
    },
)
baselines = st.fixed_dictionaries(
    {},
    optional={
        "version": st.just(1) | json_values,
        "findings": st.lists(entries | json_values, max_size=3) | json_values,
    },
)


@given(
    (baselines | json_values).map(json.dumps).map(str.encode)
    | st.binary(max_size=30)
    | st.sampled_from(
        [
            b"",
            b"[" * 20_000,
            b'{"version": 1, "findings": [{"path":"a","rule":"r","fingerprint":"f",'
            b'"count":' + b"9" * 5000 + b"}]}",
            b"\xff",
            b"\xef\xbb\xbf{}",
        ]
    )
)
def test_any_file_is_a_baseline_or_refused(data: bytes) -> None:
    try:
        found = read_baseline(MemorySource({FILE: data}))
    except UsageError as error:
        assert error.message.startswith(f"{FILE} is not a baseline")
        assert error.help is not None and error.help.startswith("restore it")
    else:
        fresh, _, stale = split([finding("a")], found)
        assert len(stale) <= len(found.entries)
        assert len(fresh) <= 1


def entry(**changes: Any) -> bytes:
    whole = {"path": "a", "rule": "text/bom", "fingerprint": "x", "count": 1, **changes}
    return json.dumps({"version": 1, "findings": [whole]}).encode()


@pytest.mark.parametrize(
    "data",
    [
        entry(count=0),
        entry(count=-1),
        entry(count="1"),
        entry(count=1.5),
        entry(path=1),
        entry(rule=None),
        b'{"version": 2, "findings": []}',
        b'{"findings": []}',
        b'{"version": 1}',
        b"[]",
        b"3",
    ],
)
def test_what_is_no_baseline(data: bytes) -> None:
    with pytest.raises(UsageError):
        read_baseline(MemorySource({FILE: data}))


def test_no_baseline_accepts_nothing() -> None:
    assert read_baseline(MemorySource({})) == Baseline(Counter())
    assert split([finding("a")], Baseline(Counter())) == ([finding("a")], 0, [])


def test_a_baseline_that_is_a_link_is_refused(tmp_path: Path) -> None:
    from seedkit.sources.source import DiskSource

    write_files(tmp_path, {"outside.json": of([]).text(), "corpus/x": ""})
    (tmp_path / "corpus" / FILE).symlink_to("../outside.json")
    with pytest.raises(UsageError) as caught:
        read_baseline(DiskSource(str(tmp_path / "corpus")))
    assert (
        caught.value.message == f"{FILE} can't be read: `{FILE}` is a symbolic link, or behind one"
    )


def test_a_check_with_a_baseline(corpus: Corpus) -> None:
    files: dict[str, str | bytes] = {
        "seedkit.toml": 'select = ["text", "config"]\n',
        "schemas/plain.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
        "seeds/a.txt": "one \n",
        "seeds/b.txt": "\ufeffbom\n",
    }
    root = corpus(files)
    found = check_corpus(root)
    assert lines(found) == [
        "seeds/a.txt:1:4: text/trailing-whitespace: trailing white space",
        "seeds/b.txt:1:1: text/bom: file starts with a byte order mark",
    ]
    corpus({FILE: of(found).text()})
    assert check_corpus(root) == []
    corpus({"seeds/a.txt": "zero\none \n", "seeds/c.txt": "\ufeffnew\n", "seeds/b.txt": "no bom\n"})
    assert lines(check_corpus(root)) == [
        "seedkit-baseline.json: config/stale-baseline: baseline accepts `text/bom` in "
        "`seeds/b.txt`, which is gone",
        "seeds/c.txt:1:1: text/bom: file starts with a byte order mark",
    ]
