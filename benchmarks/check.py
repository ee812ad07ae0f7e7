"""How fast is `seedkit check` on a folder of many files, compared with other programs?

    python benchmarks/check.py FOLDER [FORMAT]

FOLDER holds seeds of the built-in format FORMAT (default: plain). They are copied to a temporary
corpus. Printed are the median of five runs, the peak memory of the largest process, and the ratio
to the peer in the same run: `sha256sum` reads every file once, `git status` compares every
signature.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

RUNS = 5


def timed(command: Sequence[str], cwd: Path, before: Callable[[], object]) -> tuple[float, float]:
    """Return a command's median wall seconds and the peak resident MB of its largest process."""
    seconds = []
    peak = 0.0
    for _ in range(RUNS):
        before()
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - started)
        process.returncode = 0
        peak = max(peak, usage.ru_maxrss / 1024)
    return statistics.median(seconds), peak


def main() -> None:
    """Make the corpus, run everything, print a table."""
    folder = Path(sys.argv[1])
    format_name = sys.argv[2] if len(sys.argv) > 2 else "plain"
    seedkit = [sys.executable, "-m", "seedkit"]
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary, "corpus")
        cache = Path(temporary, "cache")
        os.environ["SEEDKIT_CACHE_DIR"] = str(cache)
        shutil.copytree(folder, root / "seeds")
        (root / "schemas").mkdir()
        schema = f'extends = "builtin:{format_name}"\nfiles = ["seeds/**"]\n'
        (root / "schemas" / "format.toml").write_text(schema)
        (root / "seedkit.toml").touch()
        quiet = {"cwd": root, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["git", "init", "-q"], check=True, **quiet)
        subprocess.run(["git", "add", "-A"], check=True, **quiet)
        subprocess.run([*seedkit, "check", "--fix"], check=False, **quiet)
        seeds = sorted(p for p in (root / "seeds").rglob("*") if p.is_file())
        size = sum(p.stat().st_size for p in seeds)
        print(f"{len(seeds):,} seeds, {size / 1e6:.1f} MB, format {format_name}\n")

        def cold() -> None:
            shutil.rmtree(cache, ignore_errors=True)

        def touch() -> None:
            with seeds[len(seeds) // 2].open("ab") as file:
                file.write(b"\n")

        def nothing() -> None:
            pass

        python = timed([sys.executable, "-c", "pass"], root, nothing)
        digest = timed(
            ["sh", "-c", "find seeds -type f -print0 | xargs -0 sha256sum"], root, nothing
        )
        status = timed(["git", "status", "--porcelain"], root, nothing)
        rows = [
            ("python -c pass", python, "", 0.0),
            ("sha256sum of all", digest, "", 0.0),
            ("git status", status, "", 0.0),
            (
                "seedkit --version",
                timed([*seedkit, "--version"], root, nothing),
                "python",
                python[0],
            ),
            ("seedkit check, cold", timed([*seedkit, "check"], root, cold), "sha256sum", digest[0]),
            ("seedkit check, warm", timed([*seedkit, "check"], root, nothing), "git", status[0]),
            (
                "seedkit check, one changed",
                timed([*seedkit, "check"], root, touch),
                "git",
                status[0],
            ),
        ]
        print(f"{'':<28}{'seconds':>9}{'peak MB':>9}  ratio")
        for name, (seconds, peak), peer, reference in rows:
            ratio = f"{seconds / reference:.2f} × {peer}" if reference else ""
            print(f"{name:<28}{seconds:>9.3f}{peak:>9.0f}  {ratio}")


if __name__ == "__main__":
    main()
