"""Small helpers for the tests of the fake."""

from io import BytesIO
from typing import Any

from aiohttp import ClientSession, FormData
from PIL import Image

from tests.fake_immich import FakeImmich

KEY = {"x-api-key": "admin-key"}
TAKEN = "2024-03-10T09:15:00.000Z"


async def ask(
    immich: FakeImmich,
    method: str,
    path: str,
    values: Any = None,
    *,
    key: str | None = "admin-key",
    **more: Any,
) -> tuple[int, Any]:
    """Send one call and return status and JSON; ``values`` is the query of a GET, else the body."""
    if method in ("GET", "HEAD"):
        more["params"] = values
    elif values is not None:
        more["json"] = values
    async with (
        ClientSession(headers={"x-api-key": key} if key else {}) as session,
        session.request(method, f"{immich.url}/api/{path}", **more) as response,
    ):
        raw = await response.read()
        if not raw or "json" not in response.headers.get("Content-Type", ""):
            return response.status, raw or None
        return response.status, await response.json()


def jpeg(color: str = "teal", *, exif: Image.Exif | None = None) -> bytes:
    """Make a small JPEG."""
    out = BytesIO()
    Image.new("RGB", (320, 240), color).save(out, "JPEG", exif=exif or Image.Exif())
    return out.getvalue()


def form(content: bytes, name: str = "picture.jpg", **fields: str) -> FormData:
    """Make the form of an upload, text fields first."""
    data = FormData(quote_fields=False)
    for field, value in {"fileCreatedAt": TAKEN, "fileModifiedAt": TAKEN, **fields}.items():
        data.add_field(field, value)
    data.add_field("assetData", content, filename=name, content_type="application/octet-stream")
    return data


async def upload(
    immich: FakeImmich, content: bytes, name: str = "picture.jpg", **fields: str
) -> tuple[int, Any]:
    """Upload a file with all that any release wants, and wait until it is processed."""
    both = {"deviceAssetId": name, "deviceId": "test", **fields}
    answer = await ask(immich, "POST", "assets", data=form(content, name, **both))
    await immich.settle()
    return answer
