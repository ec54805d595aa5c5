"""Every action about albums on a real server."""

from .acting import UNKNOWN, Acting, ids_of, moment


async def test_an_album_from_its_making_to_its_end(act: Acting) -> None:
    one, two, three = await act.pictures(*(moment(day) for day in (1, 2, 3)))
    mark = act.server.mark
    made = await act("create_album", name=mark, description="Made by a test", assets=[one, two, one])
    assert made["assets"] == [{"id": one, "result": "added"}, {"id": two, "result": "added"}]
    album = made["album"]
    assert (album["name"], album["description"], album["asset_count"]) == (mark, "Made by a test", 2)
    assert (album["start"], album["end"], album["owned"]) == ("1971-03-01", "1971-03-02", True)

    listed = (await act("get_albums", owned=True))["albums"]
    assert [each for each in listed if each["id"] == album["id"]] == [album]
    assert [each["id"] for each in (await act("get_albums", asset=two))["albums"]] == [album["id"]]
    assert album["id"] not in [each["id"] for each in (await act("get_albums", shared=True))["albums"]]

    added = await act("add_to_album", album=mark.upper(), assets=[three, one, UNKNOWN])
    assert added["assets"] == [
        {"id": three, "result": "added"},
        {"id": one, "result": "already_there"},
        {"id": UNKNOWN, "result": "not_allowed"},
    ]
    page = await act("get_album", album=mark, page_size=2)
    assert (page["album"]["asset_count"], ids_of(page)) == (3, [three, two])
    rest = await act("get_album", album=mark, page_size=2, cursor=page["next_cursor"])
    assert (ids_of(rest), rest["next_cursor"]) == ([one], None)
    assert ids_of(await act("get_album", album=album["id"], order="oldest")) == [one, two, three]

    changed = await act(
        "update_album", album=mark, name=f"{mark} b", description="", cover=three, order="oldest"
    )
    assert changed["album"]["name"] == f"{mark} b"
    assert (changed["album"]["description"], changed["album"]["cover"]) == ("", three)
    assert ids_of(await act("get_album", album=f"{mark} b")) == [one, two, three]
    raw = await act.server.ask("GET", f"albums/{album['id']}")
    assert (raw["albumName"], raw["albumThumbnailAssetId"], raw["order"]) == (f"{mark} b", three, "asc")

    removed = await act("remove_from_album", album=f"{mark} b", assets=[three, UNKNOWN])
    assert removed["assets"] == [{"id": three, "result": "removed"}, {"id": UNKNOWN, "result": "not_there"}]
    assert (await act("get_album", album=f"{mark} b"))["album"]["cover"] in (one, two)

    await act("delete_album", album=f"{mark} b")
    assert await act.refused("get_album", album=album["id"]) == "album_unknown"
    assert not (await act.read(one))["isTrashed"]


async def test_two_albums_of_one_name(act: Acting) -> None:
    mark = act.server.mark
    first, second = [(await act("create_album", name=mark))["album"]["id"] for _ in range(2)]
    assert await act.refused("get_album", album=mark) == "album_ambiguous"
    assert await act.refused("delete_album", album=mark) == "album_ambiguous"
    assert await act.refused("update_album", album=mark, description="x") == "album_ambiguous"
    await act("delete_album", album=first)
    assert (await act("get_album", album=mark))["album"]["id"] == second
    assert await act.refused("add_to_album", album=UNKNOWN, assets=[]) == "album_unknown"
    assert await act.refused("remove_from_album", album=f"no {mark}", assets=[]) == "album_unknown"
    assert (await act("get_album", album=second))["assets"] == []


async def test_the_film_of_a_live_photo_shows_nowhere(act: Acting) -> None:
    from .server import picture

    for name in ("live.jpg", "live.mov"):
        # Immich looks at names only; the film needn't play to be linked.
        (act.folder / name).write_bytes(picture(taken="1971:03:09 12:00:00", zone="+00:00"))
    album = act.server.mark
    (still,) = (await act("upload", path=str(act.folder / "live.jpg"), album=album, create_album=True))[
        "assets"
    ]
    hidden = (await act.settled(still["id"], taken=moment(9)))["livePhotoVideoId"]
    assert hidden
    act.server.assets.add(hidden)
    await act("add_to_album", album=album, assets=[still["id"]])
    assert ids_of(await act("get_album", album=album)) == [still["id"]]
    span = {"taken_after": "1971-03-09", "taken_before": "1971-03-10"}
    for visibility in ("any", "timeline"):
        found = await act("search_assets", visibility=visibility, **span)
        assert (ids_of(found), found["total"]) == ([still["id"]], 1)
        assert ids_of(await act("get_random_assets", visibility=visibility, count=9, **span)) == [still["id"]]
    assert (await act("search_assets", visibility="archive", **span))["total"] == 0
