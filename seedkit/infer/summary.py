"""What was found, in a few lines for people: for each format the evidence and the exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from seedkit.core.diagnostic import Diagnostic
from seedkit.core.text import plural, shorten, visible
from seedkit.infer.draft import spec_of
from seedkit.infer.facts import FORMS
from seedkit.infer.file_patterns import by_kind
from seedkit.infer.plan import InitPlan, Planned

_EXCEPTIONS = 5  # of a format that are shown
_PATTERNS = 8  # that are shown
_NAMED = 5  # files left out for one reason that are named
_MANY = 3  # files of a kind that are named by it
_KEYS = 6  # of fields that are named
_FORM_NAMES = {pattern: name for name, pattern in FORMS.items()}


class SummaryLines(NamedTuple):
    """One format: a title, what it is, and labelled lines; an empty label goes on with the last."""

    title: str
    description: str
    facts: list[tuple[str, str]]


def overview(plan: InitPlan) -> str:
    """Return in one sentence how many formats explain how many files."""
    files = sum(len(each.group.paths) for each in plan.formats)
    verb = "explains" if len(plan.formats) == 1 else "explain"
    return f"{plural(len(plan.formats), 'format')} {verb} {plural(files, 'file')}."


def summary(planned: Planned, patterns: list[str]) -> SummaryLines:
    """Return what there is to say of one format; `patterns` say which files have it."""
    values = planned.proposal.values
    facts = [("files", _files(patterns))]
    facts += _names(planned)
    facts += _sections(values)
    facts += planned.proposal.remarks
    facts += _text(values)
    facts += _exceptions(planned)
    title = f"{planned.name}: {plural(len(planned.group.paths), 'file')}"
    return SummaryLines(title, planned.description, facts)


def ignored(plan: InitPlan) -> Iterator[str]:
    """Return lines on the rules that the settings ignore, and why."""
    for key, rules, why in plan.settings:
        if key == "ignore":
            yield f"{plural(len(rules), 'rule')} {'is' if len(rules) == 1 else 'are'} ignored:"
            yield from (f"  {each}" for each in why.split("; "))


def left_out(plan: InitPlan) -> Iterator[str]:
    """Return lines on the files that are no seeds, by reason, and on corpora in the folder."""
    reasons: dict[str, list[str]] = {}
    for path, why in sorted({**plan.none, **plan.place.apart}.items()):
        reasons.setdefault(why, []).append(path)
    count = sum(map(len, reasons.values()))
    if count:
        yield f"{plural(count, 'file')} {'is' if count == 1 else 'are'} left out:"
    for why, paths in sorted(reasons.items(), key=lambda item: -len(item[1])):
        yield f"  {why}: {_some(paths)}"
    if plan.place.corpora:
        yield from corpora_left_out(plan.place.corpora)


def corpora_left_out(folders: Sequence[str]) -> Iterator[str]:
    """Return lines on folders that are left out, since they are corpora of their own."""
    if len(folders) == 1:
        yield f"1 corpus in the folder is left out, it is checked on its own: {visible(folders[0])}"
    else:
        yield f"{len(folders):,} corpora in the folder are left out, each is checked on its own:"
        yield f"  {_some(folders)}"


def _some(paths: Sequence[str]) -> str:
    """The first files by name; many of a kind by that."""
    kinds = by_kind(paths)
    shown: list[str] = []
    for kind, members in sorted(kinds.items()):
        many = kind.startswith(".") and len(members) >= _MANY
        shown += [f"*{visible(kind)} ({len(members):,})"] if many else map(visible, members)
    more = f", and {len(shown) - _NAMED:,} more" if len(shown) > _NAMED else ""
    return ", ".join(shown[:_NAMED]) + more


def _files(patterns: list[str]) -> str:
    if len(patterns) <= _PATTERNS:
        return ", ".join(map(visible, patterns))
    if patterns[-1].endswith("/**"):
        listed = f"{len(patterns) - 1:,} listed one by one, no pattern tells them"
        return f"{listed}; new ones: {visible(patterns[-1])}"
    return f"{len(patterns):,} patterns, {visible(patterns[0])} and others"


def _names(planned: Planned) -> Iterator[tuple[str, str]]:
    table = planned.proposal.values.get("file", {})
    if "name" not in table:
        return
    yield "names", visible(table["name"])
    said = []
    if "unique" in table:
        said.append(f"each its own {' and '.join(table['unique'])}")
    if "sequential" in table:
        said.append("numbered without a gap")
    if said:
        yield "", ", ".join(said)
    if "hash" in table:
        yield "", planned.proposal.notes["file", "hash"]


def _text(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    spec = spec_of(values).file
    said = [spec.encoding.upper() if spec.encoding == "utf-8" else spec.encoding]
    if spec.newline != "any":
        said.append(f"lines end with {spec.newline.upper()}")
    if spec.final_newline != "any":
        said.append(f"{'a' if spec.final_newline == 'require' else 'no'} newline at the end")
    yield "text", ", ".join(said)


def _sections(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "extends" in values:
        return  # the title of the built-in format says it
    sections = values["section"]
    if len(sections) == 1 and not about(sections[0]):
        return
    width = max(len(section["name"]) for section in sections)
    for number, section in enumerate(sections):
        said = ", ".join(about(section))
        label = "" if number else "sections"
        yield label, f"{section['name']:<{width}}  {said}".rstrip()


def about(section: Mapping[str, Any]) -> list[str]:
    """Return what is known of a section, in phrases."""
    said = [_label(section)] if "delimiter" in section else []
    if section.get("required") is False:
        said.append("optional")
    if section.get("repeat"):
        said.append("repeated")
    if "same_as" in section:
        said.append(f"equals {section['same_as']}")
    content = section.get("content", "text")
    if content == "rows":
        said.append(f"rows of {section['columns']} columns")
    elif content == "fields":
        said.append("`Key: value` lines")
    elif content in ("yaml", "json", "toml"):
        said.append(content.upper())
    elif content == "line":
        said.append("one line")
    fields = [f["name"] for f in section.get("field", []) if f.get("required", True)]
    keys = section.get("required_keys") or [name for name in fields if name.isidentifier()]
    if keys:
        more = ", …" if len(keys) > _KEYS else ""
        said.append(f"with {', '.join(keys[:_KEYS])}{more}")
    if "enum" in section:
        said.append(f"one of {', '.join(shorten(each, 20) for each in section['enum'])}")
    if "pattern" in section:
        bare = section["pattern"].removeprefix(r"\s*").removesuffix(r"\s*")
        if bare in _FORM_NAMES:
            said.append(f"a {_FORM_NAMES[bare]}")
    return said


def _label(section: Mapping[str, Any]) -> str:
    delimiter = section["delimiter"]
    if isinstance(delimiter, Mapping):
        return f"after lines like `{shorten(delimiter['pattern'], 40)}`"
    shown = f"`{visible(delimiter.rstrip())}`"
    if "close" in section:
        return f"from {shown} to `{visible(section['close'])}`"
    if section.get("match") == "lines":
        return f"lines with {shown}"
    return f"after {shown}"


def _exceptions(planned: Planned) -> Iterator[tuple[str, str]]:
    """How many files have findings, and for each rule that they break how many, and the first."""
    if not planned.exceptions:
        return
    count, total = len(planned.exceptions), len(planned.group.paths)
    yield "exceptions", f"{count:,} of {plural(total, 'file')}"
    by_rule: dict[str, dict[str, Diagnostic]] = {}
    for path in sorted(planned.exceptions):
        for finding in planned.exceptions[path]:
            by_rule.setdefault(finding.rule, {}).setdefault(path, finding)
    ranked = sorted(by_rule.items(), key=lambda item: (-len(item[1]), item[0]))
    for rule, found in ranked[:_EXCEPTIONS]:
        yield "", f"{plural(len(found), 'file')}: {rule}, as {_line(next(iter(found.values())))}"
    if len(ranked) > _EXCEPTIONS:
        yield "", f"and {plural(len(ranked) - _EXCEPTIONS, 'more rule')}"


def _line(finding: Diagnostic) -> str:
    where = visible(finding.place.path)
    if finding.place.start is not None:
        where += f":{finding.place.start.line}"
    return f"{where}: {finding.message}"
