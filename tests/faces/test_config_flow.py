"""Adding an account."""

import asyncio
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_schema_suggested_value
import voluptuous as vol

from custom_components.immich_plus.const import DOMAIN
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Drop, Redirect

from .connecting import ADMIN_ID, USER_ID, Typed, good, opened, submitted, user

pytestmark = pytest.mark.usefixtures("no_pauses")


def stored(result: ConfigFlowResult) -> dict[str, Any]:
    """Return what a dialog stored."""
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    return dict(result["data"])


async def test_account_is_added(hass: HomeAssistant, immich: FakeImmich) -> None:
    result = await user(hass, good(immich).but(api_key="  admin-key "))

    assert stored(result) == {"url": immich.url, "api_key": "admin-key", "verify_ssl": True}
    assert result["title"] == "Admin (127.0.0.1)"
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.unique_id == ADMIN_ID
    assert entry.state is ConfigEntryState.LOADED
    assert not entry.options


async def test_account_without_a_name_has_the_host_for_a_title(
    hass: HomeAssistant, immich: FakeImmich
) -> None:
    immich.state.users[ADMIN_ID].name = ""

    assert (await user(hass, good(immich)))["title"] == "127.0.0.1"


@pytest.mark.parametrize(
    "pasted",
    [
        "http://127.0.0.1:{port}",
        "http://127.0.0.1:{port}/",
        "  http://127.0.0.1:{port}  ",
        "HTTP://127.0.0.1:{port}",
        "127.0.0.1:{port}",
        "127.0.0.1:{port}/photos",
        "http://127.0.0.1:{port}/api",
        "http://127.0.0.1:{port}/api/",
        "http://127.0.0.1:{port}/api/server/version",
        "http://127.0.0.1:{port}/photos",
        "http://127.0.0.1:{port}/photos/0d2d5ab9-4a4a-4a4a-8a8a-0d2d5ab94a4a?at=1#x",
        "http://127.0.0.1:{port}/user-settings?isOpen=api-keys",
        "http://127.0.0.1:{port}/auth/login?continue=%2Fphotos",
        "http://127.0.0.1:{port}/a/b",
    ],
)
@pytest.mark.parametrize("sub_path", ["", "/family/immich"])
async def test_pasted_address_is_cleaned(
    hass: HomeAssistant, make_immich: MakeImmich, pasted: str, sub_path: str
) -> None:
    immich = await make_immich(sub_path=sub_path)
    host = "127.0.0.1:{port}"
    url = pasted.replace(host, host + sub_path).format(port=immich.port)

    assert stored(await user(hass, Typed(url=url)))["url"] == immich.url


@pytest.mark.parametrize("sub_path", ["", "/family"])
async def test_redirect_to_https_of_the_same_host_is_followed_for_good(
    hass: HomeAssistant, make_immich: MakeImmich, sub_path: str
) -> None:
    secure = await make_immich(tls=True, sub_path=sub_path)
    plain = await make_immich(sub_path=sub_path)
    plain.faults.add("*", Redirect(f"{secure.url}/api/server/version", status=301))

    result = await user(hass, good(plain).but(tls={"verify_ssl": False}))

    assert stored(result)["url"] == secure.url
    assert not [entry for entry in plain.requests.entries if "x-api-key" in entry.headers]


async def test_redirect_from_https_to_http_is_refused(hass: HomeAssistant, make_immich: MakeImmich) -> None:
    plain = await make_immich()
    secure = await make_immich(tls=True)
    secure.faults.add("*", Redirect(f"{plain.url}/api/server/version", status=301))

    result = await user(hass, good(secure).but(tls={"verify_ssl": False}))

    assert result["errors"] == {"base": "redirected"}
    assert plain.requests.count() == 0


async def test_private_authority_is_stored(hass: HomeAssistant, make_immich: MakeImmich) -> None:
    immich = await make_immich(tls=True)
    assert immich.certificate is not None
    tls = {"verify_ssl": True, "ca_certificate": f"\n\n{immich.certificate}\n  "}

    result = await user(hass, good(immich).but(tls=tls))

    assert stored(result) == {
        "url": immich.url,
        "api_key": "admin-key",
        "verify_ssl": True,
        "ca_certificate": immich.certificate.strip(),
    }
    assert hass.config_entries.async_entries(DOMAIN)[0].state is ConfigEntryState.LOADED


async def test_hiccup_is_nobodys_error(hass: HomeAssistant, immich: FakeImmich) -> None:
    immich.faults.add("GET users/me", Drop("before"), times=1)

    stored(await user(hass, good(immich)))


async def test_same_user_is_added_once(
    hass: HomeAssistant, immich: FakeImmich, account: MockConfigEntry
) -> None:
    for key in ("admin-key", "read-key"):
        result = await user(hass, good(immich).but(api_key=key))
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "already_configured"

    assert account.data["api_key"] == "admin-key"
    assert hass.config_entries.async_entries(DOMAIN) == [account]


async def test_same_user_twice_at_once(hass: HomeAssistant, immich: FakeImmich) -> None:
    first, second = await opened(hass), await opened(hass)

    results = await asyncio.gather(
        *(submitted(hass, result, good(immich).form) for result in (first, second))
    )

    assert sorted(result["type"] for result in results) == [FlowResultType.ABORT, FlowResultType.CREATE_ENTRY]
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


async def test_other_users_and_servers_live_side_by_side(
    hass: HomeAssistant, immich: FakeImmich, make_immich: MakeImmich, add_account: AddAccount
) -> None:
    await add_account(immich)
    other = await make_immich(library=None)

    stored(await user(hass, good(immich).but(api_key="user-key")))
    stored(await user(hass, good(other)))

    entries = hass.config_entries.async_entries(DOMAIN)
    assert [entry.state for entry in entries] == [ConfigEntryState.LOADED] * 3
    assert [entry.unique_id for entry in entries][:2] == [ADMIN_ID, USER_ID]


async def test_form_remembers_all_but_the_key(hass: HomeAssistant, immich: FakeImmich) -> None:
    tls = {"verify_ssl": False, "ca_certificate": "pem"}

    result = await user(hass, Typed(url=immich.url, api_key="wrong", tls=tls))

    fields = {str(marker): marker for marker in result["data_schema"].schema}
    assert fields["url"].default() == immich.url
    assert isinstance(fields["api_key"].default, vol.Undefined)
    assert fields["api_key"].description is None
    section = result["data_schema"].schema["tls"]
    assert section.options == {"collapsed": False}
    inside = {str(marker): marker for marker in section.schema.schema}
    assert inside["verify_ssl"].default() is False
    assert get_schema_suggested_value(section.schema.schema, "ca_certificate") == "pem"


async def test_what_few_people_need_is_folded_away(hass: HomeAssistant) -> None:
    result = await opened(hass)

    assert result["data_schema"].schema["tls"].options == {"collapsed": True}
