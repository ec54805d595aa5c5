"""What a content type says: the ending that a file name needs, and what can't be a picture or film at all."""

import mimetypes
from pathlib import PurePosixPath
from typing import Final

# Endings that the standard library doesn't know, or chooses differently from what people expect.
_EXTENSIONS: Final = {
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/avif": ".avif",
    "image/webp": ".webp",
    "video/quicktime": ".mov",
    "video/x-matroska": ".mkv",
    "video/mp2t": ".ts",
}
# Web pages, data, playlists, and streams that never end (the "video" of many cameras).
_NEVER: Final = ("text/", "multipart/", "audio/")
_NEVER_EXACTLY: Final = frozenset(
    {
        "application/json",
        "application/xml",
        "application/xhtml+xml",
        "application/javascript",
        "application/vnd.apple.mpegurl",
        "application/x-mpegurl",
        "application/dash+xml",
    }
)


def _plain(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def extension_of(content_type: str) -> str:
    """Return the file name ending for a picture's or film's content type, empty for any other."""
    kind = _plain(content_type)
    if not kind.startswith(("image/", "video/")):
        return ""
    return _EXTENSIONS.get(kind) or mimetypes.guess_extension(kind) or ""


def is_picture_or_film(content_type: str) -> bool:
    """Whether this may be a picture or film; servers that know nothing say `application/octet-stream`."""
    kind = _plain(content_type)
    return not kind.startswith(_NEVER) and kind not in _NEVER_EXACTLY


def with_extension(name: str, content_type: str) -> str:
    """Return `name` with the ending that the content type asks for, unless it ends like a picture or film."""
    suffix = PurePosixPath(name).suffix.lower()
    guess = mimetypes.guess_file_type(f"x{suffix}")[0] or ""
    return name if guess.startswith(("image/", "video/")) else name + extension_of(content_type)
