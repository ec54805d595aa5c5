"""Calling the actions on a real server, and pictures of the tests' own there."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import orjson
import pytest

from .server import LiveServer, eventually, picture

type Json = dict[str, Any]

UNKNOWN = "12345678-1234-4234-8234-123456789012"
# No library has photos of then: what is found there is the tests' own.
YEAR = 1971


@dataclass(slots=True)
class Acting:
    """Calls actions of a loaded account; what they make is remembered, and removed in the end."""

    hass: HomeAssistant
    server: LiveServer
    account: Any
    folder: Path

    async def __call__(self, action: str, **data: Any) -> Json:
        """Call an action and return its response, which is plain JSON."""
        answer: Any = await self.hass.services.async_call(
            "immich_plus", action, data, blocking=True, return_response=True
        )
        assert orjson.loads(orjson.dumps(answer)) == answer
        match action:
            case "upload":
                self.server.note(answer)
            case "create_album":
                self.server.albums.add(answer["album"]["id"])
            case "delete_album":
                self.server.albums.discard(answer["album"]["id"])
            case "create_shared_link":
                self.server.links.add(answer["id"])
            case "delete_shared_link":
                self.server.links.discard(answer["id"])
        return answer  # type: ignore[no-any-return]

    async def refused(self, action: str, **data: Any) -> str:
        """Call an action that must fail; return the key of the text."""
        with pytest.raises(HomeAssistantError) as info:
            await self(action, **data)
        assert info.value.translation_domain == "immich_plus"
        assert info.value.translation_key
        return info.value.translation_key

    async def read(self, asset_id: str) -> Json:
        """Ask the server itself for an asset."""
        asset: Json = await self.server.ask("GET", f"assets/{asset_id}")
        return asset

    async def pictures(self, *moments: datetime, **more: Any) -> list[str]:
        """Upload a picture for each moment of taking, and return their ids once the server has read them."""
        paths: list[str] = []
        for number, moment in enumerate(moments):
            path = self.folder / f"{self.server.mark}-{number:02}.jpg"
            taken = moment.astimezone(UTC).strftime("%Y:%m:%d %H:%M:%S")
            path.write_bytes(picture(taken=taken, zone="+00:00"))
            paths.append(str(path))
        ids = [asset["id"] for asset in (await self("upload", path=paths, **more))["assets"]]
        for asset_id, moment in zip(ids, moments, strict=True):
            await self.settled(asset_id, taken=moment)
        return ids

    async def many(self, *moments: datetime) -> list[str]:
        """Upload a small picture for each moment, not waiting for what the server makes of them."""
        places = asyncio.Semaphore(6)

        async def _send(number: int, moment: datetime) -> str:
            async with places:
                return await self.server.send(f"{self.server.mark}-{number:04}.jpg", moment)

        return await asyncio.gather(*(_send(number, moment) for number, moment in enumerate(moments)))

    async def settled(self, asset_id: str, *, taken: datetime | None = None) -> Json:
        """Wait until the server has made thumbnails of an asset and read its date."""
        return await eventually(
            lambda: self.read(asset_id),
            lambda asset: (
                asset["thumbhash"] is not None
                and (taken is None or datetime.fromisoformat(asset["fileCreatedAt"]) == taken)
            ),
        )

    async def read_back(self, asset_id: str, before: Json) -> None:
        """Wait until the server has read back the sidecar that a change after `before` made it write.

        Until then a second change of tags may be undone (seen on 3.1.0).
        """
        await eventually(lambda: self.read(asset_id), lambda asset: asset["updatedAt"] != before["updatedAt"])

    async def pages(self, action: str, **data: Any) -> list[str]:
        """Follow an action's cursors to the end, and return the ids in their order."""
        found: list[str] = []
        cursor: str | None = None
        for _ in range(200):
            page = await self(action, **data, cursor=cursor)
            found += [asset["id"] for asset in page["assets"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return found
        raise AssertionError("the cursors never end")

    async def numbered(self, filters: Json, size: int) -> list[tuple[datetime, str]]:
        """Follow the server's own numbered pages; give the moment of taking and the id of each asset."""
        found: list[tuple[datetime, str]] = []
        number: int | None = 1
        while number:
            body = {**filters, "size": size, "page": number}
            page = (await self.server.ask("POST", "search/metadata", body))["assets"]
            found += [(datetime.fromisoformat(each["fileCreatedAt"]), each["id"]) for each in page["items"]]
            number = int(page["nextPage"]) if page["nextPage"] else None
        return found


def moment(day: int, hour: int = 12, minute: int = 0, *, year: int = YEAR) -> datetime:
    """Return a moment in March of the year that is the tests' own."""
    return datetime(year, 3, day, hour, minute, tzinfo=UTC)


def ids_of(response: Json) -> Sequence[str]:
    """Return the ids of the assets of a response."""
    return [asset["id"] for asset in response["assets"]]
