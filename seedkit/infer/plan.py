"""What `seedkit init` would write for a folder, and what the check would then find.

A format in one line, for people.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from seedkit.check.run import run_check, selection
from seedkit.core.diagnostic import Diagnostic, Severity
from seedkit.core.patterns import Globs
from seedkit.core.rules import INDEX_MISSING_INDEX
from seedkit.core.text import plural, shorten
from seedkit.corpus.workspace import Workspace
from seedkit.formats.load import builtin_text
from seedkit.infer.choose import evenly
from seedkit.infer.draft import tolerance
from seedkit.infer.file_patterns import by_kind, escape, patterns_of
from seedkit.infer.folder import FormatGroup, survey
from seedkit.infer.propose import Proposal, propose
from seedkit.infer.shapes import common_prefix
from seedkit.infer.texts import SeedFolders, find_seeds
from seedkit.infer.write import format_toml, settings_toml
from seedkit.settings.load import Settings, load_settings
from seedkit.sources.root import CONFIG_FILES, SCHEMAS
from seedkit.sources.source import MemorySource, Source, within

_WHOLE = {
    "rows": "rows of columns",
    "fields": "`Key: value` lines",
    "json": "JSON",
    "yaml": "YAML",
    "toml": "TOML",
}


def describe(values: Mapping[str, Any]) -> str:
    """Return what the format is: how records and sections are distinguished."""
    base = values.get("extends")
    if base is not None:
        title: str = tomllib.loads(builtin_text(base.partition(":")[2]))["title"]
        return title
    record = _record(values.get("record"))
    sections = _sections(values)
    return "; ".join(filter(None, (record, sections))) or "plain text"


def _record(record: Mapping[str, Any] | None) -> str:
    if record is None:
        return ""
    match record["mode"]:
        case "block":
            return f"records between {_shown(record['open'])} and {_shown(record['close'])}"
        case "start":
            return f"records that start with {_shown(record['delimiter'])}"
        case "terminator":
            return f"records that end with {_shown(record['delimiter'])}"
        case _:
            return f"records with {_shown(record['delimiter'])} between them"


def _sections(values: Mapping[str, Any]) -> str:
    sections = values["section"]
    joined = values.get("sections", {}).get("delimiter")
    names = ", ".join(section["name"] for section in sections)
    if joined is not None:
        return f"{plural(len(sections), 'section')} with {_shown(joined)} between: {names}"
    if len(sections) == 1:
        content = sections[0].get("content", "text")
        whole = _WHOLE.get(content, "")
        return whole or ("" if "record" in values else "plain text")
    return f"labelled sections: {names}"


def _shown(delimiter: str | Mapping[str, Any]) -> str:
    if isinstance(delimiter, Mapping):
        return f"lines like `{shorten(delimiter['pattern'], 40)}`"
    names = {"": "an empty line", "\n": "a newline", "\n\n": "an empty line", "\t": "a tab"}
    return names.get(delimiter) or f"`{shorten(delimiter.strip(chr(10)), 40)}`"


INDEX: Final = "INDEX.md"
HOOK: Final = ".pre-commit-config.yaml"
_JUDGED = ("text", "name", "format", "section", "config")  # rules that formats answer for
_HABIT = 0.05  # share of the files with the same finding about text that makes it their habit
_ROUNDS = 3  # times that facts are corrected by the files that they do not fit
_WRONG = 300  # files with wrong facts that are looked at to correct them
HOOK_TEXT: Final = """\
repos:
  - repo: local
    hooks:
      - id: seedkit
        name: seedkit check
        entry: seedkit check --hook corpus
        language: system
        pass_filenames: false
        always_run: true
"""
Progress = Callable[[str, int, int], None]  # what is done, so many of so many


@dataclass(slots=True)
class Planned:
    """One format: what it is called, which files have it, and what is wrong with some of them."""

    name: str
    group: FormatGroup
    proposal: Proposal
    exceptions: dict[str, list[Diagnostic]] = field(default_factory=dict)

    @property
    def description(self) -> str:
        """The format in one line."""
        return describe(self.proposal.values)


@dataclass(slots=True)
class InitPlan:
    """Everything that is to be written, as texts by path, and what it rests on."""

    place: SeedFolders
    formats: list[Planned]
    none: Mapping[str, str]  # files that are no seeds, and why
    settings: list[tuple[str, Any, str]]
    patterns: dict[str, list[str]]  # which files each format matches
    files: dict[str, str]
    others: list[Diagnostic]  # findings about no format's files


def make_plan(
    source: Source,
    open_corpus: Callable[[Settings], Workspace],
    progress: Progress = lambda what, done, total: None,
    *,
    hook: bool = False,
    builtins: bool = True,
    given: str | None = None,
) -> InitPlan:
    """Return what to write for the folder of the source. Nothing is written.

    All texts have the built-in format that is `given`, if one is. `open_corpus` returns a workspace
    of the source with other settings.
    """
    place = find_seeds(source)
    found = survey(
        place.files, source, lambda done, total: progress("Reading", done, total),
        builtins=builtins, given=given,
    )  # fmt: skip
    formats = _named(found.groups)
    if not formats:
        return InitPlan(place, [], found.none, [], {}, {}, [])
    plan = InitPlan(place, formats, found.none, [], {}, {}, [])
    for rounds_left in reversed(range(_ROUNDS)):
        _write(plan)
        workspace = open_corpus(_settings(plan))
        workspace.refresh(lambda done, total: progress("Checking", done, total))
        findings = _findings(workspace, list(_JUDGED))
        _judge(plan, workspace, findings)
        if not rounds_left or not _correct(plan, source):
            break
    habits = _habits(plan)
    if habits:
        _set(plan, "ignore", [rule for rule, _ in habits], "; ".join(why for _, why in habits))
        _forget(plan, {rule for rule, _ in habits})
        _write_settings(plan)
    _write_formats(plan)  # now with how many exceptions there are
    index = _index(workspace)
    if index is not None:
        plan.files[INDEX] = index
    if hook:
        plan.files[HOOK] = HOOK_TEXT
    return plan


def _named(groups: Sequence[FormatGroup]) -> list[Planned]:
    planned: list[Planned] = []
    for group in groups:
        names = [path.rpartition("/")[2] for path in group.paths]
        proposal = propose(group.choice, group.seeds, names, group.encoding)
        name = _format_name(group, proposal, {each.name for each in planned})
        planned.append(Planned(name, group, proposal))
    return planned


def _format_name(group: FormatGroup, proposal: Proposal, taken: set[str]) -> str:
    """A name: that of the built-in format, the folder, the kind of file, or what it holds."""
    base = proposal.values.get("extends", "").partition(":")[2]
    folders = {path.rpartition("/")[0].rpartition("/")[2] for path in group.paths}
    folder = folders.pop() if len(folders) == 1 else ""
    kinds = list(by_kind(group.paths))
    kind = kinds[0].removeprefix(".") if len(kinds) == 1 else ""
    names = [base if base != "plain" else ""]
    names += ["" if folder in ("seeds", "data", "texts", "txt") else folder]
    prefix = common_prefix([path.rpartition("/")[2] for path in group.paths])
    words = re.match(r"[A-Za-z][A-Za-z_-]{2,}", prefix)
    names += [words[0] if words and len(group.paths) > 1 else ""]
    names += [kind if kind not in ("txt", "text", "md") else "", base]
    names += ["records" if "record" in proposal.values else "text"]
    slugs = [re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] for name in names]
    slugs = [slug if slug[:1].isalpha() else "" for slug in slugs]
    for slug in filter(None, slugs):
        if slug not in taken:
            return slug
    return next(f"{slugs[-1]}-{n}" for n in range(2, 10_000) if f"{slugs[-1]}-{n}" not in taken)


# -- texts


def _write(plan: InitPlan) -> None:
    """Make the texts of formats and settings."""
    first = plan.place.folders[0]
    home = "" if first == "." else f"{first}/"
    matched = patterns_of({each.name: each.group.paths for each in plan.formats}, home)
    plan.files, plan.patterns = {}, matched.patterns
    _write_formats(plan)
    plan.settings = []
    folders = plan.place.folders
    _set(plan, "seeds", folders, "" if folders != ["."] else "the files lie next to this one")
    if matched.ordered:
        why = "in this order: the last one takes what no other claims"
        _set(plan, "formats", list(matched.patterns), why)
    exclude = _excluded(plan, [p for patterns in matched.patterns.values() for p in patterns])
    if exclude:
        why = "no texts, or none of the corpus"
        _set(
            plan, "exclude", exclude, f"{why}; corpora of their own" if plan.place.corpora else why
        )
    _write_settings(plan)


def _write_formats(plan: InitPlan) -> None:
    for each in plan.formats:
        values = {"title": each.description, **each.proposal.values}
        if "extends" in values:
            del values["title"]
        values["files"] = plan.patterns[each.name]
        text = format_toml(values, each.proposal.notes, _head(each))
        plan.files[f"{SCHEMAS}/{each.name}.toml"] = text


def _set(plan: InitPlan, key: str, value: Any, why: str) -> None:
    plan.settings.append((key, value, why))


def _write_settings(plan: InitPlan) -> None:
    head = "Settings of seedkit: docs/configuration.md lists them all."
    plan.files[CONFIG_FILES[0]] = settings_toml(plan.settings, head)


def _head(each: Planned) -> str:
    group = each.group
    looked = f"{len(group.seeds):,} of " if len(group.seeds) < len(group.paths) else ""
    total = plural(len(group.paths), "file")
    head = f"Inferred by `seedkit init` from {looked}{total}{_others(each)}."
    if each.exceptions:
        head += f" Exceptions: {len(each.exceptions):,} of {total}."
    return f"{each.description}.\n{head}" if "extends" in each.proposal.values else head


def _others(each: Planned) -> str:
    """Why not all of the files were looked at, in words."""
    left = set(each.group.paths).difference(seed.path for seed in each.group.seeds)
    if not left:
        return ""
    if not left <= each.exceptions.keys():
        return ", a sample"
    return ": the other has findings" if len(left) == 1 else ": the others have findings"


def _excluded(plan: InitPlan, claimed: Sequence[str]) -> list[str]:
    """Patterns for what is no text, for files of the project that a format would claim, and for
    corpora in the folder."""
    patterns = [f"{escape(folder)}/" for folder in _corpora_among_seeds(plan)]
    seeds = [path for each in plan.formats for path in each.group.paths]
    texts = set(by_kind(seeds))
    for kind, paths in sorted(by_kind(list(plan.none)).items()):
        if kind and kind not in texts:
            patterns.append(f"*{escape('x/' + kind).removeprefix('x/')}")
        else:
            patterns += [escape(path) for path in sorted(paths)]
    if plan.place.folders == ["."] and claimed:
        top = Globs(claimed)
        patterns += [escape(path) for path in plan.place.project if top.match(path)]
    return patterns


def _corpora_among_seeds(plan: InitPlan) -> list[str]:
    folders = plan.place.folders
    return [each for each in plan.place.corpora if any(within(each, f) for f in folders)]


# -- what the check finds


def _settings(plan: InitPlan) -> Settings:
    """The settings that are to be written; without repeats, which say nothing of formats."""
    texts = {path: text.encode() for path, text in plan.files.items()}
    seeds = dict.fromkeys(plan.place.files, b"")  # their folders are asked for
    settings = load_settings(MemorySource({**seeds, **texts}))
    quick = settings.config.model_copy(update={"select": list(_JUDGED)})
    return settings._replace(config=quick)


def _findings(workspace: Workspace, select: list[str]) -> list[Diagnostic]:
    wanted = selection(workspace, select)
    found = run_check(workspace, wanted, use_baseline=False).diagnostics
    return [each for each in found if each.severity is not Severity.INFO]


def _judge(plan: InitPlan, workspace: Workspace, findings: Sequence[Diagnostic]) -> None:
    by_name = {each.name: each for each in plan.formats}
    for each in plan.formats:
        each.exceptions = {}
    plan.others = []
    for finding in findings:
        row = workspace.rows.get(finding.place.path)
        planned = by_name.get(row.format) if row is not None else None
        if planned is None:
            plan.others.append(finding)
        else:
            planned.exceptions.setdefault(finding.place.path, []).append(finding)


def _correct(plan: InitPlan, source: Source) -> bool:
    """Correct the facts of sections by files that they do not fit; return whether any were."""
    changed = False
    for each in plan.formats:
        wrong = [
            path
            for path, found in each.exceptions.items()
            if any(finding.rule.startswith("section/") for finding in found)
        ]
        known = {seed.path for seed in each.group.seeds}
        fresh = [path for path in evenly(wrong, _WRONG) if path not in known]
        is_fixed = "extends" in each.proposal.values and "section" not in each.proposal.values
        if not fresh or is_fixed:
            continue
        from seedkit.infer.folder import reader_of

        each.group.seeds += reader_of(source, each.group.encoding, fresh)
        names = [path.rpartition("/")[2] for path in each.group.paths]
        proposal = propose(
            each.group.choice, each.group.seeds, names, each.group.encoding,
            total=len(names) if len(wrong) <= _WRONG else None,
        )  # fmt: skip
        changed = changed or proposal.values != each.proposal.values
        each.proposal = proposal
    return changed


def _habits(plan: InitPlan) -> list[tuple[str, str]]:
    """Rules about text that so many files break that it is how they are."""
    total = sum(len(each.group.paths) for each in plan.formats)
    spread = Counter(
        rule
        for each in plan.formats
        for found in each.exceptions.values()
        for rule in {f.rule for f in found if f.severity is Severity.WARNING}
        if rule.startswith("text/")
    )
    return [
        (rule, f"{rule} is found in {count:,} of {plural(total, 'file')}")
        for rule, count in sorted(spread.items())
        if count > max(tolerance(total), _HABIT * total)
    ]


def _forget(plan: InitPlan, rules: set[str]) -> None:
    for each in plan.formats:
        left = {
            p: [f for f in found if f.rule not in rules] for p, found in each.exceptions.items()
        }
        each.exceptions = {path: found for path, found in left.items() if found}


def _index(workspace: Workspace) -> str | None:
    """The text of the index that the check would make; None if there is one."""
    for finding in _findings(workspace, ["index"]):
        if finding.rule == INDEX_MISSING_INDEX.name and finding.fix is not None:
            return finding.fix.edits[0].text
    return None
