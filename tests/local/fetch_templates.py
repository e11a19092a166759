"""Brings the chat templates of families.yaml: `python tests/local/fetch_templates.py [--git DIR]`.

They are found as all pinned files are: under JUDGEBENCH_MIRROR (`llama.cpp/models/templates/...`), in the cache, or at
their address on raw.githubusercontent.com, and none is used unless its sha256 is the one in families.yaml. `--git`
takes them from a repository on this machine that has the commit. None is ever a part of this repository.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from judgebench import fetch
from judgebench.errors import JudgebenchError
from judgebench.types import Source


@dataclass(frozen=True)
class Templates:
    """What has pinned files, as a card or a prompt."""

    id: str = "chat-templates"
    mirror: str = "llama.cpp"

    @cached_property
    def table(self) -> dict[str, Any]:
        table: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("families.yaml").read_text(encoding="utf-8"))
        return table

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(map(self.source, self.table["templates"]))

    def source(self, family: str) -> Source:
        entry, name = self.table["templates"][family], "models/templates/"
        url = (
            f"https://raw.githubusercontent.com/{self.table['repository']}/{self.table['commit']}/{name}{entry['file']}"
        )
        return Source(name=f"{name}{entry['file']}", role=family, url=url, sha256=entry["sha256"])

    def text(self, family: str) -> str | None:
        """The template; None where it was not fetched."""
        source = self.source(family)
        if fetch.where(self, source) is None:
            return None
        return fetch.locate(self, source).read_text(encoding="utf-8")


TEMPLATES = Templates()


def main(arguments: list[str]) -> int:
    repository = arguments[1] if arguments[:1] == ["--git"] and len(arguments) == 2 else None
    failed = 0
    for source in TEMPLATES.sources:
        if repository and fetch.where(TEMPLATES, source) is None:
            blob = f"{TEMPLATES.table['commit']}:{source.name}"
            shown = subprocess.run(["git", "-C", repository, "show", blob], capture_output=True, check=False)
            place = dict(fetch.places(TEMPLATES, source))["cache"]
            if shown.returncode == 0:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(shown.stdout)
        try:
            print(f"{source.role}: {fetch.fetch(TEMPLATES, source)}")
        except JudgebenchError as error:
            failed += 1
            print(f"{source.role}: {error}", file=sys.stderr)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
