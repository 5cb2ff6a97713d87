"""``python -m kiwoom_simulator``."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import pytest
import requests

from kiwoom_simulator.__main__ import main

COMMAND = [sys.executable, "-W", "error", "-m", "kiwoom_simulator"]


def run(*arguments):
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_serves_and_stops_cleanly_when_told(sign):
    command = [
        *COMMAND,
        "--port",
        "0",
        "--now",
        "2026-11-20T21:00",
        "--stocks",
        "KOSPI=30,KOSDAQ=20",
        "--rate",
        "0",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:")
        state = requests.get(line.split()[-1] + "/_simulator/state", timeout=60).json()
        assert state["settled_session"]["KRX"] == "2026-11-20"
        os.kill(process.pid, sign)
        rest, complaints = process.communicate(timeout=60)
    assert (process.returncode, rest, complaints) == (0, "", "")


def test_it_stops_while_a_call_hangs():
    command = [*COMMAND, "--port", "0", "--fault", "hang"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().split()[-1]
        with pytest.raises(requests.exceptions.ReadTimeout):
            requests.post(url + "/oauth2/token", json={}, timeout=0.3)
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_help_names_every_scenario_and_every_kind_of_fault():
    told = run("--help").stdout
    assert all(word in told for word in ("simulator-app-key", "token-dies", "mid-sweep", "half-body", "--settle-at"))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--stocks", "NYSE=3"), "stocks: 'NYSE=3' is not KOSPI=N,KOSDAQ=N"),
        (("--rate", "fast"), "rate: rate 'fast'"),
        (("--now", "yesterday"), "now: "),
        (("--settle-at", "noon"), "settle_at: "),
        (("--scenario", "doomsday"), "scenario 'doomsday' is not one of"),
        (("--fault", "doom"), "fault: fault kind 'doom' is not one of"),
        (("--port", "70000"), "port 70000 is not between"),
        (("--speed", "-1"), "speed"),
    ],
)
def test_a_wrong_argument_is_named(arguments, complaint, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--port", "0", *arguments])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


def test_a_wrong_argument_leaves_no_traceback():
    done = run("--port", "0", "--stocks", "NYSE=3")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_a_port_that_is_taken_is_said_so():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "cannot listen on 127.0.0.1:" in done.stderr
