"""Stages of a session on a small market."""

from __future__ import annotations

from stages import clock, collector, control, hook, simulator, store

__all__ = ["clock", "collector", "control", "hook", "simulator", "store"]
