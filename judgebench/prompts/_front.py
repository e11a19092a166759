"""The file of a prompt: front matter, then a template of our own or the address of somebody else's."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from judgebench import extensions, resources
from judgebench.errors import InputError
from judgebench.types import Generation, Record, Source, digest


class Excerpt(Record, frozen=True, kw_only=True):
    """Bytes start to end of the pinned file with that role."""

    role: str
    start: int
    end: int


class Retry(Record, frozen=True, kw_only=True):
    """An answer without any verdict is continued with that turn, until there are so many attempts in all."""

    attempts: int
    turn: str


class Cut(Record, frozen=True, kw_only=True):
    """Where the context is too short, the responses are cut on that side."""

    side: Literal["left", "right"]
    context: int


class Front(Record, frozen=True, kw_only=True):
    """The front matter."""

    title: str
    note: str | None = None
    shows: Literal["together", "one"] = "together"
    """All responses in one request, or each in one of its own."""
    responses: tuple[int, int] = (2, 2)
    """The fewest and the most that it can show."""
    needs: tuple[Literal["reference", "rubric"], ...] = ()
    tie: bool = True
    """Whether a tie may be the verdict, unless -J tie says otherwise."""
    settings: tuple[Literal["tie", "confidence", "explain"], ...] = ()
    """Which of these options the prompt has."""
    parser: str
    scale: tuple[float, float] | None = None
    tokens: dict[str, tuple[float, ...]] = msgspec.field(default_factory=dict)
    """What an answer that begins with this token says, as scores in shown order: for -J verdict=logprobs."""
    generation: Generation
    explained: Generation | None = None
    """Instead, with -J explain=yes."""
    retry: Retry | None = None
    form: Literal["chat", "text"] = "chat"

    mirror: str | None = None
    sources: tuple[Source, ...] = ()
    """By role: `user`, `system`, `system-notie` where no tie is allowed, or what an excerpt refers to."""
    variables: dict[str, str] = msgspec.field(default_factory=dict)
    """Upstream's name: ours."""
    excerpts: dict[str, Excerpt] = msgspec.field(default_factory=dict)
    """What `system` or one of our variables is where neither the files nor the item say."""
    before: str = ""
    after: str = ""
    """What upstream's code puts around the rendered file."""
    strip: bool = False
    remove: tuple[str, ...] = ()
    """What upstream's code takes out of the responses: space at the ends, and these strings."""
    truncate: Cut | None = None


@dataclass(frozen=True)
class Prompt:
    """A prompt as it stands in its file; `Template` renders it. `id`, `mirror` and `sources` are what fetch needs."""

    id: str
    front: Front
    body: str
    """Our own template, with the parts that it includes."""
    extension: extensions.Extension | None = None
    """What brings it, where it is another distribution's."""

    @property
    def mirror(self) -> str | None:
        return self.front.mirror

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.front.sources

    @property
    def hash(self) -> str:
        """Changes with whatever may change a rendered request or how its answer is read."""
        relevant = msgspec.structs.replace(self.front, title="", note=None, mirror=None)
        pinned = [(source.role, source.sha256) for source in self.front.sources]
        return digest((msgspec.structs.replace(relevant, sources=()), pinned, self.body))


def names() -> tuple[str, ...]:
    """The prompts that travel with judgebench; a file that begins with an underscore is a part of others."""
    stems = (path.stem for path in resources.folder("prompts").glob("*.j2"))
    return tuple(sorted(name for name in stems if not name.startswith("_")))


NAMES = extensions.Names("prompts", names)


@cache
def load(name: str) -> Prompt:
    """A prompt by name, or of the user's own by path (`my/prompt.j2`)."""
    provider = None if name.endswith(".j2") else NAMES.find(name)
    if provider is not None:
        path = provider.file(".j2")
    else:
        path = Path(name) if name.endswith(".j2") else resources.folder("prompts") / f"{name}.j2"
    try:
        return replace(read(path.stem, path.read_text(encoding="utf-8")), extension=provider)
    except (OSError, ValueError) as error:  # msgspec's errors are ValueErrors
        if provider is not None:
            raise provider.error(f"has no prompt that can be read: {path}: {error}") from error
        raise InputError(f"{path}: {error}") from error


def read(name: str, text: str) -> Prompt:
    """A prompt from the text of its file. ValueError says what is wrong with it."""
    match = re.fullmatch(r"---\n(.*?\n)---\n(.*)", text.replace("\r\n", "\n"), re.DOTALL)
    if match is None:
        raise ValueError("a prompt begins with its front matter, between two lines of ---")
    front = msgspec.yaml.decode(match[1], type=Front)
    _check(front, own=bool(match[2].strip()))
    return Prompt(name, front, _whole(match[2]))


def _check(front: Front, *, own: bool) -> None:
    roles = [source.role for source in front.sources]
    if own == bool(roles):
        raise ValueError("a prompt has sources or a template of its own: one of them, and not both")
    if roles and "user" not in roles:
        raise ValueError("one of the sources has the role user")
    for name, excerpt in front.excerpts.items():
        if excerpt.role not in roles:
            raise ValueError(f"the excerpt {name} is of {excerpt.role}, which is no source")
    if len({len(scores) for scores in front.tokens.values()}) > 1:
        raise ValueError("every token stands for equally many scores")
    if front.retry is not None and front.form == "text":
        raise ValueError("only a chat can be continued with a turn")


def _whole(body: str) -> str:
    """The template with its parts written in. Jinja's own include does the same at each rendering, at a price."""
    folder = resources.folder("prompts")
    while include := re.search(r'{% include "(_\w+\.j2)" %}\n?', body):
        body = body[: include.start()] + (folder / include[1]).read_text(encoding="utf-8") + body[include.end() :]
    if re.search(r"{%[-+]?\s*(?:include|import|from|extends)\b", body):
        raise ValueError('a prompt includes parts of the others, {% include "_like_this.j2" %}, and nothing else')
    return body
