"""Files to upload, made of bytes."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

from custom_components.immich_plus.api.upload_form import UploadFile

TAKEN = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)


def upload_file(content: bytes = b"picture", filename: str = "new.jpg", **changes: Any) -> UploadFile:
    """Return a file of these bytes, which come in three pieces."""

    async def _open() -> AsyncGenerator[bytes]:
        step = max(1, len(content) // 3)
        for start in range(0, len(content), step):
            yield content[start : start + step]

    return UploadFile(
        **{
            "filename": filename,
            "size": len(content),
            "sha1": sha1(content, usedforsecurity=False).hexdigest(),
            "created_at": TAKEN,
            "modified_at": TAKEN,
            "open": _open,
        }
        | changes
    )
