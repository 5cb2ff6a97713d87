"""Clients and servers, as the tests of the wire protocol use them."""

from clients import make_client, make_host, scripted, simulator

__all__ = ["make_client", "make_host", "scripted", "simulator"]
