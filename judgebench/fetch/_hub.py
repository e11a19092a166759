"""Downloads files of data sets on the Hugging Face hub, through the hub's own libraries, which know its mirrors
(HF_ENDPOINT), tokens and partial downloads.

A card's url names a repository, a revision and a file. Where the repository has no such file, because it stores the
split in other pieces than the card's author assumed, `datasets` reads the split and it is written as one parquet file.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import warnings
from pathlib import Path
from typing import Any, NamedTuple

from judgebench.errors import DataUnavailable, explained
from judgebench.fetch._checks import check
from judgebench.fetch._places import Pinned
from judgebench.types import Source

_URL = re.compile(r"https://huggingface\.co/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
_SPLIT = re.compile(r"(?:(?P<config>[^/]+)/)?(?P<split>[^/]+)-\d{5}-of-\d{5}\.parquet")
_LISTED = 12
_LONGEST = 400
"""Characters of the hub's message that are shown."""
_PATIENCE = 20.0
"""Seconds to wait for the list of a repository's files; older versions of the hub's library would wait for ever."""


class FileAddress(NamedTuple):
    repo: str
    revision: str
    path: str


def address(source: Source) -> FileAddress | None:
    match = _URL.fullmatch(source.url)
    return FileAddress(*match.groups()) if match else None


def download(owner: Pinned, source: Source, file: FileAddress, target: Path) -> str | None:
    """Bring the file to `target`, at the commit that its revision names at present, and return that commit.
    DataUnavailable has the hub's message, or the list of the files that there are."""
    work = target.with_name(f"{target.name}.hub")
    with explained(lambda error: DataUnavailable(f"{owner.id}: cannot download {source.url}: {reason(error)}")):
        import huggingface_hub

        endpoint = os.environ.get("HF_ENDPOINT") or None
        info = huggingface_hub.HfApi(endpoint).dataset_info(file.repo, revision=file.revision, timeout=_PATIENCE)
        files = sorted(sibling.rfilename for sibling in info.siblings or ())
        if file.path in files:
            settings: Any = {"repo_type": "dataset", "local_dir": work, "endpoint": endpoint}
            path = Path(huggingface_hub.hf_hub_download(file.repo, file.path, revision=info.sha, **settings))
        else:
            path = _assembled(file, info.sha, files, work)
    if source.pinned:
        check(owner, path, source, called=f"what {source.url} sent")
    path.replace(target)
    shutil.rmtree(work, ignore_errors=True)
    return info.sha


def reason(error: Exception) -> str:
    """An error of the hub's libraries in one line: the failure itself where they looked in their cache after one."""
    cause = (error.__cause__ if isinstance(error, FileNotFoundError) else None) or error
    text = " ".join(str(cause).split()) or type(cause).__name__
    if isinstance(cause, (LookupError, TypeError, AttributeError, json.JSONDecodeError)):
        text = f"what was sent is not in the hub's form: {text}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def answered(error: BaseException | None) -> bool:
    """Whether the hub itself refused: the error, or one of its causes, carries the hub's response."""
    while error is not None and getattr(error, "response", None) is None:
        error = error.__cause__
    return error is not None


def _assembled(file: FileAddress, commit: str | None, files: list[str], work: Path) -> Path:
    """The split that the card names, as `datasets` reads it, written as one parquet file."""
    split = _SPLIT.fullmatch(file.path)
    if split is None:
        listed = ", ".join(files[:_LISTED]) + (", ..." if len(files) > _LISTED else "")
        raise OSError(f"{file.repo} has no {file.path}; there are: {listed or 'no files'}")
    import datasets

    datasets.disable_progress_bars()
    config = split["config"] if split["config"] not in (None, "data") else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table: Any = datasets.load_dataset(file.repo, config, split=split["split"], revision=commit)
    path = work / "split.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path)
    return path
