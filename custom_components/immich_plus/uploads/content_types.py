"""Content types and endings of names: which go together, and what can't be a picture or film at all."""

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
# Raw and other formats that Immich takes, and that the standard library doesn't know or takes for something else.
_MORE_EXTENSIONS: Final = frozenset(
    {
        *(".3fr", ".ari", ".arw", ".cap", ".cin", ".cr2", ".cr3", ".crw", ".dcr", ".dng"),
        *(".erf", ".fff", ".iiq", ".k25", ".kdc", ".mrw", ".nef", ".nrw", ".orf", ".ori"),
        *(".pef", ".psd", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"),
        *(".avif", ".heic", ".heif", ".hif", ".insp", ".jp2", ".jpe", ".jxl", ".mpo", ".webp"),
        *(".3gp", ".3gpp", ".avi", ".flv", ".insv", ".m2t", ".m2ts", ".m4v", ".mkv"),
        *(".mpe", ".mts", ".mxf", ".ts", ".vob", ".webm", ".wmv"),
    }
)
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


def is_media_extension(extension: str) -> bool:
    """Whether an ending, with its dot and in any letter case, is one of a picture or film."""
    extension = extension.lower()
    guess = mimetypes.guess_file_type(f"x{extension}")[0] or ""
    return extension in _MORE_EXTENSIONS or guess.startswith(("image/", "video/"))


def with_extension(name: str, content_type: str) -> str:
    """Return `name` with the ending that the content type asks for, unless it ends like a picture or film."""
    is_media = is_media_extension(PurePosixPath(name).suffix)
    return name if is_media else name + extension_of(content_type)
