"""``python -m kiwoom_provider.ask``: what it prints and writes, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from kiwoom_provider.ask import inquiry, questions
from kiwoom_provider.ask.__main__ import main
from kiwoom_provider.ask.report import AskReport
from kiwoom_simulator.server import serve
from stages import spare_the_pauses

NIGHT = "2026-11-20T21:30:00+09:00"


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Run the command against a simulator, without its pauses."""
    monkeypatch.setattr(inquiry, "at_one_a_second", lambda settings: replace(settings, requests_per_second=None))
    monkeypatch.setattr(questions, "PAUSE", timedelta(0))
    spare_the_pauses(monkeypatch)

    def run(*arguments, environ=None, now=NIGHT, **options):
        given = {"rate": 0, "speed": 0, "stocks": "KOSPI=130,KOSDAQ=110"} | options
        with serve(now=now, **given) as running:
            keys = {
                "KIWOOM_APP_KEY": "simulator-app-key",
                "KIWOOM_SECRET_KEY": "simulator-secret-key",
                "KIWOOM_HOST": running.url,
                "KIWOOM_DEMO_CLOCK": f"{now}@{time.time()}",
            }
            status = main(["--out", str(tmp_path / "out"), *arguments], keys | (environ or {}))
            calls = sum(count.calls for count in running.control.counts().values())
        said = capsys.readouterr()
        return status, said.out, said.err, calls

    return run


def test_it_prints_the_table_and_writes_it_as_json_and_markdown(command, tmp_path):
    status, out, err, calls = command()
    assert (status, err) == (0, "")
    markdown, written = (next((tmp_path / "out").glob(f"*.{kind}")) for kind in ("md", "json"))
    assert markdown.read_text("utf-8").strip() in out
    report = AskReport.from_bytes(written.read_bytes(), "report")
    assert report.calls == calls <= 80
    assert len(json.loads(written.read_bytes())["findings"]) > 30
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".json", ".md"]


def test_it_fails_when_something_is_not_handled(command):
    status, out, _, _ = command(fault="missing-element=natn@ka10066")
    assert status == 1
    assert "otherwise: not handled, do not go live, send this report" in out


@pytest.mark.parametrize(
    ("environ", "options", "words"),
    [
        ({"KIWOOM_APP_KEY": ""}, {}, "set KIWOOM_APP_KEY and KIWOOM_SECRET_KEY in the environment"),
        ({"KIWOOM_SECRET_KEY": "wrong"}, {}, "check the app key (login) and the secret key (password)"),
        ({"KIWOOM_HOST": "http://127.0.0.1:1"}, {}, "Check host, port and network"),
        ({"KIWOOM_HOST": "https://example.org"}, {}, "no key is sent there"),
        ({}, {"fault": "error=8030/2@au10001"}, "key and host do not match"),
        ({}, {"fault": "html@au10001"}, "Kiwoom may be under maintenance"),
        ({}, {"fault": "html"}, "Kiwoom may be under maintenance"),
        ({}, {"now": "2026-11-22T00:00:00+09:00", "fault": "html"}, "Kiwoom may be under maintenance"),
        ({}, {"fault": "html@ka10066"}, "The API does not answer any more"),
    ],
)
def test_bad_input_is_a_sentence_that_says_what_to_do(environ, options, words, command, tmp_path):
    status, out, err, calls = command(environ=environ, **options)
    assert (status, out) == (2, "")
    assert err.startswith("Nothing could be asked: ")
    assert words in err
    assert "Traceback" not in err
    assert calls <= 30
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_asked(command, tmp_path):
    (tmp_path / "file").touch()
    status, out, err, calls = command("--out", str(tmp_path / "file" / "out"))
    assert (status, out, calls) == (2, "", 0)
    assert "Not a directory" in err


def test_midnight_on_a_sunday_is_a_closed_day(command):
    status, out, _, _ = command(now="2026-11-22T00:00:00+09:00")
    assert status == 0
    assert "The exchange is closed: everything is about 2026-11-20" in out


def test_it_can_be_asked_for_help_without_keys():
    command = [sys.executable, "-m", "kiwoom_provider.ask", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "at most 80 calls" in done.stdout
