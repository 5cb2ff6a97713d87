"""A YAML file read so that every complaint can name its line. Values stay text: nothing is guessed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiwoom_provider.krx.errors import OverrideError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True)
class Text:
    """A value as written, and its line."""

    value: str
    line: int


@dataclass(frozen=True)
class Fields:
    """One mapping of known names to nodes; ``what`` names it in messages, ``line`` is where it begins."""

    file: Path
    what: str
    line: int
    nodes: Mapping[str, Any]

    @classmethod
    def read(cls, file: Path, node: Any, what: str, known: Sequence[str]) -> Fields:  # noqa: ANN401 - untyped
        """
        Read a mapping node.

        :raises OverrideError: when it is no mapping, or holds an unknown name or one twice.
        """
        line = _line(node)
        if getattr(node, "id", "") != "mapping":
            raise OverrideError(file, line, f"{what} must be a mapping, with the names {', '.join(known)}")
        nodes: dict[str, Any] = {}
        for key, value in node.value:
            if key.value not in known:
                problem = f"unknown key {key.value!r} in {what}; known are {', '.join(known)}"
                raise OverrideError(file, _line(key), problem)
            if key.value in nodes:
                raise OverrideError(file, _line(key), f"{key.value!r} stands twice in {what}")
            nodes[key.value] = value
        return cls(file, what, line, nodes)

    def text(self, name: str) -> Text | None:
        """
        Return the value called ``name``, None when it is absent, blank or null.

        :raises OverrideError: when it is a list or a mapping.
        """
        if (node := self.nodes.get(name)) is None or node.tag == _NULL:
            return None
        if node.id != "scalar":
            raise OverrideError(self.file, _line(node), f"{name} in {self.what} must be a single value")
        return Text(node.value.strip(), _line(node)) if node.value.strip() else None

    def required(self, name: str) -> Text:
        """
        Return the value called ``name``.

        :raises OverrideError: when it is absent, blank, null, or not a single value.
        """
        if found := self.text(name):
            return found
        raise OverrideError(self.file, self.line, f"{self.what} has no {name}")

    def entries(self, name: str) -> Sequence[Any]:
        """
        Return the nodes of the list called ``name``.

        :raises OverrideError: when it is absent or not a list.
        """
        node = self.nodes.get(name)
        if node is None or node.id != "sequence":
            raise OverrideError(self.file, _line(node) if node else self.line, f"{name} must be a list")
        entries: Sequence[Any] = node.value
        return entries


def compose(file: Path) -> Any:  # noqa: ANN401 - PyYAML's node, untyped
    """
    Return the root node of a YAML file, None for an empty one.

    :raises OverrideError: when the file cannot be read or is not YAML.
    """
    import yaml

    try:
        return yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        problem = f"the override file cannot be read ({error.strerror}); KIWOOM_KRX_OVERRIDES may name another"
        raise OverrideError(file, None, problem) from None
    except UnicodeDecodeError as error:
        raise OverrideError(file, None, f"the override file is not UTF-8 text: {error.reason}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = f"this is not YAML: {getattr(error, 'problem', None) or error}"
        raise OverrideError(file, mark.line + 1 if mark else None, problem) from None


def _line(node: Any) -> int:  # noqa: ANN401 - PyYAML's node, untyped
    return node.start_mark.line + 1 if node else 1
