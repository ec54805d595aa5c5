"""Which file names an upload may have, and what they are."""

from pathlib import PurePath

from .models import AssetType

VIDEO = {
    ".3gp": "video/3gpp",
    ".3gpp": "video/3gpp",
    ".avi": "video/avi",
    ".flv": "video/x-flv",
    ".insv": "video/mp4",
    ".m2t": "video/mp2t",
    ".m2ts": "video/mp2t",
    ".m4v": "video/x-m4v",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".mpe": "video/mpeg",
    ".mpeg": "video/mpeg",
    ".mpg": "video/mpeg",
    ".mts": "video/mp2t",
    ".mxf": "application/mxf",
    ".ts": "video/mp2t",
    ".vob": "video/mpeg",
    ".webm": "video/webm",
    ".wmv": "video/x-ms-wmv",
}
_WEB = {
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
_RAW = [
    ".3fr",
    ".ari",
    ".arw",
    ".cap",
    ".cin",
    ".cr2",
    ".cr3",
    ".crw",
    ".dcr",
    ".dng",
    ".erf",
    ".fff",
    ".iiq",
    ".k25",
    ".kdc",
    ".mrw",
    ".nef",
    ".nrw",
    ".orf",
    ".ori",
    ".pef",
    ".psd",
    ".raf",
    ".raw",
    ".rw2",
    ".rwl",
    ".sr2",
    ".srf",
    ".srw",
    ".x3f",
]
_OTHER = {
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".hif": "image/hif",
    ".insp": "image/jpeg",
    ".jp2": "image/jp2",
    ".jpe": "image/jpeg",
    ".jxl": "image/jxl",
    ".mpo": "image/mpo",
    ".svg": "image/svg+xml",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}
IMAGE = {**_WEB, **{ending: f"image/{ending[1:]}" for ending in _RAW}, **_OTHER}
SIDECAR = {".xmp": "application/xml"}

#: Originals that browsers can show: ``fullsize`` redirects to them.
WEB_SAFE = frozenset(_WEB.values())


def ending(name: str) -> str:
    """Return the extension in lower case with its dot, empty if there is none."""
    return PurePath(name).suffix.lower()


def kind(name: str) -> AssetType | None:
    """Tell what a file is by its name; ``None`` is refused."""
    if ending(name) in IMAGE:
        return AssetType.IMAGE
    if ending(name) in VIDEO:
        return AssetType.VIDEO
    return None


def mime_type(name: str) -> str:
    """Return the media type that Immich derives from a name."""
    return (IMAGE | VIDEO | SIDECAR).get(ending(name), "application/octet-stream")
