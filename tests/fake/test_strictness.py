"""What each release refuses, and in which words."""

import pytest

from tests.fake_immich import FakeImmich, libraries
from tests.fake_immich.version import SUPPORTED, Version

from .helpers import ask, form, jpeg, upload

OLD = [version for version in SUPPORTED if not Version.parse(version).at_least("3.0.0")]
NEW = [version for version in SUPPORTED if Version.parse(version).at_least("3.0.0")]
old_versions = pytest.mark.parametrize("version", OLD)
new_versions = pytest.mark.parametrize("version", NEW)
every_version = pytest.mark.parametrize("version", SUPPORTED)

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@old_versions
async def test_old_error_bodies(version: str) -> None:
    async with FakeImmich(version=version) as immich:
        status, body = await ask(immich, "GET", "albums", key="wrong")
        assert (status, body["message"], body["error"], body["statusCode"]) == (
            401,
            "Invalid API key",
            "Unauthorized",
            401,
        )
        assert body["correlationId"]
        _, body = await ask(immich, "POST", "albums", {"albumName": 5})
        assert body["message"] == ["albumName must be a string"]
        _, body = await ask(immich, "GET", "assets/abc")
        assert body["message"] == ["id must be a UUID"]
        _, body = await ask(immich, "GET", "nothing")
        assert body["message"] == "Cannot GET /api/nothing"


@new_versions
async def test_new_error_bodies(version: str) -> None:
    async with FakeImmich(version=version) as immich:
        assert await ask(immich, "GET", "albums", key="wrong") == (401, {"message": "Invalid API key"})
        status, body = await ask(immich, "POST", "albums", {"albumName": 5})
        assert (status, body["message"]) == (400, "Validation failed")
        assert body["errors"][0]["path"] == ["albumName"]
        assert set(body) == {"message", "errors"}


@every_version
async def test_rights_come_before_ids(version: str) -> None:
    async with FakeImmich(version=version) as immich:
        state = immich.state
        admin = next(iter(state.users.values()))
        state.add_api_key(admin, ["album.read"], secret="narrow")
        for path in ("assets/abc", f"assets/{UNKNOWN}"):
            status, body = await ask(immich, "GET", path, key="narrow")
            assert (status, body["message"]) == (403, "Missing required permission: asset.read")
        status, body = await ask(immich, "GET", "server/statistics", key="user-key")
        assert (status, body["message"]) == (403, "Forbidden")
        status, body = await ask(immich, "GET", f"assets/{UNKNOWN}")
        assert (status, body["message"]) == (400, "Not found or no asset.read access")


@old_versions
async def test_old_releases_are_lenient_with_values(version: str) -> None:
    async with FakeImmich(version=version) as immich:
        status, _ = await ask(immich, "POST", "search/metadata", {"size": "10", "isFavorite": "true"})
        assert status == 200
        status, _ = await ask(immich, "POST", "search/metadata", {"takenAfter": "2024-01-01T00:00:00"})
        assert status == 200
        naive = {"fileCreatedAt": "2024-03-10T09:15:00", "fileModifiedAt": "2024-03-10"}
        status, _ = await upload(immich, jpeg(), **naive)
        assert status == 201


@new_versions
async def test_new_releases_are_strict_with_values(version: str) -> None:
    async with FakeImmich(version=version) as immich:
        for body in (
            {"size": "10"},
            {"isFavorite": "true"},
            {"takenAfter": "2024-01-01T00:00:00"},
            {"city": 5},
            {"isFavorite": None},
        ):
            status, answer = await ask(immich, "POST", "search/metadata", body)
            assert (status, answer["message"]) == (400, "Validation failed"), body
        status, _ = await upload(immich, jpeg(), fileCreatedAt="2024-03-10T09:15:00")
        assert status == 400


@every_version
async def test_device_ids_are_needed_before_three(version: str) -> None:
    async with FakeImmich(version=version) as immich:
        status, body = await ask(immich, "POST", "assets", data=form(jpeg()))
        if immich.dialect.strict:
            assert status == 201
        else:
            assert status == 400
            assert any(text.startswith("deviceAssetId") for text in body["message"])


@every_version
async def test_album_lists_and_details(version: str) -> None:
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        _, plain = await ask(immich, "GET", "albums")
        _, shared = await ask(immich, "GET", "albums", {"shared": "true"})
        admin = next(user.id for user in immich.state.users.values() if user.is_admin)
        owners = {each.id: each.owner_id for each in immich.state.albums.values()}
        if immich.dialect.strict:
            assert plain == shared
            assert {owners[each["id"]] for each in plain} > {admin}
            assert "assets" not in plain[0]
            assert plain[0]["albumUsers"][0]["role"] == "owner"
        else:
            assert {owners[each["id"]] for each in plain} == {admin}
            assert {each["id"] for each in shared} - {each["id"] for each in plain}
            assert all(each["assets"] == [] and each["ownerId"] for each in plain)
        full = next(each["id"] for each in plain if each["assetCount"])
        _, detail = await ask(immich, "GET", f"albums/{full}")
        assert ("assets" in detail) == (not immich.dialect.strict)
        _, detail = await ask(immich, "GET", f"albums/{full}", {"withoutAssets": "true"})
        assert detail.get("assets", []) == []


@every_version
async def test_deleting_an_album_answers_204_from_1_138(version: str) -> None:
    async with FakeImmich(version=version) as immich:
        _, album = await ask(immich, "POST", "albums", {"albumName": "x"})
        status, _ = await ask(immich, "DELETE", f"albums/{album['id']}")
        assert status == (200 if version.startswith("1.137") else 204)


@every_version
async def test_one_asset_is_patched_from_3_0(version: str) -> None:
    async with FakeImmich(version=version) as immich:
        _, made = await upload(immich, jpeg())
        path = f"assets/{made['id']}"
        status, body = await ask(immich, "PATCH", path, {"isFavorite": True})
        assert status == (200 if immich.dialect.strict else 404)
        status, body = await ask(immich, "PUT", path, {"isFavorite": True, "isArchived": True})
        assert status == 200
        assert (body["isFavorite"], body["visibility"]) == (True, "timeline")


@every_version
async def test_key_introspection_from_1_139(version: str) -> None:
    async with FakeImmich(version=version) as immich:
        status, body = await ask(immich, "GET", "api-keys/me")
        if version.startswith("1.137"):
            assert (status, body["message"]) == (400, ["id must be a UUID"])
        else:
            assert (status, body["permissions"]) == (200, ["all"])


@every_version
async def test_scopes_that_changed(version: str) -> None:
    async with FakeImmich(version=version) as immich:
        admin = next(iter(immich.state.users.values()))
        immich.state.add_api_key(admin, ["asset.upload", "server.versionCheck"], secret="narrow")
        body = {"assets": [{"id": "a", "checksum": "0" * 40}]}
        status, _ = await ask(immich, "POST", "assets/bulk-upload-check", body, key="narrow")
        assert status == (200 if immich.version.at_least("1.141.0") else 403)
        status, answer = await ask(immich, "GET", "server/version-check", key="narrow")
        if version.startswith("1.137"):
            assert (status, answer["message"]) == (403, "Missing required permission: all")
        else:
            assert status == 200


@every_version
async def test_a_video_tells_its_length(version: str) -> None:
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        film = next(each for each in immich.state.assets.values() if each.duration)
        immich.state.update_asset(film, duration=12_340)
        key = immich.state.add_api_key(immich.state.users[film.owner_id]).secret
        _, body = await ask(immich, "GET", f"assets/{film.id}", key=key)
        assert body["duration"] == (12_340 if immich.dialect.strict else "0:00:12.34000")


@pytest.mark.parametrize("version", ["1.105.1", "1.117.0"])
async def test_very_old_releases_only_tell_their_version(version: str) -> None:
    async with FakeImmich(version=version) as immich:
        status, body = await ask(immich, "GET", "server-info/version", key=None)
        assert (status, f"{body['major']}.{body['minor']}.{body['patch']}") == (200, version)


async def test_the_version_changes_while_it_runs(immich: FakeImmich) -> None:
    immich.set_version("3.3.5")
    _, body = await ask(immich, "GET", "server/version")
    assert (body["major"], body["minor"]) == (3, 3)
    _, history = await ask(immich, "GET", "server/version-history")
    assert [row["version"] for row in history] == ["3.3.5", "3.1.0"]
