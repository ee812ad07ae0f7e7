"""Finding the corpus, and everything a run is set by."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedkit.core.errors import ConfigError, UsageError
from seedkit.settings.load import load_settings
from seedkit.sources.root import find_root
from seedkit.sources.source import DiskSource, MemorySource
from support.corpora import write_files


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"seedkit.toml": ""}, True),
        ({"pyproject.toml": "[tool.seedkit]\n"}, True),
        ({"pyproject.toml": '[ tool . "seedkit" ]\n'}, True),
        ({"pyproject.toml": "[project]\n[tool.seedkit.per_file_ignores]\n"}, True),
        ({"pyproject.toml": "tool.seedkit.index = 'A.md'\n"}, True),
        ({"pyproject.toml": "[tool.other]\n"}, False),
        ({"pyproject.toml": "[tool.seedkit-other]\n"}, False),
        ({"pyproject.toml": "# [tool.seedkit] is elsewhere\n"}, False),
        ({"INDEX.md": "", "seeds/a.txt": ""}, True),
        ({"INDEX.md": ""}, False),
        ({"seeds/a.txt": ""}, False),
        ({"INDEX.md": "", "seeds": "a file"}, False),
        ({"INDEX.md/x": "", "seeds/a.txt": ""}, True),  # so that what stands there is reported
        ({"seedkit.toml/x": ""}, True),
        ({}, False),
    ],
)
def test_what_makes_a_folder_a_corpus(
    tmp_path: Path, files: dict[str, str], expected: bool
) -> None:
    root = tmp_path / "corpus"
    inner = root / "inner/deep"
    inner.mkdir(parents=True)
    write_files(root, files)
    write_files(tmp_path, {"seedkit.toml": ""})
    assert find_root(str(inner)) == str(root if expected else tmp_path)
    assert find_root(str(root)) == str(root if expected else tmp_path)


def test_the_nearest_corpus_wins(tmp_path: Path) -> None:
    write_files(tmp_path, {"seedkit.toml": "", "a/pyproject.toml": "[tool.seedkit]", "a/b/c/x": ""})
    assert find_root(str(tmp_path / "a/b/c")) == str(tmp_path / "a")


def test_the_root_is_a_real_path(tmp_path: Path) -> None:
    write_files(tmp_path, {"real/seedkit.toml": "", "real/inner/x": ""})
    (tmp_path / "link").symlink_to("real/inner")
    assert find_root(str(tmp_path / "link")) == str(tmp_path / "real")


def test_no_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedkit.sources.root._is_root", lambda folder, refused: False)
    with pytest.raises(UsageError) as caught:
        find_root(str(tmp_path))
    assert caught.value.message == (
        f"no corpus here: neither {tmp_path} nor any folder above it has a seedkit.toml, a "
        "pyproject.toml with [tool.seedkit], or INDEX.md next to seeds/"
    )
    assert caught.value.help is not None


FILES = {
    "seedkit.toml": b'formats = ["second"]\n',
    "seeds/a.txt": b"",
    "schemas/first.toml": b'files = ["*.txt"]\n[[section]]\nname = "text"\n',
    "schemas/second.toml": b'extends = "builtin:plain"\nfiles = ["*.md"]\n',
    "schemas/third.toml": b'extends = "builtin:plain"\nfiles = ["*"]\n',
    "schemas/config.schema.json": b"{}",
    "schemas/deep/ignored.toml": b"not toml",
}


def test_formats_come_in_the_order_in_which_they_claim_files() -> None:
    settings = load_settings(MemorySource(FILES))
    assert list(settings.formats) == ["second", "first", "third"]
    assert settings.format_places["first"].path == "schemas/first.toml"
    assert settings.declared


def test_without_formats_everything_is_plain() -> None:
    settings = load_settings(MemorySource({"seeds/a.txt": b""}))
    assert list(settings.formats) == ["plain"]
    assert settings.formats["plain"].files == ["*"]
    assert not settings.declared
    assert settings.config_path is None


def test_isolated_reads_the_formats_all_the_same() -> None:
    settings = load_settings(MemorySource(FILES), isolated=True)
    assert list(settings.formats) == ["first", "second", "third"]
    assert settings.config_path is None


def faults(files: dict[str, bytes], *overrides: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(MemorySource(files), overrides=overrides)
    return [f"{d.place.path}: {d.rule}: {d.message}" for d in caught.value.diagnostics]


def test_a_missing_folder_of_seeds() -> None:
    assert faults({"seedkit.toml": b'seeds = ["a", "b\\n"]', "a/x": b""}) == [
        "seedkit.toml: config/missing-folder: there is no folder `b` of seeds"
    ]
    assert faults({}, 'seeds=["x"]') == [
        "--config: config/missing-folder: there is no folder `x` of seeds"
    ]


def test_faults_of_all_formats_at_once() -> None:
    files = {
        **FILES,
        "seedkit.toml": b'formats = ["nope"]\n',
        "schemas/first.toml": b"",
        "schemas/second.toml": b'extends = "plain"\n',
        "schemas/third.toml": b"files = [\n",
    }
    assert [fault.partition(": `builtin:")[0] for fault in faults(files)] == [
        "schemas/first.toml: config/invalid-value: "
        "`files` is missing: no file can have this format",
        "schemas/second.toml: config/unknown-format: `extends` must name a built-in format",
        "schemas/third.toml: config/invalid-toml: file is not valid TOML: a value is missing",
        "seedkit.toml: config/unknown-format: "
        "`formats` names `nope`, but there is no schemas/nope.toml",
    ]


def test_a_schemas_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    write_files(tmp_path, {"corpus/seeds/a.txt": "", "outside/f.toml": 'files = ["*"]\n'})
    (tmp_path / "corpus/schemas").symlink_to("../outside")
    with pytest.raises(ConfigError) as caught:
        load_settings(DiskSource(str(tmp_path / "corpus")))
    assert [d.message for d in caught.value.diagnostics] == ["`schemas` is a symbolic link"]
