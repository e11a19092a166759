from __future__ import annotations

from datetime import UTC, datetime

import pytest

from judgebench.backends.faults import Kind, kind_of, message_in, named_setting, retry_after

# As providers word them.
WORDS = [
    (400, "This model's maximum context length is 4097 tokens. However, you requested 5000 tokens", Kind.TOO_LONG),
    (400, "prompt is too long: 250000 tokens > 200000 maximum", Kind.TOO_LONG),
    (422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000", Kind.TOO_LONG),
    (413, "", Kind.TOO_LONG),
    (429, "Request too large for gpt-4 on tokens per min (TPM): Limit 10000, Requested 12000", Kind.TOO_LONG),
    (
        429,
        "You exceeded your current quota, please check your plan and billing details. (insufficient_quota)",
        Kind.QUOTA,
    ),
    (402, "Insufficient Balance", Kind.QUOTA),
    (429, "Rate limit reached for requests", Kind.RATE),
    (
        400,
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy",
        Kind.CONTENT,
    ),
    (403, "Your chosen model requires moderation and your input was flagged", Kind.CONTENT),
    (403, "Country not supported", Kind.CREDENTIALS),
    (401, "Incorrect API key provided", Kind.CREDENTIALS),
    (404, "The model `gpt-5000` does not exist", Kind.MODEL),
    (400, "Unrecognized request argument supplied: top_k", Kind.PARAMETER),
    (400, "Unsupported value: 'temperature' does not support 0 with this model.", Kind.PARAMETER),
    (400, "Unsupported parameter: 'max_tokens' is not supported with this model.", Kind.PARAMETER),
    (422, "body.seed: Extra inputs are not permitted (extra_forbidden)", Kind.PARAMETER),
    (400, 'Invalid JSON payload received. Unknown name "seed": Cannot find field.', Kind.PARAMETER),
    (400, "temperature must be between 0 and 2", Kind.REJECTED),
    (400, "Conversation roles must alternate", Kind.REJECTED),
    (500, "", Kind.BROKEN),
    (502, "", Kind.BROKEN),
    (504, "", Kind.BROKEN),
    (520, "", Kind.BROKEN),
    (503, "", Kind.OVERLOAD),
    (529, "", Kind.OVERLOAD),
    (418, "I'm a teapot", Kind.REJECTED),
]


@pytest.mark.parametrize(("status", "text", "kind"), WORDS, ids=[f"{status} {text[:30]}" for status, text, _ in WORDS])
def test_what_a_refusal_means(status: int, text: str, kind: Kind) -> None:
    assert kind_of(status, text) is kind


def test_the_setting_named_first_is_meant() -> None:
    sent = ("model", "temperature", "seed", "max_tokens", "messages")
    assert named_setting("Unknown parameter: 'seed'. Known: temperature, max_tokens", sent) == "seed"
    assert named_setting("'max_tokens' is not supported, use 'max_completion_tokens'", sent) == "max_tokens"
    assert named_setting("Use max_completion_tokens", sent) is None
    assert named_setting("no idea", sent) is None


NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:20 GMT"}, 20.0),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Sun, 22 Nov 2026 23:00:00 GMT"}, 60.0),
        ({"retry-after": "86400"}, 60.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
    ],
)
def test_how_long_a_provider_wants_to_be_left_alone(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error": {"message": "no", "code": "bad", "param": null, "type": "t"}}', "no (bad, t)"),
        (b'{"error": "no", "error_type": "validation"}', "no"),
        (b'{"detail": "no"}', "no"),
        (
            b'{"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs", "type": "extra_forbidden"}]}',
            "body.seed: Extra inputs (extra_forbidden)",
        ),
        (b'{"object": "error", "message": "no", "code": 400}', "no"),
        (b"<html><h1>Bad gateway</h1></html>", "Bad gateway"),
        (b"caf\xe9", "caf�"),
        (b"", ""),
        (b"[" * 5000, "[" * 399 + "…"),
    ],
)
def test_the_providers_own_words(body: bytes, words: str) -> None:
    assert message_in(body) == words
