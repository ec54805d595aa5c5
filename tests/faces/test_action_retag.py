"""`update_assets` with several changes of tags at once, on a server that reads them back from sidecars."""

import asyncio

import pytest

from custom_components.immich_plus.actions import retag
from tests.fake_immich.faults import Status

from .acting import UNKNOWN, Acting, act_each_fixture, act_fixture, make_acting_fixture, tiny  # noqa: F401

VIENNA, ROME, PARTY = (tiny(f"{name}.jpg") for name in ("vienna", "rome", "party"))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retag, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(retag, "_SECONDS", 0.3)


async def _tags(act: Acting, asset_id: str) -> list[str]:
    await act.immich.settle()
    state = act.immich.state
    return sorted(state.tags[tag_id].value for tag_id in state.assets[asset_id].tag_ids)


async def test_the_server_undoes_what_comes_too_soon(act: Acting) -> None:
    """That is what all this is for: two changes in a row leave the first."""
    act.immich.state.settings.sidecar_delay = 0.05
    client = act.account.runtime_data.client
    await client.tags.unassign(tiny("tag trips"), [VIENNA])
    await client.tags.assign([tiny("tag trips/sea")], [VIENNA])
    await asyncio.sleep(0.02)
    assert await _tags(act, VIENNA) in ([], ["trips/sea"])


async def test_off_and_on(act_each: Acting) -> None:
    """What was taken off stays off, and what was put on stays on."""
    act_each.immich.state.settings.sidecar_delay = 0.05
    results = await act_each.results(
        "update_assets",
        assets=[PARTY, ROME, VIENNA],
        tags_remove=["trips", "sea"],
        tags_add=["a", "b", "c"],
        rating=4,
    )
    assert set(results.values()) == {"updated"}
    for asset_id in (PARTY, ROME, VIENNA):
        assert await _tags(act_each, asset_id) == ["a", "b", "c"]
        assert act_each.immich.state.assets[asset_id].exif.rating == 4


async def test_several_off(act: Acting) -> None:
    """Several tags go one after the other."""
    act.immich.state.settings.sidecar_delay = 0.05
    await act("update_assets", assets=VIENNA, tags_add=["a", "b"])
    await act.immich.settle()
    await act("update_assets", assets=VIENNA, tags_remove=["a", "trips", "b"])
    assert await _tags(act, VIENNA) == []


async def test_one_change_waits_for_nothing(act: Acting) -> None:
    """Tags that are only put on, or one that is only taken off, cost no reading."""
    act.immich.state.settings.sidecar_delay = 0.05
    act.immich.requests.clear()
    await act("update_assets", assets=[VIENNA, ROME], tags_add=["a", "b", "c"], favorite=True)
    await act("update_assets", assets=[PARTY], tags_remove="trips", favorite=True)
    # Nothing had it, so nothing is read back.
    await act("update_assets", assets=[PARTY], tags_remove="trips", tags_add="d")
    assert act.immich.requests.count("GET assets/{id}") == 1
    assert await _tags(act, PARTY) == ["d"]


async def test_other_things_of_the_sidecar_wait(act: Acting) -> None:
    """A rating comes after the tags were read back; one asset that has them already waits for nothing."""
    act.immich.state.settings.sidecar_delay = 0.05
    await act("update_assets", assets=[ROME, VIENNA], tags_add="a", rating=3)
    order = [
        entry.route for entry in act.immich.requests.entries if entry.method != "GET" or "{id}" in entry.route
    ]
    assert order[-2:] == ["GET assets/{id}", "PUT assets"]
    assert await _tags(act, VIENNA) == ["a", "trips"]
    act.immich.requests.clear()
    await act("update_assets", assets=VIENNA, tags_add="a", rating=2)
    assert act.immich.requests.count("GET assets/{id}") == 1
    assert await _tags(act, VIENNA) == ["a", "trips"]
    assert act.immich.state.assets[VIENNA].exif.rating == 2


@pytest.mark.parametrize("fault", [403, 500])
async def test_a_key_that_may_not_read(act: Acting, fault: int) -> None:
    """Where nothing tells when it was read back, the longest time is waited."""
    act.immich.state.settings.sidecar_delay = 0.05
    act.immich.faults.add("GET assets/{id}", Status(fault, "Missing required permission: asset.read"))
    results = await act.results("update_assets", assets=[VIENNA], tags_remove="trips", tags_add="a")
    assert results == {VIENNA: "updated"}
    assert await _tags(act, VIENNA) == ["a"]


async def test_tags_are_on_but_the_rest_is_not_allowed(act: Acting) -> None:
    """What was done stays done, and each asset tells what is missing."""
    (key,) = (key for key in act.immich.state.api_keys.values() if key.secret == "admin-key")
    key.permissions = ["asset.read", "tag.asset", "tag.create", "tag.read"]
    (row,) = (await act("update_assets", assets=[VIENNA], favorite=True, tags_add="a"))["assets"]
    assert (row["result"], "asset.update" in row["error"]) == ("failed", True)
    assert await _tags(act, VIENNA) == ["a", "trips"]
    refused = await act.refused("update_assets", assets=[VIENNA], favorite=True)
    assert refused == ("missing_scope", {"scope": "asset.update"})


async def test_nothing_of_it_is_there(act: Acting) -> None:
    """Unknown assets fail the call, with tags or without."""
    for more in ({}, {"favorite": True}):
        refused = await act.refused("update_assets", assets=[UNKNOWN], tags_add="a", **more)
        assert refused == ("not_found", {})
