"""orjson as its users call it: must run, and must satisfy mypy."""

# mypy: disallow-untyped-defs, disallow-any-generics, warn-return-any, warn-unused-ignores, strict-equality

from __future__ import annotations

from datetime import datetime, timezone
from typing import TypedDict, assert_type

import orjson


class Point(TypedDict):
    x: int
    y: int


def unknown(value: object) -> str:
    if isinstance(value, complex):
        return str(value)
    raise TypeError


def main() -> None:
    point: Point = {"x": 1, "y": 2}
    encoded: bytes = orjson.dumps(point, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
    assert_type(encoded, bytes)
    assert encoded == b'{"x":1,"y":2}\n'

    decoded: Point = orjson.loads(memoryview(encoded))
    assert decoded == point

    assert orjson.dumps([1j], default=unknown) == b'["1j"]'
    assert orjson.dumps(orjson.Fragment(b"[1]")) == b"[1]"
    assert orjson.dumps(datetime(2024, 2, 29, tzinfo=timezone.utc), None, orjson.OPT_UTC_Z) == b'"2024-02-29T00:00:00Z"'

    try:
        orjson.loads("[")
    except orjson.JSONDecodeError as error:
        position: int = error.pos
        assert position >= 0

    # Stubs made of nothing but Any would accept this too, and mypy then complains of an ignore without use.
    try:
        orjson.dumps(point, option="sorted")  # type: ignore[arg-type]
    except orjson.JSONEncodeError as error:
        refusal: TypeError = error
        assert str(refusal)
    else:
        raise AssertionError("dumps accepted an option that is no number")

    version: str = orjson.__version__
    print(f"orjson {version}: the sample ran")


if __name__ == "__main__":
    main()
