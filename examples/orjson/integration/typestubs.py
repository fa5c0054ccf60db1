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

    # What is typed as Any is accepted wherever it stands, but not in these lines, nor where mypy must refuse.
    assert_type(orjson.OPT_SORT_KEYS, int)
    assert_type(orjson.OPT_APPEND_NEWLINE, int)
    assert_type(orjson.OPT_UTC_Z, int)
    assert_type(orjson.__version__, str)
    fragment: bytes = orjson.Fragment(b"[1]")  # type: ignore[assignment]
    assert repr(fragment)

    assert orjson.dumps([1j], default=unknown) == b'["1j"]'
    assert orjson.dumps(orjson.Fragment(b"[1]")) == b"[1]"
    assert orjson.dumps(datetime(2024, 2, 29, tzinfo=timezone.utc), None, orjson.OPT_UTC_Z) == b'"2024-02-29T00:00:00Z"'

    try:
        orjson.loads("[")
    except orjson.JSONDecodeError as error:
        not_decoded: TypeError = error  # type: ignore[assignment]
        assert str(not_decoded)
        position: int = error.pos
        assert position >= 0

    try:
        orjson.loads(1)  # type: ignore[arg-type]
    except orjson.JSONDecodeError as error:
        assert str(error)
    else:
        raise AssertionError("loads accepted a number")

    # Stubs made of nothing but Any would accept this too, and mypy then complains of an ignore without use.
    try:
        orjson.dumps(point, option="sorted")  # type: ignore[arg-type]
    except orjson.JSONEncodeError as error:
        not_encoded: ValueError = error  # type: ignore[assignment]
        assert str(not_encoded)
        refusal: TypeError = error
        assert str(refusal)
    else:
        raise AssertionError("dumps accepted an option that is no number")

    version: str = orjson.__version__
    print(f"orjson {version}: the sample ran")


if __name__ == "__main__":
    main()
