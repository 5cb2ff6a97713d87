"""What `make run` says in the end."""

from __future__ import annotations

from kiwoom_provider.datasets.store import Store
from kiwoom_provider.locale import message
from kiwoom_provider.pipeline.summary import read_summaries
from lab.local.run import _print_summary
from published import AUDITED, keep_summary


def test_how_the_session_was_proved_stands_there_in_words(tmp_path, capsys):
    how = [message("{count} of {all} sets are final: their flows cover the volume", count=36, all=36).to_json()]
    keep_summary(tmp_path, AUDITED | {"proof": {"outcome": "proved", "how": how}})
    (summary,) = read_summaries(Store.open(tmp_path.as_uri()), "quality")

    _print_summary(summary, tmp_path, 61.0)

    assert "\nProof      proved: 36 of 36 sets are final: their flows cover the volume\n" in capsys.readouterr().out
