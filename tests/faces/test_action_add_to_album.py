"""The action `add_to_album`."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
import voluptuous as vol

from custom_components.immich_plus.asset_reference import AssetReference, asset_id_of
from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Change
from tests.fake_immich.ids import stable_id
from tests.uploading import Uploading, folder_fixture, quick_fixture, upload_fixture  # noqa: F401

ADMIN = stable_id("tiny admin")
UNKNOWN = "12345678-1234-4234-8234-123456789012"
VERSIONS = ("1.137.3", "1.144.1", "2.7.5", "3.1.0", "3.3.5")


def _id(name: str) -> str:
    return stable_id(f"tiny {name}")


@pytest.mark.parametrize("version", VERSIONS)
async def test_adding(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, folder: object, version: str
) -> None:
    """Assets are named by id or media content id; each tells its result, on every version."""
    immich = await make_immich(version=version)
    upload = Uploading(hass, immich, await add_account(immich), folder)  # type: ignore[arg-type]
    response = await upload.response(
        "add_to_album",
        assets=[
            _id("party.jpg").upper(),
            f"media-source://immich_plus/{ADMIN}/asset/{_id('film.mp4')}",
            _id("vienna.jpg"),
            _id("party.jpg"),
            UNKNOWN,
            _id("user1.jpg"),
        ],
        album="holiday",
    )
    assert response == {
        "assets": [
            {"id": _id("party.jpg"), "result": "added"},
            {"id": _id("film.mp4"), "result": "added"},
            {"id": _id("vienna.jpg"), "result": "already_there"},
            {"id": UNKNOWN, "result": "not_allowed"},
            {"id": _id("user1.jpg"), "result": "not_allowed"},
        ],
        "album": {"id": _id("holiday"), "name": "Holiday", "created": False},
    }
    assert "film.mp4" in upload.names_in("Holiday")


async def test_what_was_just_uploaded(upload: Uploading) -> None:
    """What `upload` answers can be given on as it is."""
    said = await upload(path=[upload.write("a.jpg"), upload.write("b.jpg")])
    response = await upload.response(
        "add_to_album", assets=[asset["media_content_id"] for asset in said], album="New", create_album=True
    )
    assert response["album"]["created"]
    assert upload.names_in("New") == ["a.jpg", "b.jpg"]
    again = await upload.response("add_to_album", assets=said[0]["id"], album=response["album"]["id"])
    assert again["assets"] == [{"id": said[0]["id"], "result": "already_there"}]


async def test_without_an_answer(hass: HomeAssistant, upload: Uploading) -> None:
    """The answer needs not be asked for."""
    data = {"assets": _id("party.jpg"), "album": "Empty"}
    assert await hass.services.async_call(DOMAIN, "add_to_album", data, blocking=True) is None
    assert upload.names_in("Empty") == ["party.jpg"]


async def test_nothing_could_be_added(upload: Uploading) -> None:
    """The call fails if nothing of it succeeded."""
    wanted = [UNKNOWN, _id("user1.jpg")]
    assert await upload.refused("add_to_album", assets=wanted, album="Empty") == (
        "nothing_added",
        {"album": "Empty"},
    )


async def test_odd_answers(upload: Uploading) -> None:
    """An answer that leaves rows out, or has words of its own, is read as far as it goes."""

    def _odd(body: list[dict[str, object]]) -> None:
        body[0].update(success=False, error="not_found")
        body[1].update(success=False, error="something_new")
        body.pop(2)

    upload.immich.faults.add("PUT albums/{id}/assets", Change(_odd))
    names = ("party.jpg", "film.mp4", "vienna.jpg", "rome.jpg")
    response = await upload.response("add_to_album", assets=[_id(name) for name in names], album="Empty")
    assert [asset["result"] for asset in response["assets"]][2:] == ["not_found", "added"]
    assert response["assets"][0]["result"] == "not_found"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "door.jpg",
        "media-source://immich_plus/x/asset/y",
        f"media-source://immich/{ADMIN}/asset/{UNKNOWN}",
    ],
)
async def test_what_is_no_asset(upload: Uploading, given: str) -> None:
    """What is neither an id nor a media content id is told, before anything is done."""
    assert await upload.refused("add_to_album", assets=[_id("party.jpg"), given], album="Empty") == (
        "not_an_asset",
        {"asset": given},
    )
    assert not upload.names_in("Empty")


async def test_what_a_call_needs(upload: Uploading) -> None:
    """Both assets and an album must be named."""
    for data in ({"assets": [], "album": "Empty"}, {"album": "Empty"}, {"assets": UNKNOWN}):
        with pytest.raises(vol.Invalid):
            await upload.response("add_to_album", **data)


async def test_albums_are_found_as_for_uploads(upload: Uploading) -> None:
    """Unknown and ambiguous names are the same errors as for uploads."""
    for album, key in (("Nowhere", "album_unknown"), ("Twice", "album_ambiguous"), ("", "album_empty")):
        assert (await upload.refused("add_to_album", assets=UNKNOWN, album=album))[0] == key


async def test_a_shared_album_to_look_at(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, folder: object
) -> None:
    """Who may only look at an album is told so."""
    entry = await add_account(immich, key="user-key")
    upload = Uploading(hass, immich, entry, folder)  # type: ignore[arg-type]
    assert await upload.refused("add_to_album", assets=_id("user1.jpg"), album="Holiday") == (
        "album_read_only",
        {"album": "Holiday"},
    )


async def test_a_key_that_may_not(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount, folder: object
) -> None:
    """A missing scope is named by an error and by a repair."""
    entry = await add_account(immich, key="read-key")
    upload = Uploading(hass, immich, entry, folder)  # type: ignore[arg-type]
    assert await upload.refused("add_to_album", assets=_id("party.jpg"), album="Empty") == (
        "missing_scope",
        {"scope": "albumAsset.create"},
    )
    (issue,) = ir.async_get(hass).issues.values()
    assert "albumAsset.create" in issue.translation_placeholders["scopes"]


async def test_thousands(upload: Uploading) -> None:
    """Many assets go in pages, and each is answered."""
    ids = [f"{number:08x}-1234-4234-8234-123456789012" for number in range(2500)]
    response = await upload.response("add_to_album", assets=[*ids, _id("party.jpg")], album="Empty")
    assert len(response["assets"]) == 2501
    assert upload.immich.requests.count("PUT albums/{id}/assets") == 3


def test_references() -> None:
    """One writer, one parser."""
    reference = AssetReference(ADMIN, UNKNOWN)
    assert AssetReference.parse(str(reference)) == reference
    assert AssetReference.parse(f" {str(reference).upper().replace('MEDIA-SOURCE', 'media-source')} ") is None
    assert asset_id_of(f" {UNKNOWN.upper()} ") == UNKNOWN
    assert asset_id_of(f"{reference}/x") is None
