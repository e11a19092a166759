"""What runs inside the sandbox: a script of its own, which imports nothing but the standard library.

    python -I inside.py program  SPEC REPORT                     run the code as a program; stdin and stdout are its own
    python -I inside.py together SPEC REPORT VERDICT             run tests in one process with the code
    python -I inside.py module   SPEC REPORT WIRE                load the code and answer calls to it over a socket
    python -I inside.py tests    SPEC REPORT WIRE VERDICT        run tests against the module at the other end

SPEC, REPORT, WIRE and VERDICT are file descriptors. Each process confines itself (`confine`) before it runs any of the
code, and writes to REPORT which protections took hold. What the roles do
stands in roles.py.
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
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

FIRST_USER = 0x40000000
"""Far above the user ids of any machine. The process's own id is added, so that no two processes share a user."""
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/dev/null", "/dev/zero", "/dev/urandom")
"""What an interpreter needs to import its modules, apart from Python's own folders."""

# ---------------------------------------------------------------------------------------------------- confinement

_NEW_NS, _NEW_UTS, _NEW_IPC, _NEW_USER, _NEW_PID, _NEW_NET = (1 << bit for bit in (17, 26, 27, 28, 29, 30))
_RDONLY, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 32, 4096, 16384, 1 << 18
_PDEATHSIG, _DUMPABLE, _SECCOMP, _NO_NEW_PRIVS = 1, 4, 22, 38
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CALLS: dict[str, dict[str, tuple[int, ...]]] = {
    # socket, ptrace, process_vm_readv, process_vm_writev, io_uring_setup, unshare, setns, mount, umount2, pivot_root,
    # chroot, bpf, perf_event_open, keyctl, userfaultfd, kexec_load, init_module, finit_module, open_by_handle_at; and
    # memory that no limit counts: shmget, memfd_create, memfd_secret
    "never": {
        "x86_64": (
            41,
            101,
            310,
            311,
            425,
            272,
            308,
            165,
            166,
            155,
            161,
            321,
            298,
            250,
            323,
            246,
            175,
            313,
            304,
            29,
            319,
            447,
        ),
        "aarch64": (
            198,
            117,
            270,
            271,
            425,
            97,
            268,
            40,
            39,
            41,
            51,
            280,
            241,
            219,
            282,
            104,
            105,
            273,
            265,
            194,
            279,
            447,
        ),
    },
    # kill, tkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal, pidfd_open
    "signals": {"x86_64": (62, 200, 129, 297, 424, 434), "aarch64": (129, 130, 138, 240, 424, 434)},
    "tgkill, prlimit64": {"x86_64": (234, 302), "aarch64": (131, 261)},
    "fork, vfork": {"x86_64": (57, 58), "aarch64": ()},
    "clone": {"x86_64": (56,), "aarch64": (220,)},
}
_CLONE3, _A_THREAD = 435, 0x10000
_LANDLOCK, _BENEATH = 444, 1


def confine(limits: Mapping[str, int]) -> list[str]:
    """Take from this process whatever it does not need; returns the names of the protections that took hold.

    `limits` are memory and file_size in bytes, cpu in seconds, and the number of processes and threads; with
    `alone`, it may have no other process, so that what holds for it holds for all of it. A step that the system does
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
        if "own files" not in protections and _landlock(libc):
            protections.append("Landlock")
        if _filter_calls(libc, alone=bool(limits.get("alone")), among_others="namespaces" not in protections):
            protections += ["no network calls", *(["no other process"] if limits.get("alone") else [])]
    return protections


def _landlock(libc: Any) -> bool:
    """No files but Python's, to be read, and the working folder; no signal to a process outside. Any user may ask for
    it, in a container too."""
    version = libc.syscall(_LANDLOCK, None, 0, 1)
    if version < 1:
        return False
    every = (1 << 13) - 1 | (1 << 13) * (version >= 2) | (1 << 14) * (version >= 3) | (1 << 15) * (version >= 5)
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = libc.syscall(_LANDLOCK, struct.pack("QQQ", every, 3, 3)[:size], size, 0)
    if rules < 0:
        return False
    read, of_a_file = 1 | 1 << 2 | 1 << 3, 1 | 1 << 1 | 1 << 2 | 1 << 14
    allowed = dict.fromkeys((*SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)), read)
    for path, what in {**allowed, "/dev/null": read | 1 << 1, str(Path.cwd()): every}.items():
        with suppress(OSError):
            file = os.open(path, os.O_PATH | os.O_CLOEXEC)
            what &= every if Path(path).is_dir() else every & of_a_file  # noqa: PLW2901
            libc.syscall(_LANDLOCK + 1, rules, _BENEATH, struct.pack("=Qi", what, file), 0)
            os.close(file)
    held = libc.syscall(_LANDLOCK + 2, rules, 0) == 0
    os.close(rules)
    return bool(held)


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
    packages = [path for path in sys.path if path.endswith("-packages")]  # which may lie elsewhere: pip --user
    needed = sorted({Path(path) for path in (*SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *packages)})
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


def _filter_calls(libc: Any, *, alone: bool, among_others: bool) -> bool:
    """A seccomp filter, under which calls fail with EPERM: those that are never needed, and everything of another
    architecture; signals to others and limits of others, where there are any; new processes, where it shall be
    alone."""
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        return False
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    number, architecture, first = 0, 4, 16  # where they stand: the call's number, and its first argument
    allow, refuse, unknown = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38
    steps = [(load, 0, 0, architecture), (equal, 1, 0, _ARCHITECTURES[machine]), (give, 0, 0, refuse)]
    steps += [(load, 0, 0, number), (at_least, 0, 1, 0x40000000), (give, 0, 0, refuse)]
    denied = ["never", *(["signals"] if among_others else []), *(["fork, vfork"] if alone else [])]
    for call in (call for name in denied for call in _CALLS[name][machine]):
        steps += [(equal, 0, 1, call), (give, 0, 0, refuse)]
    for call in _CALLS["tgkill, prlimit64"][machine] if among_others else ():  # on itself, which 0 stands for too
        steps += [(equal, 0, 5, call), (load, 0, 0, first), (equal, 2, 0, os.getpid()), (equal, 1, 0, 0)]
        steps += [(give, 0, 0, refuse), (give, 0, 0, allow)]
    if alone:
        for call in _CALLS["clone"][machine]:
            steps += [(equal, 0, 4, call), (load, 0, 0, first), (any_bit, 1, 0, _A_THREAD)]
            steps += [(give, 0, 0, refuse), (give, 0, 0, allow)]
        steps += [(equal, 0, 1, _CLONE3), (give, 0, 0, unknown)]  # its flags cannot be seen here; clone is tried next
    steps.append((give, 0, 0, allow))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    return int(libc.prctl(_SECCOMP, 2, program, 0, 0)) == 0


# ------------------------------------------------------------------------------------------------------- the roles

OF_THE_MACHINE = 97
"""The exit code of a program that ends for want of what the sandbox does not have."""


def main(role: str, *descriptors: str) -> None:
    spec_file, report, *rest = map(int, descriptors)
    with open(spec_file, "rb") as file:  # noqa: PTH123  (a descriptor)
        spec = json.load(file)
    sources = {name: Path(__file__).with_name(f"{name}.py").read_bytes() for name in ("wall", "roles")}
    protections = confine(spec["limits"])
    os.write(report, json.dumps(protections).encode() + b"\n")
    os.close(report)
    sys.set_int_max_str_digits(0)  # a test may ask for 1000!
    for name, source in sources.items():  # by the name that they import each other by; the package is not to be seen
        roles: Any = type(sys)(name)
        sys.modules[f"judgebench.pairs.{name}"] = roles
        exec(compile(source, f"{name}.py", "exec", dont_inherit=True), roles.__dict__)  # noqa: S102
    if role == "program":
        try:
            program = compile(spec["code"], "solution.py", "exec", dont_inherit=True)
            exec(program, {"__name__": "__main__", "__builtins__": builtins})  # noqa: S102
        except roles.OF_THE_MACHINE:
            sys.exit(OF_THE_MACHINE)
        return
    with ExitStack() as stack:
        if role != "together":
            raw = stack.enter_context(open(rest.pop(0), "r+b", buffering=0))  # noqa: PTH123
            wire: Any = io.BufferedRWPair(raw, raw)
        if role == "module":
            roles.module(spec, wire)
            return
        verdict = roles.together(spec) if role == "together" else roles.tests(spec, wire)
        os.write(rest[0], json.dumps([spec["nonce"], *verdict]).encode() + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
