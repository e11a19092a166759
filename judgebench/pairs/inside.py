"""What runs inside the sandbox: a script of its own, which imports nothing but the standard library.

    python -I inside.py program SPEC REPORT                      run the code as a program; stdin and stdout are its own
    python -I inside.py module  SPEC REPORT WIRE                 load the code and answer calls to it over a socket
    python -I inside.py tests   SPEC REPORT WIRE VERDICT         run tests against the module at the other end

SPEC, REPORT, WIRE and VERDICT are file descriptors. Each process confines itself (`confine`) before it runs any of the
code, and writes to REPORT which protections took hold. A model's code never shares a process with the tests: plain
data, encoded here, is all that passes between the two. So what that code prints, or does to its own interpreter, cannot
decide a test, and an object that claims to equal everything arrives as one that cannot be compared.
"""

from __future__ import annotations

import builtins
import ctypes
import io
import json
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

LONGEST_MESSAGE = 16 << 20
FIRST_USER = 0x40000000
"""Far above the user ids of any machine. The process's own id is added, so that no two processes share a user."""
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/dev/null", "/dev/zero", "/dev/urandom")
"""What an interpreter needs to import its modules, apart from Python's own folders."""

# ---------------------------------------------------------------------------------------------------- confinement

_NEW_NS, _NEW_UTS, _NEW_IPC, _NEW_USER, _NEW_PID, _NEW_NET = (1 << bit for bit in (17, 26, 27, 28, 29, 30))
_RDONLY, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 32, 4096, 16384, 1 << 18
_PDEATHSIG, _DUMPABLE, _SECCOMP, _NO_NEW_PRIVS = 1, 4, 22, 38
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_DENIED = {
    # socket, ptrace, process_vm_readv, process_vm_writev, io_uring_setup, unshare, setns, mount, umount2, pivot_root,
    # chroot, bpf, perf_event_open, keyctl, userfaultfd, kexec_load, init_module, finit_module, open_by_handle_at
    "x86_64": (41, 101, 310, 311, 425, 272, 308, 165, 166, 155, 161, 321, 298, 250, 323, 246, 175, 313, 304),
    "aarch64": (198, 117, 270, 271, 425, 97, 268, 40, 39, 41, 51, 280, 241, 219, 282, 104, 105, 273, 265),
}


def confine(limits: Mapping[str, int]) -> list[str]:
    """Take from this process whatever it does not need; returns the names of the protections that took hold.

    `limits` are memory and file_size in bytes, cpu in seconds, and the number of processes. A step that the system does
    not offer is left out and the next ones are still tried: the caller sees in the answer what is missing. Where there
    are namespaces, this returns in a child process; the calling process waits for that child and ends as it does."""
    user = FIRST_USER + os.getpid()  # asked for here, since in a namespace of its own every process has the same id
    libc = ctypes.CDLL(None, use_errno=True)
    protections = _namespaces(libc, limits["file_size"]) if sys.platform == "linux" else []
    if os.geteuid() == 0 and _become(user):
        protections.append("another user")
    _limit(limits, others=0 if {"namespaces", "another user"} & set(protections) else _running())
    protections.append("limits")
    if sys.platform == "linux":
        libc.capset(struct.pack("Ii", 0x20080522, 0), bytes(24))
        libc.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_DUMPABLE, 0, 0, 0, 0)
        libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
        if _filter_calls(libc):
            protections.append("no network calls")
    return protections


def _become(user: int) -> bool:
    """Become a user who owns nothing and whom no other process has; for root alone, whose processes are exempt from the
    limit on their number. False, and nothing is changed, where that user could not read Python or its packages."""
    os.setegid(user)
    os.seteuid(user)
    try:
        folders = [Path(path) for path in sys.path if Path(path).is_dir()]
        packages = [path for folder in folders for path in folder.iterdir() if path.name != "__pycache__"]
        if not all(os.access(path, os.R_OK, effective_ids=True) for path in packages):
            return False
    except OSError:
        return False
    finally:
        os.seteuid(0)
        os.setegid(0)
    try:
        os.chown(".", user, user)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    except OSError:  # a namespace that knows no other user
        return False
    return True


def _namespaces(libc: Any, size: int) -> list[str]:
    user, group = os.getuid(), os.getgid()
    everything = _NEW_NET | _NEW_PID | _NEW_IPC | _NEW_UTS | _NEW_NS
    if libc.unshare(everything) != 0:  # for root; anyone else becomes root of a namespace first
        if libc.unshare(everything | _NEW_USER) != 0:
            return []
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    child = os.fork()
    libc.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # whoever dies first takes the others along
    if child:  # wait for it and end as it does; descriptors are closed first, since others wait for their end
        os.closerange(0, 1024)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os._exit(code if code >= 0 else 128 - code)
    own_files = False
    with suppress(OSError):
        own_files = _only_these_files(libc, size)
    return ["namespaces", "no network", *(["own files"] if own_files else [])]


def _only_these_files(libc: Any, size: int) -> bool:
    """Change to a root folder in memory, which holds Python and the system's libraries, read-only, and an empty folder
    as the working one. False where that cannot be done."""
    root = Path.cwd()
    os.umask(0o022)  # the folders made here lead to files that another user has to reach
    needed = sorted({Path(path) for path in (*SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix)})
    if any(path.is_relative_to(root) for path in needed):  # the mount would hide them
        return False
    if libc.mount(b"none", b"/", None, _REC | _PRIVATE, None) != 0:
        return False
    if libc.mount(b"tmpfs", bytes(root), b"tmpfs", 0, f"size={size},mode=755".encode()) != 0:
        return False
    for path in needed:
        for part in [path, path.resolve()] if path.is_symlink() else [path]:
            if not _bind_into(libc, part, root / part.relative_to("/")):
                return False
    (root / "sandbox").mkdir()
    os.chroot(root)
    os.chdir("/sandbox")
    return True


def _bind_into(libc: Any, path: Path, target: Path) -> bool:
    if not path.exists() or target.exists() or target.is_symlink():  # a folder above it was bound already
        return True
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        target.symlink_to(path.readlink())
        return True
    target.mkdir() if path.is_dir() else target.touch()
    if libc.mount(bytes(path), bytes(target), None, _BIND | _REC, None) != 0:
        return False
    kept = os.statvfs(target).f_flag & (2 | 4 | 8 | 1024 | 2048)  # nosuid and the like may not be taken away
    return int(libc.mount(None, bytes(target), None, _BIND | _REMOUNT | _RDONLY | kept, None)) == 0


def _limit(limits: Mapping[str, int], *, others: int) -> None:
    for name, value in (
        ("RLIMIT_CPU", limits["cpu"]),
        ("RLIMIT_AS", limits["memory"]),
        ("RLIMIT_FSIZE", limits["file_size"]),
        ("RLIMIT_NPROC", limits["processes"] + others),
        ("RLIMIT_NOFILE", 64),
        ("RLIMIT_CORE", 0),
    ):
        which = getattr(resource, name, None)
        if which is not None:
            hard = resource.getrlimit(which)[1]
            lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
            with suppress(ValueError, OSError):  # macOS refuses some
                resource.setrlimit(which, (lowest, lowest))


def _running() -> int:
    """How many threads this user has already: without a namespace they count towards the limit on processes."""
    count = 0
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if path.stat().st_uid == os.getuid():
                count += sum(1 for _ in (path / "task").iterdir())
    return count


def _filter_calls(libc: Any) -> bool:
    """A seccomp filter: the calls in _DENIED fail with EPERM, and so does everything of another architecture."""
    machine = platform.machine()
    if machine not in _DENIED:
        return False
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | 1
    steps = [(load, 0, 0, 4), (equal, 1, 0, _ARCHITECTURES[machine]), (give, 0, 0, refuse), (load, 0, 0, 0)]
    steps += [(at_least, 0, 1, 0x40000000), (give, 0, 0, refuse)]
    for call in _DENIED[machine]:
        steps += [(equal, 0, 1, call), (give, 0, 0, refuse)]
    steps.append((give, 0, 0, allow))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    return int(libc.prctl(_SECCOMP, 2, program, 0, 0)) == 0


# ------------------------------------------------------------------------------------------------------ plain data


class NotPlain(Exception):
    """The tests need more of a value than plain data can hold: they hand over a function, or add up objects of the
    code's. That says nothing about the code, so the last such error is kept even where the tests catch it."""

    last: NotPlain | None = None

    def __init__(self, what: str) -> None:
        super().__init__(what)
        NotPlain.last = self


def encode(value: Any, keep: Callable[[Any], int]) -> Any:  # noqa: PLR0911  (a case for each kind)
    """Plain data as JSON. An instance of a subclass of a plain type is encoded as that type. Anything else stays in
    this process, and `keep` gives the number that stands for it."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is complex:
        return {"complex": [value.real, value.imag]}
    if isinstance(value, bytes | bytearray):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, dict):
        return {"dict": [[encode(key, keep), encode(item, keep)] for key, item in dict.items(value)]}
    for kind in (list, tuple, set, frozenset):
        if isinstance(value, kind):
            elements: Any = kind.__iter__(value)  # type: ignore[arg-type]
            return {kind.__name__: [encode(item, keep) for item in elements]}
    for plain in (bool, int, float, str):
        if isinstance(value, plain):
            return plain.__new__(plain, value)  # type: ignore[type-var]
    if getattr(value, "ndim", None) == 0 and hasattr(value, "tolist"):  # a number of numpy's
        return encode(value.tolist(), keep)
    return {"object": keep(value)}


def decode(value: Any, object_at: Callable[[int], Any]) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "object":
        return object_at(content)
    if kind == "complex":
        return complex(*content)
    if kind == "bytes":
        return bytes.fromhex(content)
    if kind == "dict":
        return {decode(key, object_at): decode(item, object_at) for key, item in content}
    elements = (decode(item, object_at) for item in content)
    return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind](elements)


def _receive(wire: BinaryIO) -> Any:
    line = wire.readline(LONGEST_MESSAGE)
    if not line.endswith(b"\n"):
        raise EOFError("an answer of more than 16 MiB" if line else "the code ended the process")
    return json.loads(line)


def _send(wire: BinaryIO, message: Any) -> None:
    wire.write(json.dumps(message).encode("utf-8", "surrogatepass") + b"\n")
    wire.flush()


# ------------------------------------------------------------------------------------------------------- the roles


def module(spec: Mapping[str, Any], wire: BinaryIO) -> None:
    """Load the code, send what it defines, and answer requests: a call, an attribute, an item and so on."""
    objects: dict[int, Any] = {}

    def keep(value: Any) -> int:
        objects[len(objects)] = value
        return len(objects) - 1

    space: dict[str, Any] = {"__name__": "code", "__builtins__": builtins}
    exec(compile(spec["code"], "code.py", "exec"), space)  # noqa: S102
    modules = type(sys)
    public = {name: value for name, value in space.items() if name[:2] != "__" and not isinstance(value, modules)}
    _send(wire, {name: encode(value, keep) for name, value in public.items()})
    does: dict[str, Callable[..., Any]] = {
        "call": lambda target, *arguments, **keywords: target(*arguments, **keywords),
        "get": lambda target, name: None if name.startswith("_") else getattr(target, name),
        "set": setattr,
        "item": lambda target, key: target[key],
        "length": len,
        "elements": lambda target: [item for item, _ in zip(target, range(1_000_000))],
        "text": str,
    }
    while True:
        request = _receive(wire)
        try:
            arguments = [decode(value, objects.__getitem__) for value in request["arguments"]]
            keywords = {name: decode(value, objects.__getitem__) for name, value in request["keywords"].items()}
            value = encode(does[request["do"]](objects[request["object"]], *arguments, **keywords), keep)
            _send(wire, {"value": value, "arguments": [encode(argument, keep) for argument in arguments]})
        except BaseException as error:  # noqa: BLE001  (whatever it raises is an answer)
            _send(wire, {"error": type(error).__name__, "message": str(error)[:500]})


class Far:
    """An object in the code's process, as the tests see it. Its own word on what it equals is not trusted: NotPlain."""

    def __init__(self, wire: BinaryIO, number: int) -> None:
        self.__dict__.update(_wire=wire, _number=number)

    def _ask(self, do: str, *arguments: Any, **keywords: Any) -> Any:
        sent = [encode(value, _number_of) for value in arguments]
        named = {name: encode(value, _number_of) for name, value in keywords.items()}
        _send(self._wire, {"do": do, "object": self._number, "arguments": sent, "keywords": named})
        answer = _receive(self._wire)
        if "error" in answer:
            raised = getattr(builtins, str(answer["error"]), None)
            is_exception = isinstance(raised, type) and issubclass(raised, Exception)
            raise (raised if is_exception else RuntimeError)(f"{answer['error']}: {answer['message']}")  # type: ignore[misc]
        far = partial(Far, self._wire)
        for mine, theirs in zip(arguments, answer["arguments"], strict=True):
            _bring_up_to_date(mine, decode(theirs, far))
        return decode(answer["value"], far)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._ask("call", *arguments, **keywords)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._ask("get", name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._ask("set", name, value)

    def __getitem__(self, key: Any) -> Any:
        return self._ask("item", key)

    def __len__(self) -> int:
        length = self._ask("length")
        return length if type(length) is int else -1

    def __iter__(self) -> Iterator[Any]:
        elements = self._ask("elements")
        return iter(elements if type(elements) is list else ())

    def __str__(self) -> str:
        return str.__str__(self._ask("text"))


def _refuse(name: str) -> Callable[..., Any]:
    def refuse(*_: Any) -> Any:
        raise NotPlain(f"the tests apply {name} to an object that is not plain data")

    return refuse


for _name in ("eq", "ne", "lt", "le", "gt", "ge", "add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv"):
    setattr(Far, f"__{_name}__", _refuse(f"__{_name}__"))


def _number_of(value: Any) -> int:
    if type(value) is not Far:
        raise NotPlain(f"the tests hand over a {type(value).__name__}, which is not plain data")
    return int(value._number)  # noqa: SLF001


def _bring_up_to_date(mine: Any, theirs: Any) -> None:
    """Change a list, dict or set of the tests as the code changed its copy."""
    if type(mine) is type(theirs) and type(mine) in (list, dict, set) and mine != theirs:
        mine.clear()
        mine.extend(theirs) if type(mine) is list else mine.update(theirs)


def tests(spec: Mapping[str, Any], wire: BinaryIO) -> tuple[str, str]:
    """(passed, failed or unusable; why). Runs the tests, `check(entry point)`, and the test functions and TestCases."""
    try:
        encoded = _receive(wire)
        entry_point = spec["entry_point"]
        # Builtins that the code redefines are left out: the tests must not use its len() on its own answers.
        public_names = {
            name: decode(value, partial(Far, wire))
            for name, value in encoded.items()
            if name == entry_point or not hasattr(builtins, name)
        }
        if entry_point and entry_point not in public_names:
            return "failed", f"the code does not define {entry_point}"
        space: dict[str, Any] = {**public_names, "__name__": "tests", "__builtins__": builtins}
        exec(compile(spec["tests"], "tests.py", "exec"), space)  # noqa: S102
        test_names = {name: value for name, value in space.items() if value is not public_names.get(name, space)}
        if callable(test_names.get("check")):
            test_names["check"](public_names.get(entry_point))
        for name, value in test_names.items():
            if name.startswith("test_") and callable(value):
                value()
        outcome = _unittests(test_names)
    except AssertionError as error:
        outcome = "failed", f"a test failed{': ' if str(error) else ''}{str(error)[:300]}"
    except BaseException as error:  # noqa: BLE001  (whatever a test raises, it has not passed)
        outcome = "failed", f"{type(error).__name__}: {str(error)[:300]}"
    return outcome if NotPlain.last is None else ("unusable", str(NotPlain.last))


def _unittests(test_names: Mapping[str, Any]) -> tuple[str, str]:
    import unittest

    cases = [value for value in test_names.values() if isinstance(value, type) and issubclass(value, unittest.TestCase)]
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in cases)
    result = unittest.TestResult()
    suite.run(result)
    if cases and not result.testsRun:
        return "unusable", "its TestCases hold no test"
    broken = [*result.failures, *result.errors]
    return ("failed", broken[0][1].strip().splitlines()[-1][:300]) if broken else ("passed", "")


def main(role: str, *descriptors: str) -> None:
    spec_file, report, *rest = map(int, descriptors)
    with open(spec_file, "rb") as file:  # noqa: PTH123  (a descriptor)
        spec = json.load(file)
    protections = confine(spec["limits"])
    os.write(report, json.dumps(protections).encode() + b"\n")
    os.close(report)
    sys.set_int_max_str_digits(0)  # a test may ask for 1000!
    if role == "program":
        exec(compile(spec["code"], "code.py", "exec"), {"__name__": "__main__", "__builtins__": builtins})  # noqa: S102
        return
    with open(rest[0], "r+b", buffering=0) as raw:  # noqa: PTH123
        wire: Any = io.BufferedRWPair(raw, raw)
        if role == "module":
            module(spec, wire)
        else:
            os.write(rest[1], json.dumps([spec["nonce"], *tests(spec, wire)]).encode() + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
