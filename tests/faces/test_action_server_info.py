"""The action `get_server_info`."""

from homeassistant.exceptions import ServiceValidationError
import pytest
import voluptuous as vol

from custom_components.immich_plus.const import DOMAIN
from tests.fake_immich.faults import Status
from tests.fake_immich.state import GIB

from .acting import Acting, MakeActing, act_each_fixture, act_fixture, make_acting_fixture, tiny  # noqa: F401

ACTION = "get_server_info"


async def test_an_administrators_account(act_each: Acting) -> None:
    """Everything that the server tells is there, on all versions."""
    state, version = act_each.immich.state, act_each.immich.version
    state.settings.external_domain = "https://photos.example.com"
    info = await act_each(ACTION)
    assert info.keys() == {
        "version",
        "maintenance",
        "config",
        "features",
        "storage",
        "statistics",
        "user",
        "scopes",
    }
    assert (info["version"], info["maintenance"]) == (str(version), False)
    assert info["config"] == {
        "external_domain": "https://photos.example.com",
        "trash_days": 30,
        "user_delete_delay": 7,
        "min_faces": 3 if version.at_least("3.0.0") else None,
        "initialized": True,
    }
    features = info["features"]
    assert (features["smart_search"], features["trash"], features["oauth"]) == (True, True, False)
    assert features["ocr"] is version.at_least("2.2.0")
    assert info["storage"] == {
        "size": 252 * GIB,
        "used": 36 * GIB,
        "available": 65 * GIB,
        "usage": pytest.approx(14.29, abs=0.01),
    }
    statistics = info["statistics"]
    assert [user["name"] for user in statistics["users"]] == ["Admin", "User", "Guest"]
    for name in ("photos", "videos"):
        assert statistics[name] == sum(user[name] for user in statistics["users"]) > 0
    usage = statistics["usage_photos"] + statistics["usage_videos"]
    assert usage == sum(user["usage"] for user in statistics["users"])
    (user,) = (user for user in statistics["users"] if user["id"] == tiny("user"))
    assert (user["photos"], user["videos"], user["quota"]) == (2, 0, 10**9)
    assert info["user"] == {
        "id": tiny("admin"),
        "name": "Admin",
        "is_admin": True,
        "quota_size": None,
        "quota_usage": info["user"]["quota_usage"],
    }
    assert info["scopes"] == (["all"] if version.at_least("1.139.0") else None)
    assert "@" not in str(info)
    assert await act_each.changes() == 0


@pytest.mark.parametrize("version", ["1.137.3", "3.1.0"])
async def test_who_is_no_administrator(make_acting: MakeActing, version: str) -> None:
    """The counts over all users are not asked for in vain."""
    act = await make_acting(version, key="user-key")
    info = await act(ACTION)
    assert info["statistics"] is None
    assert info["storage"]["size"] == 252 * GIB
    assert (info["user"]["name"], info["user"]["is_admin"]) == ("User", False)
    assert info["user"]["quota_size"] == 10**9
    assert act.immich.requests.count("GET server/statistics") == 0


@pytest.mark.parametrize("version", ["1.137.3", "1.144.1", "3.3.5"])
async def test_a_narrow_key(make_acting: MakeActing, version: str) -> None:
    """What the key may not see is null, the rest is told; the scopes are in order."""
    act = await make_acting(version, scopes=["tag.read", "album.read"])
    info = await act(ACTION)
    assert (info["storage"], info["statistics"]) == (None, None)
    assert info["config"]["trash_days"] == 30
    assert info["features"]["trash"] is True
    assert info["user"]["name"] == "Admin"
    known = None if version == "1.137.3" else ["album.read", "tag.read", "user.read"]
    assert info["scopes"] == known


@pytest.mark.parametrize("version", ["2.7.5", "3.1.0", "3.3.5"])
async def test_maintenance(make_acting: MakeActing, version: str) -> None:
    """A server in maintenance says so, and hardly anything else."""
    act = await make_acting(version)
    act.immich.maintenance = True
    info = await act(ACTION)
    assert (info["version"], info["maintenance"]) == (version, True)
    assert info["scopes"] == ["all"]
    for name in ("config", "features", "storage", "statistics", "user"):
        assert info[name] is None


async def test_a_route_that_is_missing(act: Acting) -> None:
    """What a server of another time doesn't have is null."""
    act.immich.faults.add("GET server/storage", Status(404, message="Cannot GET /api/server/storage"))
    info = await act(ACTION)
    assert info["storage"] is None
    assert info["user"]["name"] == "Admin"


@pytest.mark.parametrize("route", ["config", "features", "storage", "statistics"])
async def test_a_server_that_fails(act: Acting, route: str) -> None:
    """Half of it is no answer."""
    act.immich.faults.add(f"GET server/{route}", Status(500, message="Disk gone"))
    assert await act.refused(ACTION) == ("server_error", {"reason": "Disk gone"})


async def test_it_takes_nothing(act: Acting) -> None:
    """It is only asked, with a response, and about one account."""
    with pytest.raises(vol.Invalid):
        await act(ACTION, version="3.1.0")
    with pytest.raises(ServiceValidationError):
        await act.hass.services.async_call(DOMAIN, ACTION, {}, blocking=True)
    with pytest.raises(ServiceValidationError):
        await act(ACTION, config_entry_id="nonsense")
    assert (await act(ACTION, config_entry_id=act.account.entry_id))["version"] == "3.1.0"
