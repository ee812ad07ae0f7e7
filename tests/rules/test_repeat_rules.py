"""Findings about repeats, with the exact text that each marks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from seedkit.check import baseline
from seedkit.check.run import CheckResult, run_check, selection
from seedkit.cli.repeats import KINDS
from seedkit.core.diagnostic import Diagnostic, Place, Related
from seedkit.core.rules import RULES
from seedkit.corpus.workspace import Workspace
from seedkit.repeats.parameters import Parameters
from seedkit.settings.config import Config
from seedkit.settings.load import load_settings
from seedkit.sources.source import MemorySource
from seedkit.store.database import CacheDatabase
from support.corpora import check_corpus
from support.examples import _complete
from support.places import ROOT, SHARED


def line_of(found: Diagnostic | Related) -> int:
    """Return the first line of a finding, or of another place that it names."""
    assert found.place.start is not None
    return found.place.start.line


REAL = SHARED / "seeds" / "000_f58ef1cb9b988d29.txt"
# Eleven words, where a passage has eight.
MILL = "the mill at the bend of the river turned all night"
FERRY = "nobody but the ferryman had seen the lamp go out that evening"
GOAT = "a goat two apples one borrowed hat no excuse whatever came late"

Files = Mapping[str, str | bytes]
Corpus = Callable[[Files], Path]


def diagnostics(files: Files, *settings: str) -> list[Diagnostic]:
    """Return the findings about repeats; passages have eight words or more."""
    return [d for d in checked(files, *settings).diagnostics if d.rule.startswith("repeat/")]


def checked(files: Files, *settings: str) -> CheckResult:
    """Return what a check finds."""
    config = "\n".join(["passage_tokens = 8", *settings, ""])
    contents = {
        path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()
    }
    source = MemorySource(_complete({"seedkit.toml": config.encode(), **contents}))
    workspace = Workspace(source, load_settings(source), CacheDatabase(None))
    workspace.refresh()
    return run_check(workspace, selection(workspace))


def repeats(files: Files, *settings: str) -> list[str]:
    """Return them as text: what is marked, and how it is called."""
    found = []
    for each in diagnostics(files, *settings):
        related = "".join(f"; {r.message}: {marked(files, r.place)}" for r in each.related)
        rule = each.rule.removeprefix("repeat/")
        found.append(f"{marked(files, each.place)}: {rule}: {each.message}{related}")
    return found


def marked(files: Files, place: Place) -> str:
    """Return the place with the text there, cut out by offsets, and by lines and columns too."""
    if place.start is None or place.end is None:
        return place.path
    content = files[place.path]
    data = content if isinstance(content, bytes) else content.encode()
    cut = data[place.start.offset : place.end.offset].decode()
    lines = data.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    own = lines[place.start.line - 1 : place.end.line]
    own[-1] = own[-1][: place.end.column - 1]
    own[0] = own[0][place.start.column - 1 :]
    assert "\n".join(own) == cut.replace("\r\n", "\n").replace("\r", "\n")
    return f"{place.path}:{place.start.line}:{place.start.column} {cut!r}"


def whole(*expected: str) -> list[str]:
    """Return findings about whole seeds, `SEED RULE: MESSAGE OTHER`, as `repeats` has them."""
    found = []
    for each in expected:
        seed, rule, rest = each.split(" ", 2)
        message, _, other = rest.rpartition(" ")
        found.append(f"seeds/{seed}: {rule} {message} `seeds/{other}`; the other: seeds/{other}")
    return found


def fmt(sections: str, *, head: str = "") -> str:
    """Return a format that matches every seed."""
    return f'files = ["seeds/**"]\n{head}\n{sections}'


# -- whole seeds


def test_copies() -> None:
    files = {
        "seeds/c.txt": MILL,
        "seeds/a.txt": MILL,
        "seeds/b.txt": f"{MILL}\n",
        "seeds/d.txt": MILL,
    }
    assert repeats(files) == whole(
        "b.txt same-text: seed has the same words as a.txt",
        "c.txt duplicate-seed: seed has the same bytes as a.txt",
        "d.txt duplicate-seed: seed has the same bytes as a.txt",
    )
    severities = {str(d.severity) for d in diagnostics(files)}
    remedies = [d.help for d in diagnostics(files)]
    assert severities == {"error"}
    assert (
        remedies[0] == "compare them with `seedkit repeats seeds/b.txt`; remove one, or accept both"
    )


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("One text, and ONE only.", "one  text\r\nand “one” only"),
        ("Ｆine words, ２ of them", "fine  words 2 of them"),
        ("cafe\u0301 au lait", "café — au lait!"),
        ("種子必須誠實", "種子,必須。誠實"),
    ],
)
def test_same_text(a: str, b: str) -> None:
    assert repeats({"seeds/a.txt": a, "seeds/b.txt": b}) == whole(
        "b.txt same-text: seed has the same words as a.txt"
    )


def test_what_is_said_of_two_seeds_of_one_size() -> None:
    words = [f"word{number}" for number in range(50)]
    edited = [{10: "other", 40: "else"}.get(number, word) for number, word in enumerate(words)]
    files = {"seeds/a.txt": " ".join(words), "seeds/b.txt": " ".join(edited)}
    assert repeats(files) == whole("b.txt contained-seed: seed has 87 % in common with a.txt")
    files["seeds/b.txt"] += " more"
    assert repeats(files) == whole("a.txt contained-seed: 87 % of the seed stands in b.txt")
    turned = {"seeds/a.txt": " ".join(words + words[:2]),
              "seeds/b.txt": " ".join(words[20:] + words[:22])}  # fmt: skip
    (said,) = repeats(turned)
    assert said == (
        "seeds/b.txt: near-duplicate: seed has the same 3-grams as `seeds/a.txt`, in another order "
        "or number; the other: seeds/a.txt"
    )
    swapped = f"{FERRY} {GOAT} {MILL} {' '.join(words)}"
    files = {"seeds/a.txt": swapped, "seeds/b.txt": f"{' '.join(words)} {FERRY} {GOAT} {MILL}"}
    assert repeats(files) == whole("b.txt near-duplicate: seed is 95 % the same as a.txt")


def test_near_duplicates_form_one_group() -> None:
    words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    files = {
        "seeds/a.txt": words,
        "seeds/b.txt": f"{words} fifteen",
        "seeds/c.txt": f"{words} fifteen sixteen",
        "seeds/d.txt": words.upper(),
    }
    (twin,) = whole("d.txt same-text: seed has the same words as a.txt")
    # Of three that are alike the largest represents the others.
    other = "the other: seeds/c.txt"
    assert repeats(files) == [
        f"seeds/a.txt: near-duplicate: seed is 85 % the same as `seeds/c.txt`; {other}",
        f"seeds/b.txt: near-duplicate: seed is 92 % the same as `seeds/c.txt`; {other}",
        twin,
    ]
    assert repeats(files, "near_duplicate = 0.93") == [
        f"seeds/a.txt: contained-seed: 100 % of the seed stands in `seeds/c.txt`; {other}",
        f"seeds/b.txt: contained-seed: 100 % of the seed stands in `seeds/c.txt`; {other}",
        twin,
    ]


def test_the_smaller_seed_is_the_one_contained() -> None:
    files = {"seeds/a.txt": f"{MILL} {FERRY}", "seeds/b.txt": MILL, "seeds/c.txt": f"{GOAT} {MILL}"}
    what = "contained-seed: 100 % of the seed stands in"
    # That a and c share it too is explained by the group round b.
    assert repeats(files) == [
        f"seeds/b.txt: {what} `seeds/a.txt`; the other: seeds/a.txt",
        f"seeds/b.txt: {what} `seeds/c.txt`; the other: seeds/c.txt",
    ]


def test_the_smaller_seed_may_have_more_bytes() -> None:
    padded = MILL.replace(" ", " " * 30)
    assert repeats({"seeds/a.txt": f"{MILL} {FERRY}", "seeds/b.txt": padded}) == whole(
        "b.txt contained-seed: 100 % of the seed stands in a.txt"
    )


def test_a_short_seed_is_not_contained() -> None:
    files = {"seeds/a.txt": f"{MILL} {FERRY}", "seeds/b.txt": "the mill at the bend of the"}
    assert repeats(files) == []


def test_empty_and_blank_seeds_are_no_copies() -> None:
    assert (
        repeats({f"seeds/{n}.txt": t for n, t in enumerate(["", "", "\n", "\n", " \n", " \n"])})
        == []
    )


def test_a_seed_that_allows_the_rule_about_empty_ones_may_be_a_copy() -> None:
    text = f"# seedkit: allow text/empty\n{MILL}\n"
    files = {
        "schemas/s.toml": fmt("", head='[comments]\nprefix = "#"'),
        "seeds/a.txt": text,
        "seeds/b.txt": text,
    }
    assert repeats(files) == whole("b.txt duplicate-seed: seed has the same bytes as a.txt")


def test_seeds_without_words_may_be_copies() -> None:
    assert repeats({"seeds/a.txt": "…\n", "seeds/b.txt": "…\n", "seeds/c.txt": "*\n"}) == whole(
        "b.txt duplicate-seed: seed has the same bytes as a.txt"
    )


def test_seeds_that_cannot_be_compared_may_be_copies() -> None:
    binary = MILL.encode() + b"\xff" + bytes(99)
    files: Files = {
        "schemas/text.toml": 'files = ["*.txt"]\n',
        "seeds/a.bin": binary, "seeds/b.bin": binary, "seeds/c.txt": binary,
        "seeds/d.bin": binary + b"!", "seeds/e.txt": binary + b"!?",
    }  # fmt: skip
    assert repeats(files) == whole(
        "b.bin duplicate-seed: seed has the same bytes as a.bin",
        "c.txt duplicate-seed: seed has the same bytes as a.bin",
    )


def test_undecodable_seeds_and_those_without_a_format_are_compared() -> None:
    undecodable = MILL.encode() + b"\xff"
    files: Files = {
        "schemas/text.toml": 'files = ["*.txt"]\n',
        "seeds/a.bin": MILL, "seeds/b.bin": MILL, "seeds/c.txt": MILL,
        "seeds/d.txt": undecodable, "seeds/e.txt": undecodable, "seeds/f.bin": f"{MILL}!",
    }  # fmt: skip
    assert repeats(files) == whole(
        "b.bin duplicate-seed: seed has the same bytes as a.bin",
        "c.txt duplicate-seed: seed has the same bytes as a.bin",
        "d.txt same-text: seed has the same words as a.bin",
        "e.txt duplicate-seed: seed has the same bytes as d.txt",
        "f.bin same-text: seed has the same words as a.bin",
    )


def test_names_are_shown_safely() -> None:
    (found,) = diagnostics({"seeds/a\u202e.txt": "one text", "seeds/b\x1b.txt": "one text"})
    assert found.message == "seed has the same bytes as `seeds/a\\u202e.txt`"
    assert (found.help or "").startswith("compare them with `seedkit repeats seeds/b\\x1b.txt`")


# -- passages


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "passage",
    [
        MILL,
        "The mill,\nat the BEND of the «river»\nturned all night",
        "𝒜lpha 𐐀𐐨 beta 😀 gamma delta epsilon zeta eta theta",
        "ce\u0301dille na\u0308ive a\u0300 la carte re\u0301sume\u0301 e\u0301te\u0301 fe\u0302te",
        "種子必須誠實,不可重複",
        "ภาษาไทยเขียนติดกัน",
        "קמץ מִלָּה שלום עליכם בראשית ברא אלהים את השמים ואת הארץ",
    ],
)
def test_a_passage_is_marked_exactly(passage: str, newline: str) -> None:
    a = f"😀 Alpha.\n{passage}\nOmega ends it é.\n".replace("\n", newline)
    b = f"{FERRY}.\n\n  é «{passage}»; {GOAT}\n".replace("\n", newline)
    text = repr(passage.replace("\n", newline))
    (found,) = diagnostics(files := {"seeds/a.txt": a, "seeds/b.txt": b})
    count = found.message.split()[0]
    assert repeats(files) == [
        f"seeds/b.txt:3:6 {text}: repeated-passage: {count} words also occur in `seeds/a.txt`; "
        f"first here: seeds/a.txt:2:1 {text}"
    ]
    assert str(found.severity) == "warning"


def test_several_passages_of_a_seed() -> None:
    files = {
        "seeds/a.txt": f"alpha {MILL} beta one two three four five six",
        "seeds/b.txt": f"gamma {FERRY} delta seven eight nine ten eleven",
        "seeds/c.txt": f"{FERRY} epsilon {GOAT} zeta\n{MILL}",
    }
    assert repeats(files) == [
        f"seeds/c.txt:1:1 {FERRY!r}: repeated-passage: 12 words also occur in `seeds/b.txt`; "
        f"first here: seeds/b.txt:1:7 {FERRY!r}",
        f"seeds/c.txt:2:1 {MILL!r}: repeated-passage: 11 words also occur in `seeds/a.txt`; "
        f"first here: seeds/a.txt:1:7 {MILL!r}",
    ]


def test_a_passage_within_one_seed() -> None:
    text = f"{MILL} alpha {MILL} beta\n{MILL}\n"
    place = f"first here: seeds/a.txt:1:1 {MILL!r}"
    what = "repeated-passage: 11 words also occur earlier in this seed"
    assert repeats({"seeds/a.txt": text}) == [
        f"seeds/a.txt:1:58 {MILL!r}: {what}; {place}",
        f"seeds/a.txt:2:1 {MILL!r}: {what}; {place}",
    ]


def test_a_text_that_repeats_itself() -> None:
    assert repeats({"seeds/a.txt": "ha " * 12}) == [
        f"seeds/a.txt:1:1 {'ha ' * 10 + 'ha'!r}: repeated-passage: 11 words repeat themselves here"
    ]
    period = "la li lu le lo " * 5
    assert repeats({"seeds/a.txt": period}) == [
        f"seeds/a.txt:1:1 {' '.join(period.split()[:20])!r}: repeated-passage: "
        "20 words repeat themselves here"
    ]


def test_a_passage_within_a_longer_one_is_not_reported_again() -> None:
    longer = f"{MILL} {FERRY}"
    files = {
        "seeds/a.txt": f"alpha {longer} {GOAT}",
        "seeds/b.txt": f"{GOAT.upper()[::-1]} beta {longer}",
        "seeds/c.txt": f"{MILL} gamma one two three four five six seven eight nine ten eleven",
    }
    assert [line.partition(" '")[0] for line in repeats(files)] == [
        "seeds/b.txt:1:70",
        "seeds/c.txt:1:1",
    ]
    assert [line.partition("; first here: ")[2] for line in repeats(files)] == [
        f"seeds/a.txt:1:7 {longer!r}", f"seeds/a.txt:1:7 {MILL!r}",
    ]  # fmt: skip
    # The first place of the longer one is not reported, so that of the shorter one has to be.
    files = {"seeds/0.txt": files["seeds/c.txt"], **files, "seeds/c.txt": "nothing"}
    assert [line.partition(" '")[0] for line in repeats(files)] == [
        "seeds/a.txt:1:7",
        "seeds/b.txt:1:70",
    ]


def test_members_of_a_group_and_a_third_seed() -> None:
    text = f"{MILL} {FERRY}"
    group = {"seeds/a.txt": f"{text} tonight", "seeds/b.txt": text}
    (near,) = whole("b.txt near-duplicate: seed is 95 % the same as a.txt")
    assert repeats(group) == [near]
    found = repeats({**group, "seeds/c.txt": f"{GOAT} one two three {MILL}"})
    assert found[0] == near
    assert [line.partition(" '")[0] for line in found[1:]] == [
        "seeds/b.txt:1:1",
        "seeds/c.txt:1:79",
    ]


def test_boilerplate() -> None:
    tails = [f"{n}a {n}b {n}c {n}d {n}e {n}f {n}g" for n in range(4)]
    files = {f"seeds/{n}.txt": f"{n} {MILL} {tail}" for n, tail in enumerate(tails)}
    setting = "boilerplate_seeds = 3"
    (found,) = diagnostics(files, setting)
    assert str(found.severity) == "info"
    assert repeats(files, setting) == [
        f"seeds/0.txt:1:3 {MILL!r}: boilerplate: 11 words occur in 4 seeds; "
        f"also here: seeds/1.txt:1:3 {MILL!r}; also here: seeds/2.txt:1:3 {MILL!r}"
    ]
    del files["seeds/3.txt"]
    assert [d.rule for d in diagnostics(files, setting)] == ["repeat/repeated-passage"] * 2


# -- sections, delimiters, comments

NEWS = '[sections]\ndelimiter = "\\n"\n'
NEWS += "".join(f'[[section]]\nname = "{name}"\n' for name in ("body", "title", "body_again"))


def test_a_section_that_repeats_another() -> None:
    files = {"schemas/news.toml": fmt(NEWS), "seeds/a.txt": f"{MILL}\nThe mill\n{MILL}"}
    assert repeats(files) == [
        f"seeds/a.txt:3:1 {MILL!r}: repeated-section: section `body_again` repeats `body`; "
        f"`body` here: seeds/a.txt:1:1 {MILL!r}"
    ]
    (found,) = diagnostics(files)
    assert (str(found.severity), found.help) == (
        "error", 'if it should, declare it: `same_as = "body"`, or `repeats = false`',
    )  # fmt: skip


@pytest.mark.parametrize("declared", ['same_as = "body"', "repeats = false"])
def test_a_section_declared_as_a_copy_is_no_repeat(declared: str) -> None:
    text = f"{MILL}\nThe mill\n{MILL}"
    files = {"schemas/news.toml": fmt(f"{NEWS}{declared}\n"), "seeds/a.txt": text}
    assert repeats(files) == []
    # Nor does it repeat anything elsewhere.
    other = f"{FERRY}\nThe ferry\n{MILL}"
    assert repeats({**files, "seeds/b.txt": other}) == []
    assert len(repeats({**files, "schemas/news.toml": fmt(NEWS), "seeds/b.txt": other})) > 1


def test_the_seed_of_a_user_without_a_format(corpus: Corpus) -> None:
    if not REAL.exists():
        pytest.skip("the user's seed is not here")
    files: dict[str, str | bytes] = {
        "seedkit.toml": "",
        "INDEX.md": "- [a](seeds/a.txt)\n",
        "schemas/news.toml": fmt(NEWS),
        "seeds/a.txt": REAL.read_bytes(),
    }
    root = corpus(files)
    (found,) = check_corpus(root)
    assert (found.rule, line_of(found)) == ("repeat/repeated-section", 3)
    assert [line_of(related) for related in found.related] == [1]
    corpus({"schemas/news.toml": fmt(f'{NEWS}same_as = "body"\n')})
    assert check_corpus(root) == []


def test_a_seed_like_the_users(corpus: Corpus) -> None:
    files = {
        "seedkit.toml": "passage_tokens = 30\n",
        "INDEX.md": "- [a](seeds/a.txt)\n",
        "schemas/news.toml": fmt(NEWS),
        "seeds/a.txt": f"{MILL} {FERRY} {GOAT}\nThe mill\n{MILL} {FERRY} {GOAT}",
    }
    (found,) = check_corpus(corpus(files))
    assert (found.rule, line_of(found)) == ("repeat/repeated-section", 3)
    assert [line_of(related) for related in found.related] == [1]
    same = {"schemas/news.toml": fmt(f'{NEWS}same_as = "body"\n')}
    assert check_corpus(corpus(same)) == []


def test_a_repeated_section_of_the_same_name_and_a_third_seed() -> None:
    section = '[[section]]\nname = "note"\ndelimiter = "NÖTE"\nrepeat = true\n'
    text = f"NÖTE\n{MILL}\nNÖTE\n{FERRY}\nNÖTE\n{MILL.upper()}\n"
    files = {"schemas/n.toml": fmt(section), "seeds/a.txt": text}
    (found,) = diagnostics(files)
    assert (found.message, line_of(found)) == ("section `note` repeats an earlier one", 6)
    # The copy takes no part in what is compared with other seeds: the first one does.
    files["seeds/b.txt"] = f"NÖTE\n{GOAT}.\nNÖTE\n{MILL}\n"
    assert repeats(files)[1:] == [
        f"seeds/b.txt:4:1 {MILL!r}: repeated-passage: 11 words also occur in `seeds/a.txt`; "
        f"first here: seeds/a.txt:2:1 {MILL!r}"
    ]


def test_places_are_those_of_the_seed_whatever_is_left_out_before_them() -> None:
    begin, end = MILL[:23], MILL[24:]
    labels = '[[section]]\nname = "q"\ndelimiter = "Frage é: "\nmatch = "prefix"\nrepeat = true\n'
    files = {
        "schemas/qa.toml": fmt(labels),
        "seeds/a.txt": f"Frage é: {FERRY}\nFrage é: {begin}\nFrage é: {end}\n",
        "seeds/b.txt": f"Frage é: {GOAT}.\nFrage é: {MILL}\n",
    }
    first = f"{begin}\nFrage é: {end}"
    assert repeats(files) == [
        f"seeds/b.txt:2:10 {MILL!r}: repeated-passage: 11 words also occur in `seeds/a.txt`; "
        f"first here: seeds/a.txt:2:10 {first!r}"
    ]


def test_short_sections_may_repeat() -> None:
    text = "the mill turned\nThe mill\nthe mill turned"
    assert repeats({"schemas/news.toml": fmt(NEWS), "seeds/a.txt": text}) == []


def test_delimiters_are_not_compared() -> None:
    labels = (
        '[[section]]\nname = "q"\ndelimiter = "Question number one two three four five six: "\n'
    )
    labels += 'match = "prefix"\n[[section]]\nname = "a"\nmatch = "prefix"\n'
    labels += 'delimiter = "The answer of the day to that: "\n'
    files = {
        "schemas/qa.toml": fmt(labels),
        "seeds/a.txt": f"Question number one two three four five six: {MILL[:20]}\n"
        f"The answer of the day to that: {GOAT[:20]}\n",
        "seeds/b.txt": f"Question number one two three four five six: {FERRY[:20]}\n"
        "The answer of the day to that: quite another one\n",
    }
    assert repeats(files) == []
    plain = {**files, "schemas/qa.toml": fmt("")}
    assert [line.split(": ")[1] for line in repeats(plain)] == ["repeated-passage"]


def test_comments_are_not_compared() -> None:
    commented = fmt("", head='[comments]\nprefix = "#"\n')
    files = {
        "schemas/c.toml": commented,
        "seeds/a.txt": f"# {MILL}\n{FERRY}\n",
        "seeds/b.txt": f"# {MILL}\n{GOAT}\n",
    }
    assert repeats(files) == []
    assert len(repeats({**files, "schemas/c.toml": fmt("")})) == 1


def test_a_comment_may_allow_a_repeat() -> None:
    commented = fmt("", head='[comments]\nprefix = "#"\n')
    quoted = f"# seedkit: allow repeat/repeated-passage it is a quotation\n{GOAT}\n{MILL}\n"
    files = {
        "schemas/c.toml": commented,
        "seeds/a.txt": f"{MILL}\n{FERRY}\n",
        "seeds/b.txt": quoted,
    }
    assert repeats(files) == []


def test_rules_may_be_switched_off_for_some_files() -> None:
    files = {"seeds/a.txt": MILL, "seeds/old/b.txt": MILL, "seeds/c.txt": MILL}
    settings = 'per_file_ignores = {"seeds/old/**" = ["repeat"]}'
    assert [d.place.path for d in diagnostics(files, settings)] == ["seeds/c.txt"]
    assert repeats(files, 'ignore = ["repeat"]') == []
    assert repeats(files, 'select = ["text"]') == []


def test_tokens_of_scripts_without_spaces() -> None:
    text = "種子必須誠實不可重複每一顆都要檢查清楚然後才能存入"
    files = {"seeds/a.txt": text, "seeds/b.txt": text[:-1] + "好"}
    # For whole seeds it is one word, which differs; for passages each character is a token.
    assert repeats(files) == [
        f"seeds/b.txt:1:1 {text[:-1]!r}: repeated-passage: 24 words also occur in `seeds/a.txt`; "
        f"first here: seeds/a.txt:1:1 {text[:-1]!r}"
    ]
    assert repeats(files, 'similarity_tokens = "characters"') == whole(
        "b.txt near-duplicate: seed is 91 % the same as a.txt"
    )


# -- the baseline


def accepting(files: Files) -> dict[str, str | bytes]:
    """Return the corpus with a baseline that accepts all that is found in it now."""
    accepted = baseline.of(checked(files).all).text()
    assert checked(files).all
    return {**files, baseline.FILE: accepted}


def new(files: Files) -> list[str]:
    """Return the findings that the baseline does not accept: rule and place."""
    return [
        f"{d.rule.removeprefix('repeat/')} {marked(files, d.place).partition(' ')[0]}"
        for d in checked(files).diagnostics
    ]


PAIRS = {
    "duplicate-seed": (MILL, MILL, MILL),
    "same-text": (MILL, f"{MILL}.", MILL.upper()),
    "near-duplicate": (f"{MILL} {FERRY} x", f"{MILL} {FERRY}", f"{MILL} {FERRY[:-8]}"),
    "contained-seed": (f"{MILL} {GOAT}", MILL, GOAT),
    "repeated-passage": (f"{MILL} {GOAT}", f"{FERRY} {MILL}", f"1 2 3 4 5 6 7 8 {MILL} 9 0"),
}


@pytest.mark.parametrize("kind", PAIRS)
def test_a_third_copy_of_an_accepted_pair_is_new(kind: str) -> None:
    a, b, c = PAIRS[kind]
    files = accepting({"seeds/a.txt": a, "seeds/b.txt": b})
    assert new(files) == []
    found = [each for each in new({**files, "seeds/c.txt": c}) if "index" not in each]
    assert len(found) == 1
    assert found[0].split(":")[0].endswith("seeds/c.txt")
    # Whatever it is called.
    assert any("seeds/" in each for each in new({**files, "seeds/0.txt": c}))


@pytest.mark.parametrize("kind", PAIRS)
def test_an_accepted_pair_whose_texts_change_is_new(kind: str) -> None:
    a, b, _ = PAIRS[kind]
    files = accepting({"seeds/a.txt": a, "seeds/b.txt": b})
    changed = {path: text.replace("bend", "mouth") for path, text in files.items()}  # type: ignore[arg-type]
    (stale, fresh) = new(changed)
    assert stale == f"config/stale-baseline {baseline.FILE}"
    assert fresh.startswith(kind)


def test_an_entry_whose_repeat_is_gone_is_reported() -> None:
    files = accepting({"seeds/a.txt": f"{MILL} {GOAT}", "seeds/b.txt": f"{FERRY} {MILL}"})
    (found,) = checked({**files, "seeds/b.txt": FERRY}).diagnostics
    assert (
        found.message
        == "baseline accepts `repeat/repeated-passage` in `seeds/b.txt`, which is gone"
    )


def test_a_passage_that_moves_stays_accepted() -> None:
    files = accepting({"seeds/a.txt": f"{MILL} {GOAT}", "seeds/b.txt": f"{FERRY} {MILL}"})
    moved = {"seeds/a.txt": f"{GOAT}\n{MILL}", "seeds/b.txt": f"{MILL}\n\n{FERRY}"}
    assert new({**files, **moved}) == []
    # White space and case are no part of it either.
    assert new({**files, "seeds/b.txt": f"{MILL.title()}\n{FERRY}".replace(" ", "\n")}) == []


def test_a_section_that_repeats_once_more_is_new() -> None:
    section = '[[section]]\nname = "note"\ndelimiter = "NOTE"\nrepeat = true\n'
    files = accepting(
        {"schemas/n.toml": fmt(section), "seeds/a.txt": f"NOTE\n{MILL}\n" * 2}
    )  # fmt: skip
    assert new(files) == []
    assert new({**files, "seeds/a.txt": f"NOTE\n{MILL}\n" * 3}) == [
        "repeated-section seeds/a.txt:6:1"
    ]


def test_sections_are_compared_by_words_as_seeds_are() -> None:
    section = '[[section]]\nname = "note"\ndelimiter = "NOTE"\nrepeat = true\n'
    same = f"NOTE\nSTRASSE {MILL}\nNOTE\nStra\u00adße {MILL}\n"
    other = f"NOTE\nवह पिता है {MILL}\nNOTE\nवह पीती है {MILL}\n"
    found = diagnostics({"schemas/n.toml": fmt(section), "seeds/a.txt": same, "seeds/b.txt": other})
    assert [(each.rule, each.place.path) for each in found if "section" in each.rule] == [
        ("repeat/repeated-section", "seeds/a.txt")
    ]


@pytest.mark.parametrize("before", ["-" * 70, "… " * 40, "¡-" * 50], ids=ascii)
def test_whatever_separates_the_words_of_sections(before: str) -> None:
    section = '[[section]]\nname = "note"\ndelimiter = "NOTE"\nrepeat = true\n'
    text = f"NOTE\n{MILL}\nNOTE\n{before} {MILL}\n"
    found = diagnostics({"schemas/n.toml": fmt(section), "seeds/a.txt": text})
    assert [each.rule for each in found] == ["repeat/repeated-section"]


# -- the manual

DOCS = ROOT / "docs" / "repeats.md"
MANUAL = DOCS.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```", MANUAL, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_of_the_manual_is_valid(block: str) -> None:
    """A block with `files` is a format, another one is configuration."""
    if block.startswith("files"):
        files: Files = {"schemas/manual.toml": block, "seeds/a.txt": "text"}
    else:
        files = {"seedkit.toml": block, "seeds/a.txt": "text"}
    source = MemorySource({path: text.encode() for path, text in files.items()})  # type: ignore[union-attr]
    settings = load_settings(source)  # raises for what it does not know
    assert settings.declared == block.startswith("files")


def test_the_manual_is_right_about_settings_and_kinds() -> None:
    defaults = next(block for block in BLOCKS if block.startswith("near_duplicate"))
    written = tomllib.loads(defaults)
    assert written == {key: getattr(Config(), key) for key in written}
    for field in Parameters._fields:
        assert field in written or field == "characters"
    kinds = re.findall(r"^\| `([a-z-]+)` \|", MANUAL, flags=re.MULTILINE)
    assert sorted(kinds) == sorted(KINDS)
    rules = {name.partition("/")[2] for name in RULES if name.startswith("repeat/")}
    assert sorted(kinds) == sorted(rules - {"leak"})  # which docs/splits.md is about
    assert "[splits.md](splits.md)" in MANUAL
    for link in re.findall(r"\]\(([^)#:]+)\)", MANUAL):
        assert (DOCS.parent / link).exists()


def test_the_example_of_the_manual() -> None:
    texts = {"seeds/a.txt": "one two three four", "seeds/b.txt": "one two three five"}
    (found,) = diagnostics(texts, "near_duplicate = 0.3333333")
    assert found.message == "seed is 33 % the same as `seeds/a.txt`"
