"""Repeats among records, compared with every pair of records, one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.diagnostic import Diagnostic, sort_key
from seedkit.corpus.repeated import repeat_findings
from seedkit.corpus.workspace import Workspace
from seedkit.settings.load import load_settings
from seedkit.sources.source import MemorySource
from seedkit.store.database import CacheDatabase
from support.corpora import more

LINES = 'files = ["seeds/**"]\n[record]\nmode = "lines"\nempty = "skip"\nunit = "record"\n'
CHAT = 'extends = "builtin:chat-jsonl"\nfiles = ["seeds/**"]\n[record]\nunit = "record"\n'
MESSAGE = re.compile(r"record (\d+) of `(.*)` is (?:(\d+) % the same as )?record (\d+) of `(.*)`")
WORDS = [f"w{number}" for number in range(40)]


def memory(files: Mapping[str, str], schema: str = LINES, config: str = "") -> MemorySource:
    """Return a corpus in memory."""
    own = {"seedkit.toml": f"passage_tokens = 8\n{config}", "schemas/note.toml": schema}
    return MemorySource({path: text.encode() for path, text in {**own, **files}.items()})


def findings(source: MemorySource, database: str | None = None) -> list[Diagnostic]:
    """Return what repeats, sorted."""
    workspace = Workspace(source, load_settings(source), CacheDatabase(database))
    workspace.refresh()
    return sorted(repeat_findings(workspace), key=sort_key)


def told(diagnostics: list[Diagnostic]) -> list[tuple[str, int, str]]:
    """Return rules, lines and messages."""
    return [(d.rule, d.place.start.line if d.place.start else 0, d.message) for d in diagnostics]


def test_a_copied_record_is_found_with_both_places() -> None:
    files = {"seeds/a": "no\n\nOne two\n", "seeds/b": "x\none, TWO.\nno\n"}
    found = findings(memory(files))
    assert told(found) == [
        ("repeat/same-text", 2, "record 2 of `seeds/b` is record 2 of `seeds/a`"),
        ("repeat/same-text", 3, "record 3 of `seeds/b` is record 1 of `seeds/a`"),
    ]
    place = found[0].related[0].place
    assert place.start is not None
    assert (place.path, place.start.line, place.start.column) == ("seeds/a", 3, 1)


def test_seeds_are_compared_unless_the_format_says_records() -> None:
    schema = LINES.replace('unit = "record"\n', "")
    assert findings(memory({"seeds/a": "no\nyes\n", "seeds/b": "x\nno\n"}, schema)) == []


def test_a_passage_in_two_records_and_one_within_a_record() -> None:
    run = " ".join(WORDS[:9])
    files = {
        "seeds/a": f"{run} {' '.join(WORDS[20:36])}\n",
        "seeds/b": f"q r s t {run} u v x y z a b c d e f g h\n"
        f"{' '.join(WORDS[10:19])} k l m {' '.join(WORDS[10:19])} n o {' '.join(WORDS[10:19])}\n",
    }
    assert told(findings(memory(files))) == [
        ("repeat/repeated-passage", 1, "9 words of record 1 of `seeds/b` also occur in record 1 of "
         "`seeds/a`"),
        ("repeat/repeated-passage", 2, "9 words of record 2 of `seeds/b` also occur earlier in it"),
    ]  # fmt: skip


def chat(*texts: str) -> str:
    """Return a line of a conversation."""
    roles = ("user", "assistant") * len(texts)
    messages = [{"role": r, "content": t} for r, t in zip(roles, texts, strict=False)]
    return json.dumps({"messages": messages}) + "\n"


def test_no_passage_crosses_a_record_or_a_value() -> None:
    a, b, c = (" ".join(WORDS[at : at + 7]) for at in (0, 7, 14))
    other = " ".join(f"x{number}" for number in range(30))
    files = {
        "seeds/a.jsonl": chat(f"{a} {b}", f"{c} {other}"),
        "seeds/b.jsonl": chat(f"1 2 3 4 5 6 7 8 9 0 11 12 {a}", f"{b} 13 14 15 16 17 18 19 20"),
        "seeds/c.jsonl": chat("21 22 23 24 25 26 27", f"28 29 30 31 32 {b}")
        + chat(f"{c} 33 34 35 36 37 38 39", "40 41 42 43 44 45 46 47 48"),
    }
    assert findings(memory(files, CHAT)) == []
    files["seeds/d.jsonl"] = chat("51 52 53 54 55 56 57 58 59", f"{a} {b} 60 61 62 63 64 65 66")
    [found] = findings(memory(files, CHAT))
    assert found.message.startswith("14 words of record 1 of `seeds/d.jsonl` also occur in")
    assert found.place.start is not None
    line = files["seeds/d.jsonl"]
    assert line[found.place.start.offset :].startswith(f"{a} {b}")


def test_of_copied_seeds_the_first_is_compared() -> None:
    files = {"seeds/a": "no\nyes\n", "seeds/b": "no\nyes\n"}
    assert [d.rule for d in findings(memory(files))] == ["repeat/duplicate-seed"]


def test_boilerplate_counts_records() -> None:
    run = " ".join(WORDS[:9])
    lines = "".join(f"{run} {' '.join(f'{n}x{m}' for m in range(12))}\n" for n in range(4))
    [found] = findings(memory({"seeds/a": lines}, config="boilerplate_seeds = 3\n"))
    assert (found.rule, found.message) == ("repeat/boilerplate", "9 words occur in 4 records")


records = st.lists(
    st.lists(st.sampled_from(WORDS[:5]), min_size=1, max_size=7).map(" ".join), max_size=5
)


def grams(text: str) -> set[tuple[str, ...]]:
    """Return the 3-grams of a text."""
    words = text.split()
    return set(zip(words, words[1:], words[2:], strict=False))


@given(st.lists(records, min_size=1, max_size=3, unique_by="\n".join), st.sampled_from([0.8, 0.4]))
def test_record_repeats_are_what_brute_force_finds(seeds: list[list[str]], near: float) -> None:
    files = {f"seeds/{n}": "".join(f"{text}\n" for text in seed) for n, seed in enumerate(seeds)}
    found = findings(memory(files, config=f"near_duplicate = {near}\n"))
    everything = [
        ((f"seeds/{n}", at), text)
        for n, seed in enumerate(seeds)
        for at, text in enumerate(seed, 1)
    ]
    first: dict[str, tuple[str, int]] = {}
    same = {}
    for key, text in everything:
        if first.setdefault(text, key) != key:
            same[key] = first[text]
    pairs = []
    for diagnostic in found:
        match = MESSAGE.fullmatch(diagnostic.message)
        if match is not None:
            ends = (match[2], int(match[1])), (match[5], int(match[4]))
            pairs.append((diagnostic.rule, *ends))
    assert {a: b for rule, a, b in pairs if rule == "repeat/same-text"} == same
    texts = dict(everything)
    least = Fraction(str(near))

    def alike(a: str, b: str) -> bool:
        shared, either = len(grams(a) & grams(b)), len(grams(a) | grams(b))
        return either > 0 and Fraction(shared, either) >= least

    with_partner = {
        key
        for text, key in first.items()
        if any(alike(text, other) for other in first if other != text)
    }
    near_pairs = [(a, b) for rule, a, b in pairs if rule == "repeat/near-duplicate"]
    whole = {
        key
        for d in found
        if "3-grams" in d.message
        for key in [(p, int(n)) for n, p in re.findall(r"record (\d+) of `([^`]*)`", d.message)]
    }
    assert all(alike(texts[a], texts[b]) for a, b in near_pairs)
    assert {key for pair in near_pairs for key in pair} | whole == with_partner


@more(1)
@given(data=st.data())
def test_what_is_remembered_changes_no_answer(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    files: dict[str, str] = {"seeds/z": "w1 w2 w3\n"}
    for _ in range(data.draw(st.integers(2, 5))):
        lines = data.draw(records)
        files[f"seeds/{data.draw(st.sampled_from('abc'))}"] = "".join(f"{x}\n" for x in lines)
        source = memory(files)
        assert findings(source, str(folder / "ledger.sqlite")) == findings(source)
