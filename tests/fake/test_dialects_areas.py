"""Searches, people, tags, links, queues and the rest in each release: answers, requests, status codes."""

from typing import Any

import pytest

from tests.fake_immich import FakeImmich, libraries
from tests.fake_immich.ids import stable_id
from tests.fake_immich.models import AssetType, Notification
from tests.fake_immich.version import SUPPORTED, Version

from .helpers import ask
from .samples import SPECS
from .specs import complaints

every_version = pytest.mark.parametrize("version", SUPPORTED)

#: Method, path, values, and under which name the answer's id is kept.
type Step = tuple[str, str, Any, str | None]

VIENNA, ROME, PARIS = (stable_id(f"tiny {name}.jpg") for name in ("vienna", "rome", "paris"))
ALICE, NOBODY, BOB = (stable_id(f"tiny person {name}") for name in ("Alice", "", "Bob"))
MOMENT = "2024-01-02T03:04:05.000Z"

STEPS: tuple[Step, ...] = (
    ("GET", "timeline/bucket", {"timeBucket": "2022-04-01"}, None),
    ("GET", "view/folder", {"path": "/data/upload"}, None),
    ("GET", "map/reverse-geocode", {"lat": "48.2", "lon": "16.37"}, None),
    ("POST", "search/metadata", {"albumIds": [stable_id("tiny holiday")], "withExif": True}, None),
    ("POST", "search/metadata", {"personIds": [ALICE], "withPeople": True, "order": "asc"}, None),
    ("POST", "search/statistics", {"city": "Vienna"}, None),
    ("GET", "search/suggestions", {"type": "camera-make", "includeNull": "true"}, None),
    ("POST", "people", {"name": "New", "birthDate": "1999-09-09"}, "person"),
    ("PUT", "people/{person}", {"isHidden": True, "color": "#00ff00"}, None),
    ("PUT", "people", {"people": [{"id": "{person}", "name": "Newer"}]}, None),
    ("POST", "faces", {"assetId": ROME, "personId": "{person}", "imageWidth": 8, "imageHeight": 6,
                       "x": 1, "y": 1, "width": 2, "height": 2}, None),
    ("PUT", f"people/{ALICE}/reassign", {"data": [{"personId": "{person}", "assetId": ROME}]}, None),
    ("POST", f"people/{ALICE}/merge", {"ids": [BOB]}, None),
    ("DELETE", "people/{person}", {}, None),
    ("DELETE", "people", {"ids": [NOBODY]}, None),
    ("POST", "tags", {"name": "fresh", "color": "#123456"}, "tag"),
    ("PUT", "tags/{tag}/assets", {"ids": [VIENNA]}, None),
    ("PUT", "tags/{tag}", {"color": "#654321"}, None),
    ("DELETE", "tags/{tag}/assets", {"ids": [VIENNA]}, None),
    ("DELETE", "tags/{tag}", None, None),
    ("POST", "memories", {"type": "on_this_day", "data": {"year": 2020}, "memoryAt": MOMENT,
                          "assetIds": [VIENNA]}, "memory"),
    ("GET", "memories/{memory}", None, None),
    ("PUT", "memories/{memory}", {"isSaved": True, "seenAt": MOMENT}, None),
    ("PUT", "memories/{memory}/assets", {"ids": [ROME]}, None),
    ("DELETE", "memories/{memory}/assets", {"ids": [ROME]}, None),
    ("DELETE", "memories/{memory}", None, None),
    ("POST", "stacks", {"assetIds": [VIENNA, ROME, PARIS]}, "stack"),
    ("GET", "stacks/{stack}", None, None),
    ("PUT", "stacks/{stack}", {"primaryAssetId": ROME}, None),
    ("DELETE", f"stacks/{{stack}}/assets/{PARIS}", None, None),
    ("DELETE", "stacks/{stack}", None, None),
    ("POST", "shared-links", {"type": "ALBUM", "albumId": stable_id("tiny holiday"), "slug": "s"}, "link"),
    ("GET", "shared-links/{link}", None, None),
    ("PATCH", "shared-links/{link}", {"description": "d"}, None),
    ("DELETE", "shared-links/{link}", None, None),
    ("POST", "shared-links", {"type": "INDIVIDUAL", "assetIds": [VIENNA]}, "link"),
    ("PUT", "shared-links/{link}/assets", {"assetIds": [ROME]}, None),
    ("DELETE", "shared-links/{link}/assets", {"assetIds": [ROME]}, None),
    ("POST", "activities", {"albumId": stable_id("tiny holiday"), "type": "comment", "comment": "c"}, "said"),
    ("GET", "activities", {"albumId": stable_id("tiny holiday")}, None),
    ("DELETE", "activities/{said}", None, None),
    ("POST", f"partners/{stable_id('tiny user')}", None, None),
    ("GET", "partners", {"direction": "shared-by"}, None),
    ("DELETE", f"partners/{stable_id('tiny user')}", None, None),
    ("POST", "admin/notifications", {"title": "t", "userId": stable_id("tiny admin")}, "note"),
    ("GET", "notifications", {"unread": "true"}, None),
    ("PUT", "notifications/{note}", {"readAt": MOMENT}, None),
    ("PUT", "notifications", {"ids": ["{note}"], "readAt": MOMENT}, None),
    ("DELETE", "notifications/{note}", None, None),
    ("POST", "libraries", {"ownerId": stable_id("tiny admin"), "importPaths": ["/a"]}, "library"),
    ("GET", "libraries/{library}", None, None),
    ("PUT", "libraries/{library}", {"name": "n"}, None),
    ("GET", "libraries/{library}/statistics", None, None),
    ("POST", "libraries/{library}/scan", None, None),
    ("POST", "libraries/{library}/validate", {"importPaths": ["/a"]}, None),
    ("DELETE", "libraries/{library}", None, None),
    ("PUT", "jobs/smartSearch", {"command": "pause", "force": False}, None),
    ("GET", "system-config/defaults", None, None),
    ("GET", "system-config/storage-template-options", None, None),
    ("GET", "system-metadata/reverse-geocoding-state", None, None),
    ("GET", "system-metadata/version-check-state", None, None),
    ("POST", "download/info", {"albumId": stable_id("tiny holiday")}, None),
)  # fmt: skip

LATER: tuple[tuple[str, Step], ...] = (
    ("2.4.0", ("GET", "queues/smartSearch", None, None)),
    ("2.4.0", ("PUT", "queues/smartSearch", {"isPaused": True}, None)),
    ("2.4.0", ("GET", "queues/smartSearch/jobs", None, None)),
    ("2.4.0", ("DELETE", "queues/smartSearch/jobs", {"failed": True}, None)),
    ("2.3.0", ("GET", "workflows", None, None)),
    ("2.3.0", ("GET", "plugins", None, None)),
    ("2.5.0", ("GET", "admin/database-backups", None, None)),
    ("3.0.0", ("GET", "admin/integrity/summary", None, None)),
    ("3.2.1", ("POST", "people/merge", {"ids": [ALICE, ALICE]}, None)),
)


#: What the documents say otherwise than a real server, seen on 3.1.0.
WRONG_DOCUMENT = (
    "'status' was unexpected",  # a column of time buckets
    "$.album",  # the album of a link has no members
    "ffmpeg.realtime.resolutions[",  # numbers, not texts
)


def fill(value: Any, ids: dict[str, str]) -> Any:
    """Put known ids in the place of their names."""
    if isinstance(value, str) and value.startswith("{"):
        return value.format(**ids)
    if isinstance(value, list):
        return [fill(each, ids) for each in value]
    if isinstance(value, dict):
        return {name: fill(each, ids) for name, each in value.items()}
    return value


@pytest.mark.skipif(not SPECS.is_dir(), reason="no OpenAPI documents here")
@every_version
async def test_answers_have_the_shape_of_the_release(version: str) -> None:
    later = [step for since, step in LATER if Version.parse(version).at_least(since)]
    ids: dict[str, str] = {}
    wrong: list[str] = []
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        for method, template, values, keep in [*STEPS, *later]:
            path = template.format(**ids)
            status, body = await ask(immich, method, path, fill(values, ids))
            if status >= 400:
                wrong.append(f"{method} {path}: {status} {body}")
                continue
            where = "/".join("{id}" if "-" in part and len(part) == 36 else part for part in path.split("/"))
            where = where.replace("jobs/smartSearch", "jobs/{name}").replace(
                "queues/smartSearch", "queues/{name}"
            )
            wrong += [
                f"{method} {path}: {each}"
                for each in complaints(version, method, where, status, body)
                if not any(known in each for known in WRONG_DOCUMENT)
            ]
            if keep is not None:
                ids[keep] = body["id"]
    assert not wrong, "\n".join(wrong)


async def found(immich: FakeImmich, **values: Any) -> set[str]:
    """Search and return the names of the files found."""
    status, body = await ask(immich, "POST", "search/metadata", values)
    assert status == 200, body
    return {each["originalFileName"] for each in body["assets"]["items"]}


@every_version
async def test_searches_without_visibility(version: str) -> None:
    """Immich 3 shows archived and hidden ones unless told otherwise."""
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        everything = await found(immich)
        assert ("archived.jpg" in everything) is (version >= "3")
        assert ("live.mov" in everything) is (version >= "3")
        assert "trashed.jpg" not in everything
        assert await found(immich, visibility="archive") == {"archived.jpg"}
        assert await found(immich, trashedAfter="1970-01-01T00:00:00Z") == {"trashed.jpg"}
        counted = await ask(immich, "POST", "search/statistics", {})
        assert counted == (200, {"total": len(everything)})


@every_version
async def test_searches_in_shared_albums(version: str) -> None:
    """Other people's photos are found in an album since Immich 3; at random never."""
    theirs = stable_id("tiny theirs")
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        expected = {"user1.jpg", "user2.jpg"} if version >= "3" else set()
        assert await found(immich, albumIds=[theirs]) == expected
        assert await ask(immich, "POST", "search/random", {"albumIds": [theirs]}) == (200, [])
        status, _ = await ask(immich, "POST", "search/metadata", {"albumIds": [stable_id("none")]})
        assert status == (400 if version >= "3" else 200)


@every_version
async def test_strictness_of_searches(version: str) -> None:
    """Naive moments, numbers as texts, rating 0 and empty texts count before Immich 3."""
    strict = version >= "3"
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        for values in (
            {"takenAfter": "2022-01-01T00:00:00"},
            {"takenAfter": "2022-01-01"},
            {"size": "2"},
            {"rating": 0},
            {"isFavorite": "true"},
        ):
            status, body = await ask(immich, "POST", "search/metadata", values)
            assert status == (400 if strict else 200), values
            if strict:
                assert body["message"] == "Validation failed"
        status, body = await ask(immich, "POST", "search/metadata", {"size": 1001})
        assert status == 400
        assert body["message"] == ("Validation failed" if strict else ["size must not be greater than 1000"])
        placeless = await found(immich, city="", visibility="timeline")
        assert placeless == (set() if strict else await found(immich, city=None, visibility="timeline"))
        # Misspelt and old members vanish without a word in all releases.
        assert await found(immich, isArchived=True, limit=1) == await found(immich)


@pytest.mark.parametrize(
    ("version", "value", "status"),
    [
        ("2.7.5", "2026-11-23T00:00:00.000Z", 200),
        ("2.7.5", "2026-11-23", 200),
        ("3.0.0", "2026-11-23T00:00:00.000Z", 200),
        ("3.0.0", "2026-11-23", 400),
        ("3.0.3", "2026-11-23T00:00:00.000Z", 400),
        ("3.0.3", "2026-11-23", 200),
    ],
)
async def test_the_day_of_memories_flips_twice(version: str, value: str, status: int) -> None:
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        assert (await ask(immich, "GET", "memories", {"for": value}))[0] == status
        assert (await ask(immich, "GET", "memories/statistics", {"for": value}))[0] == status


@every_version
async def test_status_codes_of_1_137(version: str) -> None:
    """Many a DELETE answered 200, and a job 201, before 1.138."""
    old = version == "1.137.3"
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        admin = next(iter(immich.state.users))
        note = Notification(id=immich.state.new_id(), user_id=admin, created_at=immich.state.now())
        immich.state.notifications[note.id] = note
        assert (await ask(immich, "DELETE", f"notifications/{note.id}"))[0] == (200 if old else 204)
        assert (await ask(immich, "POST", "jobs", {"name": "memory-create"}))[0] == (201 if old else 204)
        assert (await ask(immich, "POST", f"people/{ALICE}/merge", {"ids": [BOB]}))[0] == (
            201 if old else 200
        )


@every_version
async def test_deleting_a_person_wants_a_body_since_3_3(version: str) -> None:
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        status, _ = await ask(immich, "DELETE", f"people/{BOB}")
        assert status == (400 if version >= "3.3" else 204)
        status, _ = await ask(immich, "DELETE", f"people/{ALICE}", {})
        assert status == 204


@every_version
async def test_a_link_loses_its_slug_and_keeps_its_end(version: str) -> None:
    strict = version >= "3"
    values = {
        "type": "INDIVIDUAL",
        "assetIds": [VIENNA],
        "slug": "s",
        "expiresAt": "2030-01-01T00:00:00.000Z",
    }
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        _, link = await ask(immich, "POST", "shared-links", values)
        assert link["allowUpload"] is True
        path = f"shared-links/{link['id']}"
        _, changed = await ask(immich, "PATCH", path, {"expiresAt": None})
        assert changed["slug"] is None
        assert (changed["expiresAt"] is None) is strict
        _, changed = await ask(immich, "PATCH", path, {"expiresAt": None, "changeExpiryTime": True})
        assert changed["expiresAt"] is None


@pytest.mark.parametrize(("version", "count"), [("1.137.3", 15), ("2.2.0", 16), ("2.7.5", 18), ("3.1.0", 19)])
async def test_queues_grow(version: str, count: int) -> None:
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        assert len((await ask(immich, "GET", "jobs"))[1]) == count
        status, queues = await ask(immich, "GET", "queues")
        assert status == (200 if version >= "2.4" else 404)
        if status == 200:
            assert len(queues) == count


async def test_a_queue_runs_and_pauses() -> None:
    async with FakeImmich(library=libraries.tiny()) as immich:
        start = {"command": "start", "force": False}
        _, started = await ask(immich, "PUT", "jobs/library", start)
        assert started["jobCounts"]["waiting"] == 1
        assert await ask(immich, "PUT", "jobs/library", start) == (400, {"message": "Job is already running"})
        assert (await ask(immich, "GET", "jobs"))[1]["library"]["queueStatus"]["isActive"] is True
        await immich.settle()
        assert (await ask(immich, "GET", "jobs"))[1]["library"]["queueStatus"]["isActive"] is False
        await ask(immich, "PUT", "queues/ocr", {"isPaused": True})
        await ask(immich, "PUT", "jobs/ocr", start)
        _, queue = await ask(immich, "GET", "queues/ocr")
        assert (queue["statistics"]["paused"], queue["statistics"]["waiting"]) == (1, 0)


@every_version
async def test_smart_search_puts_what_fits_first_and_leaves_nothing_out(version: str) -> None:
    async with FakeImmich(version=version, library=libraries.tiny()) as immich:
        values = {"query": "Rome", "visibility": "timeline"}
        _, body = await ask(immich, "POST", "search/smart", values)
        names = [each["originalFileName"] for each in body["assets"]["items"]]
        assert names[0] == "rome.jpg"
        assert len(names) == immich.state.count(stable_id("tiny admin"), kind=AssetType.IMAGE) - 1
        immich.state.settings.smart_search = False
        assert (await ask(immich, "POST", "search/smart", values))[0] == 400
