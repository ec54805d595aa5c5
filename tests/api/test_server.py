"""The server: its version (also of old ones), identity, settings, disk, statistics and what it takes."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from custom_components.immich_plus.api.errors import (
    ImmichBadAnswerError,
    ImmichConnectionError,
    ImmichNotImmichError,
    ImmichPermissionError,
    ImmichTooOldError,
)
from custom_components.immich_plus.api.server import Features, MediaTypes, ServerConfig, VersionCheck
from custom_components.immich_plus.api.version import ServerVersion
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Change, Garble, LoginPage, Status, missing, replaced
from tests.fake_immich.ids import stable_id

from .conftest import MakeClient, MakeWire
from .wire import Head, Respond, answer


async def test_the_version(each: FakeImmich, make_client: MakeClient) -> None:
    assert str(await make_client(each).server.version()) == str(each.version)
    assert each.requests.by_route() == {"GET server/version": 1}


def old_server(path: str, body: bytes) -> Respond:
    """Answer like a server of old days: one route has the version, the others are missing."""

    async def _respond(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = head.first_line.split()[1]
        missing_route = b'{"message":"Cannot GET %b","error":"Not Found","statusCode":404}' % asked.encode()
        found = asked == path
        writer.write(answer(body if found else missing_route, status="200 OK" if found else "404 Not Found"))

    return _respond


@pytest.mark.parametrize(
    ("path", "body", "version"),
    [
        ("/api/server-info/version", b'{"major":1,"minor":106,"patch":4}', "1.106.4"),
        ("/api/server-info/version", b'{"major":1,"minor":117,"patch":0}', "1.117.0"),
        ("/api/server/version", b'{"major":1,"minor":118,"patch":2}', "1.118.2"),
        ("/api/server/version", b'{"major":1,"minor":136,"patch":0}', "1.136.0"),
        ("/api/server/version", b'{"major":0,"minor":9,"patch":1}', "0.9.1"),
    ],
)
async def test_too_old_names_the_version_found(
    make_client: MakeClient, make_wire: MakeWire, path: str, body: bytes, version: str
) -> None:
    wire = await make_wire(old_server(path, body))
    with pytest.raises(ImmichTooOldError, match=version) as caught:
        await make_client(wire).server.version()
    assert caught.value.version == version
    assert all(head.header("x-api-key") is None for head in wire.heads)
    with pytest.raises(ImmichTooOldError):
        await make_client(wire).connect()


@pytest.mark.parametrize("version", ["1.106.4", "1.118.2", "1.136.0"])
async def test_the_fake_of_old_days(immich: FakeImmich, make_client: MakeClient, version: str) -> None:
    immich.set_version(version)
    with pytest.raises((ImmichTooOldError, ImmichNotImmichError)):
        await make_client(immich).connect()
    assert immich.requests.count("GET users/me") == 0


@pytest.mark.parametrize(
    "body",
    [b'{"major":3,"minor":1,"patch":0}', b"{}", b"[]", b"null", b"", b'{"major":"x","minor":1,"patch":0}'],
)
async def test_nonsense_on_the_old_route_is_not_an_old_server(
    make_client: MakeClient, make_wire: MakeWire, body: bytes
) -> None:
    wire = await make_wire(old_server("/api/server-info/version", body))
    with pytest.raises(Exception, match="Cannot GET") as caught:
        await make_client(wire).server.version()
    assert not isinstance(caught.value, ImmichTooOldError)


async def test_the_old_route_is_asked_only_after_a_refusal(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    client = make_client(immich)
    for fault, kind in (
        (Status(500, html=True), ImmichConnectionError),
        (LoginPage(), ImmichNotImmichError),
        (Garble(text=b"{"), ImmichBadAnswerError),
    ):
        immich.faults.clear()
        immich.faults.add("GET server/version", fault)
        with pytest.raises(kind):
            await client.server.version()
    assert immich.requests.count("*server-info*") == 0
    immich.faults.clear()
    immich.faults.add("GET server/version", Status(403, html=True))
    with pytest.raises(ImmichNotImmichError, match="403"):
        await client.server.version()
    assert immich.requests.count("*server-info*") == 1


@pytest.mark.parametrize(
    "fault",
    [
        missing("major"),
        replaced(None, "minor"),
        replaced("x", "patch"),
        replaced([]),
        replaced("3.1.0"),
        Garble(text=b""),
    ],
)
async def test_an_answer_without_a_version_is_not_immich(
    immich: FakeImmich, make_client: MakeClient, fault: Change
) -> None:
    immich.faults.add("GET server/version", fault)
    with pytest.raises(ImmichNotImmichError, match="the answer has no version in it"):
        await make_client(immich).server.version()


async def test_the_identity_survives_upgrades(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    first = await client.server.id()
    assert first == min(each.state.version_history, key=lambda row: row[1])[0]
    each.set_version("3.3.5" if str(each.version) != "3.3.5" else "3.1.0")
    assert await client.server.id() == first


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"[]", None),
        (b"{}", None),
        (b"null", None),
        (b'[{"id":"a"},{"id":"b","createdAt":"soon"},{"createdAt":"2024-01-01T00:00:00Z"},5]', None),
        (
            b'[{"id":"new","createdAt":"2025-01-01T00:00:00.000Z"},{"id":"old","createdAt":"2024-01-01T00:00:00+00:00"},7]',
            "old",
        ),
    ],
)
async def test_a_history_that_cannot_be_read(
    immich: FakeImmich, make_client: MakeClient, body: bytes, expected: str | None
) -> None:
    immich.faults.add("GET server/version-history", Garble(text=body))
    assert await make_client(immich).server.id() == expected


async def test_features(each: FakeImmich, make_client: MakeClient) -> None:
    each.state.settings.smart_search = False
    features = await make_client(each, "no-key-is-needed").server.features()
    assert features == Features(
        smart_search=False,
        facial_recognition=True,
        duplicate_detection=True,
        ocr=str(each.version) not in ("1.137.3", "1.144.1"),
        map=True,
        reverse_geocoding=True,
        import_faces=False,
        sidecar=True,
        search=True,
        trash=True,
        email=False,
        oauth=False,
        oauth_auto_launch=False,
        password_login=True,
        config_file=False,
        realtime_transcoding=False,
    )
    each.state.settings.trash_enabled = False
    assert (await make_client(each).server.features()).trash is False
    assert not any("x-api-key" in map(str.lower, entry.headers) for entry in each.requests.entries)


@pytest.mark.parametrize(
    ("wire_name", "name"),
    [
        ("smartSearch", "smart_search"),
        ("facialRecognition", "facial_recognition"),
        ("duplicateDetection", "duplicate_detection"),
        ("ocr", "ocr"),
        ("map", "map"),
        ("reverseGeocoding", "reverse_geocoding"),
        ("importFaces", "import_faces"),
        ("sidecar", "sidecar"),
        ("search", "search"),
        ("trash", "trash"),
        ("email", "email"),
        ("oauth", "oauth"),
        ("oauthAutoLaunch", "oauth_auto_launch"),
        ("passwordLogin", "password_login"),
        ("configFile", "config_file"),
        ("realtimeTranscoding", "realtime_transcoding"),
    ],
)
def test_each_feature_by_itself(wire_name: str, name: str) -> None:
    nothing = asdict(Features.from_json({}))
    assert [known for known, on in nothing.items() if on] == ["trash"]
    told = asdict(Features.from_json({wire_name: True, "trash": wire_name == "trash"}))
    assert [known for known, on in told.items() if on] == [name]
    assert asdict(Features.from_json({wire_name: "yes"})) == nothing


async def test_settings(each: FakeImmich, make_client: MakeClient) -> None:
    each.state.settings.external_domain = "https://photos.example.org"
    config = await make_client(each, "no-key-is-needed").server.config()
    assert config == ServerConfig(
        external_domain="https://photos.example.org",
        trash_days=30,
        user_delete_delay=7,
        maintenance=False,
        min_faces=3 if str(each.version) in ("3.1.0", "3.3.5") else None,
        initialized=True,
    )


async def test_settings_in_maintenance_mode(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.maintenance = True
    assert await make_client(immich).server.config() == ServerConfig(
        external_domain="",
        trash_days=None,
        user_delete_delay=None,
        maintenance=True,
        min_faces=None,
        initialized=None,
    )


async def test_spoilt_settings_are_named(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("GET server/*", replaced([]))
    with pytest.raises(ImmichBadAnswerError, match="server/config: expected an object"):
        await make_client(immich).server.config()
    with pytest.raises(ImmichBadAnswerError, match="server/features: expected an object"):
        await make_client(immich).server.features()


async def test_storage(each: FakeImmich, make_client: MakeClient) -> None:
    storage = await make_client(each, "user-key").server.storage()
    assert storage.size > storage.used > 0
    assert storage.available > 0
    assert storage.usage is not None
    assert 0 < storage.usage < 100


@pytest.mark.parametrize("member", ["diskSizeRaw", "diskUseRaw", "diskAvailableRaw"])
async def test_spoilt_storage_is_named(immich: FakeImmich, make_client: MakeClient, member: str) -> None:
    immich.faults.add("GET server/storage", replaced("93 GiB", member))
    with pytest.raises(
        ImmichBadAnswerError, match=f"server/storage: field {member} should be a number, is a text"
    ):
        await make_client(immich).server.storage()


async def test_storage_without_a_share(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("GET server/storage", replaced("3 %", "diskUsagePercentage"))
    assert (await make_client(immich).server.storage()).usage is None


async def test_statistics(each: FakeImmich, make_client: MakeClient) -> None:
    statistics = await make_client(each).server.statistics()
    by_name = {user.name: user for user in statistics.users}
    assert set(by_name) == {"Admin", "User", "Guest"}
    assert by_name["User"].user_id == stable_id("tiny user")
    assert by_name["User"].quota == 10**9
    assert by_name["Admin"].quota is None
    assert statistics.photos == sum(user.photos for user in statistics.users)
    assert statistics.videos == sum(user.videos for user in statistics.users)
    assert statistics.usage_photos is not None
    assert statistics.usage_videos is not None
    assert by_name["Admin"].usage > 0
    with pytest.raises(ImmichPermissionError):
        await make_client(each, "user-key").server.statistics()
    with pytest.raises(ImmichPermissionError) as caught:
        await make_client(each, "read-key").server.statistics()
    assert caught.value.scope == "server.statistics"


async def test_one_odd_user_never_takes_the_others_down(immich: FakeImmich, make_client: MakeClient) -> None:
    immich.faults.add("GET server/statistics", replaced(None, "usageByUser", 0, "usage"), times=1)
    statistics = await make_client(immich).server.statistics()
    assert len(statistics.users) == 2
    immich.faults.add("GET server/statistics", missing("usageByUser"), times=1)
    assert (await make_client(immich).server.statistics()).users == []
    immich.faults.add("GET server/statistics", replaced("x", "usageByUser"), times=1)
    with pytest.raises(ImmichBadAnswerError, match="server/statistics: expected a list"):
        await make_client(immich).server.statistics()
    immich.faults.add("GET server/statistics", missing("photos"), times=1)
    with pytest.raises(ImmichBadAnswerError, match="server/statistics: field photos"):
        await make_client(immich).server.statistics()


async def test_the_newest_release(each: FakeImmich, make_client: MakeClient) -> None:
    found = await make_client(each).server.version_check()
    assert found.release is None or isinstance(found.release, ServerVersion)


@pytest.mark.parametrize(
    ("value", "release", "checked"),
    [
        (
            {"checkedAt": "2026-11-20T10:00:00.000Z", "releaseVersion": "v3.4.0"},
            ServerVersion(3, 4, 0),
            datetime(2026, 11, 20, 10, tzinfo=UTC),
        ),
        ({"checkedAt": None, "releaseVersion": None}, None, None),
        ({}, None, None),
        ({"checkedAt": 5, "releaseVersion": "newest"}, None, None),
    ],
)
def test_release_checks(value: object, release: ServerVersion | None, checked: datetime | None) -> None:
    assert VersionCheck.from_json(value) == VersionCheck(release=release, checked_at=checked)


async def test_media_types_are_asked_for_once(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each, "no-key-is-needed")
    types = await client.server.media_types()
    assert ".jpg" in types.image
    assert ".mp4" in types.video
    assert ".xmp" in types.sidecar
    assert await client.server.media_types() is types
    assert each.requests.count() == 1


async def test_media_types_are_asked_for_again_after_a_failure(
    immich: FakeImmich, make_client: MakeClient
) -> None:
    client = make_client(immich)
    immich.faults.add("GET server/media-types", replaced("x", "image"), times=1)
    with pytest.raises(ImmichBadAnswerError, match="server/media-types"):
        await client.server.media_types()
    assert (await client.server.media_types()).image


def test_odd_media_types() -> None:
    assert MediaTypes.from_json({"image": [".JPG", 5, None]}) == MediaTypes(
        image=frozenset({".jpg"}), video=frozenset(), sidecar=frozenset()
    )
