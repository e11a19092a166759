"""Keys come from the environment, or from a .env file in the working directory, which gives nothing else. They go
nowhere but to the provider: they are never options (options are recorded), and whatever is printed or stored passes
through `redact` first."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

log = logging.getLogger(__name__)

_SECRET_NAME = re.compile(r"(?:^|_)(?:KEY|APIKEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)(?:_|$)", re.IGNORECASE)
_LOOKS_SECRET = re.compile(r"\b(?:sk|pk|rk|gsk|xai|hf)[-_][A-Za-z0-9_\-]{12,}|(?<=Bearer )[^\s\"',;]{8,}")
_LINE = re.compile(
    r"\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*"
    r"(?:(?P<quote>['\"])(?P<quoted>.*?)(?P=quote).*|(?P<bare>.*?)(?: #.*)?\s*$)"
)
_SHORTEST = 8
"""A shorter value of a variable named like a key (TOKEN=true) is not one, and blanking it would garble every text."""


def is_secret(name: str) -> bool:
    """Whether a variable is named as a key is."""
    return _SECRET_NAME.search(name) is not None


def load_dotenv(path: Path = Path(".env")) -> None:
    """Put the keys that a .env file holds into the environment, except what is set there already. Nothing else is taken
    from it: a folder may come from anywhere, and an address in it would say where the keys go. A warning names what is
    left out."""
    if not path.is_file():
        return
    left_out = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if setting := _LINE.match(line):
            value = setting["bare"] if setting["quote"] is None else setting["quoted"]
            if is_secret(setting["name"]):
                os.environ.setdefault(setting["name"], value)
            elif os.environ.get(setting["name"]) != value:
                left_out.append(setting["name"])
    if left_out:
        log.warning("%s: not taken, for only keys are: %s (export what is meant)", path, ", ".join(sorted(left_out)))


class Redactor:
    """Blanks the keys this process knows, wherever a provider repeats them to us: exactly those in an answer (where
    they are a fault of the provider), and also whatever looks like a key in an error message."""

    def __init__(self) -> None:
        named = {value for name, value in os.environ.items() if is_secret(name)}
        self._known = sorted((value for value in named if len(value) >= _SHORTEST), key=len, reverse=True)

    def answer(self, text: str) -> str:
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, "[key]")
        return text

    def message(self, text: str) -> str:
        return _LOOKS_SECRET.sub("[key]", self.answer(text))
