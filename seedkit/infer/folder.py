"""From a folder of files to formats that explain them: which files belong together, and how.

Files are looked at once, to tell texts from others. Of the texts of each kind of name a sample
shows which formats there are; where there are several, every file is tried on each of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from seedkit.core.errors import SeedkitError
from seedkit.formats.content import Declared
from seedkit.formats.layout import Layout
from seedkit.formats.parser import parse
from seedkit.infer.choose import Choice, builtin, evenly, explains
from seedkit.infer.choose import plain as plain_choice
from seedkit.infer.cluster import ExplainedTexts, Text, cover, delimited, shape_of
from seedkit.infer.cost import FEW_FILES, cost_of
from seedkit.infer.draft import Values, tolerance
from seedkit.infer.encodings import Look, encodings_of, look_at
from seedkit.infer.file_patterns import by_kind
from seedkit.infer.propose import Seed
from seedkit.infer.shapes import delimiter_of, extension_of
from seedkit.infer.tables import has_header
from seedkit.infer.turns import transcript_of
from seedkit.sources.compressed import expand, uncompressed_name
from seedkit.sources.source import Source
from seedkit.sources.walk import FileSignature

_SAMPLE = 300  # files of one kind that show which formats there are …
_ROOM = 2_000_000  # … of together so many bytes, but for single large files
_FEW_SHARE = 0.05  # of the texts may be damaged ones of a format, and none without one
_ALIKE = 5  # files that are called alike, and of which most have one format, for that to count
_MOST = 0.9
_NEAR = 0.3  # so many delimiters, of those that are usual, make a text a damaged one of a format
_USUAL = 0.8  # share of the files called so that a format must explain to be that of its extension
_SOUND = 0.3  # share of the records of a few files that is enough
_EXTENSIONS: Final = {
    ".conllu": "conllu", ".eml": "headers-body", ".mbox": "mbox", ".phpt": "phpt", ".srt": "srt",
    ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".trec": "trec", ".tsv": "tsv",
    ".po": "po", ".pot": "po", ".txtar": "txtar", ".vtt": "webvtt", ".yaml": "yaml", ".yml": "yaml",
}  # fmt: skip
_CONVERSATIONS = ("chat-jsonl", "sharegpt", "instruction-jsonl")  # in JSON Lines
_FOREIGN = 0.2  # share of files that are not UTF-8 for them to be of another encoding, not broken


@dataclass(slots=True)
class FormatGroup:
    """Files of one format: the structure, all paths, and those that were looked at."""

    choice: Choice
    paths: list[str]
    seeds: list[Seed]
    encoding: str = "utf-8"


@dataclass(slots=True)
class Survey:
    """What a folder holds: groups of texts, and files that are none, with the reason."""

    groups: list[FormatGroup] = field(default_factory=list)
    none: dict[str, str] = field(default_factory=dict)


Progress = Callable[[int, int], None]


def survey(
    files: Mapping[str, FileSignature],
    source: Source,
    progress: Progress = lambda done, total: None,
    *,
    builtins: bool = True,
    given: str | None = None,
) -> Survey:
    """Return the formats that the files seem to have, the files of each, and what is no text.

    `given` is a built-in format that all have, if somebody knows it.
    """
    found = Survey()
    looks: list[Look] = []
    for number, look in enumerate(look_at(sorted(files.items()), source)):
        looks.append(look)
        progress(number + 1, len(files))
    found.none = {look.path: look.why for look in looks if look.kind == "none"}
    kinds = by_kind([look.path for look in looks if look.kind != "none"])
    foreign = {look.path for look in looks if look.kind == "foreign"}
    for kind in sorted(kinds):
        for paths, is_foreign in _by_encoding(kinds[kind], foreign):
            reader = _FileReader(source, files)
            if given is not None:
                found.groups.append(_given(given, paths, reader, is_foreign=is_foreign))
                continue
            found.groups += _groups(paths, reader, is_foreign=is_foreign, builtins=builtins)
    found.groups = _merged(found.groups)
    return found


def _by_encoding(paths: Sequence[str], foreign: set[str]) -> list[tuple[list[str], bool]]:
    """The files of a kind, apart by whether they are UTF-8 if many are not."""
    strange = [path for path in paths if path in foreign]
    if len(strange) < _FOREIGN * len(paths):
        return [(list(paths), False)]
    usual = [path for path in paths if path not in foreign]
    return [each for each in ((usual, False), (strange, True)) if each[0]]


class _FileReader:
    """Reads files of one encoding as texts, each at most as often as it is needed."""

    def __init__(self, source: Source, files: Mapping[str, FileSignature]) -> None:
        self.source = source
        self.files = files
        self.encoding = "utf-8"

    def data(self, path: str) -> bytes:
        try:
            return expand(path, self.source.read(path))
        except (OSError, SeedkitError):
            return b""  # gone since it was looked at: the check will say so

    def seed(self, path: str, errors: str = "strict") -> Seed | None:
        data = self.data(path)
        try:
            return Seed(path, data, data.decode(self.encoding, errors))
        except UnicodeDecodeError:
            return None

    def encode_as_most(self, paths: Sequence[str]) -> None:
        """Read files from now on in the encoding that they read best in and that fits nearly all.

        Without one, they are read as UTF-8, and the check reports what is wrong with them.
        """
        datas = [self.data(path) for path in paths]
        for encoding in encodings_of(evenly(datas, 20)):
            if sum(not _decodes(data, encoding) for data in datas) <= tolerance(len(datas)):
                self.encoding = encoding
                return

    def sample(self, paths: Sequence[str]) -> list[Seed]:
        """Return files to look at: sound ones, or what there is if none of them is."""
        return self._sample(paths, "strict") or self._sample(paths, "surrogateescape")

    def _sample(self, paths: Sequence[str], errors: str) -> list[Seed]:
        seeds: list[Seed] = []
        room = _ROOM
        for path in evenly(paths, _SAMPLE):
            if seeds and self.files[path].size > room:
                continue
            seed = self.seed(path, errors)
            if seed is not None:
                seeds.append(seed)
                room -= len(seed.data)
        return seeds


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def reader_of(source: Source, encoding: str, paths: Sequence[str]) -> list[Seed]:
    """Return the seeds at the paths, those that can be read in that encoding."""
    reader = _FileReader(source, {})
    reader.encoding = encoding
    return [seed for path in paths if (seed := reader.seed(path)) is not None]


def _given(
    name: str, paths: Sequence[str], reader: _FileReader, *, is_foreign: bool
) -> FormatGroup:
    """All the files as of a format that is known."""
    if is_foreign:
        reader.encode_as_most(paths)
    seeds = [seed for seed in reader.sample(paths) if seed.text.strip()]
    texts = [seed.lines for seed in seeds]
    choice = _table(name, texts) if name in ("csv", "tsv") else builtin(name, texts)
    return FormatGroup(choice, list(paths), seeds, reader.encoding)


def _groups(
    paths: Sequence[str], reader: _FileReader, *, is_foreign: bool, builtins: bool
) -> list[FormatGroup]:
    """The formats of files with one kind of name."""
    if is_foreign:
        reader.encode_as_most(paths)
    seeds = [seed for seed in reader.sample(paths) if seed.text.strip()]
    texts = [Text(seed.path, seed.lines) for seed in seeds]
    named = _named_after(paths, texts) if builtins else None
    if named is not None:
        return [_group(named, paths, seeds, reader)]
    spoken = transcript_of([text.text for text in texts]) if builtins and texts else None
    if spoken is not None:
        return [FormatGroup(spoken, list(paths), seeds, reader.encoding)]
    found, rest = cover(texts, builtins=builtins) if texts else ([], [])
    if not found:
        plain = plain_choice([text.text for text in texts], builtins=builtins)
        return [FormatGroup(plain, list(paths), seeds, reader.encoding)]
    sorter = _Sorter(found, texts, few=len(rest) <= max(_FEW_SHARE * len(texts), len(texts) >= 10))
    if len(found) == 1 and all(sorter.of(texts[index]) == 0 for index in rest):
        return [_group(found[0], paths, seeds, reader)]
    groups = [FormatGroup(each.choice, [], [], reader.encoding) for each in found]
    plain = plain_choice([texts[index].text for index in rest], builtins=builtins)
    groups.append(FormatGroup(plain, [], [], reader.encoding))
    for path in paths:
        seed = reader.seed(path, "surrogateescape")
        text = Text(path, "" if seed is None else seed.lines)
        groups[sorter.of(text)].paths.append(path)
    for group in groups:
        group.seeds = reader.sample(group.paths)
    return [group for group in groups if group.paths]


def _named_after(paths: Sequence[str], texts: Sequence[Text]) -> ExplainedTexts | None:
    """The built-in format that has the extension of the files, if it explains most of them.

    Of a few files with records, it has to explain three in ten records: what deviates from what the
    files are called is an exception, which the check reports, and makes no other format.
    """
    extension = extension_of(paths[0])
    name = _EXTENSIONS.get(uncompressed_name(extension).lower(), "")
    if not name or not texts or any(extension_of(path) != extension for path in paths):
        return None
    whole = [text.text for text in texts]
    choice = _table(name, whole) if name in ("csv", "tsv") else builtin(name, whole)
    if name == "jsonl":
        choice = next(filter(None, (_all(each, whole) for each in _CONVERSATIONS)), choice)
    members = [index for index, it in enumerate(texts) if explains(choice.layout, it.text)]
    few = choice.layout.spec.record is not None and len(texts) < FEW_FILES
    if few and choice.cost.share >= _SOUND:
        return ExplainedTexts(choice, members or list(range(len(texts))))
    return (
        ExplainedTexts(choice, members) if members and len(members) >= _USUAL * len(texts) else None
    )


def _all(name: str, texts: Sequence[str]) -> Choice | None:
    """The built-in format, if nothing in the texts goes against its fields."""
    choice = builtin(name, texts)
    (section,) = choice.layout.sections
    declared = Declared(section)
    documents = (parse(text, choice.layout) for text in texts)
    values = (document.value(each) for document in documents for each in document.sections())
    return None if any(map(declared.problems, values)) else choice


def _table(name: str, texts: Sequence[str]) -> Choice:
    """Tables, with or without a header, whose cells are apart by what the headers have most of: a
    comma if there is nothing, a tab if they are called so."""
    record: Values = {}
    if name == "csv":
        delimiter = delimiter_of("".join(text[: text.find("\n") + 1] or text for text in texts))
        record = {} if delimiter == "," else {"delimiter": delimiter}
    headless = {"record": {**record, "header": False}}
    if not has_header(builtin(name, texts[:1], **headless).layout, texts):
        return builtin(name, texts, **headless)
    return builtin(name, texts, **({"record": record} if record else {}))


def _group(
    found: ExplainedTexts, paths: Sequence[str], seeds: Sequence[Seed], reader: _FileReader
) -> FormatGroup:
    members = set(found.members)
    own = [seed for index, seed in enumerate(seeds) if index in members]
    return FormatGroup(found.choice, list(paths), own, reader.encoding)


class _Sorter:
    """Tells which of the formats found a text has."""

    def __init__(
        self, found: Sequence[ExplainedTexts], texts: Sequence[Text], *, few: bool
    ) -> None:
        self.layouts = [each.choice.layout for each in found]
        self.few = few  # texts that no format explains are so few that they are damaged ones
        self.usual = [
            median(_density(each.choice.layout, texts[index].text) for index in each.members)
            for each in found
        ]
        self.called = _called(found, texts)

    def of(self, it: Text) -> int:
        """Return the number of the format: of those that explain the text, the shortest code.

        One more than there are formats is for a text with none of them: one that is not called as
        those of a format are, and has too few delimiters to be a damaged one.
        """
        text = it.text
        fits = [
            (cost_of({}, layout, [text]).bits, number)
            for number, layout in enumerate(self.layouts)
            if text.strip() and explains(layout, text)
        ]
        if fits:
            return min(fits)[1]
        if shape_of(it.path) in self.called:
            return self.called[shape_of(it.path)]
        near = [
            _density(layout, text) / usual if usual else 0.0
            for layout, usual in zip(self.layouts, self.usual, strict=True)
        ]
        nearest = max(range(len(near)), key=lambda number: (near[number], -number))
        if near[nearest] >= _NEAR:
            return nearest
        if self.few and (not text.strip() or self.usual[0] == 0):
            return 0
        return len(self.layouts)


def _density(layout: Layout, text: str) -> float:
    """The share of a text that a format takes for delimiters."""
    return delimited(layout, text) / max(1, len(text))


def _called(found: Sequence[ExplainedTexts], texts: Sequence[Text]) -> dict[str, int]:
    """Which format nearly all texts have whose files are called alike."""
    counts: dict[str, Counter[int]] = {}
    number_of = {index: n for n, each in enumerate(found) for index in each.members}
    for index, text in enumerate(texts):
        counts.setdefault(shape_of(text.path), Counter())[number_of.get(index, -1)] += 1
    called = {}
    for shape, numbers in counts.items():
        number, often = numbers.most_common(1)[0]
        if number >= 0 and often >= max(_ALIKE, _MOST * numbers.total()):
            called[shape] = number
    return called


def _merged(groups: Sequence[FormatGroup]) -> list[FormatGroup]:
    """The groups, those with the same structure and encoding as one."""
    merged: dict[str, FormatGroup] = {}
    for group in groups:
        key = repr((group.choice.values, group.encoding))
        if key in merged:
            merged[key].paths += group.paths
            merged[key].seeds += group.seeds
        else:
            merged[key] = group
    for group in merged.values():
        group.paths.sort()
    return sorted(merged.values(), key=lambda group: (-len(group.paths), group.paths))
