"""Every noun of judgebench. Frozen; every file on disk is one of these as JSON or YAML. Unknown fields are refused in
what configures (cards), and passed over in what records (a newer judgebench may have written it)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from math import isclose, isfinite
from typing import Any, Literal, Protocol

import msgspec

# Nouns like the others, in a room of their own because they have more to say.
from judgebench.question import PREFERENCE as PREFERENCE
from judgebench.question import Kind as Kind
from judgebench.question import Question as Question

Order = tuple[int, ...]
"""Slot k shows response `order[k]`: (0, 1) is the stored order of a pair, (1, 0) the swapped one."""


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The common base: immutable, strict, and compact on disk (fields at their default are not written)."""


class Stored(Record, frozen=True, forbid_unknown_fields=False):
    """The base of what is read back from a folder of results, where a newer judgebench may have written more."""


FORMAT = 1
"""It is counted up when a file can no longer be read as what it was: judgebench.formats reads the older ones."""


class Verdict(Record, frozen=True, kw_only=True, array_like=True, omit_defaults=False):
    """Numbers, higher is better, in the item's order: a preference is (1, 0), a tie (.5, .5), a rating (7,), two
    ratings (8, 7), best-of-four (0, 0, 1, 0); the second of two labels (0, 1). On disk: [[1.0, 0.0]]."""

    scores: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.scores or not all(isfinite(score) for score in self.scores):
            raise ValueError(f"a verdict is one finite number or more, not {self.scores!r}")
        # 1 and 1.0 are equal but not alike on disk, and a digest is taken of what is on disk.
        msgspec.structs.force_setattr(self, "scores", tuple(map(float, self.scores)))

    @property
    def top(self) -> tuple[int, ...]:
        """Indices of the best responses; both of two that only rounding separates (`judgebench.stats.rounding`)."""
        best = max(self.scores)
        near = (isclose(score, best, rel_tol=1e-9, abs_tol=1e-12) for score in self.scores)
        return tuple(index for index, at_top in enumerate(near) if at_top)

    @property
    def best(self) -> int | None:
        """Index of the single best response; None for a tie at the top."""
        return self.top[0] if len(self.top) == 1 else None


FIRST, SECOND, TIE = Verdict(scores=(1, 0)), Verdict(scores=(0, 1)), Verdict(scores=(0.5, 0.5))


def in_item_order(order: Order, shown: Iterable[float]) -> tuple[float, ...]:
    """Scores as shown, put back in the item's order. The one place where an order is undone. The numbers about a single
    response, such as one for each label, stay as they are."""
    if len(order) == 1:
        return tuple(map(float, shown))
    scores = [0.0] * len(order)
    for slot, score in zip(order, shown, strict=True):
        scores[slot] = float(score)
    return tuple(scores)


class Image(Record, frozen=True, kw_only=True):
    media: str
    """`image/png` or another type of picture."""
    data: bytes


class Message(Record, frozen=True, kw_only=True):
    role: str
    content: str
    images: tuple[Image, ...] = ()
    """The text says where each stands, as [image 1], by its number among those of all messages."""


def imprint(messages: Sequence[Message]) -> list[Any]:
    """What a digest of messages is taken of: of an image, of the sha256 of its bytes."""
    hashes = [[hashlib.sha256(image.data).hexdigest() for image in message.images] for message in messages]
    return [(one.role, one.content, of) if of else one for one, of in zip(messages, hashes)]


class Response(Record, frozen=True, kw_only=True):
    """`text` is None where a snapshot carries labels only; `length` is in characters."""

    text: str | None = None
    author: str | None = None
    length: int | None = None


class _Facts(Record, frozen=True, kw_only=True):
    """What is known of an item beside its texts."""

    id: str
    gold: Verdict | None = None
    raters: dict[str, Verdict] = {}
    subset: str | None = None
    scenario: str | None = None
    language: str | None = None
    cluster: str
    """Items that share a question share a cluster; intervals resample clusters."""
    facets: dict[str, str | int | float | bool] = {}
    question: Question | None = None
    """What is asked about this item, where that is not what the card says."""


def _facts(of: _Facts) -> dict[str, Any]:
    return {name: getattr(of, name) for name in _Facts.__struct_fields__}


class Label(_Facts, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """All that may be published about an item: facts, no texts. Everything after judging needs only this."""

    authors: tuple[str | None, ...]
    lengths: tuple[int | None, ...]
    steps: int = 0
    """How many steps its one response has, where each of them is judged."""
    digest: str
    """Of the texts, so that a changed text is noticed where the texts themselves may not be kept."""


class Item(_Facts, frozen=True, kw_only=True):
    """A question with the responses to compare and what is known about their quality."""

    messages: tuple[Message, ...] = ()
    responses: tuple[Response, ...]
    materials: dict[str, str] = {}
    """What else a judge is given, by its name: a reference, a rubric, a context, a persona, or another text."""
    steps: tuple[str | None, ...] = ()
    """The steps of a worked solution, where each of them is judged; its one response is their texts together."""

    @property
    def has_texts(self) -> bool:
        return all(response.text is not None for response in self.responses)

    @property
    def digest(self) -> str:
        """Of its texts. An item with a reference and a rubric alone keeps the one that it had when there were no other
        materials; a persona stood in the rubric's place then."""
        texts, others = self.steps or [response.text for response in self.responses], dict(self.materials)
        reference, rubric = others.pop("reference", None), others.pop("rubric", None)
        rubric = others.pop("persona", None) if rubric is None else rubric
        return digest((imprint(self.messages), texts, reference, rubric, *([others] if others else [])))

    def label(self) -> Label:
        return Label(
            **_facts(self),
            authors=tuple(response.author for response in self.responses),
            lengths=tuple(one.length if one.text is None else len(one.text) for one in self.responses),
            steps=len(self.steps),
            digest=self.digest,
        )

    @classmethod
    def without_texts(cls, label: Label) -> Item:
        """What a label still says of its item; enough for a judge that reads nothing."""
        known = zip(label.authors, label.lengths, strict=True)
        responses = tuple(Response(author=author, length=length) for author, length in known)
        return cls(**_facts(label), responses=responses, steps=(None,) * label.steps)


_RATING = Question(kind=Kind.SCORE)


def question_of(item: Item | Label, declared: Question) -> Question:
    """What is asked about an item of a benchmark that declares this question. A single response cannot be preferred to
    another: a benchmark that says no more of it has ratings."""
    question = item.question or declared
    responses = item.responses if isinstance(item, Item) else item.lengths
    return _RATING if question.kind == Kind.PREFERENCE and len(responses) == 1 else question


class Status(StrEnum):
    OK = "ok"
    UNPARSED = "unparsed"
    REFUSED = "refused"
    TRUNCATED = "truncated"
    FAILED = "failed"


class Usage(Stored, frozen=True, kw_only=True):
    """None means unknown, never free. Cost in US dollars, time in seconds."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: float | None = None
    seconds: float | None = None


class Key(Record, frozen=True, kw_only=True, order=True, array_like=True, omit_defaults=False):
    """What is answered exactly once: which item, shown in which order, and which sample of it, counted from 0."""

    item: str
    order: Order
    sample: int = 0


class Flag(StrEnum):
    """What a program must know about a judgment beside its status and verdict. `detail` has it in words."""

    CUT = "cut"
    """The judge saw a text that was cut to fit its context."""
    INCONSISTENT = "inconsistent"
    """Upstream merged two verdicts that disagreed into a tie, which the judge itself never gave."""
    RIGHT_REASON = "right reason"
    """The judge found an error, and its reason was graded: it is what people say about the error."""
    WRONG_REASON = "wrong reason"


GRADES = frozenset({Flag.RIGHT_REASON, Flag.WRONG_REASON})


class _Asked(Record, frozen=True, kw_only=True):
    item: str
    order: Order
    sample: int = 0

    @property
    def key(self) -> Key:
        return Key(item=self.item, order=self.order, sample=self.sample)


class Judgment(_Asked, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """One answer. It has a verdict if and only if its status is ok; the verdict is in the item's order."""

    status: Status
    verdict: Verdict | None = None
    text: str | None = None
    confidence: float | None = None
    mass: float | None = None
    """Where the verdict is forced: how much probability its options had together, of all that the judge might have
    said. None where a provider did not return one of them, so that the verdict has no confidence either."""
    chosen: Verdict | None = None
    """The likeliest option of a forced verdict, in the item's order: the verdict itself shares a tie out."""
    tie: float | None = None
    """Of a forced verdict that may be a tie: how likely that is. Without it nobody could undo the sharing out."""
    usage: Usage | None = None
    detail: str | None = None
    """Why it failed, or what upstream calls this verdict: words for people. What a program goes by is in `flags`."""
    flags: tuple[Flag, ...] = ()
    attempt: int = 0
    """0 for the first answer; `retry` asks a failure again under the next number, and the last one counts."""
    dropped: tuple[str, ...] = ()
    """Settings of the manifest's protocol that were not sent, because the provider does not take them."""
    served: tuple[str, ...] = ()
    """What the provider calls the models that answered. On disk only where that is not what `Manifest.served` says."""

    def __post_init__(self) -> None:
        if (self.verdict is not None) != (self.status == Status.OK):
            raise ValueError(f"a judgment has a verdict if and only if its status is ok; here it is {self.status}")
        if sorted(self.order) != list(range(len(self.order))):
            raise ValueError(f"an order is a permutation of 0..n-1, not {list(self.order)}")
        if self.verdict is not None and len(self.order) not in (1, len(self.verdict.scores)):
            raise ValueError(f"{len(self.verdict.scores)} scores for {len(self.order)} responses")
        if self.chosen is not None and (self.verdict is None or len(self.chosen.scores) != len(self.verdict.scores)):
            raise ValueError("what was chosen is one of the options of a verdict")

    @property
    def decision(self) -> Verdict | None:
        """The one option that it comes to: what was chosen, where that is said beside the verdict."""
        return self.chosen or self.verdict


class Trial(_Asked, frozen=True, kw_only=True):
    """What a judge is shown. It has no field for gold, raters or authors: a judge can't leak what it is not given."""

    messages: tuple[Message, ...] = ()
    responses: tuple[str | None, ...]
    """In shown order."""
    materials: dict[str, str] = {}
    steps: tuple[str | None, ...] = ()
    question: Question = Question()

    @classmethod
    def of(cls, item: Item, order: Order, sample: int = 0, question: Question = PREFERENCE) -> Trial:
        """`question` is what the card declares."""
        return cls(
            item=item.id,
            order=order,
            sample=sample,
            messages=item.messages,
            responses=tuple(item.responses[slot].text for slot in order),
            materials=item.materials,
            steps=item.steps,
            question=question_of(item, question),
        )

    @property
    def has(self) -> frozenset[str]:
        """What a judge may be shown of it beside the texts of the question and of the responses."""
        images = ["images"] if any(message.images for message in self.messages) else []
        return frozenset((*images, *(name for name, text in self.materials.items() if text)))

    def without(self, hidden: Sequence[str]) -> Trial:
        """The same without these materials."""
        seen = "images" not in hidden
        messages = self.messages if seen else tuple(msgspec.structs.replace(one, images=()) for one in self.messages)
        kept = {name: text for name, text in self.materials.items() if name not in hidden}
        return msgspec.structs.replace(self, messages=messages, materials=kept) if hidden else self

    def answer(self, shown: Iterable[float], *, chosen: Iterable[float] | None = None, **more: Any) -> Judgment:
        """A judgment from scores in shown order. `more` are other fields of Judgment, by name."""
        verdict = Verdict(scores=in_item_order(self.order, shown))
        if chosen is not None:
            more["chosen"] = Verdict(scores=in_item_order(self.order, chosen))
        return Judgment(item=self.item, order=self.order, sample=self.sample, status=Status.OK, verdict=verdict, **more)

    def fail(self, status: Status, detail: str, **more: Any) -> Judgment:
        """A judgment without a verdict. `more` are other fields of Judgment, by name."""
        return Judgment(item=self.item, order=self.order, sample=self.sample, status=status, detail=detail, **more)


class Generation(Record, frozen=True, kw_only=True):
    """What a model is asked to do, in the words of the OpenAI and transformers APIs. None leaves it to the model."""

    max_tokens: int
    temperature: float | None = 0.0
    top_p: float | None = None
    top_k: int | None = None
    repetition_penalty: float | None = None
    num_beams: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    top_logprobs: int | None = None
    """Ask for the log-probabilities of that many candidates for the first token: a request's options are among them."""


CANDIDATES = 20
"""As many are usual: OpenAI's API has no more."""


class Truncation(Record, frozen=True, kw_only=True):
    """What of a request's text may be cut where the model's context is too short. Counted with its tokenizer, each span
    keeps at most (context - generation.max_tokens - tokens of frame) // number of spans - 2 tokens; `frame` counts with
    special tokens, a span without."""

    side: str
    """Which end of a span is cut off: `left` or `right`."""
    context: int
    frame: str
    """The text as it is with nothing in the spans."""
    spans: tuple[tuple[int, int], ...]
    """Characters of the text, start and end."""


class Request(Record, frozen=True, kw_only=True):
    """One question to a model: chat messages, or one raw text for a model that was trained on it; never both."""

    messages: tuple[Message, ...] = ()
    text: str | None = None
    truncation: Truncation | None = None
    """For a backend that has the tokenizer; the others leave it to the model."""
    generation: Generation
    options: tuple[tuple[str, ...], ...] = ()
    """What the answer may be, each in all its spellings: it is asked how likely each is where the answer begins."""
    lead: str = ""
    """What the answer is made to begin with, before one of the options."""
    schema: dict[str, Any] | None = None
    """The JSON schema of the object that the answer is to be, where whoever answers can keep to one."""


class Finish(StrEnum):
    STOP = "stop"
    LENGTH = "length"
    REFUSED = "refused"
    FAILED = "failed"


class Completion(Record, frozen=True, kw_only=True):
    """What came back. `text` may be None or partial; `detail` says why it failed; `attempts` counts requests sent;
    `options` are the log-probabilities of the request's options, None where one did not come back, and where these are
    `shares` of one, nobody knows how much they had of all; `dropped` are settings that the provider did not take,
    `served` is what it calls the model, and `cut` says that the text was cut to fit the model's context."""

    finish: Finish
    text: str | None = None
    usage: Usage | None = None
    detail: str | None = None
    attempts: int = 1
    options: tuple[float | None, ...] = ()
    shares: bool = False
    dropped: tuple[str, ...] = ()
    served: str | None = None
    cut: bool = False


def _named(name: str, options: Mapping[str, str]) -> str:
    """`name[option=value,option=value]`. Nothing takes a name apart: what it was made of is in the manifest."""
    listed = ",".join(f"{option}={value}" for option, value in options.items())
    return f"{name}[{listed}]" if listed else name


class BenchmarkRef(Stored, frozen=True, kw_only=True):
    """Which benchmark: its card's id, and the -B options that differ from the card's, in the order of their names."""

    id: str
    options: dict[str, str] = {}

    @property
    def name(self) -> str:
        """What it is called, on a leaderboard and as a folder."""
        return _named(self.id, self.options)


class JudgeRef(Stored, frozen=True, kw_only=True):
    """Which judge: its kind and model, the -J options that make it another judge than without them, and what the user
    calls it. Never an address: a judge keeps its answers when its server moves."""

    kind: str = ""
    """`api`, `baseline`, ...; empty where the answers were recorded elsewhere and only have a name (`called`)."""
    model: str = ""
    options: dict[str, str] = {}
    called: str | None = None

    @property
    def name(self) -> str:
        return self.called or _named(f"{self.kind}:{self.model}", self.options)

    @property
    def is_baseline(self) -> bool:
        return self.kind == "baseline"

    @property
    def is_recorded(self) -> bool:
        """Whether the answers came from elsewhere, so that nobody can be asked again."""
        return not self.kind


class Manifest(Stored, frozen=True, kw_only=True):
    """What the answers in a run's folder are answers to. The first block is its identity, equal for all judgments of a
    file; the second may grow; the third is how the judge was opened and, from `started` on, what happened up to the
    last answers that were made durable. An address there is a record: it is never used again by itself."""

    format: int = msgspec.field(default_factory=lambda: FORMAT)  # written although it is the default
    benchmark_ref: BenchmarkRef = msgspec.field(name="benchmark")
    version: str
    items: str
    judge_ref: JudgeRef = msgspec.field(name="judge")
    protocol: dict[str, Any] = {}

    orders: str
    """`both`, `single`, or `merged`: upstream kept one verdict for the two orders."""
    samples: int = 1
    limit: int | None = None
    """How many of the items are asked about, if not all."""
    limit_seed: int | None = None
    """What they were drawn with (judgebench.drawing); None where they are the first ones."""

    settings: dict[str, str] = {}
    """The -J options that change no answer, as they were typed."""
    provenance: dict[str, Any] = {}
    versions: dict[str, str] = {}
    """Of judgebench, and its commit where it ran from a checkout."""
    started: str | None = None
    """When the first answer came, and in `ended` the latest one: UTC, to the second."""
    ended: str | None = None
    addresses: tuple[str, ...] = ()
    """Where the model was asked."""
    served: tuple[str, ...] = ()
    """What the provider calls the models that answered, in the order in which they first did."""
    dropped: tuple[str, ...] = ()
    """Settings of `protocol` that the provider did not take, so that they were not sent."""
    cut: int = 0
    """How many answers are to texts that were cut to fit the model's context."""
    not_shown: tuple[str, ...] = ()
    """Materials of the items that the judge is not shown: the user hides them, or this kind of judge has no place for
    them."""
    warnings: tuple[str, ...] = ()
    """What a reader of its numbers must know of how the judge was asked."""

    @property
    def benchmark(self) -> str:
        return self.benchmark_ref.name

    @property
    def judge(self) -> str:
        return self.judge_ref.name

    @property
    def part(self) -> str:
        """Which part of the items is asked about, in words; empty for all."""
        if self.limit is None:
            return ""
        if self.limit_seed is None:
            return f"first {self.limit:,} items"
        return f"{self.limit:,} items drawn with seed {self.limit_seed}"

    @property
    def identity(self) -> dict[str, Any]:
        refs = {"benchmark": self.benchmark_ref, "judge": self.judge_ref}
        return {**refs, "version": self.version, "items": self.items, "protocol": self.protocol}


class Estimate(Stored, frozen=True, kw_only=True, omit_defaults=False):
    """A number as it is stored and printed. Undefined is a null value with a reason; an interval may be missing where
    none is known (`method` says so)."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    n: int = 0
    n_clusters: int = 0
    method: str = "none"
    reason: str | None = None

    def __post_init__(self) -> None:
        if (self.value is None) != (self.reason is not None):
            raise ValueError(f"{self.name}: a value is given, or the reason why there is none")
        if any(number is not None and not isfinite(number) for number in (self.value, self.low, self.high)):
            raise ValueError(f"{self.name}: {self.value} [{self.low}, {self.high}] is not finite")


class HeadlineScore(Estimate, frozen=True, kw_only=True, omit_defaults=False):
    """The benchmark's own number under its own rule, and the rule's other numbers (a paper's columns) as parts."""

    rule: str
    parts: dict[str, Estimate] = {}


class Coverage(Stored, frozen=True, kw_only=True, omit_defaults=False):
    """How many trials have a verdict, and what became of the rest. `share` is ok / wanted."""

    wanted: int
    ok: int
    share: float
    failures: dict[str, int]
    """By status; `missing` for a trial that was never answered."""


class Scores(Stored, frozen=True, kw_only=True, omit_defaults=False):
    """scores.json: everything that is said about one judge on one benchmark. Values are fractions."""

    format: int = FORMAT
    benchmark: str
    judge: str
    manifest: Manifest
    headline: HeadlineScore
    metrics: dict[str, Estimate]
    subsets: dict[str, dict[str, Estimate]]
    human: dict[str, Estimate]
    coverage: Coverage
    warnings: tuple[str, ...] = ()


class Source(Record, frozen=True, kw_only=True):
    """One pinned file. `name` is the path below the card's mirror folder; `role` is what the adapter calls it.

    Without a `url` only its user can supply it. Where nobody could compute a `sha256`, `checksum` may be another that
    upstream states, `git:` and the file's id in git or `md5:` and digits; without either the file is held to the hash
    that was recorded when it was first used on the machine, and `note` says why."""

    name: str
    role: str
    url: str = ""
    sha256: str | None = None
    checksum: str | None = None
    bytes: int | None = None
    rows: int | None = None
    note: str | None = None

    @property
    def pinned(self) -> bool:
        return bool(self.sha256 or self.checksum)


class Recording(Record, frozen=True, kw_only=True):
    """Judge outputs that upstream published, and how they were made."""

    judge: str
    files: tuple[Source, ...]
    options: dict[str, str] = {}
    note: str | None = None


class Anchor(Record, frozen=True, kw_only=True):
    """Published numbers, as printed, in per cent. A key of `values` is `overall`, a subset, a metric, or subset/metric;
    where it names no metric it stands for `metric`."""

    judge: str
    values: dict[str, float]
    metric: str = "headline"
    decimals: int = 2
    """How many were printed."""
    source: str
    """Which table of which paper or file."""
    protocol: str
    n: int | dict[str, int] | None
    """Null where it was not printed and cannot be worked out."""
    orders: str
    reproduced: bool
    """Whether a recorded judge at hand lands on it (a test replays it)."""
    disputed: str | None = None
    """Why the figure cannot be what its table says that it is. It is shown and marked, and compared with nothing."""
    note: str | None = None


class Headline(Record, frozen=True, kw_only=True):
    """The benchmark's own rule by name, the gloss printed beside it, and the rule's settings."""

    rule: str
    gloss: str
    settings: dict[str, Any] = {}


class Erratum(Record, frozen=True, kw_only=True):
    """A correction of one item, laid over the data on load where the user asks for it; the data is never edited.
    `version` is that of the overlay in which it came: a later version holds all earlier ones."""

    version: int
    item: str
    gold: tuple[float, ...] | None = None
    """The corrected gold; None where the item has no right answer and is dropped."""
    reason: str
    source: str
    """Who found it, where it can be checked."""


class Card(Record, frozen=True, kw_only=True):
    """A benchmark's YAML: what it is, where its files are, what they must hold, and what was published."""

    format: int = FORMAT
    id: str
    title: str
    version: str
    adapter: str
    authors: str
    year: int
    licence: str
    """As stated upstream."""
    commercial_use: Literal["allowed", "forbidden", "unclear"] = "unclear"
    """What that licence says of it; `unclear` where none is stated."""
    core: bool = False
    """Whether `judgebench run` takes it when no benchmark is named."""
    publish_labels: bool
    """Whether the licence lets ids and labels stand in this repository's results/."""
    homepage: str
    citation: str
    description: str
    label_source: str
    """`human`, `objective` or `model`."""
    raters: str | None = None
    """How many people rated an item, in a few words."""
    mirror: str | None = None
    sources: tuple[Source, ...] = ()
    question: Question = Question()
    """What is asked about each item."""
    options: dict[str, Any] = {}
    """Passed to the adapter; for generated benchmarks, the defaults that -B changes."""
    items: int
    """0 where it is not known, or the user's affair."""
    ties: bool = False
    """Whether a tie is a possible gold label."""
    labels: dict[str, int] = {}
    """Expected gold counts: first, second, tie."""
    subsets: dict[str, int] = {}
    factors: tuple[str, ...] = ()
    """Facets that a designed experiment crosses with right and wrong."""
    ask: dict[str, str] = {}
    """The -J options, `prompt` among them, that a judge without a prompt of its own is asked with where the user names
    no prompt."""
    errata: tuple[Erratum, ...] = ()
    headline: Headline
    metrics: tuple[str, ...] = ()
    """Metrics of other distributions that are computed for it beside judgebench's own, by name."""
    recordings: tuple[Recording, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    warnings: tuple[str, ...] = ()
    """Printed with every score: what a reader of the number must know."""


class Judge(Protocol):
    """One method. `name` is what the user typed; `protocol` is everything that changes the answers (prompt, parser,
    settings), `provenance` what is worth recording and does not (device, library versions)."""

    @property
    def name(self) -> str: ...
    @property
    def protocol(self) -> Mapping[str, Any]: ...
    @property
    def provenance(self) -> Mapping[str, Any]: ...
    @property
    def needs_texts(self) -> bool: ...

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        """Judgments as they finish, in any order, one per trial."""


class Backend(Protocol):
    """What writes answers to requests. A completion says which model was `served`, where whoever answers names one, and
    what was `dropped`."""

    def require_form(self, who: str, form: Literal["chat", "text", "images"]) -> None:
        """InputError, which names `who`, where the model cannot be asked with chat messages, with one raw text, or with
        messages that have images."""

    def require_options(self, who: str, asked: Request) -> int | None:
        """InputError, which names `who`, where it cannot be known how likely the options of such a request are.
        Otherwise among how many candidates for the first token they are looked for: what it says, or as many as are
        usual; None where each option is computed."""

    def quote(self, request: Request) -> Usage | None:
        """The most that a request may take, before it is sent; None where that is not known. Nothing is asked."""

    def complete(self, requests: Iterable[Request]) -> Iterator[tuple[int, Completion]]:
        """(position of the request, completion) as they finish, in any order, one per request. It pulls requests
        as it has room for them and never raises for one bad answer; a fault that would fail every request raises."""


def digest(value: Any) -> str:
    """16 hex digits of sha256 over the canonical JSON of `value`: an identity for texts, items, protocols."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()[:16]


def digest_of(values: Iterable[Any]) -> str:
    """`digest(list(values))`, without holding the JSON of all of them."""
    whole, between = hashlib.sha256(b"["), b""
    for value in values:
        whole.update(between + msgspec.json.encode(value, order="sorted"))
        between = b","
    whole.update(b"]")
    return whole.hexdigest()[:16]


def digest_of_items(labels: Iterable[Label]) -> str:
    """Which items a run is about: what a judge sees of each and what is right, in their order. Of facets, scenario,
    lengths and the like a later version may know more."""
    return digest_of((label.id, label.digest, label.gold, label.raters) for label in labels)
