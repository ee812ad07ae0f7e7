"""`seedkit watch` as a process, while the corpus is edited in any way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from seedkit.cli.watch import _Opening
from seedkit.core.errors import SeedkitError
from seedkit.sources.walk import Scan
from seedkit.store.location import cache_folder
from seedkit.watch.corpus import WatchedCorpus
from seedkit.watch.handshake import ask
from support.commandline import seedkit
from support.corpora import Files
from support.watching import Watch, watching

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")

Corpus = Callable[[Files], Path]

FILES: Files = {
    "schemas/pair.toml": 'files = ["seeds/**/*.txt"]\n[sections]\ndelimiter = "\\n"\n'
    '[[section]]\nname = "title"\nmax_chars = 40\n[[section]]\nname = "body"\n',
    "INDEX.md": "- [a](seeds/a.txt)\n- [b](seeds/b.txt)\n- [c](seeds/deep/c.txt)\n",
    "seeds/a.txt": "heron\nstands in the river",
    "seeds/b.txt": "miller\nlives by the weir",
    "seeds/deep/c.txt": "eel\nhides below the bridge",
}


def checked(root: Path, cache: Path) -> dict[str, list[str]]:
    """What a check finds that has never seen the corpus before."""
    elsewhere = cache / "fresh"
    shutil.rmtree(elsewhere, ignore_errors=True)
    result = seedkit("check", "--format", "json", "--cache-dir", str(elsewhere), cwd=root)
    found: dict[str, list[str]] = {}
    for each in json.loads(result.out)["diagnostics"]:
        found.setdefault(each["path"], []).append(each["rule"])
    return {path: sorted(rules) for path, rules in found.items()}


def folder_of(cache: Path) -> Path:
    """The cache folder of the one corpus there is."""
    (live,) = cache.glob("*/watch/live")
    return live.parent.parent


def in_step(watch: Watch, cache: Path) -> None:
    """Wait until the watch vouches for its state; then it has said what a fresh check finds."""
    end = time.monotonic() + 20
    while not ask(folder_of(cache), patience=5):
        assert time.monotonic() < end, "the watch is not sure within 20 s"
    expected = checked(watch.root, cache)
    watch.until(lambda: watch.findings == expected, f"{expected}, has {watch.findings}")


def write_in_place(seeds: Path) -> None:
    (seeds / "a.txt").write_text("heron\nflies over the river")


def write_and_rename(seeds: Path) -> None:
    (seeds / "a.txt~new").write_text("heron\nflies over the river")
    (seeds / "a.txt~new").replace(seeds / "a.txt")


def write_outside_and_rename(seeds: Path) -> None:
    new = seeds.parent.parent / "new"
    new.write_text("heron\nflies over the river")
    new.replace(seeds / "a.txt")


def vim_backup(seeds: Path) -> None:
    (seeds / "a.txt").rename(seeds / "a.txt~")
    (seeds / "a.txt").write_text("heron\nflies over the river")
    (seeds / "a.txt~").unlink()


def delete_and_recreate(seeds: Path) -> None:
    (seeds / "a.txt").unlink()
    (seeds / "a.txt").write_text("heron\nflies over the river")


def delete(seeds: Path) -> None:
    (seeds / "a.txt").unlink()


def new_folders(seeds: Path) -> None:
    (seeds / "x" / "y").mkdir(parents=True)
    (seeds / "x" / "y" / "d.txt").write_text("no second section, though it needs one")


def folder_moved_in(seeds: Path) -> None:
    outside = seeds.parent.parent / "outside"
    outside.mkdir()
    (outside / "e.txt").write_text("otter\nswims over the weir")
    outside.rename(seeds / "inside")


def folder_moved_out(seeds: Path) -> None:
    (seeds / "deep").rename(seeds.parent.parent / "deep")
    (seeds.parent.parent / "deep" / "c.txt").write_text("written after it has left")


def folder_moved_within(seeds: Path) -> None:
    (seeds / "deep").rename(seeds / "deeper")
    (seeds / "deeper" / "c.txt").write_text("written after it has moved")


def renamed_in_case(seeds: Path) -> None:
    (seeds / "a.txt").rename(seeds / "A.txt")


def swapped_for_a_link(seeds: Path) -> None:
    (seeds / "a.txt").unlink()
    (seeds / "a.txt").symlink_to(seeds / "b.txt")


def old_time(seeds: Path) -> None:
    (seeds / "a.txt").write_text("HERON\nstands in the river")
    os.utime(seeds / "a.txt", ns=(10**18, 10**18))


def twice_within_a_tick(seeds: Path) -> None:
    (seeds / "a.txt").write_text("x" * 41 + "\nbody")
    (seeds / "a.txt").write_text("heron" + "y" * 20 + "\n" + "z" * 20)


def index_edited(seeds: Path) -> None:
    (seeds.parent / "INDEX.md").write_text("- [a](seeds/a.txt)\n")


def format_edited(seeds: Path) -> None:
    schema = seeds.parent / "schemas" / "pair.toml"
    schema.write_text(schema.read_text().replace("40", "4"))


def new_format(seeds: Path) -> None:
    (seeds.parent / "schemas" / "md.toml").write_text('files = ["seeds/**/*.md"]\n[[section]]\n'
                                                      'name = "all"\n')  # fmt: skip
    (seeds / "f.md").write_text("a fox by the river")


def configured(seeds: Path) -> None:
    (seeds.parent / "seedkit.toml").write_text('ignore = ["index"]\n')


SAVES = [
    write_in_place, write_and_rename, write_outside_and_rename, vim_backup, delete_and_recreate,
    delete, new_folders, folder_moved_in, folder_moved_out, folder_moved_within, renamed_in_case,
    swapped_for_a_link, old_time, twice_within_a_tick, index_edited, format_edited, new_format,
    configured,
]  # fmt: skip


@pytest.mark.parametrize("save", SAVES, ids=lambda save: save.__name__)
def test_after_every_kind_of_save_it_knows_what_a_fresh_check_finds(
    corpus: Corpus, cache: Path, save: Callable[[Path], None]
) -> None:
    root = corpus(FILES)
    with watching(root) as watch:
        save(root / "seeds")
        in_step(watch, cache)
        for word in ("heron", "river", "weir", "fox", "written"):
            fresh = seedkit("search", "-l", "--cache-dir", str(cache / "fresh"), word, cwd=root)
            assert seedkit("search", "-l", word, cwd=root).out == fresh.out


def test_it_does_not_begin_with_a_configuration_that_is_no_toml(
    corpus: Corpus, cache: Path
) -> None:
    root = corpus({**FILES, "seedkit.toml": "ignore = ["})
    ended = seedkit("watch", cwd=root)
    assert ended.code == 2
    assert ended.err.startswith("error[config/invalid-toml]: ")
    assert ended.err.endswith("seedkit watch: stopped by 1 error in the configuration\n")


def test_settings_that_could_not_be_read_are_not_forgotten_over_a_seed(
    corpus: Corpus, cache: Path
) -> None:
    root = corpus(FILES)
    args = SimpleNamespace(isolated=False, config=[], quiet=True, verbose=False, jobs=1)
    opening = _Opening(args, cache_folder(str(root)))  # type: ignore[arg-type]
    watched = WatchedCorpus(str(root), opening.workspace, opening.index)
    watched.look(None)
    schema, seed = root / "schemas" / "pair.toml", root / "seeds" / "a.txt"
    right = schema.read_text()
    schema.write_text("[[[")
    seed.write_text("okapi\nin the garden")
    for path in (schema, seed, seed):
        with pytest.raises(SeedkitError):
            watched.look(frozenset([str(path)]))
    schema.write_text(right)
    both = frozenset([str(schema), str(seed)])
    assert watched.look(both).changed == ["seeds/a.txt"]


def test_a_configuration_that_is_no_toml_is_reported_and_fixed(corpus: Corpus, cache: Path) -> None:
    root = corpus(FILES)
    with watching(root) as watch:
        (root / "seedkit.toml").write_text("ignore = [")
        watch.until(lambda: watch.said("degraded"), "degraded")
        (root / "seedkit.toml").write_text("")
        watch.until(lambda: watch.said("recovered"), "recovered")
        in_step(watch, cache)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)], ids=["SIGINT", "SIGTERM"]
)
def test_signals_end_it(corpus: Corpus, cache: Path, number: signal.Signals, code: int) -> None:
    root = corpus(FILES)
    with watching(root) as watch:
        watch.process.send_signal(number)
        assert watch.process.wait(10) == code
        watch.until(lambda: watch.said("stopped"), "stopped")
    assert seedkit("search", "-l", "heron", cwd=root).out == "seeds/a.txt\n"


def test_it_ends_when_nobody_reads_it(corpus: Corpus, cache: Path) -> None:
    root = corpus(FILES)
    with watching(root) as watch:
        assert watch.process.stdout is not None
        os.close(os.dup(watch.process.stdout.fileno()))
    result = seedkit("watch", "--once-ready", "--format", "json", cwd=root)
    assert [json.loads(line)["event"] for line in result.out.splitlines()] == ["ready", "stopped"]
    assert result.code == 0


def test_a_second_watch_is_refused(corpus: Corpus, cache: Path) -> None:
    root = corpus(FILES)
    with watching(root) as watch:
        second = seedkit("watch", cwd=root)
        assert second.code == 2
        assert second.err == (
            "seedkit watch: error: another seedkit watch is running on this corpus (process "
            f"{watch.process.pid})\n  help: one is enough: its index serves every search\n"
        )


def test_text_for_people(corpus: Corpus, cache: Path) -> None:
    root = corpus(FILES)
    with watching(root, text=True) as watch:
        watch.until(lambda: any("watching" in line for line in watch.seen), "watching")
        assert watch.seen[-1].endswith("watching 3 seeds, no findings\n")
        (root / "seeds" / "a.txt").write_text("x" * 41 + "\nbody")
        watch.until(lambda: any(line.endswith(" ^\n") for line in watch.seen), "the place")
        (root / "seeds" / "a.txt").write_text("x" * 4 + "\nbody")
        watch.until(lambda: any("fixed" in line for line in watch.seen), "fixed")
        assert watch.seen[-1].endswith("seeds/a.txt: fixed section/too-long\n")


def test_seeds_are_never_written(corpus: Corpus, cache: Path) -> None:
    root = corpus(FILES)
    before = tree(root)
    with watching(root) as watch:
        in_step(watch, cache)
        assert seedkit("search", "heron", cwd=root).code == 0
    assert tree(root) == before


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file()
    }


def test_a_search_with_it_does_not_walk(
    corpus: Corpus, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seedkit.sources.source import DiskSource

    root = corpus(FILES)
    with watching(root) as watch:
        (root / "seeds" / "a.txt").write_text("heron\nflies over the marsh")
        in_step(watch, cache)

        def scan(self: DiskSource, folders: list[str]) -> Scan:
            assert folders == ["schemas"], "the seeds are walked"
            return real(self, folders)

        real = DiskSource.scan
        monkeypatch.setattr(DiskSource, "scan", scan)
        assert seedkit("search", "-l", "marsh", cwd=root).out == "seeds/a.txt\n"
        others = seedkit("search", "-l", "--config", 'exclude=["x"]', "marsh", cwd=root)
        assert "the seeds are walked" in others.err  # other settings make other facts


def test_after_more_events_than_the_system_keeps_nothing_is_lost(
    corpus: Corpus, cache: Path
) -> None:
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if limit > 40_000:
        pytest.skip(f"{limit:,} events are kept here")
    root = corpus({**FILES, "seedkit.toml": 'exclude = ["seeds/noise/**"]\n'})
    noise = root / "seeds" / "noise"
    noise.mkdir()
    with watching(root) as watch:
        watch.process.send_signal(signal.SIGSTOP)
        for number in range(limit // 2):
            (noise / str(number % 50)).touch()
            os.utime(noise / str(number % 50), ns=(number, number))
            (noise / str(number % 50)).unlink()
        write_in_place(root / "seeds")
        watch.process.send_signal(signal.SIGCONT)
        watch.until(lambda: watch.said("recovered"), "recovered")
        in_step(watch, cache)
    assert any("more events than the system keeps" in line for line in watch.seen)
    assert seedkit("search", "-l", "flies", cwd=root).out == "seeds/a.txt\n"


def test_too_few_watches_are_told_and_nothing_is_lost_for_long(corpus: Corpus, cache: Path) -> None:
    root = corpus(FILES)
    for number in range(20):
        (root / "seeds" / f"folder-{number}").mkdir()
    program = (
        "import sys\nopen('/proc/sys/user/max_inotify_watches', 'w').write('9')\n"
        "from seedkit.cli import main\nsys.exit(main())\n"
    )
    limited = ["unshare", "-Ur", sys.executable, "-c", program, "watch", "--format", "json"]
    probe = subprocess.run([*limited[:2], "sh", "-c", "echo 9 >/proc/sys/user/max_inotify_watches"],
                           capture_output=True)  # fmt: skip
    if probe.returncode:
        pytest.skip("the limit can't be set here")
    with watching(root, command=limited) as watch:
        assert any("folders can't be watched" in line for line in watch.seen)
        (root / "seeds" / "folder-19" / "x.txt").write_text("one line")
        watch.until(lambda: "seeds/folder-19/x.txt" in watch.findings, "the unwatched seed")


# -- folders and settings that come and go


def test_seeds_saved_while_settings_are_half_written_are_not_forgotten(
    corpus: Corpus, cache: Path
) -> None:
    root = corpus(FILES)
    with watching(root) as watch:
        (root / "seedkit.toml").write_text("ignore = [")
        watch.until(lambda: watch.said("degraded"), "degraded")
        (root / "seeds" / "d.txt").write_text("okapi\nin the garden")
        (root / "seeds" / "b.txt").unlink()
        (root / "seedkit.toml").write_text("")
        watch.until(lambda: watch.said("recovered"), "recovered")
        in_step(watch, cache)
        assert found("okapi", root) == "seeds/d.txt\n"
        assert found("miller", root) == ""


def test_a_folder_of_seeds_that_settings_add_is_watched(corpus: Corpus, cache: Path) -> None:
    root = corpus({**FILES, "more/e.txt": "okapi\nin the garden"})
    (root / "schemas" / "pair.toml").write_text(
        (root / "schemas" / "pair.toml").read_text().replace("seeds/**/*.txt", "**/*.txt")
    )
    with watching(root) as watch:
        (root / "seedkit.toml").write_text('seeds = ["seeds", "more"]')
        watch.until(lambda: "more/e.txt" in watch.findings, "the folder")
        (root / "more" / "f.txt").write_text("tapir\nin the garden")
        watch.until(lambda: "more/f.txt" in watch.findings, "a seed saved there")
        in_step(watch, cache)
        assert found("tapir", root) == "more/f.txt\n"


def test_formats_made_after_the_start_are_read(corpus: Corpus, cache: Path) -> None:
    root = corpus({path: text for path, text in FILES.items() if not path.startswith("schemas/")})
    with watching(root) as watch:
        (root / "schemas").mkdir()
        (root / "schemas" / "pair.toml").write_bytes(FILES["schemas/pair.toml"].encode())  # type: ignore[union-attr]
        watch.until(lambda: not any(watch.findings.values()), "no findings")
        (root / "schemas" / "pair.toml").write_text('files = ["seeds/a.txt"]\n')
        watch.until(lambda: "seeds/b.txt" in watch.findings, "no format")
        in_step(watch, cache)


def test_seeds_removed_and_made_again_are_watched(corpus: Corpus, cache: Path) -> None:
    root = corpus({**FILES, "seedkit.toml": ""})
    with watching(root) as watch:
        shutil.move(root / "seeds", root.parent / "away")
        watch.until(lambda: watch.said("degraded"), "degraded")
        (said,) = (json.loads(line) for line in watch.seen if '"event":"degraded"' in line)
        assert said["reason"] == (
            "seedkit.toml: there is no folder `seeds` of seeds; make it, or set `seeds` to the "
            "folders that hold seeds"
        )
        shutil.copytree(root.parent / "away", root / "seeds")
        watch.until(lambda: watch.said("recovered"), "recovered")
        (root / "seeds" / "d.txt").write_text("okapi\nin the garden")
        watch.until(lambda: "seeds/d.txt" in watch.findings, "a seed saved there")
        in_step(watch, cache)
        assert found("okapi", root) == "seeds/d.txt\n"


def test_a_cache_that_is_removed_is_made_again(corpus: Corpus, cache: Path) -> None:
    root = corpus(FILES)
    with watching(root) as watch:
        shutil.rmtree(folder_of(cache))
        (root / "seeds" / "d.txt").write_text("okapi\nin the garden")
        watch.until(lambda: "seeds/d.txt" in watch.findings, "a seed saved after that")
        in_step(watch, cache)
        assert found("okapi", root) == "seeds/d.txt\n"
        assert found("heron", root) == "seeds/a.txt\n"


def found(word: str, root: Path) -> str:
    return seedkit("search", "-l", word, cwd=root).out
