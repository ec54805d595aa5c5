"""Why there is nothing to see: short words, the right status, never kept, and what else follows from it."""

import asyncio
from collections.abc import Callable

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.immich_plus.api import transport
from custom_components.immich_plus.asset_reference import album_view, person_view
from custom_components.immich_plus.const import DOMAIN
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Delay, Drop, Fault, LoginPage, Redirect, Status
from tests.fake_immich.ids import stable_id

from .looking import FILM, PHOTO, VERSIONS, Browser, browser_fixture, view

__all__ = ["browser_fixture"]


FACE, ALBUM = stable_id("tiny person Alice"), stable_id("tiny holiday")


@pytest.fixture(name="immich")
async def immich_fixture(request: pytest.FixtureRequest, make_immich: MakeImmich) -> FakeImmich:
    """Give a fake of the version that a test asks for."""
    return await make_immich(version=getattr(request, "param", "3.1.0"))


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [
        (Status(400, message="Validation failed"), 404, None),
        (Status(400, message="Not found or no asset.view access"), 404, None),
        (Status(403, message="Missing required permission: asset.view"), 403, None),
        (Status(403, message="Forbidden"), 403, None),
        (Status(401, message="Elevated permission is required"), 403, None),
        (Status(404, message="Asset media not found"), 404, None),
        (Status(404, message="Cannot GET /api/assets"), 404, None),
        (Status(408, message="later"), 503, "30"),
        (Status(413, html=True), 404, None),
        (Status(429, message="Too many", retry_after=7), 503, "7"),
        (Status(500, message="/usr/src/app/upload broke for admin@example.com"), 502, None),
        (Status(502, html=True), 503, "30"),
        (Status(503, html=True, retry_after="0"), 503, "0"),
        (Status(504, html=True), 503, "30"),
        (Status(403, html=True), 502, None),
        (Status(404, html=True), 502, None),
        (Redirect("https://evil.example/"), 502, None),
        (Redirect(), 502, None),
        (LoginPage(), 502, None),
        (Drop(), 502, None),
        (Drop(reset=True), 502, None),
        (Drop(at="headers"), 502, None),
    ],
)
async def test_what_goes_wrong(
    immich: FakeImmich,
    account: MockConfigEntry,
    browser: Browser,
    log_of: Callable[[], list[str]],
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
    status: int,
    retry_after: str | None,
) -> None:
    """Each trouble has its status, in few words of ours, and isn't logged but for those who look for it."""
    immich.faults.add("GET assets/*", fault)
    for method in ("GET", "HEAD"):
        reply = await browser.request(method, view(account, "preview", PHOTO))
        assert reply.status == status
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers.get("Retry-After") == retry_after
        assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
        text = await reply.text()
        assert text in (
            {""}
            if method == "HEAD"
            else {
                "Not found",
                "The API key may not do this",
                "Not now",
                "Immich can't be reached or makes no sense",
            }
        )
    assert log_of() == []
    assert not [record for record in caplog.records if record.exc_info]


async def test_not_yet_is_not_kept(immich: FakeImmich, account: MockConfigEntry, browser: Browser) -> None:
    """A thumbnail that isn't made yet is not found now, and there a moment later."""
    asset = immich.state.assets[PHOTO]
    made, asset.thumbhash = asset.thumbhash, None
    reply = await browser.get(view(account, "thumbnail", PHOTO))
    assert (reply.status, reply.headers["Cache-Control"]) == (404, "no-store")
    asset.thumbhash = made
    assert (await browser.get(view(account, "thumbnail", PHOTO))).status == 200


async def test_maintenance(immich: FakeImmich, account: MockConfigEntry, browser: Browser) -> None:
    """In maintenance mode nothing is found on the server, which is not for ever."""
    immich.maintenance = True
    reply = await browser.get(view(account, "thumbnail"))
    assert (reply.status, await reply.text()) == (503, "Immich is in maintenance mode")
    assert reply.headers["Retry-After"] == "30"


async def test_nobody_there(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, browser: Browser
) -> None:
    """A server that is switched off gives an error at once, and pictures again when it is back."""
    line = account.runtime_data.client.transport
    there, line.base = line.base, URL("http://127.0.0.1:9")
    for version in ("thumbnail", "preview", "original", "video"):
        assert (await browser.get(view(account, version))).status == 502
    assert (await browser.get(person_view(account.entry_id, FACE))).status == 502
    line.base = there
    assert (await browser.get(view(account, "thumbnail"))).status == 200


@pytest.mark.parametrize("immich", VERSIONS, indirect=True)
@pytest.mark.parametrize(
    ("key", "what", "scope"),
    [
        ("read-key", "original", "asset.download"),
        ("album-key", "thumbnail", "asset.view"),
        ("album-key", "preview", "asset.view"),
        ("album-key", "video", "asset.view"),
        ("album-key", "person", "person.read"),
        ("album-key", "album", "asset.view"),
    ],
)
async def test_a_missing_scope(
    hass: HomeAssistant,
    immich: FakeImmich,
    account: MockConfigEntry,
    browser: Browser,
    key: str,
    what: str,
    scope: str,
) -> None:
    """A key that may not look is 403, and a repair names the scope."""
    account.runtime_data.client.transport._api_key = key
    paths = {
        "person": person_view(account.entry_id, FACE),
        "album": album_view(account.entry_id, ALBUM),
    }
    reply = await browser.get(paths.get(what) or view(account, what))
    assert (reply.status, await reply.text()) == (403, "The API key may not do this")
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"missing_scopes_{account.entry_id}")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert f"`{scope}`" in issue.translation_placeholders["scopes"]


async def test_a_revoked_key(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, browser: Browser
) -> None:
    """A key that is no longer good is no log-in trouble of the browser's; the account asks for a new one, once."""
    immich.state.api_keys.clear()
    for _ in range(3):
        reply = await browser.get(view(account, "thumbnail"))
        assert (reply.status, await reply.text()) == (502, "Immich refuses the API key")
    await hass.async_block_till_done()
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH]


async def test_too_many_at_once(
    immich: FakeImmich, account: MockConfigEntry, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who finds all places taken waits for a while, and is told to come back later; pictures have their own."""
    monkeypatch.setattr(transport, "PLACE_WAIT_SECONDS", 0.2)
    account.runtime_data.client.transport._streams = asyncio.Semaphore(1)
    immich.faults.add(f"GET assets/{FILM}/*", Delay(0.6), times=1)
    first = asyncio.ensure_future(browser.get(view(account, "video")))
    await asyncio.sleep(0.1)
    second = await browser.get(view(account, "video"))
    assert (second.status, second.headers["Retry-After"], await second.text()) == (503, "5", "Not now")
    assert (await browser.get(view(account, "thumbnail"))).status == 200
    assert (await first).status == 200
    assert (await browser.get(view(account, "video"))).status == 200


async def test_waiting_for_a_place(immich: FakeImmich, account: MockConfigEntry, browser: Browser) -> None:
    """A folder full of pictures comes whole, some at a time."""
    account.runtime_data.client.transport._pictures = asyncio.Semaphore(2)
    immich.faults.add("GET assets/*", Delay(0.01))
    replies = await asyncio.gather(*(browser.get(view(account, "thumbnail")) for _ in range(30)))
    assert {reply.status for reply in replies} == {200}
