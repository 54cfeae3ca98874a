"""The rules of noise by id, as `reprise rules` lists them; `noise` applies them."""

from __future__ import annotations

NOISE_RULES: dict[str, str] = {
    "header": "values of headers that differ each time: dates, ids of requests, durations",
    "time": "two times in the same form, each close to the time of its own recording",
    "secret": "two placeholders, which stand for secrets",
    "generated": "two generated words that correspond in all recordings (see `correlation`)",
    "id": "two values that correspond, under the name of an id, or returned and sent",
    "echo": "two values that the seed of a scope made, which the API returns",
    "derived": "two numbers in the answer to a request with such numbers, and later",
    "varying": "two values in the same form, at a place whose values vary anyway (see `variation`)",
    "others": "any values of objects that the run did not make",
    "volatile": "any values at places that the configuration names",
}
