"""What a key may do: told by the server, or learnt."""

import pytest

from custom_components.immich_plus.api.permissions import ADMIN_ABILITIES, ALL, SCOPES, Ability, KeyScopes


def test_each_ability_has_its_scopes() -> None:
    assert set(SCOPES) == set(Ability)
    assert all(scopes for scopes in SCOPES.values())
    assert set(SCOPES) >= ADMIN_ABILITIES


def test_a_key_of_which_nothing_is_known_may_try_all() -> None:
    scopes = KeyScopes()
    assert scopes.told is None
    assert all(scopes.can(ability) for ability in Ability)
    assert scopes.missing(Ability) == []


def test_a_full_key_may_do_all() -> None:
    scopes = KeyScopes([ALL])
    assert all(scopes.can(ability) for ability in Ability)
    assert scopes.has("anything.new")


def test_a_narrow_key_may_do_what_was_told() -> None:
    scopes = KeyScopes(["tag.create", "asset.upload"])
    assert scopes.can(Ability.UPLOAD)
    assert not scopes.can(Ability.TAG_ASSETS), "it needs two scopes"
    assert not scopes.can(Ability.ACCOUNT)
    assert scopes.missing([Ability.UPLOAD, Ability.TAG_ASSETS, Ability.ACCOUNT]) == ["tag.asset", "user.read"]


def test_refusals_teach() -> None:
    scopes = KeyScopes()
    assert scopes.refuse("tag.read") is True
    assert scopes.refuse("tag.read") is False, "no news"
    assert not scopes.can(Ability.TAGS)
    assert scopes.can(Ability.PEOPLE)
    assert scopes.missing([Ability.TAGS, Ability.PEOPLE]) == ["tag.read"]


def test_a_refusal_beats_what_was_told() -> None:
    scopes = KeyScopes([ALL])
    assert scopes.refuse("tag.read") is True
    assert not scopes.can(Ability.TAGS)


def test_a_refusal_of_what_was_never_had_is_news_once() -> None:
    scopes = KeyScopes(["tag.read"])
    assert [scopes.refuse("person.read") for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize("told", [None, ["server.versionCheck"]])
def test_an_older_server_wants_another_scope(told: list[str] | None) -> None:
    scopes = KeyScopes(told)
    scopes.instead = {"server.versionCheck": ALL}
    assert scopes.can(Ability.VERSION_CHECK) is (told is None)
    scopes.refuse(ALL)
    assert not scopes.can(Ability.VERSION_CHECK)
    assert scopes.missing([Ability.VERSION_CHECK]) == [ALL]
    assert scopes.can(Ability.TAGS) is (told is None)
