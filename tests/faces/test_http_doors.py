"""Who may look at pictures through Home Assistant, and what never becomes a request to the server."""

from datetime import timedelta

from homeassistant.components.http.auth import async_sign_path
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.immich_plus.asset_reference import album_view, person_view
from tests.conftest import AddAccount
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import replaced
from tests.fake_immich.ids import stable_id

from .looking import FILM, PHOTO, Browser, browser_fixture, view

__all__ = ["browser_fixture"]

LIVE = stable_id("tiny live.jpg")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_strangers_see_nothing(
    hass: HomeAssistant,
    immich: FakeImmich,
    account: MockConfigEntry,
    browser: Browser,
    hass_client_no_auth: ClientSessionGenerator,
    method: str,
) -> None:
    """Without a log-in or a signature nothing is shown, and the server isn't asked."""
    stranger = await hass_client_no_auth()
    immich.requests.clear()
    paths = [
        *(view(account, version) for version in ("thumbnail", "preview", "original", "video")),
        person_view(account.entry_id, stable_id("tiny person Alice")),
        album_view(account.entry_id, stable_id("tiny holiday")),
    ]
    for path in paths:
        assert (await stranger.request(method, path)).status == 401
        assert (await stranger.request(method, f"{path}?authSig=abc")).status == 401
    assert immich.requests.count() == 0


async def test_signed_paths(
    hass: HomeAssistant,
    immich: FakeImmich,
    account: MockConfigEntry,
    browser: Browser,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """A signed path opens its own picture and no other, for looking only, until it expires."""
    stranger = await hass_client_no_auth()
    signed = async_sign_path(hass, view(account, "video"), timedelta(minutes=5))
    answer = await stranger.get(signed, headers={"Range": "bytes=4-11"})
    assert (answer.status, await answer.read()) == (206, b"ftypmp42")
    assert (await stranger.head(signed)).status == 200
    signature = signed.partition("?")[2]
    assert (await stranger.get(f"{view(account, 'original')}?{signature}")).status == 401
    expired = async_sign_path(hass, view(account, "video"), timedelta(seconds=-5))
    assert (await stranger.get(expired)).status == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_looking(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, browser: Browser, method: str
) -> None:
    """Nothing can be changed by a view."""
    immich.requests.clear()
    assert (await browser.request(method, view(account, "original"))).status in (403, 405)
    assert immich.requests.count() == 0


@pytest.mark.parametrize(
    "path",
    [
        "{entry}/not-an-id/thumbnail",
        "{entry}/..%2F..%2Fusers%2Fme/original",
        "{entry}/%2e%2e/original",
        "{entry}/{asset}%2F..%2F..%2Fserver%2Fabout/original",
        "{entry}/{asset}%00/preview",
        "{entry}/{asset}%0d%0aX-Evil:%201/preview",
        "{entry}/{asset}%3Fkey=1/preview",
        "{entry}/ünïcode/preview",
        "{entry}/%ff%fe/preview",
        "{entry}/{asset}/fullsize",
        "{entry}/{asset}/thumbnail/more",
        "{entry}/{asset}",
        "{entry}/person/me",
        "{entry}/person/{asset}%2Fstatistics",
        "{entry}/album/statistics",
        "{entry}/album/..",
        "unknown/{asset}/thumbnail",
        "unknown/person/{asset}",
        "unknown/album/{asset}",
        "{other}/{asset}/thumbnail",
        "//{asset}/thumbnail",
    ],
)
async def test_what_is_no_id_stays_here(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, browser: Browser, path: str
) -> None:
    """Nothing but an id of a loaded account's thing becomes a request to the server."""
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    immich.requests.clear()
    where = path.format(entry=account.entry_id, other=other.entry_id, asset=FILM)
    answer = await browser.get(f"/api/immich_plus/{where}")
    assert answer.status in (400, 404)
    assert immich.requests.count() == 0


async def test_ids_in_capitals(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, browser: Browser
) -> None:
    """An id in capital letters means the same thing, which Immich itself would not find."""
    answer = await browser.get(view(account, "thumbnail", FILM.upper()))
    assert answer.status == 200


async def test_accounts_that_are_not_loaded(
    hass: HomeAssistant,
    immich: FakeImmich,
    account: MockConfigEntry,
    add_account: AddAccount,
    browser: Browser,
) -> None:
    """An account shows nothing while it isn't loaded, and another one doesn't step in."""
    await add_account(immich, key="user-key")
    await hass.config_entries.async_set_disabled_by(account.entry_id, ConfigEntryDisabler.USER)
    immich.requests.clear()
    assert (await browser.get(view(account, "thumbnail"))).status == 404
    assert immich.requests.count("GET assets/{id}/*") == 0
    await hass.config_entries.async_set_disabled_by(account.entry_id, None)
    await hass.async_block_till_done()
    assert (await browser.get(view(account, "thumbnail"))).status == 200


async def test_each_account_has_its_own_key(
    hass: HomeAssistant,
    immich: FakeImmich,
    account: MockConfigEntry,
    add_account: AddAccount,
    browser: Browser,
) -> None:
    """What an account can't see isn't shown under its name."""
    user = await add_account(immich, key="user-key")
    party = stable_id("tiny party.jpg")
    assert (await browser.get(view(account, "preview", party))).status == 200
    assert (await browser.get(view(user, "preview", party))).status == 404
    # It is in an album that is shared with the user.
    assert (await browser.get(view(user, "preview", PHOTO))).status == 200


async def test_odd_ids_from_the_server(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry, browser: Browser
) -> None:
    """Ids that the server tells become no addresses either unless they are ids."""
    immich.faults.add("GET assets/{id}", replaced("../../users/me", "livePhotoVideoId"))
    immich.faults.add("GET albums/{id}", replaced("../../users/me", "albumThumbnailAssetId"))
    immich.requests.clear()
    assert (await browser.get(view(account, "video", LIVE))).status == 404
    album = album_view(account.entry_id, stable_id("tiny holiday"))
    assert (await browser.get(album)).status == 404
    assert not [entry for entry in immich.requests.entries if "users" in entry.path]
