"""From statuses and bodies to errors: both of Immich's forms, and what proxies say in between."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from hypothesis import given, strategies as st
from multidict import CIMultiDict
import orjson
import pytest

from custom_components.immich_plus.api.answers import _retry_after, error_of, is_json
from custom_components.immich_plus.api.errors import (
    ImmichAuthenticationError,
    ImmichBadRequestError,
    ImmichConnectionError,
    ImmichError,
    ImmichNotFoundError,
    ImmichNotImmichError,
    ImmichPermissionError,
    ImmichRouteMissingError,
    ImmichServerError,
    ImmichTooLargeError,
    ImmichUnavailableError,
    safe_text,
)
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status

from .conftest import VERSIONS, MakeClient, MakeWire
from .wire import always, answer

NOBODY = "00000000-0000-4000-8000-000000000000"


class Answer:
    """As much of aiohttp's response as is looked at."""

    def __init__(self, status: int, kind: str = "application/json", **headers: str) -> None:
        self.status = status
        self.content_type = kind
        self.headers = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})


def error(status: int, body: object, kind: str = "application/json", **headers: str) -> ImmichError:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return error_of(Answer(status, kind, **headers), raw)  # type: ignore[arg-type]


KINDS = [
    (400, "Not found or no album.read access", ImmichNotFoundError),
    (400, "Album not found", ImmichNotFoundError),
    (400, "Shared link not found", ImmichNotFoundError),
    (400, "Live photo video not found", ImmichBadRequestError),
    (400, "Quota has been exceeded!", ImmichBadRequestError),
    (400, "Not found or no access", ImmichBadRequestError),
    (401, "Invalid API key", ImmichAuthenticationError),
    (401, "Authentication required", ImmichAuthenticationError),
    (401, "Invalid user token", ImmichAuthenticationError),
    (401, "Elevated permission is required", ImmichPermissionError),
    (401, "invalid api key", ImmichPermissionError),
    (403, "Forbidden", ImmichPermissionError),
    (403, "Invalid API key", ImmichPermissionError),
    (404, "Cannot GET /api/x", ImmichRouteMissingError),
    (404, "Asset media not found", ImmichNotFoundError),
    (404, "Not Found", ImmichNotFoundError),
    (405, "Method Not Allowed", ImmichRouteMissingError),
    (408, "x", ImmichUnavailableError),
    (409, "A tag with that name already exists", ImmichBadRequestError),
    (410, "gone", ImmichNotFoundError),
    (413, "request entity too large", ImmichTooLargeError),
    (418, "", ImmichBadRequestError),
    (422, "x", ImmichBadRequestError),
    (429, "x", ImmichUnavailableError),
    (500, "Failed to search smart", ImmichServerError),
    (501, "x", ImmichServerError),
    (502, "x", ImmichUnavailableError),
    (503, "x", ImmichUnavailableError),
    (504, "x", ImmichUnavailableError),
]


@pytest.mark.parametrize(("status", "message", "kind"), KINDS)
def test_both_forms_mean_the_same(status: int, message: str, kind: type[ImmichError]) -> None:
    new = error(status, {"message": message}, X_Correlation_ID="abc")
    old = error(status, {"message": message, "error": "Whatever", "statusCode": 999, "correlationId": "abc"})
    for found in (new, old):
        assert type(found) is kind
        assert found.status == status
        assert found.correlation_id == "abc"
    assert old.text == new.text
    # Immich's own words reach whoever asked; a page that is too large is refused by others.
    assert new.text == ("too large" if status == 413 else safe_text(message))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ImmichNotImmichError),
        (401, ImmichNotImmichError),
        (403, ImmichNotImmichError),
        (404, ImmichNotImmichError),
        (405, ImmichNotImmichError),
        (408, ImmichUnavailableError),
        (413, ImmichTooLargeError),
        (429, ImmichUnavailableError),
        (500, ImmichUnavailableError),
        (502, ImmichUnavailableError),
        (504, ImmichUnavailableError),
        (520, ImmichUnavailableError),
    ],
)
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html", b"<html><h1>Blocked</h1>by firewall</html>"),
        ("text/plain", b"upstream: /var/run/secret.sock"),
        ("application/octet-stream", b""),
        ("application/json", b""),
        ("application/json", b'{"message":'),
        ("application/json", b'["Invalid API key"]'),
        ("application/json", b'{"error":"Invalid API key"}'),
        ("application/json", b'{"message":{"x":1}}'),
        ("application/json", b'{"message":null}'),
    ],
)
def test_pages_of_proxies(status: int, kind: type[ImmichError], content_type: str, body: bytes) -> None:
    found = error(status, body, content_type, X_Correlation_ID="cid")
    assert type(found) is kind
    assert found.status == status
    assert found.correlation_id == "cid"
    assert "Blocked" not in found.text
    assert "secret" not in found.text
    assert "Invalid" not in found.text
    if kind is not ImmichTooLargeError:
        assert str(status) in found.text


def test_what_immich_says_is_kept() -> None:
    assert error(400, {"message": ["a must be b", "c must be d"]}).text == "a must be b; c must be d"
    assert error(400, {"message": [1, None, {"a": 1}]}).text == "1; None; {'a': 1}"
    assert error(400, {"message": list("abcdefgh")}).text == "a; b; c; d; e"
    issues = [
        {"code": "invalid_type", "path": ["ids", 0], "message": "Invalid UUID"},
        {"path": [], "message": "Nothing given"},
        {"path": "odd", "message": "Odd"},
        {"path": ["silent"]},
        "not an issue",
        {"path": ["sixth"], "message": "cut"},
    ]
    assert error(400, {"message": "Validation failed", "errors": issues}).text == (
        "Validation failed: ids.0: Invalid UUID; Nothing given; Odd"
    )
    assert error(400, {"message": "Validation failed", "errors": {"a": 1}}).text == "Validation failed"
    assert error(503, {"message": "Draining"}).text == "Draining"
    assert error(503, {"message": ""}).text == "the server answers 503"


def test_what_immich_says_gives_nothing_away() -> None:
    found = error(
        400,
        {
            "message": "Failed for me@example.org",
            "errors": [{"path": ["file"], "message": "open '/data/upload/x.jpg'"}],
        },
    )
    assert found.text == "Failed for …: file: open …"


@pytest.mark.parametrize(
    ("message", "scope"),
    [
        ("Missing required permission: asset.read", "asset.read"),
        ("Missing required permission: all", "all"),
        ("Missing required permission: asset.edit.get", "asset.edit.get"),
        ("Missing required permission: <b>x</b>", None),
        ("Missing required permission: " + "a" * 30 + ".b.c.d.e.f.g", None),
        ("Missing required permission: asset.read or more", None),
        ("Missing required permission: ", None),
        ("Forbidden", None),
    ],
)
def test_scopes_are_learnt_from_refusals(message: str, scope: str | None) -> None:
    found = error(403, {"message": message})
    assert isinstance(found, ImmichPermissionError)
    assert found.scope == scope


@pytest.mark.parametrize(
    ("headers", "body_id", "expected"),
    [
        ({"X_Correlation_ID": "head"}, "body", "head"),
        ({"x_immich_cid": "old-head"}, "body", "old-head"),
        ({}, "body", "body"),
        ({}, 7, None),
        ({}, None, None),
        ({"X_Correlation_ID": "<script>"}, None, None),
        ({"X_Correlation_ID": "x" * 65}, None, None),
        ({"X_Correlation_ID": ""}, "body", "body"),
    ],
)
def test_correlation_ids(headers: dict[str, str], body_id: object, expected: str | None) -> None:
    found = error(500, {"message": "x", "correlationId": body_id}, **headers)
    assert found.correlation_id == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("application/json", True),
        ("application/problem+json", True),
        ("text/html", False),
        ("application/jsonp", False),
        ("json", False),
    ],
)
def test_what_counts_as_json(kind: str, expected: bool) -> None:
    assert is_json(Answer(200, kind)) is expected  # type: ignore[arg-type]


def test_json_under_the_type_of_a_film() -> None:
    found = error(404, b'{"message":"Not Found"}', "video/mp4")
    assert type(found) is ImmichNotFoundError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", None),
        ("0", 0.0),
        (" 12 ", 12.0),
        ("3600", 3600.0),
        ("86400", 3600.0),
        ("9" * 5000, 3600.0),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00", 0.0),
        ("Wed, 21 Oct 9999 07:28:00 GMT", 3600.0),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after(value: str, expected: float | None) -> None:
    assert _retry_after(Answer(429, Retry_After=value)) == expected  # type: ignore[arg-type]


SOON = timedelta(seconds=30)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("header", ["RateLimit-Reset", "X-RateLimit-Reset", "x-ratelimit-reset"])
@pytest.mark.parametrize("retry_after", [None, "", "soon", "1.5"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0.0),
        (" 12 ", 12.0),
        ("3600", 3600.0),
        ("86400", 3600.0),
        ("999999999", 3600.0),
        ("1000000000", 0.0),
        ("9" * 5000, 3600.0),
        ("9999999999", 3600.0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("tomorrow", None),
    ],
)
def test_the_end_of_a_rate_limit(
    status: int, header: str, retry_after: str | None, value: str, expected: float | None
) -> None:
    headers = {header: value} if retry_after is None else {header: value, "Retry_After": retry_after}
    assert _retry_after(Answer(status, **headers)) == expected  # type: ignore[arg-type]


def test_the_end_of_a_rate_limit_as_a_moment() -> None:
    moment = str(int((datetime.now(UTC) + SOON).timestamp()))
    found = error(429, {"message": "x"}, X_RateLimit_Reset=moment)
    assert isinstance(found, ImmichUnavailableError)
    assert found.retry_after is not None
    assert 27 < found.retry_after <= 30


def test_which_pause_counts() -> None:
    both = Answer(429, Retry_After="7", RateLimit_Reset="20", X_RateLimit_Reset="30")
    assert _retry_after(both) == 7.0  # type: ignore[arg-type]
    resets = Answer(503, RateLimit_Reset="20", X_RateLimit_Reset="30")
    assert _retry_after(resets) == 20.0  # type: ignore[arg-type]
    odd = Answer(503, RateLimit_Reset="soon", X_RateLimit_Reset="30")
    assert _retry_after(odd) == 30.0  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [408, 502, 504])
def test_limits_that_are_told_with_every_answer_are_no_pause(status: int) -> None:
    found = error(status, {"message": "x"}, RateLimit_Reset="20")
    assert isinstance(found, ImmichUnavailableError)
    assert found.retry_after is None


def test_retry_after_as_a_date() -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    found = error(429, {"message": "x"}, Retry_After=when)
    assert isinstance(found, ImmichUnavailableError)
    assert found.retry_after is not None
    assert 28 < found.retry_after <= 30


@given(st.text(max_size=60) | st.from_regex(r"\w{3}, \d{1,3} \w{3} \d{1,6} \d\d:\d\d:\d\d [+-]\d{1,6}"))
def test_any_retry_after_is_survived(value: str) -> None:
    found = _retry_after(Answer(429, Retry_After=value))  # type: ignore[arg-type]
    assert found is None or 0 <= found <= 3600


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.integers(400, 599),
    st.sampled_from(["application/json", "text/html", ""]),
    st.binary(max_size=50)
    | st.fixed_dictionaries({"message": JSON, "errors": JSON, "correlationId": JSON}).map(orjson.dumps),
)
def test_any_answer_becomes_an_error(status: int, kind: str, body: bytes) -> None:
    found = error(status, body, kind)
    assert isinstance(found, ImmichError)
    assert found.status == status
    # Only a good look at Immich's own words may ask for a new key.
    assert not isinstance(found, ImmichAuthenticationError)


@pytest.mark.parametrize("version", VERSIONS)
async def test_over_the_wire(make_immich: MakeImmich, make_client: MakeClient, version: str) -> None:
    immich: FakeImmich = await make_immich(version=version)
    with pytest.raises(ImmichAuthenticationError, match="Invalid API key") as bad_key:
        await make_client(immich, "nobodys-key").users.me()
    with pytest.raises(ImmichPermissionError, match=r"album\.statistics") as scope:
        await make_client(immich, "album-key").albums.statistics()
    with pytest.raises(ImmichPermissionError, match="Forbidden") as no_admin:
        await make_client(immich, "user-key").server.statistics()
    with pytest.raises(ImmichNotFoundError) as unknown:
        await make_client(immich).albums.get(NOBODY)
    with pytest.raises(ImmichRouteMissingError) as route:
        await make_client(immich).transport.get("server-info/version")
    with pytest.raises(ImmichBadRequestError) as nonsense:
        await make_client(immich).transport.send("POST", "search/metadata", {"size": 1001})
    caught = (bad_key, scope, no_admin, unknown, route, nonsense)
    assert [found.value.status for found in caught] == [401, 403, 403, 400, 404, 400]
    assert all(found.value.correlation_id for found in caught)
    assert scope.value.scope == "album.statistics"
    assert no_admin.value.scope is None
    assert "/api" not in str(route.value)


async def test_a_firewall_in_front(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    for status in (401, 403, 404, 405, 406, 451):
        immich.faults.add("GET users/me", Status(status, html=True), times=1)
        with pytest.raises(ImmichNotImmichError, match=f"in front of Immich answers {status}") as caught:
            await client.users.me()
        assert not isinstance(caught.value, ImmichConnectionError)


@pytest.mark.parametrize(
    ("status", "body", "result"),
    [
        ("200 OK", b'{"id":"a"}', {"id": "a"}),
        ("200 OK", b"[]", []),
        # What 1.137 says where later versions say 204.
        ("200 OK", b"", None),
        ("201 Created", b'{"id":"a"}', {"id": "a"}),
        ("202 Accepted", b'{"id":"a"}', {"id": "a"}),
        ("204 No Content", b"", None),
    ],
)
async def test_every_success_gives_its_result(
    make_wire: MakeWire, make_client: MakeClient, status: str, body: bytes, result: object
) -> None:
    client = make_client(await make_wire(always(answer(body, status=status))))
    assert await client.transport.get("albums") == result
    for repeatable in (True, False):
        assert await client.transport.send("PUT", "albums", {"a": 1}, repeatable=repeatable) == result


STATUSES = [
    (400, "Quota has been exceeded!", ImmichBadRequestError),
    (400, "Not found or no asset.read access", ImmichNotFoundError),
    (401, "Invalid API key", ImmichAuthenticationError),
    (401, "Elevated permission is required", ImmichPermissionError),
    (403, "Missing required permission: asset.read", ImmichPermissionError),
    (404, "Asset media not found", ImmichNotFoundError),
    (409, "Already there", ImmichBadRequestError),
    (429, "Slow down", ImmichUnavailableError),
    (500, "Failed to search smart", ImmichServerError),
    (502, "Bad gateway", ImmichUnavailableError),
    (503, "Draining", ImmichUnavailableError),
    (504, "Too late", ImmichUnavailableError),
]


@pytest.mark.parametrize(("status", "message", "kind"), STATUSES)
@pytest.mark.parametrize("old", [True, False])
async def test_every_failure_says_why(
    make_wire: MakeWire,
    make_client: MakeClient,
    status: int,
    message: str,
    kind: type[ImmichError],
    old: bool,
) -> None:
    body = {"message": message} | (
        {"error": "Whatever", "statusCode": status, "correlationId": "abc"} if old else {}
    )
    wire = await make_wire(always(answer(orjson.dumps(body), status=f"{status} x")))
    with pytest.raises(kind) as caught:
        await make_client(wire).transport.get("albums", ask_maintenance=False)
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.text) == (status, message)


async def test_a_rate_limit_is_waited_for(immich: FakeImmich, make_client: MakeClient) -> None:
    limit = Status(429, "Slow down", headers={"X-RateLimit-Reset": "0"})
    immich.faults.add("GET users/me", limit, times=2)
    assert (await make_client(immich).users.me()).name == "Admin"
    assert immich.requests.count("GET users/me") == 3
    immich.faults.add("GET users/me", Status(429, "Slow down", headers={"RateLimit-Reset": "600"}))
    with pytest.raises(ImmichUnavailableError, match="Slow down") as caught:
        await make_client(immich).users.me()
    assert caught.value.retry_after == 600
    # Nobody sleeps for ten minutes within a call.
    assert immich.requests.count("GET users/me") == 4
