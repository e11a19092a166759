"""The disk. Judgments are appended as they arrive and outlive whatever stops the run; the rest is replaced whole.

<results>/<benchmark>/items.jsonl                     labels, one per line
<results>/<benchmark>/<judge>/manifest.json           what the judgments are answers to
<results>/<benchmark>/<judge>/judgments.jsonl         append-only
<results>/<benchmark>/<judge>/placebo.jsonl           append-only: answers with the words exchanged, of a forced judge
<results>/<benchmark>/<judge>/scores.json             recomputable from the others

Which of them say their format, and what older ones looked like: judgebench.formats.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import filelock
import msgspec

from judgebench import formats
from judgebench.errors import InputError, ManifestMismatch, StoreBusy, StoreError
from judgebench.rows import each_record
from judgebench.types import BenchmarkRef, Flag, JudgeRef, Judgment, Key, Label, Manifest, Record, Scores, Status

JOURNALS = JUDGMENTS, PLACEBO = "judgments.jsonl", "placebo.jsonl"
FSYNC_SECONDS = 0.5
_LOCK = ".judgebench.lock"
_MALFORMED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_encoder = msgspec.json.Encoder()
R = TypeVar("R", bound=Record)


def slug(name: str) -> str:
    """A folder name for a benchmark or judge: readable, portable, letters of any script. What else it may be called
    stands in the manifest. A name without a letter or digit has a folder of its own all the same."""
    name = unicodedata.normalize("NFC", name)
    return re.sub(r"[^\w.+=,@-]+", "-", name).strip("-.") or f"unnamed-{_hash(name)}"


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:8]


def run_folder(results: Path, benchmark: str, judge: str) -> Path:
    return results / slug(benchmark) / slug(judge)


def folder_of(results: Path, manifest: Manifest) -> Path:
    """Where a run's answers are, or will be: a folder of its name, unless another one holds answers to just its
    question (an older judgebench named some judges otherwise)."""
    usual = run_folder(results, manifest.benchmark, manifest.judge)
    if not usual.exists():
        for path in sorted(usual.parent.glob("*/manifest.json")):
            with suppress(StoreError):
                if read_manifest(path.parent).identity == manifest.identity:
                    return path.parent
    return usual


def runs(results: Path) -> list[Path]:
    """Every run below a results folder, in a stable order."""
    return sorted(path.parent for path in results.glob("*/*/manifest.json"))


def read_manifest(folder: Path) -> Manifest:
    path, labels = folder / "manifest.json", folder.parent / "items.jsonl"
    if not path.exists():
        raise InputError(f"{folder} is not a run: it has no manifest.json")
    try:
        return formats.manifest(_read(path), path, lambda: read_labels(labels) if labels.exists() else [])
    except _MALFORMED as error:
        raise StoreError(f"{path}: {error}") from error


def read_judgments(folder: Path, journal: str = JUDGMENTS) -> list[Judgment]:
    """The judgment that counts for every key: the last attempt. A torn last line, which a killed process may leave, is
    not an answer; damage anywhere else is refused, not skipped."""
    path = folder / journal
    if not path.exists():
        return []
    latest: dict[Key, Judgment] = {}
    whole, _ = _split(_read(path))
    for judgment in _decode_lines(path, whole, Judgment):
        before = latest.get(judgment.key)
        if before is not None and judgment.attempt <= before.attempt:
            raise StoreError(
                f"{path}: item {judgment.item!r} in order {list(judgment.order)} is answered twice (attempt "
                f"{judgment.attempt}); two runs were mixed"
            )
        latest[judgment.key] = formats.judgment(judgment)
    return list(latest.values())


def read_scores(folder: Path) -> Scores | None:
    """A run's scores.json as it stands; None where there is none."""
    path = folder / "scores.json"
    if not path.exists():
        return None
    try:
        return formats.scores(_read(path), path)
    except _MALFORMED as error:
        raise StoreError(f"{path}: {error}; `judgebench score {folder}` recomputes it") from error


def read_labels(path: Path) -> list[Label]:
    return list(_decode_lines(path, _read(path), Label))


def write_labels(path: Path, labels: Iterable[Label]) -> None:
    replace(path, (_encoder.encode(label) + b"\n" for label in labels))


def as_json(value: Any) -> bytes:
    return msgspec.json.format(_encoder.encode(value), indent=1) + b"\n"


def write_json(path: Path, value: Any) -> None:
    replace(path, as_json(value))


class Run:
    """One run's folder, open for appending to one of its journals. A context manager; a second process that opens it
    gets StoreBusy.

    `append` hands the line to the operating system at once, so a killed process loses nothing; a thread makes it
    durable (fsync) at least every second. With every flush the manifest says what happened up to then.

    A run goes on with the model that it began with. ManifestMismatch where another one answers, or where nobody can
    tell: it is asked elsewhere and never said its name. `same_model` is the user's word that it is the same."""

    def __init__(self, folder: Path, manifest: Manifest, *, same_model: bool = False, journal: str = JUDGMENTS) -> None:
        self.folder = folder
        self.path = folder / journal
        self._wanted = manifest
        self._same_model = same_model
        self._appended = 0
        self._moved: tuple[str, ...] = ()
        """Addresses at which this run was not asked before."""
        self._lock = filelock.FileLock(folder / _LOCK)
        self._mutex = threading.Lock()
        self._syncing = threading.Lock()
        self._closing = threading.Event()
        self._dirty = False
        self._broken: OSError | None = None

    def __enter__(self) -> Run:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except filelock.Timeout as error:
            raise StoreBusy(f"{self.folder}: another judgebench process is writing this run; wait for it") from error
        except OSError as error:
            raise StoreError(f"{self.folder}: {error.strerror}; nothing can be written there") from error
        try:
            self._is_new = not (self.folder / "manifest.json").exists()
            self.answered = {judgment.key: judgment for judgment in read_judgments(self.folder, self.path.name)}
            self.manifest = self._agree()
            # What a process that was killed had not written down yet stands in its rows.
            rows = self.answered.values() if self.path.name == JUDGMENTS else read_judgments(self.folder)
            cut = sum(Flag.CUT in judgment.flags for judgment in rows)
            self.manifest = msgspec.structs.replace(self.manifest, cut=cut)
            self._began_with = self.manifest.served
            self._mend()
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            self._lock.release()
            raise StoreError(f"{self.path}: {error.strerror}; nothing was changed there") from error
        except BaseException:
            self._lock.release()
            raise
        self._end = os.fstat(self._file).st_size
        self._thread = threading.Thread(target=self._sync_now_and_then, daemon=True, name="judgebench-fsync")
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._closing.set()
        self._thread.join()
        try:
            self._sync()
        finally:
            os.close(self._file)
            if error is not None and self._is_new and not self.answered:  # refused before its first answer: no run
                self.path.unlink(missing_ok=True)
                (self.folder / "manifest.json").unlink(missing_ok=True)
            self._lock.release()
        if error is None:
            self._raise_if_broken()

    def append(self, judgment: Judgment) -> None:
        answered = self.answered.get(judgment.key)
        if answered is not None and judgment.attempt <= answered.attempt:
            raise StoreError(f"{self.path}: item {judgment.item!r} in order {list(judgment.order)} is answered already")
        self._raise_if_broken()
        self._require_same_model(judgment)
        with self._mutex:
            before, happened = self.manifest, self._with(judgment)
            if judgment.served and judgment.served == happened.served[:1]:
                judgment = msgspec.structs.replace(judgment, served=())
            judgment, line = self._storable(judgment)
            try:
                _write_all(self._file, line)
            except OSError as error:
                # Half a line would make the next one unreadable; what was acknowledged before it stays.
                self._broken = error
                with suppress(OSError):
                    os.ftruncate(self._file, self._end)
                raise StoreError(
                    f"{self.path}: {error.strerror}; {len(self.answered):,} judgments are safe on disk, and the same "
                    "command goes on from there"
                ) from error
            self._end += len(line)
            self._appended += 1
            self._dirty = True
            self.manifest = happened
        self.answered[judgment.key] = judgment
        if (happened.served, happened.dropped) != (before.served, before.dropped):
            self.flush()  # a row leaves out what the manifest says

    def _storable(self, judgment: Judgment) -> tuple[Judgment, bytes]:
        """The judgment and its line. A server may send half a surrogate pair, which UTF-8 cannot hold: in a text it
        becomes U+FFFD, for the answer was paid for; an item of such a name could not be found again."""
        try:
            return judgment, _encoder.encode(judgment) + b"\n"
        except UnicodeEncodeError as error:
            if _utf8(judgment.item) != judgment.item:
                raise StoreError(f"{self.path}: item {judgment.item!r} cannot be written as UTF-8") from error
        text, detail = judgment.text and _utf8(judgment.text), judgment.detail and _utf8(judgment.detail)
        served = tuple(map(_utf8, judgment.served))
        judgment = msgspec.structs.replace(judgment, text=text, detail=detail, served=served)
        return judgment, _encoder.encode(judgment) + b"\n"

    def flush(self) -> Manifest:
        """Make everything durable that was appended; the manifest that says so."""
        self._sync()
        self._raise_if_broken()
        return self.manifest

    def _with(self, judgment: Judgment) -> Manifest:
        """The manifest with what an answer says of its asking."""
        old, before = self.manifest, self.answered.get(judgment.key)
        new: dict[str, Any] = {
            "served": tuple(dict.fromkeys((*old.served, *map(_utf8, judgment.served)))),
            "dropped": tuple(dict.fromkeys((*old.dropped, *judgment.dropped))),
        }
        if self.path.name == JUDGMENTS:
            cut = (Flag.CUT in judgment.flags) - (before is not None and Flag.CUT in before.flags)
            new["cut"] = old.cut + cut
        if not self._appended:  # this session's first answer
            new["started"] = old.started or self._now()
            new["versions"] = _joined(old.versions, self._wanted.versions)
            new["addresses"] = (*old.addresses, *self._moved)
        return msgspec.structs.replace(old, **new)

    def _require_same_model(self, judgment: Judgment) -> None:
        if self._same_model or judgment.status == Status.FAILED or not self._began_with:
            return
        began, place = " and ".join(self._began_with), f"{self.folder}: {len(self.answered):,} answers there are by"
        otherwise = "choose another --output-dir or -j NAME=..., or add --same-model if it is the same"
        if others := [name for name in judgment.served if name not in self._began_with]:
            raise ManifestMismatch(f"{place} {began}, and now {' and '.join(others)} answers; {otherwise}")
        if not judgment.served and self._moved:
            raise ManifestMismatch(f"{place} {began}, and {self._moved[0]} does not say what it is; {otherwise}")

    def _now(self) -> str | None:
        """UTC. Of what was recorded elsewhere nobody here knows when it was asked."""
        if self.manifest.judge_ref.is_recorded:
            return None
        return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def _agree(self) -> Manifest:
        """The manifest on disk, widened by ours; ManifestMismatch if the two ask different questions."""
        path = self.folder / "manifest.json"
        wanted = self._wanted
        if path.exists():
            stored = read_manifest(self.folder)
            name = next((name for name, value in wanted.identity.items() if stored.identity[name] != value), None)
            if name is not None:
                its, ours = (_in_words(manifest.identity[name]) for manifest in (stored, wanted))
                raise ManifestMismatch(
                    f"{self.folder} holds answers to another question: its {name} is {its}, this run's is {ours}; "
                    "choose another --output-dir or -j NAME=..., or move that folder away"
                )
            self._moved = tuple(address for address in wanted.addresses if address not in stored.addresses)
            if self._moved and stored.addresses and self.answered and not (stored.served or self._same_model):
                raise ManifestMismatch(
                    f"{self.folder}: what answered at {stored.addresses[-1]} never said what it is, so nobody can tell "
                    f"whether {self._moved[0]} is the same model; add --same-model if it is, or choose another "
                    "--output-dir or -j NAME=..."
                )
            wanted = _widen(stored, wanted)
            if wanted == stored:
                return stored
        write_json(path, wanted)
        return wanted

    def _mend(self) -> None:
        """Cut off what a killed process left half written, unless it is a whole judgment that lacks its newline."""
        if not self.path.exists():
            return
        for part in self.folder.glob(".*.part"):  # left by a process that was killed while it replaced a file
            part.unlink(missing_ok=True)
        data = self.path.read_bytes()
        whole, torn = _split(data)
        if torn:
            os.truncate(self.path, len(whole))
        elif data and not data.endswith(b"\n"):
            with self.path.open("ab") as file:
                file.write(b"\n")

    def _sync_now_and_then(self) -> None:
        while not self._closing.wait(FSYNC_SECONDS):
            self._sync()

    def _sync(self) -> None:
        with self._syncing:
            with self._mutex:
                dirty, self._dirty = self._dirty, False
                if dirty:
                    self.manifest = msgspec.structs.replace(self.manifest, ended=self._now())
                manifest = self.manifest
            try:
                if dirty:
                    os.fsync(self._file)
                    write_json(self.folder / "manifest.json", manifest)
            except (OSError, StoreError) as error:
                cause = error.__cause__ if isinstance(error, StoreError) else error
                self._broken = cause if isinstance(cause, OSError) else OSError(str(error))

    def _raise_if_broken(self) -> None:
        if self._broken is not None:
            raise StoreError(f"{self.path}: cannot be written durably: {self._broken.strerror}") from self._broken


def _widen(stored: Manifest, wanted: Manifest) -> Manifest:
    """More orders, more samples and a lifted limit extend a run; nothing shrinks it. ManifestMismatch where the limits
    are of different draws: what was asked would be neither sample."""
    limits = stored.limit, wanted.limit
    if None not in limits and stored.limit_seed != wanted.limit_seed:
        raise ManifestMismatch(
            f"the run of {stored.judge} on {stored.benchmark} is of the {stored.part}, and now of the "
            f"{wanted.part}: limit it as there, give no --limit, or choose another --output-dir"
        )
    return msgspec.structs.replace(
        stored,
        orders="both" if "both" in (stored.orders, wanted.orders) else stored.orders,
        samples=max(stored.samples, wanted.samples),
        limit=None if None in limits else max(filter(None, limits)),
        limit_seed=None if None in limits else stored.limit_seed,
    )


def _joined(stored: dict[str, str], ours: dict[str, str]) -> dict[str, str]:
    """Of all sessions of a run, each once: {"judgebench": "0.1.0, 0.2.0"}."""
    versions = {name: dict.fromkeys([*stored.get(name, "").split(", "), ours.get(name, "")]) for name in stored | ours}
    return {name: ", ".join(filter(None, each)) for name, each in versions.items()}


def _in_words(value: Any) -> str:
    """A part of a run's identity; a benchmark or a judge by its name and, since names may be alike, what is in it."""
    if isinstance(value, JudgeRef | BenchmarkRef):
        return f"{value.name!r} {msgspec.json.encode(value).decode()}"
    return repr(value)


def _utf8(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _split(data: bytes) -> tuple[bytes, bytes]:
    """(whole lines, torn rest). Lines end at a newline byte and nowhere else: texts may hold U+2028 and the like."""
    end = data.rfind(b"\n") + 1
    rest = data[end:]
    try:
        msgspec.json.decode(rest, type=Judgment)
    except _MALFORMED:
        return data[:end], rest
    return data, b""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from error


def _decode_lines(path: Path, data: bytes, kind: type[R]) -> Iterator[R]:
    for number, row in each_record(data, kind):
        if isinstance(row, Exception):
            raise StoreError(f"{path}, row {number}: {row}") from row
        yield row


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def replace(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Readers see the old file or the new one, never half of either. `data` in pieces is never held whole."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; nothing was changed there") from error
    finally:
        with suppress(OSError):
            part.unlink()
