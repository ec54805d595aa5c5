"""The actions `create_shared_link` and `delete_shared_link`."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.const import MATCH_ALL
from homeassistant.core import Event, callback
from homeassistant.util import dt as dt_util
import pytest
import voluptuous as vol

from tests.fake_immich.faults import Status
from tests.fake_immich.models import SharedLink
from tests.fake_immich.state import State

from .acting import UNKNOWN, Acting, act_each_fixture, act_fixture, make_acting_fixture, tiny  # noqa: F401

HOLIDAY, THEIRS = tiny("holiday"), tiny("theirs")
VIENNA, ROME, FOREIGN = tiny("vienna.jpg"), tiny("rome.jpg"), tiny("user1.jpg")
PASSWORD = "sesame-Ünïcödé"
CREATE = "create_shared_link"
DELETE = "delete_shared_link"


def _only(state: State) -> SharedLink:
    (link,) = state.shared_links.values()
    return link


async def test_an_album(act_each: Acting) -> None:
    """A link shows and gives away what is in the album; nobody may upload, and it stays."""
    response = await act_each(CREATE, album="hOLIDAY")
    link = _only(act_each.immich.state)
    assert (link.type, link.album_id, link.password, link.expires_at) == ("ALBUM", HOLIDAY, None, None)
    assert (link.allow_upload, link.allow_download, link.show_metadata) == (False, True, True)
    url = response.pop("url")
    assert response == {"id": link.id, "expires_at": None}
    assert url.startswith(f"{act_each.immich.url}/share/")
    assert len(url.rpartition("/")[2]) == 67


async def test_single_assets(act_each: Acting) -> None:
    """Assets are named as everywhere, also by the response of another action."""
    found = await act_each("get_album", album="Holiday")
    await act_each(CREATE, assets=found)
    assert set(_only(act_each.immich.state).asset_ids) == {asset["id"] for asset in found["assets"]}
    act_each.immich.state.shared_links.clear()
    await act_each(CREATE, assets=[VIENNA.upper(), ROME, VIENNA])
    link = _only(act_each.immich.state)
    assert (link.type, link.asset_ids, link.allow_upload) == ("INDIVIDUAL", [VIENNA, ROME], False)


async def test_everything_that_can_be_said(act_each: Acting) -> None:
    """What is asked for is set; a time without a zone is Home Assistant's, as is the answer's."""
    await act_each.hass.config.async_set_time_zone("Europe/Vienna")
    response = await act_each(
        CREATE,
        album=HOLIDAY,
        password=PASSWORD,
        expires_at="2099-07-01 12:30:00",
        allow_download=False,
        allow_upload=True,
    )
    link = _only(act_each.immich.state)
    assert (link.password, link.expires_at) == (PASSWORD, datetime(2099, 7, 1, 10, 30, tzinfo=UTC))
    assert (link.allow_upload, link.allow_download, link.show_metadata) == (True, False, True)
    assert response["expires_at"] == "2099-07-01T12:30:00+02:00"


@pytest.mark.parametrize("password", ["", 1234])
async def test_passwords_that_are_no_texts(act: Acting, password: Any) -> None:
    """An empty one is none, and a number is a text."""
    await act(CREATE, album=HOLIDAY, password=password)
    assert _only(act.immich.state).password == ("1234" if password else None)


async def test_without_metadata_there_are_no_downloads(act: Acting) -> None:
    """Who may not see where a photo was taken may not have the file either."""
    await act(CREATE, album=HOLIDAY, show_metadata=False, allow_download=True)
    (request,) = act.immich.requests.matching("POST shared-links")
    assert (request.json["showMetadata"], request.json["allowDownload"]) == (False, False)


@pytest.mark.parametrize("domain", ["https://photos.example.com", "https://photos.example.com/"])
async def test_the_address_for_others(act_each: Acting, domain: str) -> None:
    """It is on the domain that the server's administrator set for this."""
    act_each.immich.state.settings.external_domain = domain
    url = (await act_each(CREATE, album=HOLIDAY))["url"]
    assert url.startswith("https://photos.example.com/share/")
    assert await act_each(DELETE, link=url)
    assert act_each.immich.state.shared_links == {}


async def test_a_password_is_never_repeated(act: Acting, caplog: pytest.LogCaptureFixture) -> None:
    """It stands in no answer, state, event, log or error of ours; the address in no state, event or log."""
    caplog.set_level("DEBUG")
    events: list[Event[Any]] = []

    @callback
    def _note(event: Event[Any]) -> None:
        events.append(event)

    act.hass.bus.async_listen(MATCH_ALL, _note)
    response = await act(CREATE, album=HOLIDAY, password=PASSWORD)
    act.immich.faults.add("POST shared-links", Status(400, message=f"bad password={PASSWORD}"))
    key, said = await act.refused(CREATE, album=HOLIDAY, password=PASSWORD)
    assert key == "refused"
    with pytest.raises(vol.Invalid) as invalid:
        await act(CREATE, album=HOLIDAY, password=PASSWORD * 20)
    await act.hass.async_block_till_done()
    # Home Assistant itself tells what it was asked to do.
    told = [event.as_dict() for event in events if event.event_type != "call_service"]
    logged = [record.getMessage() for record in caplog.records if record.name != "homeassistant.core"]
    states = [state.as_dict() for state in act.hass.states.async_all()]
    assert logged
    assert states
    for text in (response, said, str(invalid.value), told, logged, states):
        assert PASSWORD not in str(text)
    for text in (told, logged, states):
        assert response["url"].rpartition("/")[2] not in str(text)


async def test_a_link_that_has_expired_already(act: Acting) -> None:
    """Immich would make it; here that is a mistake."""
    await act.hass.config.async_set_time_zone("Europe/Vienna")
    past = dt_util.now() - timedelta(seconds=5)
    for moment in (
        "2020-01-01",
        past.isoformat(),
        past.replace(tzinfo=None).isoformat(),
        dt_util.now().date(),
    ):
        assert await act.refused(CREATE, album=HOLIDAY, expires_at=moment) == ("expires_in_the_past", {})
    for odd in ("soon", "99:99"):
        with pytest.raises(vol.Invalid):
            await act(CREATE, album=HOLIDAY, expires_at=odd)
    assert act.immich.state.shared_links == {}


async def test_what_cannot_be_shared(act_each: Acting) -> None:
    """Nothing, unknown and ambiguous albums, and what isn't the account's own."""
    assert await act_each.refused(CREATE) == ("nothing_to_share", {})
    assert await act_each.refused(CREATE, assets=[]) == ("nothing_to_share", {})
    assert await act_each.refused(CREATE, assets={"assets": []}) == ("nothing_to_share", {})
    assert (await act_each.refused(CREATE, album="Holidy"))[0] == "album_unknown"
    assert (await act_each.refused(CREATE, album="twice"))[0] == "album_ambiguous"
    assert await act_each.refused(CREATE, assets="vienna.jpg") == ("not_an_asset", {"asset": "vienna.jpg"})
    assert await act_each.changes() == 0
    assert await act_each.refused(CREATE, album="From the user") == ("not_found", {})
    for assets in ([VIENNA, UNKNOWN], [FOREIGN]):
        assert await act_each.refused(CREATE, assets=assets) == ("not_found", {})
    with pytest.raises(vol.Invalid):
        await act_each(CREATE, album=HOLIDAY, assets=[VIENNA])
    assert act_each.immich.state.shared_links == {}


async def test_deleting_by_id(act_each: Acting) -> None:
    """An id is enough; what the link showed stays, and other links do."""
    first, second = await act_each(CREATE, album=HOLIDAY), await act_each(CREATE, assets=VIENNA)
    assert await act_each(DELETE, link=f" {first['id'].upper()} ") == {"id": first["id"]}
    assert list(act_each.immich.state.shared_links) == [second["id"]]
    assert HOLIDAY in act_each.immich.state.albums
    assert await act_each.refused(DELETE, link=first["id"]) == ("not_found", {})


async def test_deleting_by_address(act_each: Acting) -> None:
    """The address is taken as it was given out or copied, also the short one of a link that has a name."""
    links = [await act_each(CREATE, assets=asset_id) for asset_id in (VIENNA, ROME, VIENNA)]
    assert await act_each(DELETE, link=f"{links[1]['url']}?foo=1#top") == {"id": links[1]["id"]}
    key = links[2]["url"].rpartition("/")[2]
    assert await act_each(DELETE, link=f" https://elsewhere.example.com/immich/share/{key} ")
    act_each.immich.state.shared_links[links[0]["id"]].slug = "our summer"
    assert await act_each(DELETE, link=f"{act_each.immich.url}/s/our%20summer") == {"id": links[0]["id"]}
    assert act_each.immich.state.shared_links == {}


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "share",
        "http://[",
        "https://example.com",
        "https://example.com/share/nothing",
        "/s/",
        UNKNOWN[:-1],
    ],
)
async def test_a_link_that_does_not_exist(act: Acting, odd: str) -> None:
    """An address opens a link: a wrong one is not repeated."""
    await act(CREATE, album=HOLIDAY)
    assert await act.refused(DELETE, link=odd) == ("link_unknown", {})
    assert len(act.immich.state.shared_links) == 1


async def test_a_key_is_no_name(act: Acting) -> None:
    """What follows `/share/` is only taken for a key, and what follows `/s/` for a name."""
    key = (await act(CREATE, album=HOLIDAY))["url"].rpartition("/")[2]
    _only(act.immich.state).slug = "summer"
    for link in (
        f"https://example.com/s/{key}",
        "https://example.com/share/summer",
        f"https://example.com/{key}",
    ):
        assert (await act.refused(DELETE, link=link))[0] == "link_unknown"
