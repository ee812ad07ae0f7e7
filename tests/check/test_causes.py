"""One cause, one message: only what is reported explains what else is found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import chain, combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.check import baseline
from seedkit.check.baseline import FILE, acceptable, key_of
from seedkit.check.run import CheckResult, deduplicate, run_check, selection
from seedkit.core.diagnostic import Diagnostic, Place, Position, Related, Severity
from seedkit.core.rules import RULES
from seedkit.sources.source import MemorySource
from support.commandline import ran, seedkit
from support.corpora import Files, lines, more, open_corpus
from support.gitrepo import Repo

Corpus = Callable[[Files], Path]


def finding(
    rule: str, start: int = -1, end: int = -1, path: str = "seeds/a.txt", involved: str = ""
) -> Diagnostic:
    place = Place(path)
    if start >= 0:
        place = Place(path, Position(1, start + 1, start), Position(1, end + 1, end))
    named = tuple(involved.split())
    return Diagnostic(rule, Severity.ERROR, rule, place, involved=named)


@pytest.mark.parametrize(
    ("cause", "rule"),
    [(cause, rule.name) for rule in RULES.values() for cause in rule.superseded_by],
)
def test_where_they_meet_one_explains_the_other(cause: str, rule: str) -> None:
    causing, explained = finding(cause, 5, 9), finding(rule, 8, 20)
    assert deduplicate([explained, causing]) == ([causing], [explained])
    assert deduplicate([causing, explained]) == ([causing], [explained])
    for other in (finding(rule, 10, 20), finding(rule), finding(rule, 5, 9, "seeds/b.txt")):
        assert deduplicate([causing, other]) == ([causing, other], [])


def test_findings_that_explain_nothing_stay() -> None:
    both = [finding("text/bom", 0, 1), finding("text/trailing-whitespace", 0, 1)]
    assert deduplicate(both).shown == both
    twice = [finding("section/too-short", 0, 5), finding("section/too-short", 0, 5)]
    assert deduplicate(twice).shown == twice
    assert deduplicate(twice[:1]).shown == twice[:1]
    assert deduplicate([]) == ([], [])


@pytest.mark.parametrize("cause", ["name/pattern", "format/no-format"])
def test_a_wrong_name_explains_that_the_index_has_another(cause: str) -> None:
    wrong = finding(cause)
    for rule, involved in (
        ("index/renamed-seed", "seeds/old.txt seeds/a.txt"),
        ("index/wrong-spelling", "seeds/a.txt"),
    ):
        row = finding(rule, 3, 9, "INDEX.md", involved)
        related = (Related(row.place, "listed here under another name"),)
        assert deduplicate([row, wrong]) == ([wrong._replace(related=related)], [row])
        other = row._replace(involved=("seeds/old.txt", "seeds/b.txt"))
        assert deduplicate([other, wrong]) == ([other, wrong], [])
        assert deduplicate([row, finding("text/bom", 0, 1)]).explained == []
    unlisted = finding("index/unlisted-seed", involved="seeds/old.txt")  # it may have been that
    assert deduplicate([unlisted, wrong]) == ([wrong], [unlisted])
    row = finding("index/dangling-entry", 3, 9, "INDEX.md", "seeds/old.txt")
    assert deduplicate([row, unlisted, wrong]).explained == [row, unlisted]
    assert deduplicate([row, wrong]).explained == deduplicate([row, unlisted]).explained == []
    assert deduplicate([finding("index/unlisted-seed"), wrong]).explained == []


# Rules that explain or are explained, by place or by name, and one that is neither.
_RULES = sorted(
    {"name/pattern", "index/unlisted-seed", "index/dangling-entry", "index/wrong-spelling"}
    | {"text/bom", "section/pattern-mismatch", "section/differs", "section/too-long"}
)
_SPANS = st.sampled_from([(-1, -1), (0, 4), (4, 9), (5, 9), (10, 12)])
FINDINGS = st.builds(
    lambda rule, span, path, about: finding(rule, span[0], span[1], path, about),
    st.sampled_from(_RULES), _SPANS, st.sampled_from(["a", "b"]), st.sampled_from(["", "b", "old"]),
)  # fmt: skip


@given(st.lists(FINDINGS, max_size=8))
def test_a_cause_is_looked_for_among_all_findings(found: list[Diagnostic]) -> None:
    shown, explained = deduplicate(found)
    assert explained == [each for each in found if _slowly_explained(each, found)]
    assert [each._replace(related=()) for each in shown] == [
        each for each in found if not _slowly_explained(each, found)
    ]


def _slowly_explained(one: Diagnostic, found: Sequence[Diagnostic]) -> bool:
    path = one.place.path
    if any(
        other.rule in RULES[one.rule].superseded_by and _meet(one.place, other.place)
        for other in found
    ):
        return True
    misnamed = {each.place.path for each in found if each.rule == "name/pattern"}
    if not one.involved:
        return False
    if one.rule == "index/wrong-spelling":
        return one.involved[-1] in misnamed
    if one.rule == "index/unlisted-seed":
        return path in misnamed
    return one.rule == "index/dangling-entry" and any(
        each.rule == "index/unlisted-seed"
        and each.involved == one.involved
        and each.place.path in misnamed
        for each in found
    )


def _meet(one: Place, other: Place) -> bool:
    if not (one.start and one.end and other.start and other.end):
        return False
    apart = one.end.offset < other.start.offset or other.end.offset < one.start.offset
    return one.path == other.path and not apart


# -- over baselines

LINES = (
    "word", "two words", "x\x07y", "a\u200bb", "tail ", "", "caf\u00e9", "X" * 12, "12", "a\tb",
    "# seedkit: allow text/control-character so", "# seedkit: allow section so",
)  # fmt: skip
FORMAT = (
    'files = ["seeds/**/*.txt"]\n[file]\nname = "(?P<stem>[a-z]+)\\\\.txt"\n'
    'final_newline = "require"\n[comments]\nprefix = "#"\n'
    '[[section]]\nname = "text"\ncontent = "line"\npattern = "[a-z]+"\nmax_chars = 10\n'
)
NAMES = ("a.txt", "b.txt", "A1.txt", "notes.md", "d/b.txt", "d/note.md", "n0tes.md")
texts = st.lists(st.sampled_from(LINES), min_size=1, max_size=4).map("\n".join)
ends = st.sampled_from(["\n", ""])


@st.composite
def corpora(draw: st.DrawFn) -> dict[str, str | bytes]:
    """A corpus with faults that explain others, and an INDEX.md that lags behind."""
    pairs = st.dictionaries(st.sampled_from(NAMES), st.tuples(texts, ends), min_size=1, max_size=4)
    seeds = {f"seeds/{name}": "".join(each) for name, each in draw(pairs).items()}
    listed = draw(st.lists(st.sampled_from((*NAMES, "B.txt", "note.md", "x.txt")), max_size=5))
    columns = draw(st.booleans())
    rows = ["| seed | bytes |", "|---|---|"] if columns else []
    for name in listed:
        size = len(seeds.get(f"seeds/{name}", "").encode()) or draw(st.integers(1, 9))
        rows.append(f"| [{name}](seeds/{name}) | {size} |" if columns else f"- [x](seeds/{name})")
    allowed = draw(st.sampled_from(["", "", 'per_file_ignores = { "seeds/d/**" = ["format"] }\n']))
    index = "\n".join(["# Seeds", "", *rows, ""])
    return {"seedkit.toml": allowed, "schemas/x.toml": FORMAT, "INDEX.md": index, **seeds}


def checked(files: Files, accepted: Sequence[Diagnostic] = (), ignore: str = "") -> CheckResult:
    """Check a corpus with a baseline, or without a rule."""
    data = {
        path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()
    }
    if accepted:
        data[FILE] = baseline.of(accepted).text().encode()
    workspace = open_corpus(MemorySource(data))
    return run_check(workspace, selection(workspace, None, [ignore] if ignore else ()))


@more(0.5)
@given(corpora(), st.data())
def test_a_baseline_takes_away_what_it_accepts_and_nothing_else(
    files: dict[str, str | bytes], data: st.DataObject
) -> None:
    plain = checked(files)
    keys = sorted({key_of(each) for each in plain.all if acceptable(each)})
    taken = set(data.draw(st.lists(st.sampled_from(keys), unique=True))) if keys else set()
    accepted = [each for each in plain.all if key_of(each) in taken]
    found = checked(files, accepted)
    assert found.baselined == len(accepted)
    rest = [each for each in plain.all if key_of(each) not in taken]
    assert _keys([*found.diagnostics, *found.explained]) == _keys(rest)
    for each in found.explained:
        assert _explains([*found.diagnostics, *found.explained], each)
    if not any(each.rule in CAUSES for each in accepted):
        shown = [each for each in plain.diagnostics if key_of(each) not in taken]
        assert lines(found.diagnostics) == lines(shown)


@more(0.5)
@given(corpora(), st.data())
def test_a_rule_that_is_accepted_is_as_good_as_ignored(
    files: dict[str, str | bytes], data: st.DataObject
) -> None:
    plain = checked(files)
    rules = sorted({each.rule for each in plain.all if acceptable(each)})
    if rules:
        rule = data.draw(st.sampled_from(rules))
        found = checked(files, [each for each in plain.all if each.rule == rule])
        assert lines(found.diagnostics) == lines(checked(files, ignore=rule).diagnostics)


CAUSES = frozenset(chain.from_iterable(rule.superseded_by for rule in RULES.values())) | {
    "name/pattern", "format/no-format", "index/unlisted-seed",
}  # fmt: skip


def _explains(causes: Collection[Diagnostic], found: Diagnostic) -> bool:
    return any(
        found in deduplicate([found, *pair]).explained for pair in combinations(causes, 2)
    ) or any(found in deduplicate([found, each]).explained for each in causes)


def _keys(found: Collection[Diagnostic]) -> list[tuple[str, str, str]]:
    return sorted(map(key_of, found))


# -- of a renamed seed that has no format

NOTES: Files = {
    "seedkit.toml": "",
    "schemas/t.toml": 'files = ["seeds/*.txt"]\n',
    "seeds/a.txt": "The ferry left at six.\n",
    "seeds/n1.md": "Some notes on rope.\n",
    "seeds/n2.md": "Other notes, on bees.\n",
}
RENAMED = [
    "INDEX.md:6:11: error[index/renamed-seed] "
    "`seeds/n1.md` does not exist, the seed is now `seeds/j1.md`"
]


@pytest.fixture
def repo(tmp_path: Path, cache: Path) -> Repo:
    repo = Repo(tmp_path / "repo", NOTES)
    seedkit("check", "--fix", "-q", cwd=repo.root)
    return repo


def found(repo: Repo, *arguments: str) -> list[str]:
    result = seedkit("check", "--format=concise", "-q", *arguments, cwd=repo.root)
    assert (result.code, result.err) == (bool(result.out), "")
    return result.out.replace(" [*]", "").splitlines()


def test_that_it_has_none_may_be_accepted_and_its_new_name_is_not(repo: Repo) -> None:
    accepts = ran(err=f"{FILE} now accepts 2 findings.\n")
    assert seedkit("check", "--baseline-update", cwd=repo.root) == accepts
    repo.git("add", ".")
    repo.commit()
    repo.git("mv", "seeds/n1.md", "seeds/j1.md")
    for arguments in ((), ("--staged",), ("--hook", "corpus"), ("--since", "HEAD"), ("INDEX.md",)):
        assert found(repo, *arguments) == RENAMED
    assert found(repo, "--hook", "changes", "seeds/j1.md") == RENAMED


def test_that_it_has_none_may_be_known_and_its_new_name_is_not(repo: Repo) -> None:
    repo.git("add", ".")
    repo.commit()
    repo.git("mv", "seeds/n1.md", "seeds/j1.md")
    assert found(repo, "--since", "HEAD") == RENAMED
    assert found(repo, "--hook", "corpus", "--since", "HEAD") == RENAMED
    assert [each.partition(" ")[2][:30] for each in found(repo)] == [
        "error[format/no-format] no for", "error[format/no-format] no for",
    ]  # fmt: skip


def test_an_update_accepts_what_is_explained_too(repo: Repo) -> None:
    (repo.root / "seeds/n1.md").rename(repo.root / "seeds/j1.md")
    accepts = ran(err=f"{FILE} now accepts 3 findings.\n")
    assert seedkit("check", "--baseline-update", cwd=repo.root) == accepts
    assert found(repo) == []


def test_what_a_comment_allows_explains_nothing() -> None:
    comment = "# seedkit: allow text/control-character it rings\n"
    files = {"seedkit.toml": "", "schemas/x.toml": FORMAT, "INDEX.md": "- [a](seeds/a.txt)\n"}
    control = "seeds/a.txt:1:2: text/control-character: control character U+0007 (BEL)"
    mismatch = "seeds/a.txt:2:1: section/pattern-mismatch: section `text` does not match `[a-z]+`"
    assert lines(checked({**files, "seeds/a.txt": "x\x07y\n"}).diagnostics) == [control]
    assert lines(checked({**files, "seeds/a.txt": f"{comment}x\x07y\n"}).diagnostics) == [mismatch]


def joined(rule: str, one: Place, other: Place) -> Diagnostic:
    """Return a finding about two places."""
    return Diagnostic(rule, Severity.ERROR, rule, one, related=(Related(other, "the other"),))


def span(path: str, start: int, end: int) -> Place:
    """Return a place of one line."""
    return Place(path, Position(1, start + 1, start), Position(1, end + 1, end))


PAIRED = [rule.name for rule in RULES.values() if "repeat/leak" in rule.superseded_by]


@pytest.mark.parametrize("rule", PAIRED)
def test_a_leak_explains_a_repeat_of_the_same_two_places(rule: str) -> None:
    leak = joined("repeat/leak", span("test", 5, 20), span("train", 0, 30))
    same = joined(rule, span("test", 8, 40), span("train", 20, 50))
    turned = joined(rule, span("train", 20, 50), span("test", 8, 40))
    for each in same, turned:
        assert deduplicate([each, leak]) == ([leak], [each])
    for other in (
        joined(rule, span("test", 8, 40), span("train", 31, 50)),
        joined(rule, span("test", 21, 40), span("train", 20, 50)),
        joined(rule, span("test", 8, 40), span("test", 60, 90)),
        joined(rule, span("test", 8, 40), span("dev", 20, 50)),
        joined(rule, Place("train"), Place("test")),
    ):
        assert deduplicate([other, leak]) == ([other, leak], [])
    whole = joined("repeat/leak", Place("test"), Place("train"))
    for each in same, turned, joined(rule, Place("train"), Place("test")):
        assert deduplicate([whole, each]) == ([whole], [each])


@given(st.lists(st.tuples(*[st.integers(0, 12)] * 4), max_size=6), st.data())
def test_what_leaks_explain_is_as_by_looking_at_each(
    ends: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    def made(rule: str, at: tuple[int, int, int, int]) -> Diagnostic:
        return joined(rule, span("b", at[0], at[0] + at[1]), span("a", at[2], at[2] + at[3]))

    a, n, b, m = data.draw(st.tuples(*[st.integers(0, 12)] * 4))
    expected = any(
        start <= a + n and a <= start + length and other <= b + m and b <= other + size
        for start, length, other, size in ends
    )
    found = made("repeat/repeated-passage", (a, n, b, m))
    leaks = [made("repeat/leak", at) for at in ends]
    assert (deduplicate([found, *leaks]).explained == [found]) is expected


@pytest.mark.parametrize("unit", ["seed", "record"])
@pytest.mark.parametrize("change", [str, str.upper])
def test_a_leaked_seed_of_one_record_is_one_finding(
    corpus: Corpus, unit: str, change: Callable[[str], str]
) -> None:
    text = "".join(f"word{number} " for number in range(40)).strip() + "\n"
    root = corpus(
        {
            "seedkit.toml": '[splits]\ntrain = ["train*"]\ntest = ["test*"]\ndev = ["dev*"]\n',
            "schemas/note.toml": f'files = ["*"]\n[record]\nmode = "lines"\nunit = "{unit}"\n',
            "seeds/train.txt": text,
            "seeds/test.txt": change(text),
            "INDEX.md": "- [a](seeds/train.txt)\n- [b](seeds/test.txt)\n",
        }
    )
    workspace = open_corpus(root)
    found = run_check(workspace, selection(workspace)).diagnostics
    assert [(each.place.path, each.rule) for each in found] == [
        ("seedkit.toml", "config/unused-split"),
        ("seeds/test.txt", "repeat/leak"),
    ]
    assert found[0].place.start == Position(4, 1, 45)
