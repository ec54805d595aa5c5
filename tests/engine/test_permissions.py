"""Keys that may not do everything: the scope that is missing is named, and the rest works."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.searching import VERSIONS, Calling, id_of

ALL_READ = {
    "user.read", "album.read", "asset.read", "asset.statistics", "memory.read", "person.read", "tag.read",
}  # fmt: skip


async def _with_scopes(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, scopes: set[str], **options: Any
) -> Calling:
    immich = await make_immich(**options)
    admin = immich.state.users[id_of("admin")]
    immich.state.add_api_key(admin, sorted(scopes), name="some", secret="some-key")
    call = Calling(hass, immich, await add_account(immich, key="some-key"))
    immich.requests.clear()
    return call


@pytest.mark.parametrize(
    ("action", "data", "scope"),
    [
        ("search_assets", {}, "asset.read"),
        ("search_assets", {"people": "Alice"}, "person.read"),
        ("search_assets", {"exclude_people": "Alice"}, "person.read"),
        ("search_assets", {"tags": "trips"}, "tag.read"),
        ("search_assets", {"albums": "Holiday"}, "album.read"),
        ("search_assets", {"city": "Rome"}, "asset.read"),
        ("search_assets", {"on_this_day": True}, "asset.read"),
        ("smart_search", {"query": "sea"}, "asset.read"),
        ("smart_search", {"query": "sea", "people": "Alice"}, "person.read"),
        ("get_random_assets", {}, "asset.read"),
        ("get_random_assets", {"tags": "trips"}, "tag.read"),
        ("get_memories", {}, "memory.read"),
        ("get_people", {}, "person.read"),
        ("get_tags", {}, "tag.read"),
        ("get_places", {}, "asset.read"),
        ("create_tags", {"tags": "new"}, "tag.create"),
    ],
)
async def test_the_scope_is_named(
    hass: HomeAssistant,
    make_immich: MakeImmich,
    add_account: AddAccount,
    action: str,
    data: dict[str, Any],
    scope: str,
) -> None:
    """In the error and in a repair."""
    call = await _with_scopes(hass, make_immich, add_account, ALL_READ - {scope})
    assert await call.refused(action, **data) == ("missing_scope", {"scope": scope})
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"missing_scopes_{call.account.entry_id}")
    assert issue is not None
    assert scope in (issue.translation_placeholders or {})["scopes"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_without_counting(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, version: str
) -> None:
    """A key that may not count finds all the same, without a total; drawing works as well."""
    scopes = ALL_READ - {"asset.statistics"}
    call = await _with_scopes(hass, make_immich, add_account, scopes, version=version)
    answer = await call(city=["Rome", "Vienna"])
    assert "rome.jpg" in [asset["filename"] for asset in answer["assets"]]
    assert answer["total"] is None
    drawn = await call.found("get_random_assets", city=["Rome", "Paris"], count=10)
    assert sorted(drawn) == ["paris.jpg", "rome.jpg"]
    assert (await call())["total"] is None


@pytest.mark.parametrize("version", VERSIONS)
async def test_looking_is_enough(
    hass: HomeAssistant, make_immich: MakeImmich, add_account: AddAccount, version: str
) -> None:
    """What only finds needs no scope that changes anything."""
    call = await _with_scopes(hass, make_immich, add_account, ALL_READ, version=version)
    assert (await call(people="alice", tags="trips", albums="holiday", country="italy"))["total"] is None
    assert (await call())["total"]
    assert await call.found("smart_search", query="sea", people="alice")
    assert await call.found("get_random_assets", on_this_day="2026-08-15")
    for action in ("get_memories", "get_people", "get_tags", "get_places", "get_albums"):
        await call(action)
    assert not [entry for entry in call.immich.requests.entries if entry.status == 403]
