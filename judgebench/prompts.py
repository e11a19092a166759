"""Judge prompts: `prompts/<name>.j2` is YAML front matter between two lines of `---`, then a jinja template.

A prompt in our own words is the template. The prompt of somebody else is their file, pinned by url and sha256 and fetched
like data: the front matter says which of its variables is which of ours, and there is no text below it.

A template sees `turns` (role and text of each), `question` (the same as one text), `answers` (letter and text of each) and
`answer_a`, `answer_b`, ..., or `answer` where each response has a request of its own; `reference` and `rubric`, empty where
the item has none; `tie` and `confidence`, whether they are asked for; and `mark`, which belongs into every tag around a
text: no text holds a tag with that mark, so no text can end its own tag.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jinja2
import jinja2.meta
import jinja2.sandbox
import msgspec

from judgebench import resources
from judgebench.errors import InputError, UnknownName
from judgebench.types import Generation, Message, Record, Request, Source, Trial, Truncation, digest


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
    tokens: dict[str, tuple[float, ...]] = {}
    """What an answer that begins with this token says, as scores in shown order: for -J verdict=logprobs."""
    generation: Generation
    explained: Generation | None = None
    """Instead, with -J explain=yes."""
    retry: Retry | None = None
    form: Literal["chat", "text"] = "chat"

    mirror: str | None = None
    sources: tuple[Source, ...] = ()
    """By role: `user`, `system`, `system-notie` where no tie is allowed, or what an excerpt refers to."""
    variables: dict[str, str] = {}
    """Upstream's name: ours."""
    excerpts: dict[str, Excerpt] = {}
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
    parts: Mapping[str, str]

    @property
    def mirror(self) -> str | None:
        return self.front.mirror

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.front.sources

    @property
    def hash(self) -> str:
        """Changes with whatever may change a rendered request or how its answer is read."""
        said = msgspec.structs.replace(self.front, title="", note=None, mirror=None)
        pinned = [(source.role, source.sha256) for source in self.front.sources]
        return digest((msgspec.structs.replace(said, sources=()), pinned, self.body, dict(self.parts)))


def names() -> tuple[str, ...]:
    """The prompts that travel with judgebench; a file that begins with an underscore is a part of others."""
    found = (path.stem for path in resources.folder("prompts").glob("*.j2"))
    return tuple(sorted(name for name in found if not name.startswith("_")))


@cache
def load(name: str) -> Prompt:
    """A prompt by name, or of the user's own by path (`my/prompt.j2`)."""
    path = Path(name) if name.endswith(".j2") else resources.folder("prompts") / f"{name}.j2"
    if not name.endswith(".j2") and name not in names():
        raise UnknownName("prompt", name, names())
    try:
        return read(path.stem, path.read_text(encoding="utf-8"))
    except (OSError, ValueError, jinja2.TemplateError) as error:  # msgspec's errors are ValueErrors
        raise InputError(f"{path}: {error}") from error


def read(name: str, text: str) -> Prompt:
    """A prompt from the text of its file. ValueError or a jinja2 error says what is wrong with it."""
    match = re.fullmatch(r"---\n(.*?\n)---\n(.*)", text.replace("\r\n", "\n"), re.DOTALL)
    if match is None:
        raise ValueError("a prompt begins with its front matter, between two lines of ---")
    front = msgspec.yaml.decode(match[1], type=Front)
    if front.sources and match[2].strip():
        raise ValueError("a prompt has sources or a template of its own, not both")
    if front.shows == "one" and front.tokens and any(len(scores) != 1 for scores in front.tokens.values()):
        raise ValueError("where each response has its own request, a token stands for one score")
    return Prompt(name, front, match[2], _parts(match[2]))


class Template:
    """Renders trials. `texts` are the pinned files by role. InputError where they do not make a prompt."""

    def __init__(self, prompt: Prompt, texts: Mapping[str, str], *, tie: bool, confidence: bool = False) -> None:
        self.prompt, self.tie, self.confidence = prompt, tie, confidence
        front = prompt.front
        self._excerpts = {
            name: texts[excerpt.role].encode()[excerpt.start : excerpt.end].decode()
            for name, excerpt in front.excerpts.items()
        }
        # Upstream renders with jinja's defaults, which drop a file's last newline; what it adds again is in `after`.
        environment = _environment(prompt.parts)
        system = texts.get("system") if tie else texts.get("system-notie", texts.get("system"))
        try:
            self._user = environment.from_string(texts["user"] if front.sources else prompt.body)
            self._system = environment.from_string(system) if system else None
        except jinja2.TemplateError as error:
            raise InputError(f"prompt {prompt.id}: {error}") from error

    def misfit(self, trial: Trial) -> str | None:
        """Why this trial cannot be shown with this prompt."""
        fewest, most = self.prompt.front.responses
        if not fewest <= len(trial.responses) <= most:
            shown = f"{fewest} responses" if fewest == most else f"{fewest} to {most} responses"
            return f"prompt {self.prompt.id} shows {shown}, and item {trial.item} has {len(trial.responses)}"
        lacking = [need for need in self.prompt.front.needs if not getattr(trial, need)]
        if lacking:
            return f"prompt {self.prompt.id} needs a {lacking[0]}, and item {trial.item} has none"
        if None in trial.responses:
            return f"item {trial.item} has labels only, no texts"
        return None

    def requests(self, trial: Trial, generation: Generation) -> list[Request]:
        """One request, or one per response in shown order."""
        texts = [self._cleaned(text or "") for text in trial.responses]
        one = self.prompt.front.shows == "one"
        groups = [[text] for text in texts] if one else [texts]
        return [self._request(trial, group, generation) for group in groups]

    def _request(self, trial: Trial, responses: list[str], generation: Generation) -> Request:
        front = self.prompt.front
        try:
            text, truncation = self._rendered(trial, responses)
            system = self._system.render() if self._system else self._excerpts.get("system")
        except jinja2.TemplateError as error:
            raise InputError(f"prompt {self.prompt.id}: {error}") from error
        if front.form == "text":
            return Request(text=text, truncation=truncation, generation=generation)
        messages = [Message(role="system", content=system)] if system else []
        return Request(messages=(*messages, Message(role="user", content=text)), generation=generation)

    def _rendered(self, trial: Trial, responses: list[str]) -> tuple[str, Truncation | None]:
        front = self.prompt.front
        variables = self._variables(trial, responses)
        if front.truncate is None:
            return front.before + self._user.render(self._named(variables)) + front.after, None
        # To know where the responses stand, each is first a character that stands nowhere else.
        elsewhere = "".join((variables["question"], variables["reference"], variables["rubric"], *responses))
        unused = (chr(point) for point in range(0xE000, 0xF8FF) if chr(point) not in elsewhere)
        holes = [next(unused) for _ in responses]
        with_holes = self._user.render(self._named({**variables, **_shown(holes)}))
        spans: list[tuple[int, int]] = []
        whole = frame = front.before
        for piece in re.split(f"([{''.join(holes)}])", with_holes):
            if piece in holes:
                filling = responses[holes.index(piece)]
                spans.append((len(whole), len(whole) + len(filling)))
                whole += filling
            else:
                whole += piece
                frame += piece
        cut = front.truncate
        return whole + front.after, Truncation(side=cut.side, context=cut.context, frame=frame, spans=tuple(spans))

    def _variables(self, trial: Trial, responses: list[str]) -> dict[str, Any]:
        rubric = trial.rubric or self._excerpts.get("rubric", "")
        texts = [*(turn.content for turn in trial.messages), *responses, trial.reference or "", rubric]
        return {
            "turns": [{"role": re.sub(r"\W+", "-", turn.role), "text": turn.content} for turn in trial.messages],
            "question": _conversation(trial.messages),
            "reference": trial.reference or "",
            "rubric": rubric,
            "tie": self.tie,
            "confidence": self.confidence,
            "mark": mark(texts),
            **_shown(responses),
        }

    def _named(self, variables: dict[str, Any]) -> dict[str, Any]:
        theirs = self.prompt.front.variables
        return {name: variables[ours] for name, ours in theirs.items()} if theirs else variables

    def _cleaned(self, text: str) -> str:
        if self.prompt.front.strip:
            text = text.strip()
        for string in self.prompt.front.remove:
            text = text.replace(string, "")
        return text.strip() if self.prompt.front.strip else text


def mark(texts: Iterable[str]) -> str:
    """What to put into the tags around these texts: nothing, or `-2`, `-3`, ... where a text has such a tag already."""
    taken = {
        found for text in texts if "<" in text or not text.isascii() for found in _TAG.findall(_folded(text).lower())
    }
    marks = ("", *(f"-{number}" for number in range(2, len(taken) + 3)))
    return next(mark for mark in marks if not any(tag.endswith(mark) for tag in taken))


_TAG = re.compile(r"<\s{0,8}/?\s{0,8}(?:conversation|turn|answer|reference|rubric)[\w-]{0,64}")


def _folded(text: str) -> str:
    """As a reader sees it: full-width brackets are brackets, and what has no width is not there."""
    if text.isascii():
        return text
    return "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")


def _shown(responses: list[str]) -> dict[str, Any]:
    letters = [chr(ord("A") + slot) for slot in range(len(responses))]
    shown = [{"letter": letter, "text": text} for letter, text in zip(letters, responses, strict=True)]
    by_letter = {f"answer_{letter.lower()}": text for letter, text in zip(letters, responses, strict=True)}
    return {"answers": shown, "answer": responses[0], **by_letter}


def _conversation(turns: tuple[Message, ...]) -> str:
    if len(turns) == 1 and turns[0].role == "user":
        return turns[0].content
    return "\n\n".join(f"{turn.role.capitalize()}: {turn.content}" for turn in turns)


def _environment(parts: Mapping[str, str]) -> jinja2.Environment:
    return jinja2.sandbox.SandboxedEnvironment(
        loader=jinja2.DictLoader(parts), undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _parts(body: str) -> dict[str, str]:
    """The files that a template includes, and that those include."""
    folder, found, waiting = resources.folder("prompts"), dict[str, str](), [body]
    while waiting:
        for name in jinja2.meta.find_referenced_templates(_environment({}).parse(waiting.pop())):
            if name is None or not re.fullmatch(r"_\w+\.j2", name):
                raise ValueError(f"a prompt includes parts by name (_like_this.j2), not {name!r}")
            if name not in found:
                found[name] = (folder / name).read_text(encoding="utf-8")
                waiting.append(found[name])
    return found
