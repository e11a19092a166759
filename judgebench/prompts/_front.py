"""The file of a prompt: its front matter, and below it the template unless that is another author's file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import ceil, floor
from pathlib import Path
from string import ascii_uppercase
from typing import Literal

import msgspec
from jinja2 import meta
from jinja2.sandbox import SandboxedEnvironment

from judgebench import extensions, resources
from judgebench.errors import InputError
from judgebench.types import Generation, Record, Source, digest

MATERIALS = ("reference", "rubric", "context", "persona")
"""Those that a template may name itself."""
_parsed = SandboxedEnvironment().parse
LETTERS = ascii_uppercase
"""What responses are called, in shown order."""


@dataclass(frozen=True)
class Words:
    """What a judge calls what it chooses among, responses or labels, in the order in which they stand; `words` are
    empty where labels go by their own names. `reversed`: labels are listed from the last one to the first. `exchanged`:
    the words are handed out from the other end, so that each means something else than usual."""

    words: tuple[str, ...]
    reversed: bool = False
    exchanged: bool = False

    def of(self, count: int) -> tuple[str, ...]:
        words = self.words[:count]
        return words[::-1] if self.exchanged else words

    def of_labels(self, labels: tuple[str, ...]) -> dict[str, str]:
        """By label, in the order in which they are listed."""
        listed = labels[::-1] if self.reversed else labels
        return dict(zip(listed, self.of(len(labels)) or listed, strict=True))

    @property
    def called(self) -> str:
        """What such a word is."""
        kinds = {"number": str.isdigit, "letter": lambda word: len(word) == 1}
        return next((kind for kind, is_one in kinds.items() if all(map(is_one, self.words))), "name")


class Excerpt(Record, frozen=True, kw_only=True):
    """The bytes from start to end (exclusive) of the pinned file with that role."""

    role: str
    start: int
    end: int


class Retry(Record, frozen=True, kw_only=True):
    """After an answer without any verdict, `turn` is sent, until there are `attempts` answers in all."""

    attempts: int
    turn: str


class Cut(Record, frozen=True, kw_only=True):
    """Where the request has more than `context` tokens, the responses are cut on that side."""

    side: Literal["left", "right"]
    context: int


class Front(Record, frozen=True, kw_only=True):
    """The front matter of a prompt."""

    title: str
    note: str | None = None
    shows: Literal["together", "one"] = "together"
    """Whether one request shows all responses, or each response has a request of its own."""
    responses: tuple[int, int] = (2, 2)
    """The fewest and the most responses of an item that it can show."""
    asks: Literal["class", "steps", "ranking"] | None = None
    """`class`: for one of the question's labels, which the template has as `labels`; `steps`: for a verdict on each
    step of a solution (the template has `steps`, and where the verdict is forced `step`, the number of the one that
    this request asks about); `ranking`: for an order; otherwise for a preference, for numbers, or for the first wrong
    step."""
    needs: tuple[str, ...] = ()
    """Materials that every item must have."""
    tie: bool = True
    """Whether a tie may be the verdict, unless -J tie says otherwise."""
    settings: tuple[Literal["tie", "confidence", "explain"], ...] = ()
    """Which of these options the prompt has."""
    parser: str
    accepts: tuple[Literal["answer", "boxed", "C"], ...] = ()
    """What else the parser takes, because the prompt asks for it: `<answer>A</answer>` or `\\boxed{A}` at the end, or
    [[C]] for a tie, which is taken, too, where the prompt's text has it."""
    reasons: bool = False
    """Whether it has the verdict worked out: with -J verdict=json there is a place for that."""
    scale: tuple[float, float] | None = None
    tokens: dict[str, tuple[float, ...]] = msgspec.field(default_factory=dict)
    """For -J verdict=forced: the options, and the scores, in shown order, that each stands for. Where there are none,
    and one response is shown, they are the whole numbers of the scale."""
    spellings: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Other ways in which an option may be written than `spelled` has them."""
    lead: str = ""
    """What a forced answer is made to begin with: the words behind which the verdict stands."""
    generation: Generation
    explained: Generation | None = None
    """Takes the place of `generation` with -J explain=yes."""
    retry: Retry | None = None
    form: Literal["chat", "text"] = "chat"

    mirror: str | None = None
    sources: tuple[Source, ...] = ()
    """Files by role: `user`, `system`, `system-notie` where no tie is allowed, or one that an excerpt refers to."""
    variables: dict[str, str] = msgspec.field(default_factory=dict)
    """From upstream's name of a variable to ours."""
    excerpts: dict[str, Excerpt] = msgspec.field(default_factory=dict)
    """The text of `system`, or of one of our variables, where neither the files nor the item have one."""
    before: str = ""
    after: str = ""
    """What upstream's code puts before and after the rendered file."""
    strip: bool = False
    remove: tuple[str, ...] = ()
    """What upstream's code removes from the responses: space at both ends, and these strings."""
    truncate: Cut | None = None

    def options(self, shown: int) -> dict[str, tuple[float, ...]]:
        """What a forced verdict on so many responses may be, as `tokens` has it; empty where it cannot be forced. The
        letters of a prompt for many responses go on as they begin."""
        width = len(next(iter(self.tokens.values()), ()))
        if width == shown:
            return self.tokens
        if width and width < shown <= self.responses[1] and "A" in self.tokens:
            letters = LETTERS[:shown]
            best = {letter: tuple(float(letter == other) for other in letters) for letter in letters}
            ties = [option for option, scores in self.tokens.items() if len(set(scores)) == 1]
            return best | dict.fromkeys(ties, (1 / shown,) * shown)
        if width or self.shows != "one" or shown != 1 or self.scale is None:
            return {}
        low, high = self.scale
        return {str(number): (float(number),) for number in range(ceil(low), floor(high) + 1)}

    def spelled(self, option: str) -> tuple[str, ...]:
        """How an option may be written: a word also with a capital, and each with a space before it."""
        usual = dict.fromkeys((option, option.capitalize())) if len(option) > 1 else (option,)
        return self.spellings.get(option, tuple(space + word for word in usual for space in ("", " ")))


@dataclass(frozen=True)
class Prompt:
    """A prompt as it stands in its file; `Template` renders it. `id`, `mirror` and `sources` are what fetch needs."""

    id: str
    front: Front
    body: str
    """Our own template, with the parts that it includes written in."""
    bare: str
    """The same without the part for materials that it does not name: all there is to it where there are none."""
    extension: extensions.Extension | None = None
    """The extension that it comes from, where it is another distribution's."""

    @property
    def mirror(self) -> str | None:
        return self.front.mirror

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.front.sources

    @property
    def usual_words(self) -> tuple[str, ...]:
        """What its options go by, if nothing else is said; empty for the own names of labels."""
        return () if self.front.asks == "class" else tuple(LETTERS)

    def takes(self, words: Words) -> bool:
        """Whether its options may go by these: it asks for one of them, its text names none itself, and it says what
        kind of word it asks for where that is no letter."""
        if self.sources or self.front.asks == "class":
            return not self.sources
        asks = "A" in self.front.tokens and bool(words.words) and not re.search(r"\bB\b", self.body)
        return asks and (words.called == "letter" or "{{ called }}" in self.body)

    @cached_property
    def named(self) -> frozenset[str]:
        """The materials that its template has a place for, among them `materials` for whatever else there is."""
        variables = self.front.variables.values() or meta.find_undeclared_variables(_parsed(self.body))
        images = ("images",) if self.front.form == "chat" else ()
        return frozenset((*images, *{*MATERIALS, "materials"}.intersection(variables)))

    @property
    def hash(self) -> str:
        """Changes with whatever may change a rendered request or how its text is read. What only a forced verdict or
        one in JSON has is in the protocol of a judge that is read so; tokens without a lead are older than that, and
        are in the hash."""
        return self.hash_of(self.bare)

    def hash_of(self, body: str) -> str:
        """The hash with the whole body, for items with materials that it does not name, or with the bare one."""
        unread = {"spellings": {}, "lead": "", "reasons": False}
        relevant = msgspec.structs.replace(self.front, title="", note=None, mirror=None, **unread)
        if self.front.lead:
            relevant = msgspec.structs.replace(relevant, tokens={})
        pinned = [(source.role, source.sha256) for source in self.front.sources]
        # With the usual words, as it was before there were others; those are in the protocol.
        body = body.replace("{{ called }}", "letter").replace("{{ choices |", "{{ labels |")
        return digest((msgspec.structs.replace(relevant, sources=()), pinned, body))


def names() -> tuple[str, ...]:
    """The prompts that come with judgebench. A file whose name begins with an underscore is a part of others."""
    stems = (path.stem for path in resources.folder("prompts").glob("*.j2"))
    return tuple(sorted(name for name in stems if not name.startswith("_")))


NAMES = extensions.Names("prompts", names)


@cache
def load(name: str) -> Prompt:
    """A prompt by its name, or a user's own by its path (`my/prompt.j2`)."""
    provider = None if name.endswith(".j2") else NAMES.find(name)
    file = name if name.endswith(".j2") else resources.folder("prompts") / f"{name}.j2"
    path = provider.file(".j2") if provider else Path(file)
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
    return Prompt(name, front, _whole(match[2]), _whole(match[2].replace('{% include "_materials.j2" %}\n', "")))


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
    if unknown := set(front.spellings) - set(front.tokens):
        raise ValueError(f"spellings are of tokens, and {min(unknown)} is none")
    if not all(spellings and all(spellings) for spellings in front.spellings.values()):
        raise ValueError("a token has one spelling at least, and none of them is empty")
    if front.lead and front.form == "text":
        raise ValueError("a prompt that is one text ends where its answer begins, and needs no lead")
    if front.retry is not None and front.form == "text":
        raise ValueError("only a chat can be continued with a turn")


def _whole(body: str) -> str:
    """The template with its parts written in. Jinja's own include would read them at each rendering, which is slow."""
    folder = resources.folder("prompts")
    while include := re.search(r'{% include "(_\w+\.j2)" %}\n?', body):
        body = body[: include.start()] + (folder / include[1]).read_text(encoding="utf-8") + body[include.end() :]
    if re.search(r"{%[-+]?\s*(?:include|import|from|extends)\b", body):
        raise ValueError('a prompt includes parts of the others, {% include "_like_this.j2" %}, and nothing else')
    return body
