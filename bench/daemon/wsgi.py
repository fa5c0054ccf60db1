from flask import Flask

app = Flask(__name__)


@app.get("/")
def health() -> dict[str, bool]:
    return {"ok": True}
