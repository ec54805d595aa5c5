"""The options of an account."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_schema_suggested_value

from custom_components.immich_plus.coordinator.recognition import MOST_PEOPLE
from custom_components.immich_plus.flows import options
from tests.conftest import AddAccount, MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Status
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Person
from tests.passing import state_of

pytestmark = pytest.mark.usefixtures("no_pauses")

NEWS = {"live_updates": True, "watched_people": []}
UPLOADS = {"upload_album": "", "upload_tags": [], "upload_archived": False}


@pytest.fixture(name="immich")
async def immich_fixture(make_immich: MakeImmich) -> FakeImmich:
    """Give a fake Immich that has recognised nobody so far."""
    return _without_people(await make_immich())


@pytest.fixture(name="plain")
async def plain_fixture(immich: FakeImmich, add_account: AddAccount) -> MockConfigEntry:
    """Give an account in whose options nobody has chosen anything."""
    return await add_account(immich, live=True)


def _without_people(immich: FakeImmich) -> FakeImmich:
    immich.state.people.clear()
    immich.state.faces.clear()
    return immich


def _person(immich: FakeImmich, name: str, *, hidden: bool = False) -> Person:
    """Let somebody be in a photo of the administrator's."""
    state = immich.state
    now = state.now()
    person = Person(
        id=state.new_id(),
        owner_id=stable_id("tiny admin"),
        created_at=now,
        updated_at=now,
        name=name,
        is_hidden=hidden,
    )
    state.people[person.id] = person
    state.add_face(state.assets[stable_id("tiny vienna.jpg")], person, (1, 1, 4, 4))
    return person


async def _opened(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "init")
    return result


async def _set(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    *,
    news: dict[str, Any] | None = None,
    uploads: dict[str, Any] | None = None,
) -> None:
    result = await _opened(hass, entry)
    typed = {"news": news or {}, "uploads": uploads or {}}
    result = await hass.config_entries.options.async_configure(result["flow_id"], typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


def _shown(result: ConfigFlowResult, section: str, key: str) -> Any:
    assert result["data_schema"] is not None
    return get_schema_suggested_value(result["data_schema"].schema[section].schema.schema, key)


def _choices(result: ConfigFlowResult) -> dict[str, str]:
    """Return the people who can be chosen: their names by their ids."""
    assert result["data_schema"] is not None
    selector = result["data_schema"].schema["news"].schema.schema["watched_people"]
    return {option["value"]: option["label"] for option in selector.config["options"]}


async def test_nothing_is_chosen_at_first(hass: HomeAssistant, plain: MockConfigEntry) -> None:
    """What nobody chose isn't stored, also if it is sent as it was shown."""
    await _set(hass, plain)
    assert plain.options == {}

    await _set(hass, plain, news=NEWS, uploads=UPLOADS)
    assert plain.options == {}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (
            {"upload_album": " Door ", "upload_tags": [" Home/Door", "", "Cam "], "upload_archived": True},
            {"upload_album": "Door", "upload_tags": ["Home/Door", "Cam"], "upload_archived": True},
        ),
        ({"upload_album": "  ", "upload_tags": [" "], "upload_archived": False}, {}),
        ({"upload_tags": ["Cam"]}, {"upload_tags": ["Cam"]}),
    ],
)
async def test_choices_are_kept_tidily(
    hass: HomeAssistant, plain: MockConfigEntry, typed: dict[str, Any], kept: dict[str, Any]
) -> None:
    await _set(hass, plain, uploads=typed)

    assert plain.options == kept


async def test_choices_are_shown_and_can_be_taken_back(
    hass: HomeAssistant, immich: FakeImmich, plain: MockConfigEntry
) -> None:
    anna = _person(immich, "Anna")
    uploads = {"upload_album": "Door", "upload_tags": ["Cam"], "upload_archived": True}
    news = {"live_updates": False, "watched_people": [anna.id]}
    await _set(hass, plain, news=news, uploads=uploads)
    assert plain.options == news | uploads

    result = await _opened(hass, plain)
    assert {key: _shown(result, "news", key) for key in news} == news
    assert {key: _shown(result, "uploads", key) for key in uploads} == uploads

    await _set(hass, plain, news={"live_updates": True}, uploads={"upload_archived": False})
    assert plain.options == {}


async def test_what_the_form_does_not_show_stays(hass: HomeAssistant, plain: MockConfigEntry) -> None:
    """Other parts keep options of their own there."""
    hass.config_entries.async_update_entry(plain, options={"of_another_part": "kept", "live_updates": False})
    await hass.async_block_till_done()
    await _set(hass, plain, news={"live_updates": False}, uploads={"upload_album": "Door"})

    assert plain.options == {"of_another_part": "kept", "live_updates": False, "upload_album": "Door"}


async def test_people_with_names_can_be_chosen(
    hass: HomeAssistant, immich: FakeImmich, plain: MockConfigEntry
) -> None:
    """By their names; two of one name can be told apart. Who is hidden or has no name isn't there."""
    ben = _person(immich, "Ben")
    _person(immich, "Carla", hidden=True)
    one, two = _person(immich, "Anna"), _person(immich, "Anna")
    _person(immich, "")
    result = await _opened(hass, plain)

    assert not result["errors"]
    assert _choices(result) == {
        ben.id: "Ben",
        one.id: f"Anna ({one.id[:8]})",
        two.id: f"Anna ({two.id[:8]})",
    }
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(
            result["flow_id"], {"news": {"watched_people": ["somebody"]}, "uploads": {}}
        )


@pytest.mark.parametrize("version", ["1.137.3", "2.7.5", "3.1.0"])
@pytest.mark.parametrize(("named", "requests"), [(3, 2), (4, 2), (5, 3)])
async def test_pages_without_names_are_not_read(
    hass: HomeAssistant,
    make_immich: MakeImmich,
    add_account: AddAccount,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    named: int,
    requests: int,
) -> None:
    """There may be thousands of passers-by, who come last."""
    immich = _without_people(await make_immich(version=version))
    account = await add_account(immich)
    for number in range(named):
        _person(immich, f"Person {number}")
    for _ in range(8):
        _person(immich, "")
    page = account.runtime_data.client.people.page
    monkeypatch.setattr(account.runtime_data.client.people, "page", lambda number: page(number, size=2))
    immich.requests.clear()

    assert len(_choices(await _opened(hass, account))) == named
    assert immich.requests.count("GET people") == requests


async def test_pages_are_bounded(
    hass: HomeAssistant, immich: FakeImmich, plain: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many people have names."""
    for number in range(5):
        _person(immich, f"Person {number}")
    page = plain.runtime_data.client.people.page
    monkeypatch.setattr(plain.runtime_data.client.people, "page", lambda number: page(number, size=2))
    monkeypatch.setattr(options, "MOST_PAGES", 2)

    assert len(_choices(await _opened(hass, plain))) == 4


@pytest.mark.parametrize("gone", [True, False], ids=["away", "fails"])
async def test_choices_survive_a_server_that_is_away(
    hass: HomeAssistant, immich: FakeImmich, plain: MockConfigEntry, gone: bool
) -> None:
    """The form says so, shows who was chosen, and keeps them when something else is changed."""
    anna, ben = _person(immich, "Anna"), _person(immich, "Ben")
    await _set(hass, plain, news={"watched_people": [anna.id, ben.id]})
    if gone:
        await immich.stop()
    else:
        immich.faults.add("GET people", Status(500, "No"))

    result = await _opened(hass, plain)
    assert result["errors"] == {"base": "people_unreadable"}
    assert _choices(result) == {anna.id: anna.id, ben.id: ben.id}
    typed = {"news": {"watched_people": _shown(result, "news", "watched_people")}, "uploads": {}}
    result = await hass.config_entries.options.async_configure(result["flow_id"], typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert plain.options == {"watched_people": [anna.id, ben.id]}


async def test_account_that_is_not_set_up_can_be_configured(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    account = await add_account(immich, set_up=False, options={"watched_people": ["an-id"]})

    result = await _opened(hass, account)
    assert result["errors"] == {"base": "people_unreadable"}
    assert _choices(result) == {"an-id": "an-id"}
    assert not immich.requests.entries


async def test_key_that_may_not_see_people(
    hass: HomeAssistant, immich: FakeImmich, add_account: AddAccount
) -> None:
    """The form says which permission is missing, as nobody can be chosen."""
    key = immich.state.key_by_secret("read-key")
    assert key is not None
    key.permissions = [each for each in key.permissions if each != "person.read"]
    account = await add_account(immich, key="read-key")

    result = await _opened(hass, account)
    assert result["errors"] == {"base": "people_not_allowed"}
    assert result["description_placeholders"] == {"scope": "person.read", "most": "20"}
    assert _choices(result) == {}


@pytest.mark.parametrize("html", [True, False])
async def test_proxy_that_refuses_is_not_the_keys_fault(
    hass: HomeAssistant, immich: FakeImmich, plain: MockConfigEntry, html: bool
) -> None:
    immich.faults.add("GET people", Status(403, "Forbidden", html=html))

    assert (await _opened(hass, plain))["errors"] == {"base": "people_unreadable"}


async def test_person_who_is_gone_can_be_taken_back(
    hass: HomeAssistant, immich: FakeImmich, plain: MockConfigEntry
) -> None:
    """Somebody who was merged with another person is still shown, by the id."""
    anna, ben = _person(immich, "Anna"), _person(immich, "Ben")
    await _set(hass, plain, news={"watched_people": [anna.id, ben.id]})
    del immich.state.people[ben.id]
    for face in list(immich.state.faces.values()):
        if face.person_id == ben.id:
            del immich.state.faces[face.id]

    assert _choices(await _opened(hass, plain)) == {anna.id: "Anna", ben.id: ben.id}
    await _set(hass, plain, news={"watched_people": [anna.id]})
    assert plain.options == {"watched_people": [anna.id]}


async def test_too_many_people_are_refused(
    hass: HomeAssistant, immich: FakeImmich, plain: MockConfigEntry
) -> None:
    """Each costs requests. What was filled in stays in the form."""
    people = [_person(immich, f"Person {number}").id for number in range(MOST_PEOPLE + 1)]
    result = await _opened(hass, plain)
    typed = {"news": {"watched_people": people}, "uploads": {"upload_album": "Door"}}
    result = await hass.config_entries.options.async_configure(result["flow_id"], typed)

    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": "too_many_people"})
    assert _shown(result, "news", "watched_people") == people
    assert _shown(result, "uploads", "upload_album") == "Door"
    typed["news"]["watched_people"] = people[:MOST_PEOPLE]
    result = await hass.config_entries.options.async_configure(result["flow_id"], typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert plain.options == {"watched_people": people[:MOST_PEOPLE], "upload_album": "Door"}


async def test_options_take_effect_at_once(hass: HomeAssistant, plain: MockConfigEntry) -> None:
    """The account is loaded afresh, and knows what was chosen."""
    before = plain.runtime_data
    await _set(hass, plain, news={"live_updates": False})

    assert plain.runtime_data is not before
    shown = state_of(hass, f"{plain.unique_id}_live_updates", Platform.BINARY_SENSOR)
    assert shown.attributes["reason"] == "switched_off"
