"""One way to open a data root: for tasks, the API server and the command lines."""

from __future__ import annotations

import sys

import pytest

from kiwoom_provider import cell, gaps, months
from kiwoom_provider.data_root import open_data_root, open_named_root, open_root
from kiwoom_provider.datasets.root import DataRootAbsentError, DataRootError, StoreError

SECRET = "sftp://kim:pa55word@files.example.com/kiwoom"


def test_an_unknown_connection_is_named_and_nobodys_request_is_made():
    with pytest.raises(DataRootAbsentError, match=r"'s3://no_such@bucket/kiwoom' cannot be opened: .*no_such"):
        open_root("s3://no_such@bucket/kiwoom")


def test_the_command_line_takes_its_root_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("AIRFLOW_VAR_KIWOOM_DATA_ROOT", tmp_path.as_uri())

    assert open_named_root(None).name == f"file://{tmp_path}"


def test_without_any_root_the_command_line_says_how_to_give_one(monkeypatch):
    monkeypatch.delenv("AIRFLOW_VAR_KIWOOM_DATA_ROOT", raising=False)

    with pytest.raises(DataRootError, match="give --root, or set AIRFLOW_VAR_KIWOOM_DATA_ROOT"):
        open_named_root(None)


def test_credentials_in_the_variable_are_refused_without_being_shown(monkeypatch):
    monkeypatch.setattr("airflow.sdk.Variable.get", lambda _key, **_: SECRET)

    with pytest.raises(DataRootError, match=r"'sftp://\*\*\*@files.example.com/kiwoom' holds credentials"):
        open_data_root()


@pytest.mark.parametrize(
    "root", ["s3://no_such@bucket/kiwoom", "gs://bucket/kiwoom", SECRET, "nosuch://a/b", "file://"]
)
def test_the_gap_list_ends_with_2_and_one_line_for_every_root_that_cannot_be_opened(root, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "gcsfs", None)

    assert gaps.main(["--root", root]) == 2

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "pa55word" not in said


def test_whatever_else_fails_is_no_missing_session(monkeypatch, capsys, tmp_path):
    def broken(*_):
        raise RuntimeError("the database is locked")

    monkeypatch.setattr(gaps, "open_named_root", broken)

    assert gaps.main(["--root", str(tmp_path)]) == 2
    assert "RuntimeError: the database is locked" in capsys.readouterr().err


COMMANDS = {gaps: [], cell: ["2026-11-20", "005930", "KRX", "foreigner", "net_amount"], months: []}
FAILURES = [
    (StoreError("the store does not answer"), "the store does not answer\n"),
    (RuntimeError("a bug"), "it could not be found out: RuntimeError: a bug\n"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
@pytest.mark.parametrize("failure", FAILURES, ids=["ours", "another"])
def test_a_command_that_could_not_find_out_ends_with_2_and_a_sentence(monkeypatch, capsys, command, failure):
    error, words = failure

    def fail(_root):
        raise error

    monkeypatch.setattr(command, "open_named_root", fail)

    assert command.main([*COMMANDS[command], "--root", "/nowhere"]) == 2
    assert capsys.readouterr().err == words
