"""
Asks a real account what only it can tell: ``python -m kiwoom_provider.ask``, or the DAG ``kiwoom_ask_api``.

What the package takes for granted of the API is a list of assumptions (``wire``, ``flows``, ``witnesses``), each a
function of the answers that ``questions`` collects in at most 80 calls; ``report`` is what comes out.
"""
