"""Pointers of Git LFS and git-annex in the place of texts, and what git converts on checkout."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from seedkit.sources.source import pointer_of
from support.commandline import seedkit
from support.gitrepo import ALONE, Repo

OID = "oid sha256:" + "0123456789abcdef" * 4
LFS = f"version https://git-lfs.github.com/spec/v1\n{OID}\nsize 12\n"
ANNEX = "/annex/objects/SHA256E-s12--0123abcd.txt\n"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "LC_ALL"):
        monkeypatch.setenv(name, ALONE[name])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (LFS, "LFS"),
        (LFS.removesuffix("\n"), "LFS"),
        (LFS.replace("\n", "\r\n"), "LFS"),  # core.autocrlf
        (LFS.replace("git-lfs.github", "hawser.github"), "LFS"),
        (LFS.replace("oid", f"ext-0-case sha256:{'0' * 64}\noid"), "LFS"),
        (LFS + "\n", None),
        (LFS + "more", None),
        (LFS.replace("spec/v1", "spec/v9"), None),
        (LFS.replace(OID, "oid sha256:00"), None),
        (LFS.replace(OID, OID.upper()), None),
        (LFS.replace("size 12", "size twelve"), None),
        (LFS.replace(f"{OID}\nsize 12", f"size 12\n{OID}"), None),
        (LFS.replace("oid", f"ext-0-{'x' * 900} sha256:{'0' * 64}\noid"), None),
        ("version https://git-lfs.github.com/spec/ is where pointers are described\n", None),
        (ANNEX, "annex"),
        ("/annex/objects/MD5-s5-m1--ab", "annex"),
        ("/annex/objects/ is where git-annex keeps files\n", None),
        ("See /annex/objects/SHA256E-s12--0123abcd.txt\n", None),
        ("", None),
    ],
)
def test_pointer_of(text: str, kind: str | None) -> None:
    assert pointer_of(text.encode()) == kind


FILES = {
    "seedkit.toml": "",
    "schemas/text.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
    "seeds/annex.txt": ANNEX,
    "seeds/lfs.txt": LFS,
    "seeds/mill.txt": "The mill stands still.\n",
}


def test_pointers_are_reported_on_disk_and_in_git(tmp_path: Path, cache: Path) -> None:
    repo = Repo(tmp_path / "repo", FILES)
    ran = seedkit("check", "--ignore=index", cwd=repo.root)
    assert ran.code == 1
    assert ran.out == (
        "error[text/unreadable]: file can't be read: `seeds/annex.txt` is kept in git-annex, this "
        "is only a pointer to it\n"
        " --> seeds/annex.txt\n"
        "  = help: `git annex get` fetches it\n\n"
        "error[text/unreadable]: file can't be read: `seeds/lfs.txt` is kept in Git LFS, this is "
        "only a pointer to it\n"
        " --> seeds/lfs.txt\n"
        "  = help: `git lfs pull` fetches it\n\n"
        "Found 2 errors in 3 seeds.\n"
        "Skipped 1 Git LFS pointer and 1 git-annex pointer.\n"
    )
    repo.stage({"seeds/mill.txt": "The mill turns.\n"})
    staged = seedkit("check", "--ignore=index", "--staged", cwd=repo.root).out
    assert "`seeds/annex.txt` is kept in git-annex, git has only a pointer to it" in staged
    assert "`seeds/lfs.txt` is kept in Git LFS, git has only a pointer to it" in staged
    repo.write({"seeds/lfs.txt": "Fetched at last.\n"})
    assert "lfs.txt" not in seedkit("check", "--ignore=index", cwd=repo.root).out


def test_a_row_is_not_compared_with_a_pointer(tmp_path: Path, cache: Path) -> None:
    rows = "| seed | bytes |\n|---|---|\n| [lfs](seeds/lfs.txt) | 12 |\n"
    repo = Repo(tmp_path / "repo", {**FILES, "INDEX.md": rows})
    for where in ([], ["--staged"]):
        ran = seedkit("check", "--format=concise", "-q", "--select=index", *where, cwd=repo.root)
        assert "wrong-value" not in ran.out
    seedkit("check", "--fix", "--unsafe-fixes", cwd=repo.root)
    assert (repo.root / "INDEX.md").read_text() == (
        "| seed | bytes |\n|---|---|\n| [annex](seeds/annex.txt) |  |\n"
        "| [lfs](seeds/lfs.txt) | 12 |\n| [mill](seeds/mill.txt) | 23 |\n"
    )


def test_an_index_that_is_a_pointer_is_not_an_empty_one(tmp_path: Path, cache: Path) -> None:
    root = Repo(tmp_path / "repo", {**FILES, "INDEX.md": LFS}).root
    assert seedkit("check", "--select=index", "--format=concise", cwd=root).out.startswith(
        "INDEX.md:1:1: error[index/unreadable-index] index can't be read: `INDEX.md` is kept in "
        "Git LFS, this is only a pointer to it"
    )
    assert (root / "INDEX.md").read_text() == LFS


# -- what git converts on checkout


def test_utf16_of_working_tree_encoding(tmp_path: Path, cache: Path) -> None:
    root = Repo(tmp_path / "repo").root
    text = "The mill stands.\nThe river sings.\n"
    kinds = {"UTF-16": "utf-16", "UTF-16LE": "utf-16-le", "UTF-16BE": "utf-16-be"}
    files: dict[str, str | bytes] = {
        "seedkit.toml": "",
        "schemas/text.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
        ".gitattributes": "".join(
            f"seeds/{name}.txt text working-tree-encoding={name}\n" for name in kinds
        ),
    }
    files |= {f"seeds/{name}.txt": text.encode(codec) for name, codec in kinds.items()}
    repo = Repo(root, files)
    ran = seedkit("check", "--select=text", cwd=repo.root)
    help = (
        "  = help: the file looks like UTF-16: convert it to UTF-8, and remove "
        "`working-tree-encoding` from .gitattributes if it is there"
    )
    assert ran.out.count(help) == 3
    assert ran.out.endswith("Found 3 errors in 3 seeds.\nSkipped 3 binary files.\n")
    repo.git("rm", "--quiet", "--cached", "schemas/text.toml")
    repo.git("add", "schemas/text.toml", "seedkit.toml")
    assert seedkit("check", "--select=text", "--staged", cwd=repo.root).code == 0


def test_binary_is_not_utf16(tmp_path: Path, cache: Path) -> None:
    files = {
        "seedkit.toml": 'select = ["text"]\n',
        "schemas/text.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
        "seeds/nul.txt": "a\0b and much more text in which there is no other one\n",
        "seeds/zeros.txt": "\0\0\0\0\0\0",
    }
    out = seedkit("check", cwd=Repo(tmp_path / "repo", files).root).out
    assert out.count("U+0000 (NUL)") == 2
    assert "UTF-16" not in out


def test_a_digest_that_autocrlf_has_changed(tmp_path: Path, cache: Path) -> None:
    name = hashlib.sha256(b"The mill\nstands.\n").hexdigest()[:8]
    files = {
        "seedkit.toml": 'select = ["name"]\n',
        "schemas/text.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n[file]\n'
        "name = '(?P<digest>[0-9a-f]{8})\\.txt'\nhash = { group = \"digest\" }\n",
        f"seeds/{name}.txt": "The mill\nstands.\n",
    }
    repo = Repo(tmp_path / "repo", files)
    assert seedkit("check", cwd=repo.root).code == 0
    repo.git("config", "core.autocrlf", "true")
    (repo.root / "seeds" / f"{name}.txt").unlink()
    repo.git("checkout", "--", f"seeds/{name}.txt")
    out = seedkit("check", cwd=repo.root).out
    assert (
        "= help: it is right with LF: set `seeds/** -text` in .gitattributes if git wrote CRLF"
        in out
    )
    repo.write({".gitattributes": "seeds/** -text\n"})
    (repo.root / "seeds" / f"{name}.txt").unlink()
    repo.git("checkout", "--", f"seeds/{name}.txt")
    assert seedkit("check", cwd=repo.root).code == 0
