"""Every failure to connect that can be told apart, in each of the dialogs that connect."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import ssl
from typing import Any

import aiohttp
from aiohttp.client_reqrep import ConnectionKey
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from yarl import URL

from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Drop, Garble, LoginPage, Redirect, Status, missing, replaced
from tests.pace import Silence, later, waited

from .connecting import (
    ALL_DIALOGS,
    Dialog,
    Typed,
    ends_well,
    forget_everything,
    good,
    reauth,
    submitted,
    take_over,
    user,
)

pytestmark = pytest.mark.usefixtures("no_pauses", "never_set_up")


@pytest.fixture(name="never_set_up")
def never_set_up_fixture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what comes after the dialogs, hundreds of times."""

    async def _done(*_: object) -> bool:
        return True

    monkeypatch.setattr("custom_components.immich_plus.async_setup_entry", _done)
    monkeypatch.setattr("custom_components.immich_plus.async_unload_entry", _done)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A way to fail: what is wrong with the server or the key, and what the dialog says to that."""

    name: str
    error: str
    arrange: Callable[[FakeImmich], None]
    where: str = "base"
    says: dict[str, str] = field(default_factory=dict)
    api_key: str = "admin-key"

    def __str__(self) -> str:
        return self.name


def _fault(route: str, *arguments: object) -> Callable[[FakeImmich], None]:
    return lambda immich: immich.faults.add(route, *arguments)  # type: ignore[arg-type]


def _version(version: str) -> Callable[[FakeImmich], None]:
    return lambda immich: immich.set_version(version)


def _maintenance(immich: FakeImmich) -> None:
    immich.maintenance = True


def _nothing(immich: FakeImmich) -> None:
    pass


VERSION = "GET server/version"
FAILURES = [
    Failure(
        name="hangs up",
        error="cannot_connect",
        arrange=_fault("*", Drop("before")),
        says={"reason": "the connection was closed"},
    ),
    Failure(
        name="breaks off",
        error="cannot_connect",
        arrange=_fault("*", Drop("body", after=5)),
        says={"reason": "the answer broke off"},
    ),
    Failure(
        name="bad gateway",
        error="unavailable",
        arrange=_fault("*", Status(502, html=True)),
        says={"reason": "the server answers 502"},
    ),
    Failure(
        name="bad gateway after the version",
        error="unavailable",
        arrange=_fault("GET users/me", Status(502, html=True)),
        says={"reason": "the server answers 502"},
    ),
    Failure(
        name="too many requests",
        error="unavailable",
        arrange=_fault("*", Status(429, "Slow down", retry_after=3600)),
        says={"reason": "Slow down"},
    ),
    Failure(name="maintenance", error="maintenance", arrange=_maintenance),
    Failure(
        name="a web page",
        error="not_immich",
        arrange=_fault("*", LoginPage()),
        says={"reason": "text/html"},
    ),
    Failure(
        name="another program's JSON",
        error="not_immich",
        arrange=_fault(VERSION, replaced({"status": "ok"})),
        says={"reason": "the answer has no version in it"},
    ),
    Failure(
        name="another program's list",
        error="not_immich",
        arrange=_fault(VERSION, replaced(["ok"])),
        says={"reason": "the answer has no version in it"},
    ),
    Failure(
        name="broken JSON",
        error="bad_answer",
        arrange=_fault(VERSION, Garble()),
        says={"reason": "the answer is broken JSON"},
    ),
    Failure(
        name="round and round",
        error="not_immich",
        arrange=_fault("*", Redirect()),
        says={"reason": "too many redirects"},
    ),
    Failure(
        name="a redirect to nowhere",
        error="not_immich",
        arrange=_fault("*", Redirect("http://[")),
        says={"reason": "a redirect without a usable address"},
    ),
    Failure(
        name="a login on another host",
        error="redirected",
        arrange=_fault("*", Redirect("https://login.example.org/realms/home?rd=secret")),
        says={"target": "https://login.example.org"},
    ),
    Failure(
        name="a login for what needs the key",
        error="redirected",
        arrange=_fault("GET users/me", Redirect("https://login.example.org/realms/home?rd=secret")),
        says={"target": "https://login.example.org"},
    ),
    Failure(
        name="a login on the same host",
        error="not_immich",
        arrange=_fault("GET server/*", Redirect("/authelia/")),
        says={"reason": "text/html"},
    ),
    Failure(
        name="a proxy's 401",
        error="not_immich",
        arrange=_fault("*", Status(401, html=True)),
        says={"reason": "something in front of Immich answers 401"},
    ),
    Failure(
        name="a proxy's 403",
        error="not_immich",
        arrange=_fault("GET users/me", Status(403, html=True)),
        says={"reason": "something in front of Immich answers 403"},
    ),
    Failure(
        name="no such route",
        error="route_missing",
        arrange=_fault(VERSION, Status(404, "Cannot GET /api/server/version")),
    ),
    Failure(
        name="an error inside",
        error="server_error",
        arrange=_fault("GET users/me", Status(500, "Internal Server Error")),
        says={"reason": "Internal Server Error"},
    ),
    Failure(
        name="a request refused",
        error="refused",
        arrange=_fault("GET users/me", Status(400, "No, thanks")),
        says={"reason": "No, thanks"},
    ),
    Failure(name="too large", error="too_large", arrange=_fault("GET users/me", Status(413, html=True))),
    Failure(name="no such user", error="not_found", arrange=_fault("GET users/me", Status(404, "Not Found"))),
    Failure(
        name="a user without an id",
        error="bad_answer",
        arrange=_fault("GET users/me", missing("id")),
        says={"reason": "users/me: field id should be a text, is missing or null"},
    ),
    Failure(
        name="no version history",
        error="bad_answer",
        arrange=_fault("GET server/version-history", replaced([])),
        says={"reason": "the server has no version history"},
    ),
    Failure(name="just too old", error="too_old", arrange=_version("1.136.0"), says={"version": "1.136.0"}),
    Failure(name="much too old", error="too_old", arrange=_version("1.117.2"), says={"version": "1.117.2"}),
    Failure(name="wrong key", error="invalid_auth", where="api_key", arrange=_nothing, api_key="wrong"),
    Failure(name="empty key", error="invalid_auth", where="api_key", arrange=_nothing, api_key=" "),
    Failure(
        name="key with umlauts", error="invalid_auth", where="api_key", arrange=_nothing, api_key="schlüssel"
    ),
    Failure(
        name="key with a line break", error="invalid_auth", where="api_key", arrange=_nothing, api_key="a\nb"
    ),
    Failure(
        name="key without user.read",
        error="missing_scope",
        arrange=_nothing,
        api_key="album-key",
        says={"scope": "user.read"},
    ),
    Failure(
        name="locked",
        error="not_allowed",
        arrange=_fault("GET users/me", Status(401, "Elevated permission is required")),
        says={"reason": "Elevated permission is required"},
    ),
]


def failed(result: ConfigFlowResult, error: str, where: str = "base") -> None:
    """Check that a dialog shows this one error."""
    assert result["type"] is FlowResultType.FORM, result
    assert result["errors"] == {where: error}, result["step_id"]


def said(result: ConfigFlowResult) -> dict[str, str]:
    """Return the words that a dialog fills into the text of its error."""
    given = result["description_placeholders"] or {}
    return {key: given[key] for key in ("version", "scope", "target", "reason") if given[key]}


async def mended(hass: HomeAssistant, result: ConfigFlowResult, dialog: Dialog, typed: Typed) -> None:
    """Submit the same dialog again with what works: nobody has to start over."""
    form = {"api_key": typed.api_key} if dialog is reauth else typed.form
    assert ends_well(await submitted(hass, result, form)), dialog


async def each(hass: HomeAssistant, check: Callable[[Dialog], Awaitable[None]]) -> None:
    """Check each dialog, in a Home Assistant that has forgotten the ones before."""
    for dialog in ALL_DIALOGS:
        await check(dialog)
        await forget_everything(hass)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
async def test_failure_of_the_server_or_the_key(
    hass: HomeAssistant, immich: FakeImmich, failure: Failure
) -> None:
    async def _check(dialog: Dialog) -> None:
        failure.arrange(immich)

        result = await dialog(hass, good(immich).but(api_key=failure.api_key))

        failed(result, failure.error, failure.where)
        assert said(result).keys() == failure.says.keys(), dialog
        for key, text in failure.says.items():
            assert text in said(result)[key], dialog

        immich.faults.clear()
        immich.maintenance = False
        immich.set_version("3.1.0")
        await mended(hass, result, dialog, good(immich))

    await each(hass, _check)


async def test_server_that_never_answers(hass: HomeAssistant, immich: FakeImmich) -> None:
    async def _check(dialog: Dialog) -> None:
        silence = Silence()
        immich.faults.add("*", silence)

        result = await waited(hass, silence, dialog(hass, good(immich)), seconds=20)

        failed(result, "timeout")
        immich.faults.clear()
        await mended(hass, result, dialog, good(immich))

    await each(hass, _check)
    # Let the server end its answers.
    await later(hass, hours=2)


async def test_nothing_listens(hass: HomeAssistant, immich: FakeImmich) -> None:
    async def _check(dialog: Dialog) -> None:
        await immich.stop()

        result = await dialog(hass, good(immich))

        failed(result, "cannot_connect")
        assert said(result) == {"reason": "nothing accepts connections there"}
        await immich.start()
        await mended(hass, result, dialog, good(immich))

    await each(hass, _check)


async def test_host_that_nobody_knows(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def _resolve(*_: object, **__: object) -> None:
        raise OSError(None, "Domain name not found")

    monkeypatch.setattr("aiohttp.resolver.AsyncResolver.resolve", _resolve)

    async def _check(dialog: Dialog) -> None:
        result = await dialog(hass, Typed(url="http://immich.invalid:2283"))

        failed(result, "cannot_connect")
        assert said(result) == {"reason": "the host name is unknown"}

    await each(hass, _check)


@pytest.fixture(name="secure_immich")
async def secure_immich_fixture(hass: HomeAssistant, make_immich: MakeImmich) -> FakeImmich:
    """Give a server with a certificate of its own making."""
    report = hass.loop.get_exception_handler()
    assert report is not None

    def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        # That clients leave in the middle of the handshake is what is tested.
        if not isinstance(context.get("exception"), ConnectionResetError | ssl.SSLError):
            report(loop, context)

    hass.loop.set_exception_handler(_report)
    return await make_immich(tls=True)


async def test_certificate_that_is_not_trusted(hass: HomeAssistant, secure_immich: FakeImmich) -> None:
    async def _check(dialog: Dialog) -> None:
        result = await dialog(hass, good(secure_immich))

        failed(result, "tls_failed")
        assert secure_immich.requests.count() == 0
        if dialog is not reauth:
            await mended(hass, result, dialog, good(secure_immich).but(tls={"verify_ssl": False}))
        secure_immich.requests.clear()

    await each(hass, _check)


async def test_certificate_that_nobody_checks(hass: HomeAssistant, secure_immich: FakeImmich) -> None:
    async def _check(dialog: Dialog) -> None:
        assert ends_well(await dialog(hass, good(secure_immich).but(tls={"verify_ssl": False})))

    await each(hass, _check)


async def test_private_authority(hass: HomeAssistant, secure_immich: FakeImmich) -> None:
    tls = {"verify_ssl": True, "ca_certificate": f"\n{secure_immich.certificate}\n"}

    async def _check(dialog: Dialog) -> None:
        if dialog is not take_over:  # The built-in integration knows no private authorities.
            assert ends_well(await dialog(hass, good(secure_immich).but(tls=tls)))

    await each(hass, _check)


@pytest.mark.parametrize(
    "pem", ["rubbish", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "Schlüssel"]
)
async def test_private_authority_that_is_rubbish(
    hass: HomeAssistant, secure_immich: FakeImmich, pem: str
) -> None:
    async def _check(dialog: Dialog) -> None:
        if dialog is take_over:
            return
        typed = good(secure_immich)

        result = await dialog(hass, typed.but(tls={"verify_ssl": True, "ca_certificate": pem}))

        failed(result, "invalid_certificate")
        if dialog is not reauth:
            tls = {"verify_ssl": True, "ca_certificate": secure_immich.certificate}
            await mended(hass, result, dialog, typed.but(tls=tls))

    await each(hass, _check)


async def test_address_that_is_none(hass: HomeAssistant, immich: FakeImmich) -> None:
    async def _check(dialog: Dialog) -> None:
        if dialog in (take_over, reauth):
            return
        result = await dialog(hass, Typed(url=""))
        for url in (
            "   ",
            "http://",
            "ftp://photos.example.org",
            "http://user:password@photos.example.org",
            "http://photos.example.org:99999",
            "http://photos.example.org:0",
            "my server",
            "http://[::1",
        ):
            failed(result, "invalid_url", "url")
            result = await submitted(hass, result, Typed(url=url).form)
        failed(result, "invalid_url", "url")
        await mended(hass, result, dialog, good(immich))

    await each(hass, _check)


async def test_the_key_is_not_sent_before_immich_is_found(hass: HomeAssistant, immich: FakeImmich) -> None:
    immich.faults.add(VERSION, replaced({"status": "ok"}))

    failed(await user(hass, good(immich)), "not_immich")

    assert immich.requests.count() > 0
    assert not [entry for entry in immich.requests.entries if "x-api-key" in entry.headers]


async def test_web_page_without_a_scheme_is_not_called_a_bad_certificate(
    hass: HomeAssistant, immich: FakeImmich
) -> None:
    """Without a scheme https comes first: that failing is no news where plain HTTP answers."""
    immich.faults.add("*", LoginPage())

    result = await user(hass, good(immich).but(url=f"127.0.0.1:{immich.port}"))

    failed(result, "not_immich")


async def test_bad_certificate_without_a_scheme_is_named(
    hass: HomeAssistant, secure_immich: FakeImmich
) -> None:
    result = await user(hass, good(secure_immich).but(url=f"127.0.0.1:{secure_immich.port}"))

    failed(result, "tls_failed")


async def test_web_page_without_a_scheme_where_https_is_closed(
    hass: HomeAssistant, immich: FakeImmich, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody forgot the port: another program answers HTTP, and nothing HTTPS."""
    request = aiohttp.ClientSession._request

    async def _request(session: aiohttp.ClientSession, method: str, url: URL, **options: Any) -> Any:
        if url.scheme == "https":
            key = ConnectionKey("127.0.0.1", 443, True, True, None, None, None)
            raise aiohttp.ClientConnectorError(key, OSError(111, "Connection refused"))
        return await request(session, method, url, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", _request)
    immich.faults.add("*", LoginPage())

    result = await user(hass, good(immich).but(url=f"127.0.0.1:{immich.port}"))

    failed(result, "not_immich")


async def test_maintenance_without_a_scheme(hass: HomeAssistant, immich: FakeImmich) -> None:
    immich.maintenance = True

    result = await user(hass, good(immich).but(url=f"127.0.0.1:{immich.port}/photos"))

    failed(result, "maintenance")
