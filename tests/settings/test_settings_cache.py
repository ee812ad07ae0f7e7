"""Settings as they were validated last time: never other than what the files say now."""

from __future__ import annotations

import json
import os
import pickle
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seedkit.check.run import run_check, selection
from seedkit.core.diagnostic import Diagnostic
from seedkit.core.errors import ConfigError
from seedkit.core.files import keyed_checksum
from seedkit.corpus.workspace import Workspace
from seedkit.formats.load import builtin_names
from seedkit.settings import cache as settings_cache
from seedkit.settings.cache import FrozenSettings, recall, remember, settings_key
from seedkit.settings.load import Settings, load_settings
from seedkit.sources.source import DiskSource, MemorySource
from seedkit.store.database import CacheDatabase
from support.commandline import CLEAN, seedkit
from support.corpora import Files, more
from support.places import DATA

Corpus = Callable[[Files], Path]
DATA = DATA / "formats"

BASE: Mapping[str, bytes] = {
    path: text.encode()
    for path, text in {
        **CLEAN,
        "seedkit.toml": "near_duplicate = 0.9\n",
        "pyproject.toml": "[tool.other]\n",
    }.items()
}


def key(files: Mapping[str, bytes], isolated: bool = False, *overrides: str) -> str:
    return settings_key(MemorySource(files), isolated, overrides)


def test_the_key_names_all_that_settings_are_made_from() -> None:
    keys = [
        key(BASE),
        key(BASE, True),
        key(BASE, False, "near_duplicate=0.8"),
        key(BASE, False, "near_duplicate=0.8", "engine=whoosh"),
        key(BASE, False, "engine=whoosh", "near_duplicate=0.8"),
        key({**BASE, "seedkit.toml": b"near_duplicate = 0.8\n"}),
        key({**BASE, "seedkit.toml": b""}),
        key({path: data for path, data in BASE.items() if path != "seedkit.toml"}),
        key({**BASE, "pyproject.toml": b"[tool.seedkit]\n"}),
        key({path: data for path, data in BASE.items() if path != "pyproject.toml"}),
        key({**BASE, "schemas/note.toml": BASE["schemas/note.toml"] + b"# x\n"}),
        key({**BASE, "schemas/other.toml": b""}),
        key({**BASE, "schemas/deeper/other.toml": b""}),
        key({path: data for path, data in BASE.items() if path != "schemas/note.toml"}),
    ]
    assert len(set(keys)) == len(keys)
    assert all(keys)
    assert key(BASE) == keys[0]


def test_the_key_does_not_depend_on_seeds() -> None:
    assert key(BASE) == key({**BASE, "seeds/z.txt": b"", "INDEX.md": b"", "schemas/note.md": b""})


def test_files_are_told_apart() -> None:
    """What stands in one file may not look like what stands in two."""
    joined = {**BASE, "schemas/a.toml": b"x('schemas/b.toml', 1)y"}
    apart = {**BASE, "schemas/a.toml": b"x", "schemas/b.toml": b"y"}
    assert key(joined) != key(apart)


def test_another_installation_has_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key(BASE)
    monkeypatch.setattr(settings_cache, "__version__", "99")
    assert key(BASE) != before
    monkeypatch.undo()
    assert key(BASE) == before
    monkeypatch.setattr(settings_cache, "_MODELS", ("config.py",))
    assert key(BASE) != before
    monkeypatch.setattr(settings_cache, "_MODELS", ("no-such-file.py",))
    assert key(BASE) not in ("", before)


def test_no_key_for_what_can_not_be_read(corpus: Corpus) -> None:
    root = corpus({path: data for path, data in BASE.items() if path != "seedkit.toml"})
    source = DiskSource(str(root))
    assert settings_key(source, False, ())
    (root / "seedkit.toml").write_bytes(b"#" * 1_000_001)  # larger than is read
    assert settings_key(source, False, ()) == ""
    (root / "seedkit.toml").unlink()
    (root / "seedkit.toml").symlink_to("pyproject.toml")
    assert settings_key(source, False, ()) == ""
    (root / "seedkit.toml").unlink()
    (root / "schemas/link.toml").symlink_to("note.toml")
    assert settings_key(source, False, ()) == ""
    (root / "schemas/link.toml").unlink()
    (root / "seedkit.toml").mkdir()
    assert settings_key(source, False, ()) == ""


# -- remembering


def settings_of(files: Mapping[str, bytes]) -> Settings:
    return load_settings(MemorySource(files))


def same(left: object, right: object) -> bool:
    """Whether two trees of models, plain or not, say the same."""
    return bool(_values(left) == _values(right))


def _values(value: Any) -> Any:
    if isinstance(value, FrozenSettings):
        return {name: _values(each) for name, each in vars(value).items()}
    if hasattr(value, "model_dump"):
        return {name: _values(each) for name, each in value}
    if isinstance(value, list | tuple):
        return [_values(each) for each in value]
    return value


def test_what_is_remembered(tmp_path: Path) -> None:
    files = {
        **BASE,
        "seedkit.toml": b'formats = ["z"]\n[per_file_ignores]\n"a/*" = ["text"]\n"index" = []\n',
        "schemas/z.toml": b'extends = "builtin:phpt"\nfiles = ["*.phpt"]\n',
    }
    settings = settings_of(files)
    assert recall(tmp_path, "k") is None
    remember(tmp_path, "k", settings)
    found = recall(tmp_path, "k")
    assert found is not None
    assert same(found.config, settings.config)
    assert found.config.per_file_ignores == {"a/*": ["text"], "index": []}
    assert list(found.formats) == list(settings.formats) == ["z", "note"]
    assert all(same(found.formats[name], spec) for name, spec in settings.formats.items())
    for name in ("config_path", "format_places", "format_keys", "declared"):
        assert getattr(found, name) == getattr(settings, name)
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]
    if os.name != "nt":
        assert (tmp_path / "settings.json").stat().st_mode & 0o077 == 0


def test_of_another_key_nothing_is_believed(tmp_path: Path) -> None:
    remember(tmp_path, "one", settings_of(BASE))
    assert recall(tmp_path, "two") is None
    remember(tmp_path, "two", settings_of(BASE))
    assert recall(tmp_path, "one") is None
    assert recall(tmp_path, "two") is not None


def damages(data: bytes) -> list[bytes]:
    seal, _, body = data.partition(b"\n")
    values = json.loads(body)

    def sealed(changed: object) -> bytes:
        text = json.dumps(changed).encode()
        return keyed_checksum(text, "k").encode() + b"\n" + text

    return [
        b"",
        b"\n",
        seal,
        body,
        data[:-1],
        data[: len(data) // 2],
        data + b" ",
        data.replace(b"0.9", b"0.1"),
        seal.upper() + b"\n" + body,
        b"garbage" * 100,
        sealed([]),
        sealed(None),
        sealed({}),
        sealed({**values, "config": 5}),
        sealed({**values, "formats": [["a"]]}),
        sealed({**values, "formats": 7}),
        sealed({**values, "places": []}),
        sealed({name: value for name, value in values.items() if name != "keys"}),
        keyed_checksum(b"[", "k").encode() + b"\n[",
    ]


def test_damage(tmp_path: Path) -> None:
    remember(tmp_path, "k", settings_of(BASE))
    path = tmp_path / "settings.json"
    whole = path.read_bytes()
    for damaged in damages(whole):
        path.write_bytes(damaged)
        assert recall(tmp_path, "k") is None, damaged
    path.write_bytes(whole)
    assert recall(tmp_path, "k") is not None
    path.unlink()
    path.mkdir()
    assert recall(tmp_path, "k") is None


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_damage_of_any_byte(at: int, byte: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        remember(folder, "k", settings_of(BASE))
        data = bytearray((folder / "settings.json").read_bytes())
        at %= len(data)
        changed = data[at] != byte
        data[at] = byte
        (folder / "settings.json").write_bytes(data)
        assert (recall(folder, "k") is None) == changed


def test_what_can_not_be_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(BASE)
    remember(tmp_path / "missing", "k", settings)  # nothing happens
    assert not (tmp_path / "missing").exists()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.replace", refuse)
    remember(tmp_path, "k", settings)
    assert list(tmp_path.iterdir()) == []  # nor is anything left lying about
    monkeypatch.setattr("seedkit.settings.cache.os.unlink", refuse)
    remember(tmp_path, "k", settings)


# -- what is remembered is as good as what was validated


def findings(source: MemorySource, settings: Settings) -> list[Diagnostic]:
    workspace = Workspace(source, settings, CacheDatabase(None))
    workspace.refresh()
    return run_check(workspace, selection(workspace)).diagnostics


def as_remembered(settings: Settings) -> Settings:
    with tempfile.TemporaryDirectory() as folder:
        remember(Path(folder), "k", settings)
        found = recall(Path(folder), "k")
    assert found is not None
    return found


@pytest.mark.parametrize("name", builtin_names())
def test_formats_judge_alike(name: str) -> None:
    """All examples of each built-in format, good and bad."""
    seeds = {f"seeds/{p.name}": p.read_bytes() for p in (DATA / name).iterdir() if p.is_file()}
    assert seeds
    source = MemorySource(
        {
            "seedkit.toml": b"",
            "INDEX.md": b"",
            "schemas/it.toml": f'extends = "builtin:{name}"\nfiles = ["*"]\n'.encode(),
            **seeds,
        }
    )
    settings = load_settings(source)
    remembered = as_remembered(settings)
    expected = findings(source, settings)
    assert findings(source, remembered) == expected
    assert findings(source, pickle.loads(pickle.dumps(remembered))) == expected  # as workers do


FORMATS = [
    'extends = "builtin:fortune"\nfiles = ["*.f"]\n',
    'extends = "builtin:fortune"\nfiles = ["*.f"]\n[record]\nmax = 2\n',
    'files = ["*"]\n[file]\nnewline = "lf"\nfinal_newline = "require"\nnormalization = "nfc"\n',
    'files = ["*.[ft]"]\n[file]\nname = \'(?P<n>\\d+)\\.[ft]\'\nunique = ["n"]\nsequential = "n"\n',
    'files = ["*"]\n[sections]\ndelimiter = "\\n"\n[[section]]\nname = "a"\nmax_chars = 5\n'
    '[[section]]\nname = "b"\nsame_as = "a"\n',
    'files = ["*.t"]\n[record]\nmode = "block"\nopen = "<"\nclose = ">"\n',
    'files = ["*.t"]\n[record]\nmode = "start"\ndelimiter = { pattern = "\\\\d+" }\n'
    '[comments]\nprefix = "#"\n',
    'files = ["*"]\n[escape]\nstyle = "longest"\n[record]\nmode = "separator"\ndelimiter = "%%"\n',
    'files = ["*"]\n[[section]]\nname = "q"\ndelimiter = "Q: "\nmatch = "prefix"\n'
    '[[section]]\nname = "a"\ndelimiter = "A: "\nmatch = "prefix"\nrequired = false\n'
    '[[section]]\nname = "b"\ndelimiter = "B: "\nmatch = "prefix"\nrequired = false\n'
    '[[rule]]\nexactly_one_of = ["a", "b"]\n',
    'files = ["*.t"]\n[[section]]\nname = "x"\ncontent = "fields"\nrequired_keys = ["K"]\n',
    'extends = "builtin:front-matter"\nfiles = ["*"]\n',
    'files = ["*"]\n[[section]]\nname = "x"\nenum = ["a\\n"]\nscript = "Latin"\n'
    'unique = "corpus"\n',
]
CONFIGS = [
    'index_order = "path"',
    'exclude = ["1.*"]',
    'select = ["text", "index"]',
    'ignore = ["index"]',
    'ignore = ["text/trailing-whitespace", "format"]',
    'per_file_ignores = { "*.f" = ["text"], "seeds/2.t" = ["section", "name"] }',
    'formats = ["b", "a"]',
    'seeds = ["."]',
    'index = "LIST.md"',
    "near_duplicate = 0.5",
    "",
]
TEXTS = [
    "a\n", "a\na", "abcdef\nabcdef", "<\nx\n>\n", "Q: x\nA: y\nB: z\n", "Q: x\nB: y \n", "%\n%\n",
    "1\nx\n2\ny\n", "K: v\n", "k: v", "---\na: 1\n---\nb\n", "é \r\n", "", "%%\nx\n%%%\n",
    "# seedkit: allow text/trailing-whitespace so\n1\nx \n",
]  # fmt: skip
EDITS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["schemas/a.toml", "schemas/b.toml"]), st.sampled_from(FORMATS)),
        st.tuples(st.just("schemas/b.toml"), st.none()),
        st.tuples(st.just("seedkit.toml"), st.sampled_from(CONFIGS)),
        st.tuples(
            st.sampled_from([f"seeds/{n}.{kind}" for n in "123" for kind in "ft"]),
            st.sampled_from(TEXTS),
        ),
        st.tuples(
            st.just("INDEX.md"), st.sampled_from(["", "- [2](seeds/2.t)\n- [1](seeds/1.f)\n"])
        ),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("at", range(len(FORMATS)))
def test_the_formats_below_are_formats(at: int) -> None:
    files = {"seeds/x": b"", "schemas/a.toml": FORMATS[at].encode()}
    assert settings_of(files).declared


@pytest.mark.parametrize("text", CONFIGS)
def test_the_configurations_below_are_valid(text: str) -> None:
    formats = {"schemas/a.toml": FORMATS[0].encode(), "schemas/b.toml": FORMATS[0].encode()}
    settings_of({"seeds/x": b"", "seedkit.toml": text.encode(), **formats})


@given(edits=EDITS)
@example(edits=[("schemas/a.toml", text) for text in FORMATS])
@more(1)
def test_any_configuration_judges_alike(edits: list[tuple[str, str | None]]) -> None:
    """Whatever is edited in whatever order: remembered settings find what validated ones find."""
    files = {
        "seedkit.toml": b"",
        "INDEX.md": b"",
        "schemas/a.toml": FORMATS[2].encode(),
        **{f"seeds/{n % 3}{n}.{'ft'[n % 2]}": text.encode() for n, text in enumerate(TEXTS)},
    }
    with tempfile.TemporaryDirectory() as folder:
        for path, text in edits:
            files.pop(path, None)
            if text is not None:
                files[path] = text.encode()
            source = MemorySource(files)
            try:
                settings = load_settings(source)
            except ConfigError:
                continue  # nothing is remembered of settings that are wrong
            expected = findings(source, settings)
            name = settings_key(source, False, ())
            found = recall(Path(folder), name)
            if found is None:
                remember(Path(folder), name, settings)
                found = recall(Path(folder), name)
                assert found is not None
            assert findings(source, found) == expected


def test_a_plain_tree_can_be_copied() -> None:
    tree = FrozenSettings({"a": {"b": [1, {"c": 2}]}, "d": None, "per_file_ignores": {"x": ["y"]}})
    copy: Any = tree.model_copy(update={"d": 5})
    whole: Any = tree
    assert (copy.d, copy.a.b[0], copy.a.b[1].c, copy.per_file_ignores) == (5, 1, 2, {"x": ["y"]})
    assert whole.d is None


# -- by way of the command


def test_the_command_notices_every_change(corpus: Corpus, tmp_path: Path) -> None:
    root = corpus({**CLEAN, "seeds/c": "# seedkit: allow text/empty\nC. \n"})
    changes: list[tuple[str, str | None]] = [
        ("seedkit.toml", 'ignore = ["index"]\n'),
        ("schemas/note.toml", 'files = ["*.txt"]\n'),
        ("schemas/c.toml", 'files = ["c"]\n[comments]\nprefix = "#"\n'),
        ("schemas/c.toml", 'files = ["c"]\n[[section]]\nname = "x"\nmax_chars = 3\n'),
        ("pyproject.toml", '[tool.seedkit]\nselect = ["text"]\n'),
        ("seedkit.toml", None),
        ("pyproject.toml", '[tool.seedkit]\nselect = ["format"]\n'),
        ("schemas/note.toml", None),
        ("schemas/c.toml", None),
        ("pyproject.toml", None),
    ]
    seen = set()
    for at, (path, text) in enumerate(changes):
        if text is None:
            (root / path).unlink()
        else:
            (root / path).write_text(text)
        for options in ((), ("--isolated",), ("--config", 'ignore=["text"]')):
            given = ("check", "--format", "concise", *options)
            fresh = seedkit(*given, "--cache-dir", str(tmp_path / f"{at}{options}"), cwd=root)
            assert seedkit(*given, cwd=root) == fresh
            assert seedkit(*given, cwd=root) == fresh
            seen.add(fresh.out)
    assert len(seen) > 8


def test_facts_of_another_meaning_have_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings hold the keys of formats, under which facts are cached."""
    before = key(BASE)
    monkeypatch.setattr(settings_cache, "FACTS", -1)
    assert key(BASE) != before
