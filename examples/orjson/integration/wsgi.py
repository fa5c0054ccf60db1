"""A small service whose every answer is written by orjson."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from uuid import UUID

import faults
import orjson
from flask import Flask, Response, abort, request

faults.break_import()

app = Flask(__name__)


class State(Enum):
    PAID = "paid"
    SHIPPED = "shipped"


@dataclass
class Line:
    sku: str
    quantity: int
    price: float
    state: State


# One of each kind that orjson knows and the standard library's json does not, among the ordinary ones.
DOCUMENT = {
    "id": UUID("6f1d3c1e-52b7-4d0a-9c54-0b9a6a2b7f10"),
    "created": datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=timezone.utc),
    "delivered": datetime(2024, 3, 4, 8, 30, tzinfo=timezone(timedelta(hours=1))),
    "customer": {
        "name": "Zoë Ångström",
        "city": "東京",
        "notes": 'said "no\n\thurry" 🚚',
        "vip": True,
        "discount": None,
    },
    "lines": [Line(f"SKU-{n:03}", n, n + 0.25, State.PAID if n % 2 else State.SHIPPED) for n in range(20)],
    "stock": {date(2024, 3, 1): 2**63 - 1, date(2024, 3, 2): -(2**63)},
}


def answer(value: object, status: int = 200) -> Response:
    body = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)
    return Response(body, status, mimetype="application/json")


@app.get("/")
def health() -> Response:
    return answer({"status": "ok"})


@app.get("/document")
def document() -> Response:
    if faults.document_fails():
        abort(500)
    return answer(DOCUMENT)


@app.post("/echo")
def echo() -> Response:
    try:
        return answer(orjson.loads(request.get_data()))
    except orjson.JSONDecodeError:
        return answer({"error": "not JSON"}, 400)
