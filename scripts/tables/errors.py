"""Writes the run book's list of errors from the error classes themselves."""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path

import kiwoom_provider
from kiwoom_provider.errors import KiwoomProviderError

HEAD = ("| error | tried again | what to do |", "| --- | --- | --- |")


def error_classes() -> list[type[KiwoomProviderError]]:
    """Return every error class of the package: each kind after what it is a kind of."""
    package = Path(kiwoom_provider.__file__).parent
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what the page's modules import
        for path in sorted(package.rglob("*.py")):
            if "Error(" in path.read_text("utf-8") and "class " in path.read_text("utf-8"):
                name = ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
                importlib.import_module(name)
    return _below(KiwoomProviderError)


def table() -> str:
    """Return every error as a row."""
    return "\n".join([*HEAD, *map(_row, error_classes())])


def _below(kind: type[KiwoomProviderError]) -> list[type[KiwoomProviderError]]:
    own = [one for one in kind.__subclasses__() if one.__module__.startswith("kiwoom_provider.")]
    ordered = sorted(own, key=lambda one: (one.__module__, one.__name__))
    return [found for one in ordered for found in (one, *_below(one))]


def _row(kind: type[KiwoomProviderError]) -> str:
    base = kind.__bases__[0]
    of = "" if base is KiwoomProviderError else f", a `{base.__name__}`"
    retried = "no" if kind.is_final else "yes"
    return f"| `{kind.__name__}`{of} | {retried} | {kind.remedy} |"


def documents() -> dict[str, dict[str, str]]:
    """Return the part that is made, by document and name."""
    return {"runbook.md": {"errors": table()}}
