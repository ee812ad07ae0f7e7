"""Counterparts: who lacks one, who has another number of records, and what is remembered of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.check.findings import corpus_findings
from seedkit.core.diagnostic import Diagnostic, sort_key
from seedkit.core.errors import ConfigError
from seedkit.core.patterns import PathTemplate
from seedkit.corpus.workspace import Workspace
from seedkit.settings.load import load_settings
from seedkit.sources.source import MemorySource
from seedkit.store.database import CacheDatabase
from support.corpora import more

LINES = 'files = ["**/*.txt"]\n[record]\nmode = "lines"\nempty = "skip"\n'
TABLE = '[parallel]\nen = "s/en/**"\nde = "s/de/**"\nfr = "s/fr/**"\n'
RULES = ("name/no-counterpart", "format/not-parallel")


def found(
    files: Mapping[str, str], config: str = TABLE, database: str | None = None
) -> list[Diagnostic]:
    own = {"seedkit.toml": f'seeds = ["s"]\n{config}', "schemas/lines.toml": LINES}
    source = MemorySource({path: text.encode() for path, text in {**own, **files}.items()})
    workspace = Workspace(source, load_settings(source), CacheDatabase(database))
    workspace.refresh()
    diagnostics = corpus_findings(workspace, repeats=False).diagnostics
    return sorted((each for each in diagnostics if each.rule in RULES), key=sort_key)


def told(diagnostics: list[Diagnostic]) -> list[str]:
    return [f"{each.place.path} {each.rule}: {each.message}" for each in diagnostics]


def test_who_has_another_number_of_records_is_named_with_a_model() -> None:
    files = {"s/en/a.txt": "1\n2\n", "s/de/a.txt": "1\n2\n3\n", "s/fr/a.txt": "1\n2\n"}
    [finding] = found(files)
    assert told([finding]) == [
        "s/de/a.txt format/not-parallel: seed has 3 records, its counterpart `s/en/a.txt` has 2"
    ]
    assert [(each.place.path, each.message) for each in finding.related] == [
        ("s/en/a.txt", "2 records")
    ]
    assert finding.involved == ("s/de/a.txt", "s/en/a.txt")


def test_who_lacks_a_counterpart() -> None:
    files = {"s/en/x/a.txt": "1\n", "s/de/x/a.txt": "1\n", "s/fr/b.txt": "1\n"}
    assert told(found(files)) == [
        "s/en/x/a.txt name/no-counterpart: `s/en/x/a.txt` has no counterpart `s/fr/x/a.txt`",
        "s/fr/b.txt name/no-counterpart: `s/fr/b.txt` has no counterpart `s/de/b.txt`",
        "s/fr/b.txt name/no-counterpart: `s/fr/b.txt` has no counterpart `s/en/b.txt`",
    ]


def test_a_pattern_without_a_seed_is_one_finding_at_the_configuration() -> None:
    config = '[parallel]\nen = "s/en/**"\nde = "s/ed/**"\n'
    [finding] = found({"s/en/a.txt": "1\n", "s/de/a.txt": "1\n"}, config)
    assert finding.message == "`de` in `parallel` has no seed: no path is as `s/ed/**`"
    assert finding.place.path == "seedkit.toml"
    assert finding.place.start is not None
    assert finding.place.start.line == 2


def test_the_pattern_with_the_most_text_takes_a_seed() -> None:
    config = '[parallel]\nen = "s/*.txt"\nde = "s/*.de.txt"\n'
    assert found({"s/a.txt": "1\n", "s/a.de.txt": "1\n"}, config) == []


def test_a_number_that_is_not_certain_is_not_compared() -> None:
    [other] = found({"s/en/a.txt": "1\n2\n", "s/de/a.txt": "1\n", "s/fr/a.txt": "1\n"})
    assert other.place.path == "s/en/a.txt"
    conflict = "<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n"
    assert found({"s/en/a.txt": conflict, "s/de/a.txt": "1\n", "s/fr/a.txt": "1\n"}) == []


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('en = "s/en/**"', "one pattern alone has no counterpart; name two or more"),
        ('en = "s/en/a"\nde = "s/de/a"', "`en` has no `*` or `**` for what counterparts share"),
        ('en = "s/en/**"\nde = "s/de/*"', "`de` has not the same wildcards as `en`"),
        ('en = "s/*"\nde = "s/*"', "two patterns are the same"),
    ],
)
def test_patterns_that_make_no_pairs_are_refused(table: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        found({}, f"[parallel]\n{table}\n")
    assert message in refused.value.diagnostics[0].message


NAMES = st.sampled_from(["a.txt", "b.txt", "x/a.txt", "x/y.txt"])
CORPORA = st.dictionaries(
    st.tuples(st.sampled_from(["en", "de", "fr"]), NAMES).map(lambda e: f"s/{e[0]}/{e[1]}"),
    st.integers(1, 3).map(lambda count: "line\n" * count),
    max_size=8,
)


def by_hand(files: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Path, rule and counterpart of each finding, looked up pair by pair."""
    languages = [one for one in ("en", "de", "fr") if any(f"s/{one}/" in path for path in files)]
    wrong = []
    for name in {path.split("/", 2)[2] for path in files}:
        here = [f"s/{one}/{name}" for one in languages if f"s/{one}/{name}" in files]
        there = [f"s/{one}/{name}" for one in languages]
        wrong += [(here[0], RULES[0], path) for path in there if path not in files]
        counts = [files[path].count("\n") for path in here]
        often = Counter(counts)
        most = next(count for count in counts if often[count] == max(often.values()))
        model = next(path for path in here if files[path].count("\n") == most)
        wrong += [(path, RULES[1], model) for path in here if files[path].count("\n") != most]
    return sorted(wrong)


def summary(diagnostics: list[Diagnostic]) -> list[tuple[str, str, str]]:
    return sorted(
        (each.place.path, each.rule, re.findall("counterpart `(.+?)`", each.message)[0])
        for each in diagnostics
        if each.place.path != "seedkit.toml"
    )


@more(3)
@given(states=st.lists(CORPORA.filter(bool), min_size=1, max_size=4))
def test_findings_are_those_of_a_comparison_by_hand_at_every_step(
    states: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = str(Path(tmp_path_factory.mktemp("parallel")) / "cache")
    for files in states:
        assert summary(found(files, database=database)) == by_hand(files)


@given(st.text(st.sampled_from("ab/."), max_size=12))
def test_a_template_is_filled_with_what_it_matched(path: str) -> None:
    for pattern in ("**", "a/*", "**/a", "*.b", "a/**/*.b", "*/*"):
        template = PathTemplate(pattern)
        texts = template.match(path)
        if texts is not None:
            assert template.fill(texts) == path
    wild = PathTemplate("a/**/*.b").match(path)
    assert (wild is not None) == bool(re.fullmatch(r"a/(?:.*/)?[^/]*\.b", path))
