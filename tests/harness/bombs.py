"""Small files that mean very large values, and files that end or block a careless reader."""

from __future__ import annotations

REQUEST = "request: {method: GET, uri: 'http://api.test/', body: null, headers: {}}"


def cassette(body: str, more: str = "") -> str:
    """Return a legacy cassette with this text as its request body, and `more` before it."""
    request = REQUEST.replace("body: null", f"body: {body}")
    response = "response: {status: {code: 200, message: OK}, headers: {}, body: {string: hi}}"
    return f"{more}interactions:\n- {request}\n  {response}\nversion: 1\n"


def _nested(item: str, first: str, levels: int, times: int) -> str:
    """Return anchors a0, a1, …, of which each holds the previous one several times."""
    lines = [f"a0: &a0 {first}"]
    for n in range(1, levels):
        lines.append(f"a{n}: &a{n} " + item.format(", ".join([f"*a{n - 1}"] * times)))
    return "\n".join(lines) + "\n"


BOMBS: dict[str, str] = {
    "aliases": cassette("*a9", _nested("[{}]", "[x]", 10, 10)),
    "merge keys": cassette("*a9", _nested("{{<<: [{}]}}", "{x: 1}", 10, 10)),
    "long text": cassette("*a4", _nested("[{}]", "x" * 2000, 5, 12)),
    "tuples as keys": cassette("{? *a9 : 1}", _nested("!!python/tuple [{}]", "[x]", 10, 10)),
    "recursive": cassette("&a [*a]"),
    "recursive mapping": cassette("&a {b: [{c: *a}]}"),
    "recursive top": f"&a\n{cassette('*a')}",
    "deep": cassette("[" * 50_000),
    "deep with a tag": cassette("!!python/tuple " + "[" * 200 + "]" * 200),
    "deep by aliases": cassette("*a150", _nested("[{}]", "[x]", 151, 1)),
    "number of base 60": cassette("1" + ":10" * 100_000),
    "decimal number of base 60": cassette("1" + ":10" * 2000 + ".5"),
    "long number": cassette("9" * 5000),
    "long hexadecimal number": cassette("0x" + "f" * 5000),
    "deep JSON": '{"version": 1, "interactions": ' + "[" * 600 + "]" * 600 + "}",
    "quotes in JSON": '{"version": 1, "interactions": ["' + '\\"' * 300_000,
}
"""By name; all are YAML, since JSON is YAML as well."""


def many_values(count: int) -> dict[str, str]:
    """Return texts with at least this number of values."""
    values = "a," * count
    return {
        "values": cassette(f"&a [{values} b]"),
        "plain values": cassette(f"[{values} b]"),
        "keys": cassette("{" + values + " b}"),
        "lines": cassette("null", "a:\n" + "- b\n" * count),
        "values in JSON": '{"version": 1, "interactions": [' + "1," * count + "1]}",
    }
