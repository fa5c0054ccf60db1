"""What the threads of the config do: the same, each time, with values of their own or with values that all share."""

from __future__ import annotations

import orjson

ROUNDS = 20


def make_values() -> list[object]:
    return [{"number": n, "text": "aé東😀\n" * n, "list": [n / 8, None, True, {"deep": [[-n]]}]} for n in range(24)]


def round_trip(values: list[object]) -> list[bytes]:
    encoded: list[bytes] = []
    for _ in range(ROUNDS):
        encoded = [orjson.dumps(value) for value in values]
        if [orjson.loads(text) for text in encoded] != values:
            raise AssertionError("loads read something else than dumps was given")
    return encoded
