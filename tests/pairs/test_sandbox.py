"""The wall around code that nobody has read: real processes, real attacks."""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from judgebench.errors import InputError
from judgebench.pairs import inside, sandbox
from judgebench.pairs.sandbox import CodeLimits, run_program, run_tests

QUICK = CodeLimits(seconds=2, output=1 << 20)
TOO_LONG = "not done after 0.5 seconds of processor time"
DOUBLES = "assert f(2) == 4\nassert f(-3) == -6"


@pytest.fixture(scope="module")
def held() -> list[str]:
    return sandbox.protections()


def leftovers() -> list[str]:
    """Processes of the sandbox that still run."""
    listed = subprocess.run(["ps", "-eo", "stat,args"], capture_output=True, encoding="utf-8", check=True).stdout
    return [line for line in listed.splitlines() if inside.__file__ in line and not line.startswith("Z")]


def all_gone() -> bool:
    """The kernel takes a moment to kill a namespace."""
    end = time.monotonic() + 10
    while leftovers() and time.monotonic() < end:
        time.sleep(0.05)
    return not leftovers()


PASSES = {
    "a function": ("def f(x): return 2 * x", DOUBLES),
    "its output in the way": ("print('FAILED')\ndef f(x):\n    print('x' * 100)\n    return 2 * x", DOUBLES),
    "a list changed in place": ("def f(x): x.sort()", "a = [3, 1]\nf(a)\nassert a == [1, 3]"),
    "an exception": (
        "def f(x): raise ValueError(x)",
        "try:\n    f(1)\n    raise AssertionError\nexcept ValueError:\n    pass",
    ),
    "a generator": ("def f(x): yield from range(x)", "assert list(f(3)) == [0, 1, 2]"),
    "nested data": (
        "def f(x): return {(1, 2): [{3}, b'4', 1.5, None, True], 'big': 10 ** 5000}",
        "assert f(1) == {(1, 2): [{3}, b'4', 1.5, None, True], 'big': 10 ** 5000}",
    ),
    "check(candidate)": ("def f(x): return 2 * x", "def check(candidate):\n    assert candidate(2) == 4"),
    "pytest": ("def f(x): return 2 * x", "def test_it():\n    assert f(2) == 4"),
    "unittest": (
        "def f(x): return 2 * x",
        "import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(f(2), 4)",
    ),
    "numbers of numpy": ("import numpy as np\ndef f(x): return np.int64(2 * x)", DOUBLES),
}


@pytest.mark.parametrize("name", PASSES)
def test_right_code_passes(name: str) -> None:
    assert run_tests(*PASSES[name], "f", QUICK) == ("passed", "")


def test_an_object_with_state() -> None:
    code = "class Stack:\n    def __init__(self): self.items = []\n    def push(self, x): self.items.append(x)\n"
    code += "    def pop(self): return self.items.pop()\n    def __len__(self): return len(self.items)"
    tests = "s = Stack()\ns.push(3)\ns.push(4)\nassert s.pop() == 4\nassert len(s) == 1\nassert s.items == [3]"
    assert run_tests(code, tests, None, QUICK) == ("passed", "")


FORGERIES = {
    "wrong": "def f(x): return x",
    "exit before the tests": "import sys\nsys.exit(0)",
    "exit in the tests": "import os\ndef f(x): os._exit(0)",
    "SystemExit in the tests": "def f(x): raise SystemExit(0)",
    "prints a verdict": 'import os\nfor fd in range(1, 64):\n    try: os.write(fd, b\'["x", "passed", ""]\\n\')\n'
    "    except OSError: pass\ndef f(x): return x",
    "its own check": "def check(c): pass\ndef f(x): return x",
    "the tests' builtins": "import builtins\nbuiltins.AssertionError = int\ndef f(x): return x",
    "raises what the tests may raise": "def f(x): raise AssertionError",
    "claims that the call went well": "import sys\ndef f(x): sys.settrace(lambda *a: None); raise KeyboardInterrupt",
    "looks for the other process": "import os, signal\ndef f(x):\n    os.kill(-1, signal.SIGTERM)\n    return x",
    "no such function": "def g(x): return 2 * x",
    "no Python": "f(x) = 2x",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_verdict_cannot_be_forged(name: str) -> None:
    tests = "def check(candidate):\n    assert candidate(2) == 4" if "check" in name else DOUBLES
    expected = "unusable" if name in ("no such function", "looks for the other process") else "failed"
    assert run_tests(FORGERIES[name], tests, "f", QUICK)[0] == expected


CHEATS = {
    "it finds the number that the verdict needs": "import gc, json, os, sys\n"
    "def f(x):\n    frame = sys._getframe()\n    while frame:\n        spec = frame.f_locals.get('spec')\n"
    "        if isinstance(spec, dict) and 'nonce' in spec:\n            for fd in range(3, 64):\n"
    "                try: os.write(fd, (json.dumps([spec['nonce'], 'passed', '']) + chr(10)).encode())\n"
    "                except OSError: pass\n            os._exit(0)\n        frame = frame.f_back\n    return x",
    "it skips its tests": "import unittest\ndef f(x): raise unittest.SkipTest('later')",
    "it skips them by a name of its own": "import unittest\nclass Later(unittest.SkipTest): pass\n"
    "def f(x): raise Later('later')",
    "a number that equals all": "class Yes(int):\n    def __eq__(self, other): return True\ndef f(x): return Yes(1)",
}


@pytest.mark.parametrize("name", CHEATS)
def test_who_cheats_beside_the_tests_does_not_pass_the_wall(name: str) -> None:
    case = "import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(f(2), 4)"
    outcome, why = run_tests(CHEATS[name], case if "skips" in name else DOUBLES, "f", QUICK)
    assert outcome == "unusable"
    assert "not behind the wall" in why or "SkipTest of unittest.case, which the tests do not take" in why


def test_an_object_that_equals_everything_proves_nothing() -> None:
    code = "class All:\n    def __eq__(self, other): return True\n    def __bool__(self): return True\n"
    code += "def f(x): return All()"
    outcome, why = run_tests(code, DOUBLES, "f", QUICK)
    assert (outcome, why) == ("unusable", "the tests apply __eq__ to an object that is not plain data")
    swallowed = "try:\n    assert f(2) == 4\nexcept Exception:\n    pass"
    assert run_tests(code, swallowed, "f", QUICK)[0] == "unusable"
    # A subclass is what it inherits from, whatever it says of itself.
    liar = "class Four(int):\n    def __eq__(self, other): return True\ndef f(x): return Four(9)"
    assert run_tests(liar, DOUBLES, "f", QUICK)[0] == "unusable"


def test_builtins_of_the_code_are_not_those_of_the_tests() -> None:
    code = "def len(x): return 4\ndef all(x): return True\ndef f(x): return []"
    assert run_tests(code, "assert len(f(2)) == 4\nassert all([False, f(2)])", "f", QUICK)[0] == "failed"


def test_a_function_of_the_tests_is_called_and_nothing_else() -> None:
    assert run_tests("def f(x): return x(2)", "assert f(lambda x: x + 1) == 3", "f", QUICK) == ("passed", "")
    thief = "def f(x):\n    x.__globals__['f'] = lambda _: 3\n    return 3"
    outcome, why = run_tests(thief, "def g(x): return x\nassert f(g) == 3", "f", QUICK)
    assert (outcome, "AttributeError: __globals__" in why) == ("unusable", True)
    outcome, why = run_tests("def f(x): return x.read()", "import io\nassert f(io.StringIO('a')) == 'a'", "f", QUICK)
    assert (outcome, why) == ("unusable", "the tests hand over a StringIO, which cannot be carried")


GREEDY = {
    "for ever": "def f(x):\n    while True: pass",
    "for ever, before the tests": "while True: pass",
    "asleep": "import time\ndef f(x): time.sleep(60)",
    "deaf": "import signal, time\nfor n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n"
    "    except (OSError, ValueError): pass\nwhile True: time.sleep(1)",
    "a fork bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "children that outlive it": "import os, time\nif os.fork() == 0:\n    os.setsid()\n"
    "    if os.fork() == 0: time.sleep(60)\ndef f(x): return x",
    "memory": "x = []\nwhile True: x.append(bytes(10 ** 7))",
    "an answer without end": "def f(x): return 'x' * 10 ** 8",
    "a deep answer": "def f(x):\n    y = []\n    for _ in range(10 ** 5): y = [y]\n    return y",
}


@pytest.mark.parametrize("name", GREEDY)
def test_what_takes_too_much_is_stopped(name: str, held: list[str]) -> None:
    began = time.monotonic()
    assert run_tests(GREEDY[name], DOUBLES, "f", CodeLimits(seconds=0.6, memory=256 << 20))[0] != "passed"
    assert time.monotonic() - began < 12
    if "namespaces" in held or "outlive" not in name:
        assert all_gone()


def test_nothing_outlives_a_killed_judgebench(held: list[str]) -> None:
    program = (
        "from judgebench.pairs.sandbox import *; print('on', flush=True); "
        "run_tests({!r}, 'assert f(2)', 'f', CodeLimits())"
    )
    process = subprocess.Popen([sys.executable, "-c", program.format(GREEDY["asleep"])], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    end = time.monotonic() + 20
    while not leftovers() and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.3)
    process.kill()
    process.communicate()
    assert all_gone()


def test_a_sandbox_that_does_not_start_says_nothing_about_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("judgebench.pairs.sandbox.sys.executable", "/bin/false")
    with pytest.raises(sandbox.NotStarted, match="the sandbox did not start"):
        run_tests("def f(x): return 2 * x", DOUBLES, "f", QUICK)
    with pytest.raises(sandbox.NotStarted):
        run_program("print(1)", "", QUICK)


def test_a_program_reads_and_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "CLOCK", 120)  # a busy machine is not what is tested here
    assert run_program("print(int(input()) * 2)", "21\n", QUICK) == ("42\n", None)
    assert run_program("import sys; sys.exit(3)", "", QUICK)[1] == "it ended with exit code 3"
    assert run_program("1/0", "", QUICK)[1] == "it ended with exit code 1"
    assert run_program("while True: print('x' * 1000)", "", QUICK)[1] == "more than 1 MiB of output"
    assert run_program("while True: pass", "", CodeLimits(seconds=0.5))[1] == TOO_LONG


def test_nothing_of_the_users_is_inside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    look = (
        "import os, json, sys\nprint(json.dumps([dict(os.environ), os.listdir('.'), sys.flags.isolated, os.getcwd()]))"
    )
    environment, here, isolated, folder = json.loads(run_program(look, "", QUICK)[0])
    assert "OPENAI_API_KEY" not in environment
    assert (here, isolated) == ([], 1)
    assert folder not in (str(Path.cwd()), str(tmp_path))


def test_files_do_not_stay(tmp_path: Path, held: list[str]) -> None:
    fill = "n = 0\ntry:\n    for n in range(100): open(f'x{n}', 'wb').write(bytes(10 ** 7))\nexcept OSError: pass\n"
    assert run_program(fill + "print(n)", "", QUICK)[1] is None
    if "own files" in held:
        assert int(run_program(fill + "print(n)", "", QUICK)[0]) < 3  # 16 MiB are a tenth of what it tried
        outside = tmp_path / "outside"
        outside.write_text("the user's", encoding="utf-8")
        outside.chmod(0o666)
        for attempt in (f"open({str(outside)!r})", "open('/etc/passwd')", f"open({sys.prefix + '/x'!r}, 'w')"):
            with pytest.raises(sandbox.Unusable, match="that the sandbox does not have"):
                run_program(attempt, "", QUICK)


def test_no_network(held: list[str]) -> None:
    if not {"no network", "no network calls"} & set(held):
        pytest.skip("this machine offers neither namespaces nor filters on system calls")
    code = "import socket\ntry:\n    socket.create_connection(('127.0.0.1', int(input())), 1)\n    print('connected')\n"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert run_program(code + "except OSError: print('refused')", str(port), QUICK)[0] == "refused\n"


def test_another_user_for_root(held: list[str]) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root has another user to become")
    assert "another user" in held
    first, second = (int(run_program("import os; print(os.getuid())", "", QUICK)[0]) for _ in range(2))
    assert first >= inside.FIRST_USER
    assert first != second


def test_the_umask_changes_nothing(held: list[str]) -> None:
    before = os.umask(0o077)
    try:
        assert sandbox.protections() == held
    finally:
        os.umask(before)


def test_root_stays_root_where_packages_are_for_root_alone() -> None:
    """As pip leaves them with a umask of 077: another user could import none of them."""
    if os.geteuid() != 0:
        pytest.skip("only root has another user to become")
    tried = []
    for mode in (0o700, 0o755):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "package").mkdir()
            Path(folder, "package").chmod(mode)
            Path(folder, "__pycache__").mkdir()
            Path(folder, "__pycache__").chmod(0o700)  # as the first import leaves it; Python does without
            Path(folder).chmod(0o755)
            code = f"""if True:
                import os, sys; sys.path[:] = {[path for path in sys.path if path]!r}
                from judgebench.pairs import inside
                sys.path[:] = [{folder!r}]
                print(inside._become({inside.FIRST_USER}), os.getuid())
            """
            command = [sys.executable, "-I", "-c", code]
            done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=folder, check=True)
            tried.append(done.stdout.split())
    assert tried == [["False", "0"], ["True", str(inside.FIRST_USER)]]


def test_what_is_said_to_be_missing(held: list[str]) -> None:
    assert not set(sandbox.missing(held)) & set(held)
    assert sandbox.missing(["limits"]) == [
        "namespaces",
        "no network",
        "own files",
        "no network calls",
        "no other process",
    ]


def test_limits_alone_where_there_is_nothing_else(tmp_path: Path) -> None:
    """`confine` on a machine without namespaces: the limits still hold."""
    code = f"""if True:
        import sys; sys.path[:] = {[path for path in sys.path if path]!r}
        from judgebench.pairs import inside
        inside._namespaces = lambda libc, size: []
        inside._become = lambda user: False
        inside._filter_calls = lambda libc, **_: False
        inside._landlock = lambda libc: False
        print(inside.confine({{'memory': 1 << 28, 'file_size': 1000, 'cpu': 5, 'processes': 4}}))
        try:
            bytes(1 << 29)
        except MemoryError:
            print('no memory')
        print(open('x', 'wb', 0).write(bytes(2000)))
    """
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, encoding="utf-8", cwd=tmp_path, check=True
    )
    assert done.stdout == "['limits']\nno memory\n1000\n"
    assert (tmp_path / "x").stat().st_size == 1000


HELD = """if True:
    import ctypes, json, os, sys; sys.path[:] = {path!r}
    from judgebench.pairs import inside, sandbox
    inside._CALLS["never"] = dict.fromkeys(inside._ARCHITECTURES, {refused!r})
    if os.geteuid() == 0 and {user!r}:
        os.setgid({user!r}); os.setuid({user!r})
    if not os.access(sys.executable, os.X_OK):  # below root's home
        sys.executable = "/usr/bin/python3"
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)
    assert inside._filter_calls(libc, alone=False, among_others=False)
    held = sandbox.protections()
    ran = [sandbox.run_program(code, "", sandbox.CodeLimits(seconds=3)) for code in {codes!r}]
    print(json.dumps([held, sandbox.level(held), [printed for printed, _ in ran]]))
"""
UNSHARE, MOUNT, LANDLOCK = (272, 97), (165, 40), (444, 445, 446)
TRY = "\ntry:\n    print('out:', {})\nexcept Exception as error:\n    print(type(error).__name__)\n"
ESCAPES = {
    "reads a file": "open({file!r}).read()",
    "writes a file": "open({file!r}, 'a').write('x')",
    "lists a folder": "os.listdir({folder!r})",
    "makes a file beside": "open({folder!r} + '/mine', 'w')",
    "ends a process": "os.kill({pid}, 9)",
    "ends all": "os.kill(-1, 9)",
    "ends a thread": "ctypes.CDLL(None).syscall(234, {pid}, {pid}, 9) == 0 or 1 / 0",
    "reads keys": "open('/proc/{pid}/environ').read()",
    "traces": "ctypes.CDLL(None).ptrace(16, {pid}, 0, 0) == 0 or 1 / 0",
    "limits another": "resource.prlimit({pid}, resource.RLIMIT_NOFILE, (8, 8))",
    "forks": "os.fork()",
    "starts a program": "subprocess.run(['/bin/true'])",
    "shared memory": "ctypes.CDLL(None).shmget(0, 1 << 20, 0o1600) > 0 or 1 / 0",
    "memory in a file": "os.memfd_create('x')",
    "connects": "socket.create_connection(('127.0.0.1', 9))",
}


@pytest.mark.parametrize("user", [0, 1000])
def test_in_a_container_without_namespaces(user: int) -> None:
    """As Docker's usual profile has it, for root and for anyone else: Landlock and a filter are what is left."""
    if os.geteuid() != 0 or platform.machine() != "x86_64":
        pytest.skip("needs root, to become another user, and the system calls' numbers of x86_64")
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(["sleep", "60"]) as victim:
        file = Path(folder, "answers")
        file.write_text("42", encoding="utf-8")
        Path(folder).chmod(0o777)
        file.chmod(0o666)
        if user:
            os.chown(file, user, user)
        start = "import ctypes, os, resource, socket, subprocess\n"
        codes = [
            start + TRY.format(code.format(file=str(file), folder=folder, pid=victim.pid)) for code in ESCAPES.values()
        ]
        path = [path for path in sys.path if path]
        program = HELD.format(path=path, refused=(*UNSHARE, *MOUNT), user=user, codes=codes)
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, encoding="utf-8", cwd="/tmp", check=False
        )
        if "PermissionError" in done.stderr or "code cannot be run on this machine" in done.stderr:
            pytest.skip("no Python that another user may run")
        assert done.returncode == 0, done.stderr
        held, level, printed = json.loads(done.stdout)
        if "Landlock" not in held:
            pytest.skip("this kernel has no Landlock")
        assert level == "confined"
        said = dict(zip(ESCAPES, printed, strict=True))
        assert {name: text for name, text in said.items() if text.startswith("out:") or not text} == {}
        assert victim.poll() is None
        assert file.read_text(encoding="utf-8") == "42"
        assert list(Path(folder).iterdir()) == [file]
        victim.kill()


def test_with_limits_alone_it_is_refused_unless_allowed() -> None:
    if platform.machine() != "x86_64":
        pytest.skip("needs the system calls' numbers of x86_64")
    path = [path for path in sys.path if path]
    program = HELD.format(path=path, refused=(*UNSHARE, *MOUNT, *LANDLOCK), user=0, codes=["print(1)"])
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", cwd="/tmp", check=True
    )
    held, level, _ = json.loads(done.stdout)
    assert level == "limited"
    with pytest.raises(InputError, match="sandbox that is `limited` only, without namespaces"):
        sandbox.demand("isolated", held)
    with pytest.raises(InputError, match="it may read and write what you may"):
        sandbox.demand("confined", held)
    sandbox.demand("limited", held)
    sandbox.demand("limited", [*sandbox.PROTECTIONS])
    sandbox.demand("isolated", [*sandbox.PROTECTIONS])


TREE = {
    "processes": "import os, time\nfor _ in range(30):\n    if os.fork() == 0: x = bytes(50 << 20); time.sleep(9)",
    "shared memory": "import ctypes\nassert ctypes.CDLL(None).shmget(0, 1 << 28, 0o1600) < 0\nraise OSError",
    "memory in files": "import os\nwhile True: os.memfd_create('x')",
    "maps": "import mmap\nkept = [mmap.mmap(-1, 50 << 20) for _ in range(100)]",
}


@pytest.mark.parametrize("name", TREE)
def test_limits_hold_for_all_of_it(name: str) -> None:
    with pytest.raises(sandbox.Unusable, match="memory that the sandbox does not have"):
        run_program(TREE[name], "", CodeLimits(memory=256 << 20))


def test_threads_are_allowed() -> None:
    code = "import threading\nkept = []\nmany = [threading.Thread(target=kept.append, args=(n,)) for n in range(5)]\n"
    code += "for one in many: one.start()\nfor one in many: one.join()\nprint(sorted(kept))"
    assert run_program(code, "", QUICK) == ("[0, 1, 2, 3, 4]\n", None)
