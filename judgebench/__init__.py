"""judgebench: how far can you trust an LLM judge? Measured, with an interval on every number."""

from importlib.metadata import version

__version__ = version("judgebench")
