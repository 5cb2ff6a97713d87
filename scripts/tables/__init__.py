"""The tables that documents take from the code."""
