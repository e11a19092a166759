"""`hf:owner/name[@revision][:config/split]`: a data set of the Hugging Face hub, at one commit.

The repository's data files are brought into the hub's own cache, so that a second run, or one without a network, reads
the same bytes; `datasets` reads them from there. No code of a repository is run: `datasets` 4 knows no scripts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from judgebench import fetch
from judgebench.errors import DataUnavailable, InputError, UnknownName, explained
from judgebench.rows.files import Table
from judgebench.rows.row import Row

PREFIX = "hf:"
_ADDRESS = re.compile(r"([\w.-]+/[\w.-]+)(?:@([^:@]+))?(?::(?:([^:/]+)/)?([^:/]+))?")
_DATA = ["*.parquet", "*.jsonl", "*.json", "*.csv", "*.tsv", "*.jsonl.gz", "*.json.gz", "*.csv.gz", "*.arrow", "*.md"]
_BATCH = 256


def is_dataset(name: str) -> bool:
    return name.startswith(PREFIX)


def parse_address(name: str) -> tuple[str, str | None, str | None, str | None]:
    """(repository, revision, configuration, split)"""
    match = _ADDRESS.fullmatch(name.removeprefix(PREFIX))
    if match is None:
        raise InputError(f"a data set of the hub is named hf:owner/name[@revision][:config/split], not {name!r}")
    return match[1], match[2], match[3], match[4]


def open_dataset(name: str) -> Table:
    """The table of a data set. InputError where one of several configurations or splits has to be named, with their
    list; DataUnavailable where the data set is neither cached nor downloadable."""
    import datasets

    repo, revision, config, split = parse_address(name)
    folder = _snapshot(repo, revision)
    at = f"{PREFIX}{repo}@{revision}" if revision else f"{PREFIX}{repo}"
    if not sys.stderr.isatty():
        datasets.disable_progress_bars()
    with explained(lambda error: InputError(f"{name}: `datasets` cannot read it: {fetch.hub_says(error)}")):
        configs = list(datasets.get_dataset_config_names(str(folder)))
        config = _chosen(f"{name} has the configurations", repo, configs, config, f"{at}:CONFIG/SPLIT")
        parts: Any = datasets.load_dataset(str(folder), config)
        split = _chosen(f"{name} has the splits", repo, list(parts), split, f"{at}:{config}/SPLIT")
        rows: Any = parts[split]
    pinned = f"{PREFIX}{repo}@{folder.name}:{config}/{split}"
    return Table(pinned, repo, lambda: _rows(rows, pinned), provenance={"revision": folder.name})


def _snapshot(repo: str, revision: str | None) -> Path:
    """The folder of the repository's data files at the revision; it is named after the commit."""
    import huggingface_hub
    from huggingface_hub.errors import HFValidationError

    def bring(*, cached: bool) -> Path:
        where: Any = {"repo_type": "dataset", "revision": revision, "local_files_only": cached}
        return Path(huggingface_hub.snapshot_download(repo, allow_patterns=_DATA, **where))

    def explain(error: Exception) -> DataUnavailable:
        name, reason = f"{PREFIX}{repo}", fetch.hub_says(error)
        if isinstance(error, HFValidationError) or fetch.hub_answered(error):
            return DataUnavailable(f"{name}: the hub says: {reason}")
        why = "this machine is set to be offline" if offline else f"the hub cannot be reached ({reason})"
        at = f" at {revision}" if revision else ""
        return DataUnavailable(
            f"{name}: {why}, and the cache of the hub does not hold it{at}; run it once with a network, or give the "
            "data as a file"
        )

    offline = bool(fetch.offline())
    with explained(explain):
        try:
            return bring(cached=offline)
        except Exception as error:
            if offline or fetch.hub_answered(error):
                raise
            with suppress(Exception):  # the library itself looks in its cache after some network errors, but not all
                return bring(cached=True)
            raise


def _chosen(there_are: str, repo: str, choices: list[str], choice: str | None, form: str) -> str:
    """The choice that is named; otherwise the only one, or the one called default."""
    if choice is not None:
        if choice not in choices:
            raise UnknownName(f"part of {repo}", choice, choices)
        return choice
    if len(choices) == 1 or "default" in choices:
        return choices[0] if len(choices) == 1 else "default"
    raise InputError(f"{there_are} {', '.join(choices)}: say which, as in {form}")


def _rows(rows: Any, name: str) -> Iterator[Row]:
    """The rows of a memory-mapped table, read in batches. Class labels, which are numbers in it, become their names."""
    features = rows.features or {}
    names = {column: feature.names for column, feature in features.items() if hasattr(feature, "names")}
    every = (dict(zip(batch, values)) for batch in rows.iter(_BATCH) for values in zip(*batch.values(), strict=True))
    for number, fields in enumerate(every, start=1):
        for column, labels in names.items():
            if isinstance(fields[column], int):
                fields[column] = labels[fields[column]] if fields[column] >= 0 else None
        yield Row(Path(name), number, fields)
