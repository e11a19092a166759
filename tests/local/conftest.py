"""Real models with random weights and a real tokenizer, built on the fly and loaded by path, as a user's are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs the extra: pip install 'judgebench[local]'")
transformers = pytest.importorskip("transformers", reason="needs the extra: pip install 'judgebench[local]'")

import torch  # noqa: E402
