"""Clients, processes, and real Redis servers, as the tests of the shared state use them."""

from clients import busiest_second, free_port, make_fleet, make_host, redis_url, simulator, start_redis

__all__ = ["busiest_second", "free_port", "make_fleet", "make_host", "redis_url", "simulator", "start_redis"]
