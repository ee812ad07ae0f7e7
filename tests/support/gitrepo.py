"""A git repository for tests: git as a user runs it, without that user's settings."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from support.corpora import Files, write_files

_PERSON = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A"), ("EMAIL", "a@example.org"), ("DATE", "@1700000000 +0000"))
}
ALONE = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "LC_ALL": "C",
    **_PERSON,
}


class Repo:
    """A repository with a working tree. Its methods do what a user would with git and an editor."""

    def __init__(self, root: Path, files: Files | None = None) -> None:
        self.root = root
        root.mkdir(exist_ok=True, parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        if files is not None:
            self.write(files)
            self.commit()

    def git(self, *arguments: str, **environment: str) -> str:
        """Run git and return what it says; a failure fails the test."""
        done = subprocess.run(
            ("git", *arguments),
            cwd=self.root,
            env={**ALONE, **environment},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (arguments, os.fsdecode(done.stderr))
        return os.fsdecode(done.stdout).removesuffix("\n")

    def write(self, files: Files) -> None:
        """Write files into the working tree."""
        write_files(self.root, files)

    def stage(self, files: Files) -> None:
        """Write files, and stage them."""
        self.write(files)
        self.git("add", "--", *files)

    def commit(self) -> str:
        """Commit the whole working tree; return the id of the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=.")
        return self.git("rev-parse", "HEAD")

    def checkout(self, target: Path, tree: str | None = None) -> Path:
        """Make a clean checkout of what a commit would hold now, or of a tree."""
        index = str(target.parent / f"{target.name}.index")
        tree = tree or self.git("write-tree")
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        self.git("read-tree", tree, GIT_INDEX_FILE=index)
        self.git("checkout-index", "--all", f"--prefix={target}/", GIT_INDEX_FILE=index)
        os.unlink(index)
        return target
