"""docs/configuration.md, from the model that validates settings."""

from __future__ import annotations

from typing import Final

from seedkit.docs.tables import key_table
from seedkit.settings.config import Config

_INTRODUCTION: Final = """\
# Configuration

<!-- Made of seedkit/settings/config.py: UPDATE=1 pytest tests/test_docs.py -->

Settings are in `seedkit.toml`, at the top, or in `pyproject.toml` under `[tool.seedkit]`; if both
are there, `seedkit.toml` counts. All have defaults, so an empty `seedkit.toml` is enough to say
"this folder is a corpus". Unknown keys and wrong values are errors, shown with their place.

The root of a corpus is the nearest folder upwards that has a `seedkit.toml`, a `pyproject.toml`
with `[tool.seedkit]`, or `INDEX.md` next to `seeds/`. `--root DIR` names it, `--config KEY=VALUE`
overrides a setting for one run, `--isolated` ignores the files, and `seedkit show-settings` prints
what is in force. Patterns are those of `.gitignore`, relative to the root.
"""

_AFTER: Final = """\
## What is never a seed

Some files are passed over wherever they lie, whatever `files` and `exclude` say: `.git` and its
kind, `.DS_Store`, `Thumbs.db`, `desktop.ini` and AppleDouble files (`._a.txt`), and what editors
and patch tools leave (`a.txt~`, `#a.txt#`, `.#a.txt`, `.a.txt.swp`, `.~lock.a.txt#`, `a.txt.orig`,
`a.txt.rej`).

With `seeds = ["."]`, files at the top of the corpus are seeds only if a pattern in a format's
`files` names them, as `*.txt`, `**/*.txt`, `/notes` and `/*` do. A pattern that names nothing (`*`,
`**`, `**/*`, `*.*`) takes only what lies in folders, so that README.md and LICENSE are no seeds;
`seedkit show-files` lists what it leaves out. Settings, the index, the baseline, `schemas/` and
names that start with `.` are never seeds.

## Accepting what is there

`per_file_ignores` switches rules off for some files:

```toml
[tool.seedkit.per_file_ignores]
"seeds/old/**" = ["section", "text/trailing-whitespace"]
```

`seedkit check --baseline-update` writes `seedkit-baseline.json`, which accepts every finding of
today. A finding that moves with its text stays accepted; one more of the same is new; an entry
whose finding is gone is reported, so that the file only ever shrinks. An entry is gone only if it
was looked for: not if its rule or path is left out, or its seed can't be read. With `--select`,
`--ignore` or PATHs, `--baseline-update` keeps the entries of all others. A seed that is renamed
without another change takes its entries along, but for those about repeats.

A seed whose format has `[comments]` can carry `# seedkit: allow RULE reason` in its leading
comments, for the whole file, or in those of a record, for that record.

## Caches

What is known of each seed is kept in the user's cache folder, never in the corpus.
`--cache-dir DIR` or `SEEDKIT_CACHE_DIR` moves it. It can be deleted at any time.
Where it can't be used (it can't be written, belongs to another user, or lies inside the corpus), a
note says so, and the run does without.
"""


def configuration_reference() -> str:
    """Return docs/configuration.md."""
    return f"{_INTRODUCTION}\n{key_table(Config)}\n{_AFTER}"
