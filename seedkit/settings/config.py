"""What the user has configured: `[tool.seedkit]` of pyproject.toml, or seedkit.toml.

The docstrings here are docs/configuration.md's reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from seedkit.core.diagnostic import Place
from seedkit.core.errors import ConfigError, UsageError
from seedkit.core.languages import check_language
from seedkit.core.patterns import (
    MAX_GLOB,
    PathTemplate,
    PatternError,
    check_glob,
    check_globs,
)
from seedkit.core.rules import CONFIG_INVALID_VALUE, known_selector, no_selector
from seedkit.core.text import shorten
from seedkit.core.validation import TomlSource, invalid_values, table_keys
from seedkit.formats.load import read_toml
from seedkit.settings.engines import AUTO, CONFIGURABLE
from seedkit.sources.root import CONFIG_FILES, SCHEMAS, is_git_folder
from seedkit.sources.source import Source, escapes

if TYPE_CHECKING:
    EngineName = str
else:
    EngineName = Literal[CONFIGURABLE]


def _folder(value: str) -> str:
    climbs = escapes(value) or ".." in value.split("/")
    if not value or climbs or "\\" in value or "\x00" in value:
        raise ValueError("the path must be relative to the root, inside it, with `/`")
    parts = [part for part in value.split("/") if part not in ("", ".")]
    return "/".join(parts) or "."


def _seeds_folder(value: str) -> str:
    folder = _folder(value)
    if is_git_folder(folder):
        raise ValueError("the path must not lead into git's own folder")
    return folder


def _index(value: str) -> str:
    path = _folder(value)
    top, *below = path.casefold().split("/")
    if is_git_folder(path) or (top == SCHEMAS and below):
        raise ValueError(f"the path must not lead into `.git` or `{SCHEMAS}`")
    if not path.casefold().endswith((".md", ".markdown")):
        raise ValueError("the index must be a Markdown file, such as `INDEX.md`")
    return path


def _glob(value: str) -> str:
    try:
        check_glob(value)
    except PatternError as error:
        raise ValueError(f"the pattern is not valid: {error}") from None
    return value


def _selector(value: str) -> str:
    if not known_selector(value):
        raise ValueError(no_selector(value))
    return value


def _together(values: list[str]) -> list[str]:
    try:
        check_globs(values)
    except PatternError as error:
        raise ValueError(f"the patterns do not compile: {error}") from None
    return values


def _several(splits: dict[str, list[str]]) -> dict[str, list[str]]:
    if len(splits) == 1:
        raise ValueError("one split alone has nothing to be compared with; name two or more")
    return splits


def _counterparts(parallel: dict[str, str]) -> dict[str, str]:
    if len(parallel) == 1:
        raise ValueError("one pattern alone has no counterpart; name two or more")
    wildcards = {name: PathTemplate(each).wildcards for name, each in parallel.items()}
    first = next(iter(wildcards), "")
    for name, found in wildcards.items():
        if not found:
            raise ValueError(f"`{shorten(name)}` has no `*` or `**` for what counterparts share")
        if found != wildcards[first]:
            raise ValueError(f"`{shorten(name)}` has not the same wildcards as `{shorten(first)}`")
    if len(set(parallel.values())) < len(parallel):
        raise ValueError("two patterns are the same")
    return parallel


# Nobody needs as much as these bounds allow; what is beyond them costs memory and time.
_Path = Field(max_length=4096)
_List = Field(max_length=1000)
_Names = Field(max_length=100)

SeedsFolder = Annotated[str, _Path, AfterValidator(_seeds_folder)]
IndexPath = Annotated[str, _Path, AfterValidator(_index)]
Glob = Annotated[str, Field(max_length=MAX_GLOB), AfterValidator(_glob)]
Selector = Annotated[str, Field(max_length=100), AfterValidator(_selector)]
Selectors = Annotated[list[Selector], _List]
Template = Annotated[str, Field(min_length=1), _Path]
SplitName = Annotated[str, Field(min_length=1, max_length=100)]
Globbed = Annotated[list[Glob], Field(min_length=1, max_length=1000), AfterValidator(_together)]


class Config(BaseModel):
    """Every setting, with its default."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )

    seeds: Annotated[list[SeedsFolder], Field(min_length=1, max_length=1000)] = ["seeds"]
    """Folders that hold seeds; `"."` is the corpus itself."""
    index: IndexPath = "INDEX.md"
    """The manifest that lists every seed, a Markdown file (`.md`, `.markdown`)."""
    index_order: Literal["any", "path"] = "any"
    """Order of the entries of each table and list in the index."""
    formats: Annotated[list[Annotated[str, Field(max_length=255)]], _List] = []
    """Order in which formats match files; those not named follow by name."""
    exclude: Annotated[list[Glob], _List, AfterValidator(_together)] = []
    """Files under the seeds folders that are no seeds, gitignore-style."""
    select: Annotated[Selectors, Field(min_length=1)] = [
        "text",
        "name",
        "format",
        "section",
        "index",
        "repeat",
        "config",
    ]
    """Rules and families of rules that are checked."""
    ignore: Selectors = []
    """Rules and families that are not."""
    per_file_ignores: Annotated[dict[Glob, Selectors], _List] = {}
    """Rules and families that are not checked in files that match a pattern."""
    near_duplicate: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Least Jaccard similarity, of token 3-grams, of a near duplicate."""
    contained: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Least share of a seed's 3-grams that one with as many or more has, for it to be contained."""
    similarity_tokens: Literal["words", "characters"] = "words"
    """Of what those 3-grams are in scripts without spaces: whole runs, or single characters."""
    passage_tokens: Annotated[int, Field(ge=8, le=100_000)] = 30
    """Fewest tokens of a repeated passage."""
    boilerplate_seeds: Annotated[int, Field(ge=2, le=1_000_000_000)] = 50
    """A passage in more seeds than this is reported once, as boilerplate."""
    splits: Annotated[dict[SplitName, Globbed], AfterValidator(_several)] = {}
    """Parts of the corpus that must not repeat each other, `train` and `test`: patterns by name."""
    leak_tokens: Annotated[int, Field(ge=3, le=100_000)] = 13
    """Fewest tokens in a row that a split may not share with an earlier one."""
    parallel: Annotated[dict[SplitName, Template], _Names, AfterValidator(_counterparts)] = {}
    """Seeds that are counterparts, as translations are: one pattern a language, `"data/en/**"`.
    They are those for which its wildcards `*` and `**` stand for the same."""
    engine: EngineName = AUTO
    """Search engine; `auto` is the first of the others that is installed."""
    language: Annotated[str, Field(max_length=64), AfterValidator(check_language)] = "auto"
    """Language for stemming: `auto` (by seed), `none`, `english`, `indonesian`, …"""


def load_config(
    source: Source, *, isolated: bool = False, overrides: tuple[str, ...] = ()
) -> tuple[Config, str | None]:
    """Return the configuration and the path of the file it came from, None for none.

    `overrides` are `KEY=VALUE` from the command line. Raises `ConfigError` with every fault found,
    `UsageError` for a bad override.
    """
    toml, prefix = (None, ()) if isolated else _find(source)
    values: Any = {} if toml is None else toml.file.values
    for key in prefix:
        values = values.get(key, {})
    if not isinstance(values, dict):
        assert toml is not None  # the defaults are a table
        message = "`tool.seedkit` must be a table"
        place = toml.place(prefix)
        raise ConfigError([CONFIG_INVALID_VALUE.diagnostic(message, place)])
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        assert toml is not None  # the defaults are valid
        raise ConfigError(
            invalid_values(error.errors(), toml, table_keys(Config), prefix)
        ) from None
    if overrides:
        config = _override(values, overrides)
    return config, None if toml is None else toml.path


def place_of(source: Source, *keys: str) -> Place:
    """Return where the configuration has the last of keys that lie within each other, or the last
    that it has; the whole file if it has none, or there is none.

    Raises `ConfigError` if it can't be read.
    """
    toml, prefix = _find(source)
    return Place(CONFIG_FILES[0]) if toml is None else toml.place((*prefix, *keys))


def _find(source: Source) -> tuple[TomlSource | None, tuple[str, ...]]:
    for name in CONFIG_FILES:
        if not source.exists(name):
            continue
        toml = read_toml(source, name)
        if name == "seedkit.toml":
            return toml, ()
        tool = toml.file.values.get("tool")
        if isinstance(tool, dict) and "seedkit" in tool:
            return toml, ("tool", "seedkit")
    return None, ()


def _override(values: dict[str, Any], overrides: tuple[str, ...]) -> Config:
    from seedkit.core.toml import parse

    merged = dict(values)
    for override in overrides:
        key, equals, text = override.partition("=")
        if not equals:
            raise UsageError(f"--config {shorten(override)}: write KEY=VALUE")
        try:
            parsed = parse(f"value = {text}")["value"]
        except ValueError:
            parsed = text  # a bare word is a string
        merged[key.strip().replace("-", "_")] = parsed
    try:
        return Config.model_validate(merged)
    except ValidationError as error:
        toml = TomlSource("--config", b"")
        first = invalid_values(error.errors(), toml, table_keys(Config))[0]
        raise UsageError(f"--config: {first.message}", help=first.help) from None
