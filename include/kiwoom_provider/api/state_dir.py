"""The directory in which this machine's processes share the token and the budget."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from kiwoom_provider.api.errors import StateError


def prepared(directory: Path) -> Path:
    """
    Return the directory, made readable by its owner alone if it was not there.

    :raises StateError: when it cannot be made or written to.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(directory, error) from None
    if not os.access(directory, os.W_OK | os.X_OK):
        raise unusable(directory, PermissionError("not writable by this user"))
    return directory


def unusable(path: Path, error: BaseException) -> StateError:
    """Return the error for a path that cannot be used, with the remedy."""
    reason = getattr(error, "strerror", None) or str(error)
    return StateError(
        f"{path} cannot be used for the shared token and call budget: {reason}. "
        'Make it writable for the user that Airflow runs as, or name another place as "state_dir" '
        "in the connection's extra"
    )


def replace_whole(path: Path, content: bytes) -> None:
    """
    Write the file in one step, readable by its owner alone: a reader sees the old or the new one.

    :raises StateError: when it cannot be written.
    """
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(temporary).unlink()
        raise unusable(path, error) from None
