"""
Whose session are these rows? Knows no Airflow.

ka10066 carries no date, so its session is proved: by ka10059's dated rows (:mod:`dated_rows`), which must be the
day's last (:mod:`finality`), and by the sessions stored before (:mod:`earlier`). :mod:`examination` holds typed
tables against both and says proved, unproved or disproved (:mod:`documents`); it is the same for a look at first
pages (:mod:`settlement_check`) and for whole sweeps. :mod:`evidence` keeps what was asked.
"""
