"""The tree of errors, and that no text in it gives anything away."""

import string
import time

from hypothesis import assume, given, strategies as st
import pytest

from custom_components.immich_plus.api import errors
from custom_components.immich_plus.api.errors import (
    ImmichAuthenticationError,
    ImmichBadAnswerError,
    ImmichConnectionError,
    ImmichError,
    ImmichPermissionError,
    ImmichRedirectError,
    ImmichTooOldError,
    ImmichUnavailableError,
    safe_text,
)

ALL = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, ImmichError)
    and kind not in (ImmichTooOldError, ImmichRedirectError)
]

# Paths as servers write them: parts of letters, blanks, brackets and what else file names have.
PART = st.text(
    string.ascii_letters + string.digits + "äß_-.@~+()[]{}&#%!=^$ ", min_size=3, max_size=20
).filter(lambda part: part.strip() == part and part.strip("."))
PATHS = st.one_of(
    st.lists(PART, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts)),
    st.lists(PART, min_size=1, max_size=5).map(lambda parts: "C:\\" + "\\".join(parts)),
    st.lists(PART, min_size=2, max_size=5).map(lambda parts: "\\\\" + "\\".join(parts)),
)
# What Immich makes: API keys of 43 letters and digits, share keys and tokens in base64url or base64, SHA-1 in hex.
SECRETS = st.one_of(
    st.text(string.ascii_letters + string.digits, min_size=40, max_size=60),
    st.text(string.ascii_letters + string.digits + "-_", min_size=40, max_size=70),
    st.text(string.ascii_letters + string.digits + "+/", min_size=40, max_size=70).map(
        lambda text: text + "="
    ),
)
EMAILS = st.tuples(
    st.text(string.ascii_letters + string.digits + ".!#$%&'*+-/=?^_`{|}~äé", min_size=2, max_size=20),
    st.text(string.ascii_lowercase + string.digits + "-.", min_size=3, max_size=20),
).map("@".join)
WORDS = st.sampled_from(["", "Failed: ", "open ", "ENOENT: no such file or directory, stat ", "é, ", "("])


def pieces_of(secret: str, size: int) -> list[str]:
    return [secret[start : start + size] for start in range(len(secret) - size + 1)]


@given(WORDS, SECRETS, WORDS)
def test_secrets_never_show(before: str, secret: str, after: str) -> None:
    shown = safe_text(f"{before}{secret} {after}")
    assert not any(piece in shown for piece in pieces_of(secret, 12))


@given(WORDS, EMAILS, WORDS)
def test_email_addresses_never_show(before: str, email: str, after: str) -> None:
    shown = safe_text(f"{before}{email} {after}")
    assert email not in shown
    assert "@" not in shown


@given(WORDS, PATHS, st.sampled_from(["", ", again", ": 5"]))
def test_paths_never_show(before: str, path: str, after: str) -> None:
    shown = safe_text(f"{before}{path}{after}")
    parts = [
        part for part in path.replace("\\", "/").split("/") if len(part) >= 3 and part not in before + after
    ]
    assert not any(part in shown for part in parts)


@given(WORDS, PATHS, st.sampled_from(["", " and more"]), st.sampled_from("'\"`"))
def test_quoted_paths_never_show(before: str, path: str, after: str, quote: str) -> None:
    shown = safe_text(f"{before}{quote}{path}, x:y{quote}{after}")
    parts = [
        part for part in path.replace("\\", "/").split("/") if len(part) >= 3 and part not in before + after
    ]
    assert not any(part in shown for part in parts)
    assert shown.endswith(after)


@given(st.text(max_size=600))
def test_any_text_becomes_one_short_line(text: str) -> None:
    shown = safe_text(text)
    assert len(shown) <= 300
    assert len(shown.splitlines()) <= 1
    assert safe_text(shown) == shown or "…" in shown


@given(
    st.sampled_from(["a", "a@", "/a", "A1", "' ", "key=", "/ ", "\\", "a.b@c."]),
    st.sampled_from([50_000, 999_999]),
)
def test_endless_texts_cost_nothing(piece: str, size: int) -> None:
    started = time.process_time()
    assert len(safe_text(piece * (size // len(piece)))) <= 300
    assert time.process_time() - started < 0.25


def test_a_secret_is_not_cut_in_halves() -> None:
    text = "- " * 150 + "/var/x, " * 210 + "A1b2" * 200
    assert "A1b2" not in safe_text(text)
    for length in range(1900, 2050):
        filled = ("me@x.org " * 400)[:length] + " " + "Z9" * 30
        assert "Z9Z9" not in safe_text(filled)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Not found or no asset.read access", "Not found or no asset.read access"),
        ("Unsupported file type notes.txt", "Unsupported file type notes.txt"),
        ("Quota has been exceeded!", "Quota has been exceeded!"),
        ("Smart search is not enabled", "Smart search is not enabled"),
        ("Either `query` or `queryAssetId` must be set", "Either `query` or `queryAssetId` must be set"),
        ("Validation failed: ids.0: Invalid UUID", "Validation failed: ids.0: Invalid UUID"),
        (
            "the answer is of the kind “text/html”, not JSON",
            "the answer is of the kind “text/html”, not JSON",
        ),
        (
            "album 3fa85f64-5717-4562-b3fc-2c963f66afa6 is gone",
            "album 3fa85f64-5717-4562-b3fc-2c963f66afa6 is gone",
        ),
        ("Cannot GET /api/albums?key=abc", "Cannot GET …"),
        ("ENOENT: no such file, open '/data/upload/a b, c.jpg'", "ENOENT: no such file, open …"),
        ("share ?key=abc&slug=my-slug x", "share ?key=…&slug=… x"),
        ("two\r\n lines\t here", "two lines here"),
    ],
)
def test_texts_of_immich_stay_readable(text: str, shown: str) -> None:
    assert safe_text(text) == shown


@pytest.mark.parametrize("kind", ALL)
def test_each_error_keeps_what_it_knows(kind: type[ImmichError]) -> None:
    error = kind("Failed for me@example.org", status=418, correlation_id="abc-1")
    assert str(error) == error.text == "Failed for …"
    assert (error.status, error.correlation_id) == (418, "abc-1")
    plain = kind()
    assert (str(plain), plain.status, plain.correlation_id) == ("", None, None)


def test_what_else_errors_know() -> None:
    assert ImmichUnavailableError("x", retry_after=3.0).retry_after == 3
    assert ImmichPermissionError("x", scope="asset.read").scope == "asset.read"
    assert ImmichPermissionError("x").scope is None
    old = ImmichTooOldError("1.118.2")
    assert (old.version, str(old)) == ("1.118.2", "Immich 1.118.2 is too old")
    away = ImmichRedirectError("redirected", target="https://login.example", status=302)
    assert (away.target, away.status) == ("https://login.example", 302)


def test_the_tree() -> None:
    assert issubclass(ImmichUnavailableError, ImmichConnectionError)
    assert issubclass(ImmichRedirectError, ImmichBadAnswerError)
    assert not issubclass(ImmichAuthenticationError, ImmichConnectionError)
    assert not issubclass(ImmichTooOldError, ImmichBadAnswerError)


@given(st.text(string.ascii_letters + string.digits, min_size=40, max_size=43))
def test_a_key_echoed_by_a_proxy_never_shows(key: str) -> None:
    assume("api" not in key)
    error = ImmichError(
        f'{{"headers": {{"x-api-key": "{key}"}}, "url": "https://me:{key}@photos.example/api"}}'
    )
    assert key[:12] not in str(error)
