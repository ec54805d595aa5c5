"""Each release has its own routes, fields, strictness, status codes and error bodies."""

import pytest

from tests.fake_immich import FakeImmich, libraries
from tests.fake_immich.permissions import permissions
from tests.fake_immich.routing import table_of
from tests.fake_immich.version import SUPPORTED, Version

from .calls import LATER, READS, WRITES, Call, filled, names
from .helpers import ask
from .samples import SPECS
from .specs import bare, complaints, document, operations

with_specs = pytest.mark.skipif(not SPECS.is_dir(), reason="no OpenAPI documents here")
every_version = pytest.mark.parametrize("version", SUPPORTED)

# -- routes


@with_specs
@every_version
def test_routes_are_those_of_the_release(version: str) -> None:
    known = operations(version)
    for route in table_of(Version.parse(version)):
        where = (route.method, bare(route.path))
        if where in known or route.path == "spec.json":
            continue
        put = known.get(("PUT", where[1]), {})
        assert route.method == "PATCH", f"{route.template} is not in {version}"
        assert put.get("deprecated"), f"{route.template} has no deprecated PUT in {version}"


@with_specs
@every_version
def test_deprecated_puts_have_a_patch_twin(version: str) -> None:
    """Documents leave them out; asked on a real 3.1.0, exactly these exist."""
    ours = {(route.method, bare(route.path)) for route in table_of(Version.parse(version))}
    for method, path in ours:
        said = operations(version).get((method, path), {})
        # These are deprecated as a whole, not for their method.
        if path in ("jobs/{}", "system-config"):
            continue
        if method == "PUT" and said.get("deprecated") and version >= "3":
            assert ("PATCH", path) in ours, path


@with_specs
@every_version
def test_routes_ask_for_the_rights_of_the_release(version: str) -> None:
    own = Version.parse(version)
    for route in table_of(own):
        said = operations(version).get((route.method, bare(route.path)))
        if said is None:
            continue
        scope = route.scope_in(own)
        wanted = said.get("x-immich-permission")
        assert scope == wanted or (wanted is None and scope in (None, "all")), route.template
        assert route.admin == bool(said.get("x-immich-admin-only")), route.template
        assert route.public == (not said.get("security")), route.template


@with_specs
@every_version
def test_permissions_are_those_of_the_release(version: str) -> None:
    said = document(version)["components"]["schemas"]["Permission"]["enum"]
    assert sorted(permissions(Version.parse(version))) == sorted(said)


# -- answers


#: What a document says and the server does not.
WRONG_DOCUMENT = {
    # Rebuilt from a client that makes texts of enumerated numbers; 3.1.0 sends numbers (seen).
    "3.3.5": "ffmpeg.realtime.resolutions[",
}


def tour(version: str) -> list[Call]:
    """Return the calls that a release knows, reading ones first."""
    own = Version.parse(version)
    later = [call for since, call in LATER if own.at_least(since)]
    return [*READS, *later, *WRITES]


@with_specs
@every_version
async def test_answers_have_the_shape_of_the_release(version: str) -> None:
    wrong: list[str] = []
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        ids = names(immich.state)
        for method, path, template in tour(version):
            values = filled(template, ids) or None
            if (method, path) == ("POST", "api-keys/{key}/rotate"):
                ids["key"] = immich.state.add_api_key(next(iter(immich.state.users.values()))).id
            status, body = await ask(immich, method, path.format(**ids), values)
            if status >= 400:
                wrong.append(f"{method} {path}: {status} {body}")
                continue
            wrong += [
                f"{method} {path}: {each}"
                for each in complaints(version, method, path, status, body)
                if WRONG_DOCUMENT.get(version, "\0") not in each
            ]
    assert not wrong, "\n".join(wrong)
