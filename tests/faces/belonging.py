"""Which assets belong into each folder, as the fake server's state says."""

from collections.abc import Callable
from urllib.parse import quote

from custom_components.immich_plus.media import divide
from tests.fake_immich.models import Asset, AssetType, Visibility
from tests.fake_immich.state import State

from .browsing import Browsing

TIMELINE, ARCHIVE = Visibility.TIMELINE, Visibility.ARCHIVE


def those(state: State, fits: Callable[[Asset], bool]) -> set[str]:
    """Return the ids of the assets that fit and aren't in the trash."""
    return {asset.id for asset in state.assets.values() if asset.trashed_at is None and fits(asset)}


def in_album(state: State, album_id: str) -> set[str]:
    """Return the ids of what an album shows."""
    members = state.albums[album_id].assets
    return those(state, lambda asset: asset.id in members and asset.visibility in (TIMELINE, ARCHIVE))


def below(browsing: Browsing, path: str) -> Callable[[str], bool]:
    """Return the test for folders that are divisions of a folder."""
    start = f"{browsing.root}/{path}/"
    return lambda media_id: media_id.startswith(start)


async def check_everything(browsing: Browsing, *, cold: bool = False) -> None:
    """Hold each folder of a library to the state."""
    state = browsing.immich.state
    me = str(browsing.account.unique_id)
    shown = {me} | state.partners_of(me, in_timeline=True)
    seen: dict[str, set[str]] = {}
    for face in state.faces.values():
        if face.person_id is not None and state.people[face.person_id].owner_id == me:
            seen.setdefault(face.person_id, set()).add(face.asset_id)

    async def _check(path: str, fits: Callable[[Asset], bool]) -> None:
        into = below(browsing, path)
        await browsing.holds(path, those(state, fits), into=into, cold=cold)

    await _check("timeline", lambda each: each.owner_id in shown and each.visibility is TIMELINE)
    await _check(
        "favorites", lambda each: each.owner_id == me and each.visibility is TIMELINE and each.is_favorite
    )
    await _check("archive", lambda each: each.owner_id == me and each.visibility is ARCHIVE)
    await _check(
        "videos",
        lambda each: each.owner_id in shown and each.visibility is TIMELINE and each.type is AssetType.VIDEO,
    )
    await _check(
        "unsorted",
        lambda each: (
            each.owner_id == me and each.visibility is TIMELINE and not state.albums_of_asset.get(each.id)
        ),
    )
    await _check("folders", lambda each: each.owner_id == me and each.visibility is TIMELINE)
    for album in state.albums_of(me):
        path = f"albums/{album.id}"
        await browsing.holds(path, in_album(state, album.id), into=below(browsing, path), cold=cold)
    for person_id, assets in seen.items():
        await _check(
            f"people/{person_id}", lambda each, ids=assets: each.id in ids and each.visibility is TIMELINE
        )
    tags = [tag for tag in state.tags.values() if tag.user_id == me]
    for tag in tags:
        family = {each.id for each in tags if f"{each.value}/".startswith(f"{tag.value}/")}
        await _check(
            f"tags/{tag.id}",
            lambda each, ids=family: each.visibility is TIMELINE and not ids.isdisjoint(each.tag_ids),
        )
    located = [
        each
        for each in state.assets.values()
        if each.owner_id in shown and each.visibility is TIMELINE and each.trashed_at is None
    ]
    ids = {each.id for each in located}
    places: dict[str, set[str]] = {}
    for each in located:
        if each.exif.country:
            places.setdefault(each.exif.country, set()).update({each.exif.city or ""} - {""})
    if len(places) <= divide.MOST_CHILDREN:
        assert set(await browsing.titles("places")) == set(places)
    for country, cities in places.items():
        path = f"places/{quote(country, safe='')}"
        await _check(f"{path}/=all", lambda each, at=country: each.id in ids and each.exif.country == at)
        for city in cities:
            await _check(
                f"{path}/{quote(city, safe='')}",
                lambda each, at=(country, city): each.id in ids and (each.exif.country, each.exif.city) == at,
            )
