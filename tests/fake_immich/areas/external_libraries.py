"""External libraries: folders on the server that Immich reads (admin)."""

import asyncio
from typing import Any

from ..answers import bad_request, created, no_content
from ..context import Context
from ..dates import millis, millis_or_none
from ..models import AssetType, Library
from ..routing import route
from ..rules import Text, Uuid
from ..validate import Array, Obj, optional

#: How long a scan takes.
SCAN_SECONDS = 0.3

DEFAULT_NAME = "New External Library"
DEFAULT_EXCLUSIONS = [
    "**/@eaDir/**",
    "**/._*",
    "**/#recycle/**",
    "**/#snapshot/**",
    "**/.stversions/**",
    "**/.stfolder/**",
]
TEXTS = optional(Array(Text()))


def _view(ctx: Context, library: Library) -> dict[str, Any]:
    return {
        "id": library.id,
        "ownerId": library.owner_id,
        "name": library.name,
        "createdAt": millis(library.created_at),
        "updatedAt": millis(library.updated_at),
        "refreshedAt": millis_or_none(library.refreshed_at),
        "assetCount": sum(asset.library_id == library.id for asset in ctx.state.assets.values()),
        "importPaths": library.import_paths,
        "exclusionPatterns": library.exclusion_patterns,
    }


def _find(ctx: Context) -> Library:
    library = ctx.state.libraries.get(ctx.id())
    if library is None:
        raise bad_request("Library not found")
    return library


@route("GET", "libraries", scope="library.read", admin=True)
async def list_libraries(ctx: Context) -> Any:
    """List the libraries of all users."""
    return [_view(ctx, library) for library in ctx.state.libraries.values()]


@route("POST", "libraries", scope="library.create", admin=True)
async def create_library(ctx: Context) -> Any:
    """Make a library; without patterns it gets the usual exclusions."""
    values = ctx.body(
        Obj(
            {
                "ownerId": Uuid(),
                "name": optional(Text(minimum=1)),
                "importPaths": TEXTS,
                "exclusionPatterns": TEXTS,
            }
        )
    )
    now = ctx.state.now()
    library = Library(
        id=ctx.state.new_id(),
        owner_id=values["ownerId"],
        name=values.get("name", DEFAULT_NAME),
        created_at=now,
        updated_at=now,
        import_paths=values.get("importPaths", []),
        exclusion_patterns=values.get("exclusionPatterns", list(DEFAULT_EXCLUSIONS)),
    )
    ctx.state.libraries[library.id] = library
    return created(_view(ctx, library))


@route("GET", "libraries/{id}", scope="library.read", admin=True)
async def get_library(ctx: Context) -> Any:
    """Describe one library."""
    return _view(ctx, _find(ctx))


@route("PATCH", "libraries/{id}", scope="library.update", admin=True, since="3.0.0")
@route("PUT", "libraries/{id}", scope="library.update", admin=True)
async def update_library(ctx: Context) -> Any:
    """Rename a library or change its folders."""
    ctx.id()
    values = ctx.body(
        Obj(
            {
                "name": optional(Text(minimum=1)),
                "importPaths": TEXTS,
                "exclusionPatterns": TEXTS,
            }
        )
    )
    library = _find(ctx)
    library.name = values.get("name", library.name)
    library.import_paths = values.get("importPaths", library.import_paths)
    library.exclusion_patterns = values.get("exclusionPatterns", library.exclusion_patterns)
    library.updated_at = ctx.state.now()
    return _view(ctx, library)


@route("DELETE", "libraries/{id}", scope="library.delete", admin=True)
async def delete_library(ctx: Context) -> Any:
    """Remove a library and all that was found in it."""
    library = _find(ctx)
    for asset_id in [a.id for a in ctx.state.assets.values() if a.library_id == library.id]:
        ctx.state.remove_asset(asset_id)
    del ctx.state.libraries[library.id]
    return no_content()


@route("GET", "libraries/{id}/statistics", scope="library.statistics", admin=True)
async def library_statistics(ctx: Context) -> Any:
    """Count what is in a library."""
    library = _find(ctx)
    found = [asset for asset in ctx.state.assets.values() if asset.library_id == library.id]
    videos = sum(asset.type is AssetType.VIDEO for asset in found)
    return {
        "photos": len(found) - videos,
        "videos": videos,
        "usage": sum(asset.exif.file_size or 0 for asset in found),
        "total": len(found),
    }


@route("POST", "libraries/{id}/scan", scope="library.update", admin=True)
async def scan(ctx: Context) -> Any:
    """Look for new files: a job, so the library looks the same for a while."""
    library = _find(ctx)
    start_scan(ctx, library)
    return no_content()


def start_scan(ctx: Context, library: Library) -> None:
    """Let a scan end a little later; folders that are not there end it early."""

    async def finish() -> None:
        await asyncio.sleep(SCAN_SECONDS)
        if library.import_paths and ctx.state.assets:
            library.refreshed_at = ctx.state.now()

    ctx.fake.spawn(finish())


@route("POST", "libraries/{id}/validate", scope="all", admin=True)
async def validate(ctx: Context) -> Any:
    """Check folders: the fake has no disk, so none of them exists."""
    ctx.id()
    values = ctx.body(Obj({"importPaths": TEXTS, "exclusionPatterns": TEXTS}))
    return {
        "importPaths": [
            {"importPath": path, "isValid": False, "message": "Path does not exist (ENOENT)"}
            for path in values.get("importPaths", [])
        ]
    }
