"""From what a person pastes to addresses to try."""

from hypothesis import given, strategies as st
import pytest

from custom_components.immich_plus.api.address import Candidate, InvalidAddressError, candidates


def urls(pasted: str) -> list[str]:
    return [str(candidate.url) for candidate in candidates(pasted)]


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("http://photos.lan:2283", ["http://photos.lan:2283"]),
        ("http://photos.lan:2283/", ["http://photos.lan:2283"]),
        ("  https://photos.example \n", ["https://photos.example"]),
        ("HTTPS://Photos.Example/", ["https://photos.example"]),
        ("https://photos.example:443", ["https://photos.example"]),
        ("https://photos.example/api", ["https://photos.example"]),
        ("https://photos.example/api/server/version?x=1#y", ["https://photos.example"]),
        ("https://photos.example/photos", ["https://photos.example/photos", "https://photos.example"]),
        (
            "https://h/sub/photos/3fa85f64-5717-4562-b3fc-2c963f66afa6?a=b",
            [
                "https://h/sub/photos/3fa85f64-5717-4562-b3fc-2c963f66afa6",
                "https://h/sub/photos",
                "https://h/sub",
                "https://h",
            ],
        ),
        ("https://h/sub/api/", ["https://h/sub", "https://h"]),
        ("https://h//double//slash/", ["https://h/double/slash", "https://h/double", "https://h"]),
        (
            "https://h/a/b/c/d/e/f",
            [*(f"https://h/{path}" for path in ("a/b/c/d", "a/b/c", "a/b", "a")), "https://h"],
        ),
        ("http://192.168.1.5:2283/photos", ["http://192.168.1.5:2283/photos", "http://192.168.1.5:2283"]),
        ("http://[fd00::5]:2283", ["http://[fd00::5]:2283"]),
        ("http://h/my%20photos", ["http://h/my%20photos", "http://h"]),
        ("http://bücher.example", ["http://xn--bcher-kva.example"]),
    ],
)
def test_with_a_scheme(pasted: str, expected: list[str]) -> None:
    assert [url.rstrip("/") for url in urls(pasted)] == expected
    assert not any(candidate.guessed for candidate in candidates(pasted))


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("photos.lan", ["https://photos.lan", "http://photos.lan"]),
        ("photos.lan:2283", ["https://photos.lan:2283", "http://photos.lan:2283"]),
        ("192.168.1.5:2283/", ["https://192.168.1.5:2283", "http://192.168.1.5:2283"]),
        ("[fd00::5]:2283", ["https://[fd00::5]:2283", "http://[fd00::5]:2283"]),
        ("localhost:2283/api/", ["https://localhost:2283", "http://localhost:2283"]),
        ("h/sub", ["https://h/sub", "https://h", "http://h/sub", "http://h"]),
        ("h:80", ["https://h:80", "http://h"]),
        ("h:443", ["https://h", "http://h:443"]),
    ],
)
def test_without_a_scheme_https_comes_first(pasted: str, expected: list[str]) -> None:
    assert [url.rstrip("/") for url in urls(pasted)] == expected
    assert all(candidate.guessed for candidate in candidates(pasted))


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "   ",
        "https://",
        "http:///photos",
        "ftp://photos.example",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "mailto:me@photos.example",
        "https://me:secret@photos.example",
        "https://me@photos.example",
        "me:secret@photos.example",
        "https://photos.example:0",
        "https://photos.example:99999",
        "https://photos.example:port",
        "https://photos example",
        "https://[fd00::5",
        "https://exa\u2002mple",
        "https://\ud800",
        "?",
        "#",
    ],
)
def test_what_is_no_address(pasted: str) -> None:
    with pytest.raises(InvalidAddressError):
        candidates(pasted)


ANYTHING = st.text(max_size=60) | st.from_regex(
    r"((https?|ftp|HTTP)://)?[a-z0-9.\-\[\]:@%]{0,20}(:[0-9]{0,6})?(/[a-zA-Z0-9.%\-_~ ]{0,8}){0,7}(\?.{0,9})?(#.{0,9})?",
    fullmatch=True,
)


@given(ANYTHING)
def test_anything_gives_usable_addresses_or_one_error(pasted: str) -> None:
    try:
        found = candidates(pasted)
    except InvalidAddressError:
        return
    assert 1 <= len(found) <= 10
    assert len(set(found)) == len(found)
    for candidate in found:
        url = candidate.url
        assert url.scheme in ("http", "https")
        assert url.host
        assert url.port
        assert url.user is None
        assert url.password is None
        assert not url.query_string
        assert not url.fragment
        assert "api" not in url.path.split("/")
    assert str(found[-1].url.origin()) == str(found[-1].url).rstrip("/")


HOSTS = st.from_regex(r"[a-z]([a-z0-9]{0,8}\.[a-z]{2,5})?", fullmatch=True)
SUB_PATHS = st.lists(
    st.from_regex(r"[a-z0-9\-_]{1,8}", fullmatch=True).filter(lambda part: part != "api"), max_size=3
)
TAILS = st.sampled_from(["", "/", "/api", "/api/", "/api/server/ping", "?x=1", "#top", "/?a=b#c"])


@given(st.sampled_from(["http", "https"]), HOSTS, st.none() | st.integers(1, 65535), SUB_PATHS, TAILS)
def test_the_real_base_comes_first(
    scheme: str, host: str, port: int | None, parts: list[str], tail: str
) -> None:
    base = f"{scheme}://{host}{'' if port is None else f':{port}'}{''.join(f'/{part}' for part in parts)}"
    found = candidates(f" {base}{tail} ")
    first = found[0].url
    assert (first.scheme, first.host) == (scheme, host)
    assert first.port == (port or {"http": 80, "https": 443}[scheme])
    assert [part for part in first.path.split("/") if part] == parts
    assert len(found) == len(parts) + 1


def test_candidates_can_be_compared() -> None:
    assert candidates("http://h") == [Candidate(candidates("http://h")[0].url, guessed=False)]
