"""Runs one AIOpsLab task and reports it, line by line, to the worker that started it."""

from __future__ import annotations

__version__ = "0.1.0"
