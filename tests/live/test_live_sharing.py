"""Shared links and what is known of the server, on a real server."""

from datetime import datetime

from .acting import UNKNOWN, Acting, moment


async def test_a_link_to_assets(act: Acting) -> None:
    one, two = await act.pictures(moment(1), moment(2))
    made = await act(
        "create_shared_link",
        assets=[one, two],
        password="hidden word",
        expires_at="2099-01-02 03:04",
        allow_download=False,
    )
    raw = await act.server.ask("GET", f"shared-links/{made['id']}")
    assert (raw["type"], raw["password"]) == ("INDIVIDUAL", "hidden word")
    assert sorted(asset["id"] for asset in raw["assets"]) == sorted([one, two])
    assert (raw["allowUpload"], raw["allowDownload"], raw["showMetadata"]) == (False, False, True)
    assert datetime.fromisoformat(raw["expiresAt"]) == datetime.fromisoformat(made["expires_at"])
    assert made["url"].endswith(f"/share/{raw['key']}")
    assert "hidden word" not in str(made)
    assert await act("delete_shared_link", link=f" {made['url']}/ ") == {"id": made["id"]}
    assert await act.refused("delete_shared_link", link=made["url"]) == "link_unknown"
    assert await act.refused("delete_shared_link", link=made["id"]) == "not_found"
    assert not (await act.read(one))["isTrashed"]


async def test_a_link_to_an_album(act: Acting) -> None:
    (one,) = await act.pictures(moment(1))
    album = (await act("create_album", name=act.server.mark, assets=one))["album"]
    made = await act(
        "create_shared_link", album=act.server.mark.upper(), allow_upload=True, show_metadata=False
    )
    raw = await act.server.ask("GET", f"shared-links/{made['id']}")
    assert (raw["type"], raw["album"]["id"], raw["expiresAt"]) == ("ALBUM", album["id"], None)
    assert (raw["allowUpload"], raw["allowDownload"], raw["showMetadata"]) == (True, False, False)
    assert raw["password"] is None
    assert await act("delete_shared_link", link=made["id"]) == {"id": made["id"]}
    assert await act.refused("create_shared_link", album=f"no {act.server.mark}") == "album_unknown"
    assert await act.refused("create_shared_link", assets=UNKNOWN) == "not_found"
    assert (
        await act.refused("create_shared_link", assets=one, expires_at="2020-01-01") == "expires_in_the_past"
    )


async def test_what_is_known_of_the_server(act: Acting) -> None:
    told = await act("get_server_info")
    version = await act.server.ask("GET", "server/version")
    me = await act.server.ask("GET", "users/me")
    features = await act.server.ask("GET", "server/features")
    config = await act.server.ask("GET", "server/config")
    assert told["version"] == "{major}.{minor}.{patch}".format(**version)
    assert told["maintenance"] is False
    assert (told["user"]["id"], told["user"]["name"]) == (me["id"], me["name"])
    assert told["user"]["is_admin"] is me["isAdmin"]
    assert told["features"]["smart_search"] is features["smartSearch"]
    assert told["features"]["trash"] is features["trash"]
    assert told["config"]["trash_days"] == config["trashDays"]
    storage = await act.server.ask("GET", "server/storage")
    assert told["storage"]["size"] == storage["diskSizeRaw"]
    assert (told["statistics"] is not None) is me["isAdmin"]
    assert me["email"] not in str(told)
    scopes = await act.server.scopes()
    assert told["scopes"] == (None if scopes is None else sorted(scopes))
