"""The media browser on a real server: every kind of folder, and nothing of the library that can't be reached."""

from datetime import timedelta
import re

from homeassistant.components.media_source import async_browse_media
from homeassistant.util import dt as dt_util
import pytest

from custom_components.immich_plus.const import DOMAIN
from custom_components.immich_plus.media.kinds import KINDS

from .acting import UNKNOWN, YEAR, moment
from .looking import MOST_CHILDREN, Look, asset_of
from .server import eventually, film

MOST_ALBUMS = 25
DEEPEST = 12


async def test_every_kind_opens(look: Look) -> None:
    accounts = await async_browse_media(look.act.hass, f"media-source://{DOMAIN}")
    assert look.root in [child.media_content_id for child in accounts.children or ()]
    kinds = [child.media_content_id for child in (await look.open()).children or ()]
    assert kinds == [f"{look.root}/{name}" for name, kind in KINDS.items() if kind.listed]
    for kind in kinds:
        # Down along the first and along the last folder of each.
        for which in (0, -1):
            waiting: str | None = kind
            for _ in range(DEEPEST):
                if waiting is None or (opened := await look.open_unless_lacking(waiting)) is None:
                    break
                assert opened.title
                folders = [child for child in opened.children or () if asset_of(child) is None]
                waiting = folders[which].media_content_id if folders else None
    for unknown in ("nothing", "timeline/1971/13", "albums/nothing", "search"):
        assert await look.refused(unknown) == "folder_unknown"


async def test_everything_is_in_the_timeline(look: Look) -> None:
    expected = await look.listing()
    openings = await look.holds("timeline", expected)
    # Each folder that has assets costs one search, and there are few others.
    assert openings <= 1 + len(expected)
    counted = [
        int(match[1])
        for child in (await look.open("timeline")).children or ()
        if (match := re.search(r" \((\d+)\)$", child.title))
    ]
    assert sum(counted) == len(expected)


async def test_a_month_and_an_album_of_more_than_a_folder(look: Look) -> None:
    start = moment(1)
    close = [start + timedelta(minutes=number) for number in range(MOST_CHILDREN + 3)]
    ids = await look.act.many(*close, moment(1, year=YEAR + 1), moment(31, 23, 59, year=YEAR + 1))
    album = (await look.act("create_album", name=look.act.server.mark))["album"]["id"]
    for some in (ids[:300], ids[300:]):
        await look.act("add_to_album", album=album, assets=some)
    await look.holds(f"timeline/{YEAR}", set(ids[:-2]))
    await look.holds(f"timeline/{YEAR}/03", set(ids[:-2]))
    await look.holds(f"timeline/{YEAR + 1}/03", set(ids[-2:]))
    assert await look.assets(f"timeline/{YEAR + 1}/03") == [ids[-1], ids[-2]]
    assert await look.holds(f"albums/{album}", set(ids)) > 2
    titles = [child.title for child in (await look.open("albums")).children or ()]
    assert f"{look.act.server.mark} ({len(ids)})" in titles


async def test_albums_of_everybody(look: Look) -> None:
    albums = await look.act.server.ask("GET", "albums")
    if not albums:
        pytest.skip("the account has no albums, and none is shared with it")
    for album in sorted(albums, key=lambda album: -album["assetCount"])[:MOST_ALBUMS]:
        expected = await look.shown_by_months(albumId=album["id"])
        await look.holds(f"albums/{album['id']}", expected)
    assert await look.refused(f"albums/{UNKNOWN}") == "not_found"


async def test_marks_and_films(look: Look) -> None:
    loved, put_away, plain = await look.act.pictures(*(moment(day) for day in (1, 2, 3)))
    await look.act("update_assets", assets=loved, favorite=True)
    await look.act("update_assets", assets=put_away, archived=True)
    path = look.act.folder / "film.mp4"
    film(path)
    taken = "1971-03-04T12:00:00+00:00"
    moving = (await look.act("upload", path=str(path), taken_at=taken))["assets"][0]["id"]
    await look.act.settled(moving)
    await look.act.server.ask("DELETE", "assets", {"ids": [plain], "force": False})
    loved_ids = await look.listing(own=True, isFavorite=True)
    archived = await look.listing(own=True, visibility="archive")
    films = await look.listing(type="VIDEO")
    timeline = await look.listing()
    assert loved in loved_ids
    assert put_away in archived
    assert moving in films
    assert timeline >= {loved, moving}
    assert not timeline & {put_away, plain}
    look.forget()
    await look.holds("favorites", loved_ids)
    await look.holds("archive", archived)
    await look.holds("videos", films)
    await look.holds(f"timeline/{YEAR}", {loved, moving})


async def test_what_is_in_no_album(look: Look) -> None:
    sorted_in, loose = await look.act.pictures(moment(1), moment(2))
    await look.act("create_album", name=look.act.server.mark, assets=sorted_in)
    expected = await look.listing(own=True, isNotInAlbum=True)
    assert loose in expected
    assert sorted_in not in expected
    await look.holds("unsorted", expected)


async def test_what_was_added_last(look: Look) -> None:
    # Added one after the other, and taken in another order.
    added: list[str] = []
    for day in (2, 1, 3):
        added += await look.act.pictures(moment(day))
    shown = await look.assets("recent")
    assert set(shown) <= await look.listing()
    # Versions before 1.140 don't tell when something was added.
    if "createdAt" not in await look.act.read(added[0]):
        assert set(shown) >= set(added)
        return
    assert shown[:3] == added[::-1]
    look.forget()
    (last,) = await look.act.pictures(moment(1, 1))
    assert (await look.assets("recent"))[:4] == [last, *added[::-1]]


async def test_random_ones(look: Look) -> None:
    await look.act.pictures(*(moment(day) for day in range(1, 5)))
    expected = await look.listing()
    drawn = [await look.assets("random") for _ in range(5)]
    for assets in drawn:
        assert set(assets) <= expected
        assert len(assets) == len(set(assets)) == min(100, len(expected))
    assert len({tuple(assets) for assets in drawn}) > 1


async def test_tags_inside_of_tags(look: Look) -> None:
    mark = look.act.server.mark
    (outer,) = await look.act.pictures(moment(1), tags=[f"{mark}/Out"])
    (inner,) = await look.act.pictures(moment(2), tags=[f"{mark}/Out/In"])
    for asset_id in (outer, inner):
        await eventually(lambda asset_id=asset_id: look.act.read(asset_id), lambda asset: bool(asset["tags"]))  # type: ignore[misc]
    path = await look.descend("tags", mark, "Out")
    assert path is not None
    # What is below a tag has it, too: once beside the folder, and once in it.
    assert set(await look.assets(path)) == {outer, inner}
    within = await look.descend("tags", mark, "Out", "In")
    assert within is not None
    await look.holds(within, {inner})


async def test_places(look: Look) -> None:
    (one,) = await look.act.pictures(moment(1))
    await look.act("update_assets", assets=one, latitude=52.52, longitude=13.405)
    raw = await eventually(lambda: look.act.read(one), lambda asset: bool(asset["exifInfo"]["city"]))
    city, country = raw["exifInfo"]["city"], raw["exifInfo"]["country"]
    look.forget()
    within = await look.descend("places", country)
    assert within is not None
    everything = await look.listing(country=country)
    assert one in everything
    await look.holds(f"{within}/=all", everything)
    town = await look.descend("places", country, city)
    assert town is not None
    await look.holds(town, await look.listing(country=country, city=city))


async def test_folders_of_the_server(look: Look) -> None:
    one, two = await look.act.pictures(moment(1), moment(2))
    tree: set[str] = set(await look.act.server.ask("GET", "view/folder/unique-paths"))
    for asset_id in (one, two):
        folder = (await look.act.read(asset_id))["originalPath"].rpartition("/")[0]
        assert folder in tree
        raw = await look.act.server.ask("GET", f"view/folder?path={folder}")
        names = [part for part in folder.split("/") if part]
        for start in range(len(names) + 1):
            # What all folders share is left out.
            if (path := await look.descend("folders", *names[start:])) is not None:
                break
        else:
            raise AssertionError("the folder can't be reached")
        await look.holds(path, {each["id"] for each in raw}, into=lambda media_id: "/=" in media_id)


async def test_memories(look: Look) -> None:
    one, two = await look.act.pictures(moment(1), moment(1, 13))
    today = dt_util.now().date()
    body = {
        "type": "on_this_day",
        "data": {"year": YEAR},
        "memoryAt": f"{YEAR}-03-01T00:00:00.000Z",
        "showAt": f"{today}T00:00:00.000Z",
        "hideAt": f"{today}T23:59:59.999Z",
        "isSaved": True,
        "assetIds": [one, two],
    }
    made = (await look.act.server.ask("POST", "memories", body))["id"]
    look.act.server.memories.add(made)
    children = (await look.open("memories")).children or ()
    memory = f"{look.root}/memories/{today}/{made}"
    (title,) = [child.title for child in children if child.media_content_id == memory]
    assert str(YEAR) in title
    await look.holds(f"memories/{today}/{made}", {one, two})
    await look.holds(f"memories/saved/{made}", {one, two})


async def test_people(look: Look) -> None:
    one, _ = await look.act.pictures(moment(1), moment(2))
    name = f"Anna {look.act.server.mark}"
    person = (await look.act.server.ask("POST", "people", {"name": name}))["id"]
    look.act.server.people.add(person)
    face = {"imageWidth": 96, "imageHeight": 64, "x": 1, "y": 1, "width": 20, "height": 20}
    await look.act.server.ask("POST", "faces", {"assetId": one, "personId": person, **face})
    await look.holds(f"people/{person}", {one})
    if (found := await look.descend("people", name)) is not None:
        assert found == f"{look.root}/people/{person}"


async def test_searching(look: Look) -> None:
    mark = look.act.server.mark
    one, two = await look.act.pictures(moment(1), moment(2))
    await look.act("update_assets", assets=two, description=f"A word {mark}x here")
    await eventually(lambda: look.act.read(two), lambda asset: bool(asset["exifInfo"]["description"]))
    smart = (await look.act.server.ask("GET", "server/features"))["smartSearch"]
    if smart:
        # What pictures show is compared with the words: noise shows nothing.
        assert set(await look.search(f"timeline/{YEAR}", "a boat")) <= {one, two}
        assert await look.assets("search/a%20boat") is not None
        return
    assert set(await look.search("", mark)) == {one, two}
    assert await look.search("", f"{mark}x") == [two]
    assert await look.search(f"timeline/{YEAR}/03", f"{mark}-00") == [one]
    assert not (await look.open(f"timeline/{YEAR + 1}")).can_search
    assert await look.search("videos", mark) == []
    assert set(await look.assets(f"search/{mark}")) == {one, two}
