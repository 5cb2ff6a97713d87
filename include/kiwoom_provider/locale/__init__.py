"""
Every text that people read, in Korean and English: messages, their catalogues, and how they are translated.

A text is written once in English where it is used, by :func:`message`; its Korean stands in
``ko/LC_MESSAGES/kiwoom_provider.po``. ``make locale`` collects new texts into that file, and the terms of the data
(parameters, units, investors, closed days), and compiles it.
"""

from kiwoom_provider.locale.messages import (
    Argument,
    Language,
    Message,
    investor,
    label,
    message,
    translate,
    translator,
)

__all__ = ["Argument", "Language", "Message", "investor", "label", "message", "translate", "translator"]
