"""Doctests are collected from the package; the modules that need the extra [local] only where it is installed."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["judgebench/backends/local/*", "judgebench/backends/reward/*"]
