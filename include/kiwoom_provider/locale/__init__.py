"""
Every text that people read, in Korean and English: messages, their catalogues, and how they are translated.

A text is written once in English where it is used, by :func:`message`; its Korean stands in
``ko/LC_MESSAGES/kiwoom_provider.po``. ``make locale`` collects new texts into that file and compiles it.
"""

from kiwoom_provider.locale.messages import Argument, Language, Message, message, translate, translator
from kiwoom_provider.locale.terms import investor, label

__all__ = ["Argument", "Language", "Message", "investor", "label", "message", "translate", "translator"]
