"""First use of orjson: the types that it looks up for itself, at its import or when they are first seen."""

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from uuid import UUID


class One(Enum):
    ONE = 1


@dataclass
class Point:
    x: int


VALUES = [datetime(2024, 2, 29, 12, tzinfo=timezone.utc), UUID(int=7), One.ONE, Point(1)]
EXPECTED = b'["2024-02-29T12:00:00+00:00","00000000-0000-0000-0000-000000000007",1,{"x":1}]'


def first_use() -> None:
    # Here and not above, so that this module does not import it before it is on trial.
    import orjson

    encoded = orjson.dumps(VALUES)
    if encoded != EXPECTED:
        raise AssertionError(f"dumps wrote {encoded!r}")
    decoded = orjson.loads(EXPECTED)
    if decoded != json.loads(EXPECTED):
        raise AssertionError(f"loads read {decoded!r}")
    try:
        orjson.loads("[")
    except orjson.JSONDecodeError:
        return
    raise AssertionError("loads accepted what is not JSON")
