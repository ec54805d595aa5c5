"""Assets: counting, reading, finding duplicates, changing, deleting; in each version."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from hashlib import sha1

import pytest

from custom_components.immich_plus.api import Immich, assets
from custom_components.immich_plus.api.asset import ThumbnailSize, Visibility
from custom_components.immich_plus.api.assets import AssetChange, AssetCounts, Duplicate
from custom_components.immich_plus.api.errors import (
    ImmichBadAnswerError,
    ImmichBadRequestError,
    ImmichNotFoundError,
    ImmichPermissionError,
    ImmichServerError,
)
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Change, CloseReused, Drop, Garble, Status, missing, replaced
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Visibility as FakeVisibility
from tests.fake_immich.tiny import FACTS, TinyMedia

from .conftest import MakeClient

VIENNA = stable_id("tiny vienna.jpg")
ROME = stable_id("tiny rome.jpg")
TRASHED = stable_id("tiny trashed.jpg")
FOREIGN = stable_id("tiny user1.jpg")
NOBODY = "00000000-0000-4000-8000-000000000000"
CHECKSUMS = {
    name: sha1(TinyMedia(name).content).hexdigest() for name in ("vienna.jpg", "trashed.jpg", "user1.jpg")
}
NEW = sha1(b"new").hexdigest()


def narrow(immich: FakeImmich, scopes: Sequence[str]) -> str:
    """Make a key of the administrator's with these scopes alone."""
    admin = next(user for user in immich.state.users.values() if user.is_admin)
    immich.state.add_api_key(admin, list(scopes), name="narrow", secret="narrow-key")
    return "narrow-key"


async def test_counts(each: FakeImmich, make_client: MakeClient) -> None:
    counts = make_client(each).assets.counts
    timeline = await counts(visibility=Visibility.TIMELINE)
    assert (timeline.images, timeline.videos) == (FACTS["photos"], FACTS["videos"])
    assert timeline.total == FACTS["photos"] + FACTS["videos"]
    assert (await counts(favorite=True)).total == FACTS["favorites"]
    assert (await counts(visibility=Visibility.ARCHIVE)).total == FACTS["archived"]
    assert (await counts(trashed=True)).total == FACTS["trashed"]
    assert (await counts()).total == timeline.total + FACTS["archived"]
    assert [entry.query for entry in each.requests.entries] == [
        {"visibility": "timeline"},
        {"isFavorite": "true"},
        {"visibility": "archive"},
        {"isTrashed": "true"},
        {},
    ]


@pytest.mark.parametrize(
    "fault",
    [missing("images"), replaced(None, "videos"), replaced("x", "images"), replaced([]), Garble(text=b"")],
)
async def test_spoilt_counts_are_named(immich: FakeImmich, make_client: MakeClient, fault: Change) -> None:
    immich.faults.add("GET assets/statistics", fault)
    with pytest.raises(ImmichBadAnswerError, match=r"^assets/statistics: "):
        await make_client(immich).assets.counts()


async def test_what_cannot_be_read(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    for asset_id in (NOBODY, stable_id("tiny user2.jpg")[:-1] + "f", "", "me", "../users/me", "%2e%2e"):
        with pytest.raises(ImmichNotFoundError):
            await client.assets.get(asset_id)
    assert each.requests.count() <= 2


ASKED = {"a": CHECKSUMS["vienna.jpg"], "b": NEW, "c": CHECKSUMS["trashed.jpg"], "d": CHECKSUMS["user1.jpg"]}
KNOWN = {
    "a": Duplicate(asset_id=VIENNA, trashed=False),
    "c": Duplicate(asset_id=TRASHED, trashed=True),
}


async def test_duplicates(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.connect()
    each.requests.clear()
    assert await client.assets.find_duplicates(ASKED) == KNOWN
    assert each.requests.count() == 1
    assert await client.assets.find_duplicates({}) == {}
    assert each.requests.count() == 1


async def connected(immich: FakeImmich, make_client: MakeClient, scopes: Sequence[str]) -> Immich:
    client = make_client(immich, narrow(immich, ["user.read", *scopes]))
    await client.connect()
    immich.requests.clear()
    return client


@pytest.mark.parametrize("version", ["1.137.3", "1.139.4", "1.140.1"])
async def test_duplicates_with_a_narrow_key_on_an_old_server(
    make_immich: MakeImmich, make_client: MakeClient, version: str
) -> None:
    immich = await make_immich(version=version)
    client = await connected(immich, make_client, ["asset.upload", "asset.read"])
    before = len(immich.state.assets)
    for _ in range(2):
        assert await client.assets.find_duplicates(ASKED) == KNOWN
    # Told or learnt: the wide question is asked once at most.
    assert immich.requests.count("POST assets/bulk-upload-check") == (1 if version == "1.137.3" else 0)
    assert immich.requests.count("POST assets") == 8
    assert all(entry.body_size == 0 for entry in immich.requests.matching("POST assets"))
    assert len(immich.state.assets) == before


async def test_duplicates_of_a_key_that_cannot_read(make_immich: MakeImmich, make_client: MakeClient) -> None:
    immich = await make_immich(version="1.137.3")
    client = await connected(immich, make_client, ["asset.upload"])
    found = await client.assets.find_duplicates(ASKED)
    assert found == {
        "a": Duplicate(asset_id=VIENNA, trashed=None),
        "c": Duplicate(asset_id=TRASHED, trashed=None),
    }


async def test_asking_one_by_one_survives_closed_connections(
    make_immich: MakeImmich, make_client: MakeClient
) -> None:
    immich = await make_immich(version="1.137.3")
    client = await connected(immich, make_client, ["asset.upload", "asset.read"])
    immich.faults.add("POST assets", CloseReused(), times=1)
    immich.faults.add("POST assets", Drop(), times=1)
    assert await client.assets.find_duplicates(ASKED) == KNOWN


@pytest.mark.parametrize("version", ["1.137.3", "1.144.1", "3.1.0"])
async def test_a_key_that_may_not_upload_is_told_so(
    make_immich: MakeImmich, make_client: MakeClient, version: str
) -> None:
    immich = await make_immich(version=version)
    client = await connected(immich, make_client, ["asset.read"])
    client.scopes.told = None
    with pytest.raises(ImmichPermissionError) as caught:
        await client.assets.find_duplicates(ASKED)
    assert caught.value.scope == "asset.upload"
    # Where the wide question wants that scope itself, the narrow one is not asked in vain.
    assert immich.requests.count("POST assets") == (1 if version == "1.137.3" else 0)


async def test_a_refusal_without_a_scope_is_not_learnt(immich: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(immich)
    await client.connect()
    immich.faults.add("POST assets/bulk-upload-check", Status(403, message="Forbidden"))
    with pytest.raises(ImmichPermissionError):
        await client.assets.find_duplicates(ASKED)
    assert client.scopes.refused == set()


async def test_another_failure_of_the_single_question_is_told(
    make_immich: MakeImmich, make_client: MakeClient
) -> None:
    immich = await make_immich(version="1.137.3")
    client = await connected(immich, make_client, ["asset.upload"])
    immich.faults.add("POST assets", Status(500))
    with pytest.raises(ImmichServerError):
        await client.assets.find_duplicates(ASKED)
    immich.faults.clear()
    immich.faults.add("POST assets", replaced("nonsense", "id"))
    with pytest.raises(ImmichBadAnswerError):
        await client.assets.find_duplicates(ASKED)


async def test_many_checksums_go_in_several_requests(
    immich: FakeImmich, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "ASSETS_PER_REQUEST", 3)
    client = make_client(immich)
    await client.connect()
    assert await client.assets.find_duplicates(ASKED) == KNOWN
    assert immich.requests.count("POST assets/bulk-upload-check") == 2


@pytest.mark.parametrize(
    "row",
    [
        {"id": "a", "action": "accept", "assetId": VIENNA},
        {"id": "a", "action": "reject", "reason": "unsupported-format"},
        {"id": "a", "action": "reject", "assetId": None},
        {"id": "a", "action": "reject", "assetId": "../../x"},
        {"id": None, "action": "reject", "assetId": VIENNA},
        {},
        None,
    ],
)
async def test_odd_rows_are_no_duplicates(immich: FakeImmich, make_client: MakeClient, row: object) -> None:
    client = make_client(immich)
    await client.connect()
    immich.faults.add("POST assets/bulk-upload-check", replaced([row], "results"), times=1)
    assert await client.assets.find_duplicates(ASKED) == {}
    immich.faults.add("POST assets/bulk-upload-check", missing("results"), times=1)
    with pytest.raises(ImmichBadAnswerError, match="bulk-upload-check: expected a list"):
        await client.assets.find_duplicates(ASKED)


async def test_changes(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.connect()
    taken = datetime(2020, 2, 3, 4, 5, 6, 789123, tzinfo=timezone(timedelta(hours=2)))
    changed = await client.assets.update(
        [VIENNA, ROME.upper()],
        AssetChange(
            favorite=True,
            visibility=Visibility.ARCHIVE,
            description="Grüße",
            taken_at=taken,
            rating=4,
            latitude=48.2,
            longitude=16.4,
        ),
    )
    assert (changed.results, changed.failed) == ({VIENNA: None, ROME: None}, {})
    await each.settle()
    for asset_id in (VIENNA, ROME):
        asset = each.state.assets[asset_id]
        assert asset.is_favorite is True
        assert asset.visibility is FakeVisibility.ARCHIVE
        assert asset.exif.description == "Grüße"
        # To the millisecond, and in the zone that was meant.
        assert asset.file_created_at == taken.replace(microsecond=789000)
        assert asset.local_date_time.hour == 4
        assert (asset.exif.rating, asset.exif.latitude, asset.exif.longitude) == (4, 48.2, 16.4)
    each.requests.clear()
    await client.assets.update([VIENNA], AssetChange(favorite=False))
    assert each.state.assets[VIENNA].is_favorite is False
    assert each.state.assets[VIENNA].visibility is FakeVisibility.ARCHIVE
    assert each.state.assets[VIENNA].exif.rating == 4
    await client.assets.update([VIENNA], AssetChange(description="", visibility=Visibility.TIMELINE))
    assert each.state.assets[VIENNA].is_favorite is False
    assert each.state.assets[VIENNA].exif.description == ""
    assert (await client.assets.update([], AssetChange(favorite=True))).results == {}
    assert each.requests.by_route() == {"PUT assets": 2}


async def test_a_rating_is_taken_away(each: FakeImmich, make_client: MakeClient) -> None:
    """Servers know two ways of it, and those that take null have another meaning for the old one."""
    client = make_client(each)
    await client.connect()
    await client.assets.update([VIENNA], AssetChange(rating=5))
    each.requests.clear()
    await client.assets.update([VIENNA], AssetChange(rating=0))
    old = not each.version.at_least("2.6.0")
    assert each.requests.entries[0].json == {"ids": [VIENNA], "rating": -1 if old else None}
    assert each.state.assets[VIENNA].exif.rating == (-1 if old else None)


async def test_what_immich_does_not_take(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    with pytest.raises(ImmichBadRequestError):
        await client.assets.update([VIENNA, ROME], AssetChange(rating=6))
    with pytest.raises(ImmichBadRequestError):
        await client.assets.update([VIENNA], AssetChange(latitude=48.2))
    assert each.requests.count() == 2


async def test_trash_and_back(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each)
    await client.assets.restore([TRASHED])
    assert each.state.assets[TRASHED].is_trashed is False
    await client.assets.delete([TRASHED, VIENNA])
    assert each.state.assets[VIENNA].is_trashed is True
    await client.assets.delete([TRASHED], permanently=True)
    await each.settle()
    assert TRASHED not in each.state.assets


async def test_changes_of_what_is_not_there(each: FakeImmich, make_client: MakeClient) -> None:
    """Each tells which it could not reach; only if that is all of them, the call fails."""
    client = make_client(each).assets
    change = AssetChange(favorite=True)
    for call in (
        client.update([NOBODY], change),
        client.update([FOREIGN], change),
        client.restore([NOBODY, FOREIGN]),
        client.delete([NOBODY]),
        client.delete([NOBODY], permanently=True),
    ):
        with pytest.raises(ImmichNotFoundError):
            await call
    for changed in (
        await client.update([VIENNA, NOBODY, ROME, FOREIGN], change),
        await client.delete([VIENNA, NOBODY, ROME, FOREIGN]),
        await client.restore([VIENNA, NOBODY, ROME, FOREIGN]),
        await client.delete([VIENNA, NOBODY, ROME, FOREIGN], permanently=True),
    ):
        assert list(changed.results) == [VIENNA, ROME]
        assert list(changed.failed) == [NOBODY, FOREIGN]
        assert all(isinstance(error, ImmichNotFoundError) for error in changed.failed.values())
    await each.settle()
    assert not {VIENNA, ROME} & each.state.assets.keys()
    assert FOREIGN in each.state.assets
    each.requests.clear()
    for call in (
        client.update([VIENNA, "x"], change),
        client.restore(["all"]),
        client.delete([""]),
    ):
        with pytest.raises(ImmichNotFoundError, match="not an Immich id"):
            await call
    with pytest.raises(ImmichNotFoundError):
        client.open_original("../../admin")
    with pytest.raises(ImmichNotFoundError):
        client.open_video("../../admin")
    with pytest.raises(ImmichNotFoundError):
        client.open_thumbnail("../../admin", ThumbnailSize.PREVIEW)
    assert each.requests.count() == 0


async def test_narrow_keys(each: FakeImmich, make_client: MakeClient) -> None:
    client = make_client(each, "read-key")
    assert (await client.assets.counts()).total
    for call, scope in (
        (client.assets.update([VIENNA], AssetChange(favorite=True)), "asset.update"),
        (client.assets.restore([TRASHED]), "asset.delete"),
        (client.assets.delete([VIENNA]), "asset.delete"),
    ):
        with pytest.raises(ImmichPermissionError) as caught:
            await call
        assert caught.value.scope == scope


def test_counts_can_be_added() -> None:
    assert AssetCounts(images=2, videos=3).total == 5
