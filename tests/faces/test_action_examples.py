"""The examples of all actions but uploads, run as they stand: each answers with what the pages describe."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

from custom_components.immich_plus.const import DOMAIN
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import Person, Tag

from .documented import PAGES, blocks, calls, complaints

FIRST, SECOND = stable_id("tiny vienna.jpg"), stable_id("tiny rome.jpg")


def _examples() -> Iterator[Any]:
    """Give each block that is one call of one action, by its place."""
    for place, block in blocks():
        if "action" in yaml.safe_load(block) and "immich_plus.upload" not in block:
            yield pytest.param(block, id=place)


def _keys(value: Any) -> Iterator[str]:
    """Give the name of each field of a response."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def _furnish(immich: FakeImmich) -> None:
    """Add everything that the examples name."""
    state = immich.state
    owner, now = state.users[stable_id("tiny admin")], state.now()
    for name in ("Ben", "Grandma"):
        state.add_user(name, f"{name.lower()}@example.com")
    for name in ("Family", "Iceland", "Doorbell", "Best of"):
        state.add_album(owner, name, [state.assets[FIRST]])
    for name in ("Anna", "Ben"):
        person = Person(id=state.new_id(), owner_id=owner.id, created_at=now, updated_at=now, name=name)
        state.people[person.id] = person
        state.add_face(state.assets[FIRST], person, (1, 1, 4, 4))
    tag = Tag(id=state.new_id(), user_id=owner.id, value="Nature", created_at=now, updated_at=now)
    state.tags[tag.id] = tag
    state.assets[SECOND].tag_ids.append(tag.id)


def _has_found(_immich: FakeImmich, answer: Any) -> bool:
    """Whether an action that only asks has found something."""
    return any(answer.values())


def _albums(immich: FakeImmich) -> dict[str, bool]:
    """Return the names of all albums, and whether the photo is in them."""
    return {album.name: FIRST in album.assets for album in immich.state.albums.values()}


def _tags(immich: FakeImmich, tag_ids: Iterable[str]) -> set[str]:
    return {immich.state.tags[tag_id].value for tag_id in tag_ids}


# Whether an example that changes something has changed it.
DONE: dict[str, Callable[[FakeImmich, Any], bool]] = {
    "create_album": lambda immich, answer: (
        _albums(immich)["For Grandma"] and answer["album"]["shared_with"][0]["name"] == "Grandma"
    ),
    "update_album": lambda _, answer: (
        answer["album"]["description"] == "Two weeks in a tent"
        and answer["album"]["shared_with"][0]["role"] == "editor"
    ),
    "delete_album": lambda immich, _: "Doorbell" not in _albums(immich),
    "remove_from_album": lambda immich, _: _albums(immich)["Family"] and not _albums(immich)["Best of"],
    "update_assets": lambda immich, _: (
        immich.state.assets[FIRST].exif.rating == 4
        and "Family/Parties" in _tags(immich, immich.state.assets[FIRST].tag_ids)
    ),
    "trash_assets": lambda immich, _: immich.state.assets[FIRST].is_trashed,
    "restore_assets": lambda _, answer: answer["assets"][0]["result"] == "restored",
    "delete_assets": lambda _, answer: answer["assets"][0]["result"] == "deleted",
    "download_assets": lambda _, answer: Path(answer["files"][0]["path"]).name.endswith(f"_{FIRST}.jpg"),
    "create_shared_link": lambda immich, _: (
        [link.allow_upload for link in immich.state.shared_links.values() if link.expires_at] == [False]
    ),
    "delete_shared_link": lambda immich, _: not immich.state.shared_links,
    "create_tags": lambda immich, _: {"Home/Doorbell", "Home/Garden"} <= _tags(immich, immich.state.tags),
}


@pytest.mark.parametrize("block", _examples())
async def test_an_example(
    hass: HomeAssistant,
    immich: FakeImmich,
    account: MockConfigEntry,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    block: str,
) -> None:
    """Each call works, with the photos and the link of an earlier call, and all that it answers is explained."""
    _furnish(immich)
    hass.config.allowlist_external_dirs.add(str(tmp_path))
    found = await hass.services.async_call(
        DOMAIN, "search_assets", {"people": "Anna"}, blocking=True, return_response=True
    )
    link = await hass.services.async_call(
        DOMAIN, "create_shared_link", {"album": "Family"}, blocking=True, return_response=True
    )
    example = yaml.safe_load(block.replace("/media/", f"{tmp_path}/"))
    variable = example.setdefault("response_variable", "answer")
    sequence = [example, {"stop": "That was all.", "response_variable": variable}]
    assert await async_setup_component(hass, "script", {"script": {"example": {"sequence": sequence}}})
    answer = await hass.services.async_call(
        "script", "example", {"found": found, "link": link}, blocking=True, return_response=True
    )
    await hass.async_block_till_done(wait_background_tasks=True)

    assert not complaints(caplog)
    assert answer
    pages = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert not {key for key in _keys(answer) if f"`{key}`" not in pages}
    (call,) = calls(example)
    check = DONE.get(call["action"].partition(".")[2], _has_found)
    assert check(immich, answer)
