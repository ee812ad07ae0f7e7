"""Rules about names: patterns, digests, and names that do not travel."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from support.corpora import Files, check_corpus, lines

Corpus = Callable[[Files], Path]

CONFIG = 'select = ["name"]\n'


def check(corpus: Corpus, file: str, files: Files) -> list[str]:
    """Check seeds of one format whose `[file]` table is given."""
    root = corpus(
        {
            "seedkit.toml": CONFIG,
            "schemas/f.toml": f'files = ["seeds/**"]\n[file]\n{file}\n[[section]]\nname = "text"\n',
            **files,
        }
    )
    return lines(check_corpus(root))


def test_pattern(corpus: Corpus) -> None:
    files = {
        "seeds/001_a.txt": "x",
        "seeds/deep/002_b.txt": "x",
        "seeds/1_a.txt": "x",
        "seeds/001_a.txt.bak": "x",
    }
    assert check(corpus, r"name = '\d{3}_[a-z]\.txt'", files) == [
        "seeds/001_a.txt.bak: name/pattern: "
        r"name `001_a.txt.bak` does not match `\d{3}_[a-z]\.txt`",
        r"seeds/1_a.txt: name/pattern: name `1_a.txt` does not match `\d{3}_[a-z]\.txt`",
    ]


def test_pattern_says_what_to_do(corpus: Corpus) -> None:
    check(corpus, "name = 'x'", {"seeds/a": "1"})
    (finding,) = check_corpus(corpus({}))
    assert finding.help == "rename the file as format `f` declares"


@pytest.mark.parametrize(
    ("algorithm", "of", "data", "hashed"),
    [
        ("sha256", "bytes", b"caf\xc3\xa9\r\n", b"caf\xc3\xa9\r\n"),
        ("sha1", "bytes", b"x", b"x"),
        ("md5", "bytes", b"x", b"x"),
        ("sha512", "bytes", b"x", b"x"),
        ("blake2b", "bytes", b"x", b"x"),
        ("sha256", "text", b"cafe\xcc\x81\r\nb\r", b"caf\xc3\xa9\nb\n"),
        ("sha256", "bytes", b"\xff not text", b"\xff not text"),
    ],
)
def test_wrong_digest(corpus: Corpus, algorithm: str, of: str, data: bytes, hashed: bytes) -> None:
    right = hashlib.new(algorithm, hashed).hexdigest()
    wrong = "0" * 12
    spec = (
        f"name = '(?P<id>[0-9a-f]+)'\nhash = {{group = 'id', algorithm = '{algorithm}', of = "
        f"'{of}'}}"
    )
    files = {f"seeds/{name}": data for name in (right, right[:12], wrong)}
    assert check(corpus, spec, files) == [
        f"seeds/{wrong}: name/wrong-digest: name says id `{wrong}`, but the {algorithm} is "
        f"`{right[:12]}`"
    ]


def test_a_digest_of_text_that_does_not_decode_is_not_judged(corpus: Corpus) -> None:
    spec = "name = '(?P<id>[0-9a-f]+)'\nhash = {group = 'id', of = 'text'}"
    assert check(corpus, spec, {"seeds/00": b"\xff"}) == []


def test_a_name_without_the_digest(corpus: Corpus) -> None:
    spec = "name = 'a(?P<id>[0-9a-f]*)'\nhash = {group = 'id'}"
    (finding,) = check(corpus, spec, {"seeds/a": "x"})
    assert finding.startswith(
        "seeds/a: name/wrong-digest: name says id ``, but the sha256 is `2d711642b726b044"
    )


def test_unsafe_name(corpus: Corpus) -> None:
    names = [b"a\nb", b"caf\xff", "a\u202eb".encode(), b"\x1b[31m", "é 日 ~".encode(), b"plain"]
    files = {f"seeds/{os.fsdecode(name)}": "x" for name in names}
    assert [each.partition(": ")[2] for each in check(corpus, "", files)] == [
        "name/unsafe-name: name `seeds/\\x1b[31m` holds U+001B",
        "name/unsafe-name: name `seeds/a\\nb` holds U+000A",
        "name/unsafe-name: name `seeds/a\\u202eb` holds U+202E",
        "name/unsafe-name: name `seeds/caf\\xff` holds a byte that is not UTF-8",
    ]


def test_not_a_file(corpus: Corpus) -> None:
    root = corpus({"seeds/a.txt": "x"})
    (root / "seeds/link").symlink_to("a.txt")
    os.mkfifo(root / "seeds/pipe")
    assert check(corpus, "", {}) == [
        "seeds/link: name/not-a-file: seed is a symbolic link: it is not read",
        "seeds/pipe: name/not-a-file: seed is a pipe: it is not read",
    ]
    corpus({"seedkit.toml": CONFIG + 'exclude = ["link", "pipe"]\n'})
    assert check_corpus(root) == []


def test_case_collision(corpus: Corpus) -> None:
    files = {
        f"seeds/{name}": "x"
        for name in (
            "Readme",
            "README",
            "readme",
            "caf\u00e9",
            "cafe\u0301",
            "straße",
            "STRASSE",
            "other",
        )
    }
    assert check(corpus, "", files) == [
        "seeds/Readme: name/case-collision: name differs from `seeds/README` only in case or "
        "Unicode form",
        "seeds/caf\u00e9: name/case-collision: name differs from `seeds/cafe\u0301` only in "
        "case or Unicode form",
        "seeds/readme: name/case-collision: name differs from `seeds/README` only in case or "
        "Unicode form",
        "seeds/straße: name/case-collision: name differs from `seeds/STRASSE` only in case or "
        "Unicode form",
    ]
    related = check_corpus(corpus({}))[0].related
    assert [(each.place.path, each.message) for each in related] == [("seeds/README", "the other")]


def test_not_unique(corpus: Corpus) -> None:
    files = {
        "seeds/1_a": "x",
        "seeds/2_a": "x",
        "seeds/3_b": "x",
        "seeds/4_a": "x",
        "seeds/1_c": "x",
    }
    spec = "name = '(?P<number>\\d+)_(?P<id>.)'\nunique = ['id', 'number']"
    assert check(corpus, spec, files) == [
        "seeds/1_c: name/not-unique: number `1` is also that of `seeds/1_a`",
        "seeds/2_a: name/not-unique: id `a` is also that of `seeds/1_a`",
        "seeds/4_a: name/not-unique: id `a` is also that of `seeds/1_a`",
    ]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["1", "2", "3"], []),
        (["007", "008", "009", "10"], []),
        (["1", "3"], ["seeds/3: name/not-sequential: number 3 follows 1: 2 missing"]),
        (["1", "5"], ["seeds/5: name/not-sequential: number 5 follows 1: 2 to 4 missing"]),
        (["1", "01"], ["seeds/1: name/not-sequential: number 1 is also that of `seeds/01`"]),
        (["1", "x"], ["seeds/x: name/not-sequential: number `x` is not a number"]),
        (["²", "1"], ["seeds/²: name/not-sequential: number `²` is not a number"]),
        (["1" * 18], []),
        (
            ["1" * 40],
            [f"seeds/{'1' * 40}: name/not-sequential: number `{'1' * 40}` has more than 18 digits"],
        ),
    ],
)
def test_not_sequential(corpus: Corpus, names: list[str], expected: list[str]) -> None:
    spec = "name = '(?P<number>.+)'\nsequential = 'number'"
    assert check(corpus, spec, {f"seeds/{name}": "x" for name in names}) == expected


def test_a_number_used_twice_is_told_once(corpus: Corpus) -> None:
    spec = "name = '(?P<number>\\d+)_?(?P<rest>.*)'\nsequential = 'number'\nunique = ['number']"
    assert check(corpus, spec, {"seeds/1_a": "x", "seeds/1_b": "x", "seeds/2": "x"}) == [
        "seeds/1_b: name/not-unique: number `1` is also that of `seeds/1_a`"
    ]
