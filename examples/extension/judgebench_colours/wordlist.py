"""`wordlist:colours`: prefers the response that is in a list of words. A kind has `OPTIONS`, `open` and `CHOICES`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from judgebench.errors import UnknownName
from judgebench.types import Judgment, Trial
from judgebench_colours import COLOURS, OTHERS

OPTIONS = ()
"""What -J takes: judgebench.options.Option, of which each is part of the judge's identity unless it says why not."""
CHOICES = {"wordlist:colours": "the response that is a colour", "wordlist:others": "the response that is not"}
LISTS = {"colours": COLOURS, "others": OTHERS}


def open(name: str, options: Mapping[str, Any]) -> "Wordlist":
    if name not in LISTS:
        raise UnknownName("list of words", name, LISTS)
    return Wordlist(f"wordlist:{name}", LISTS[name])


@dataclass(frozen=True)
class Wordlist:
    name: str
    words: tuple[str, ...]
    needs_texts: bool = True
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def protocol(self) -> Mapping[str, Any]:
        """All that changes the answers: it decides which answers may share a file."""
        return {"words": list(self.words)}

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        for trial in trials:
            yield trial.answer([float(text in self.words) for text in trial.responses])
