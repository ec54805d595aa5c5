"""Shared links: addresses that show an album or single assets to whoever has them (`shared-links`)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from yarl import URL

from .bulk import pages
from .errors import ImmichError, ImmichNotFoundError, ImmichPermissionError
from .ids import need_id
from .parse import Json, boolean, many_rows, moment, need_dict, need_text, rows, text
from .transport import LISTING

if TYPE_CHECKING:
    from .client import Immich


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLink:
    """A shared link; whoever knows its `key` or `slug` can open it.

    `type` is `album` or `individual` (single assets). `album_id` is None for single assets, `expires_at` for a
    link that stays. The password is never kept, though Immich sends it back in clear text.
    """

    id: str
    key: str = field(repr=False)
    slug: str | None = field(repr=False)
    type: str
    album_id: str | None
    expires_at: datetime | None
    allow_download: bool
    allow_upload: bool
    show_metadata: bool
    has_password: bool

    @classmethod
    def from_json(cls, data: Json) -> SharedLink:
        """Read a link; the assets that come with it are left alone (in lists it is only the first)."""
        album = data.get("album")
        album_id = text(album, "id") if isinstance(album, dict) else None
        return cls(
            id=need_text(data, "id", "shared-links"),
            key=need_text(data, "key", "shared-links"),
            slug=text(data, "slug") or None,
            type=(text(data, "type") or ("album" if album_id else "individual")).lower(),
            album_id=album_id,
            expires_at=moment(data, "expiresAt"),
            allow_download=boolean(data, "allowDownload") is True,
            allow_upload=boolean(data, "allowUpload") is True,
            show_metadata=boolean(data, "showMetadata") is True,
            has_password=bool(text(data, "password")),
        )


def address(link: SharedLink, external_domain: str, base: URL) -> str:
    """Return the address to give to people, on the domain that the administrator set for this.

    `external_domain` is the server's setting, empty or unusable if there is none: then `base` stands for it,
    the address that Home Assistant uses.
    """
    try:
        outside = URL(external_domain.strip())
    except ValueError:
        outside = base
    if outside.scheme not in ("http", "https") or not outside.host:
        outside = base
    parts = ("s", quote(link.slug, safe="")) if link.slug else ("share", quote(link.key, safe=""))
    return str(outside.joinpath(*parts, encoded=True))


class SharedLinks:
    """Calls about shared links."""

    def __init__(self, client: Immich) -> None:
        """Speak through the client, as the scope for adding assets depends on the version."""
        self._client = client

    async def list(self) -> Sequence[SharedLink]:
        """List the account's links, newest first, those that have run out as well (scope `sharedLink.read`)."""
        answer = await self._client.transport.get("shared-links", timeout=LISTING)
        return await many_rows(answer, SharedLink.from_json, "shared-links")

    async def create(
        self,
        *,
        album_id: str | None = None,
        asset_ids: Sequence[str] | None = None,
        password: str | None = None,
        expires_at: datetime | None = None,
        allow_download: bool = True,
        allow_upload: bool = False,
        show_metadata: bool = True,
    ) -> SharedLink:
        """Make a link to an album, or else to single assets, any number (scope `sharedLink.create`).

        `expires_at` needs a zone; Immich takes one in the past, too. A link that shows no metadata never
        allows downloads. Raises ImmichNotFoundError if something doesn't exist or is not the account's.
        """
        body: Json = {
            # Immich lets everybody with the link upload unless told otherwise (seen on 3.1.0).
            "allowUpload": allow_upload,
            "allowDownload": allow_download,
            "showMetadata": show_metadata,
        }
        if password is not None:
            body["password"] = password
        if expires_at is not None:
            body["expiresAt"] = expires_at.isoformat(timespec="milliseconds")
        if album_id is not None:
            link = await self._make({**body, "type": "ALBUM", "albumId": need_id(album_id)})
            # The answer to a change has no album in it (seen on 3.1.0).
            return replace(link, album_id=need_id(album_id))
        return await self._make_individual({**body, "type": "INDIVIDUAL"}, asset_ids or ())

    async def delete(self, link_id: str) -> None:
        """Delete a link (scope `sharedLink.delete`); what it showed stays."""
        await self._client.transport.send("DELETE", f"shared-links/{need_id(link_id)}")

    async def _make(self, body: Json) -> SharedLink:
        answer = await self._client.transport.send(
            "POST", "shared-links", body, timeout=LISTING, repeatable=False
        )
        return SharedLink.from_json(need_dict(answer, "shared-links"))

    async def _make_individual(self, body: Json, asset_ids: Sequence[str]) -> SharedLink:
        """Make a link to the first page of assets and add the others, if the key may add to links.

        If it may not, all go into one request: few keys of Immich before 3.0 have the `all` that it wants.
        """
        # An asset named twice is an error inside of Immich.
        ids = list(dict.fromkeys(need_id(asset_id) for asset_id in asset_ids))
        first, *more = pages(ids) or [[]]
        scope = self._client.version.add_to_link_scope
        if more and self._client.scopes.has(scope):
            link = await self._make({**body, "assetIds": first})
            try:
                for page in more:
                    await self._add(link.id, page)
            except ImmichError as error:
                # Nobody knows of it yet, and half of what was asked for is no link to give away.
                with suppress(ImmichError):
                    await self.delete(link.id)
                if not isinstance(error, ImmichPermissionError) or error.scope != scope:
                    raise
                self._client.scopes.refuse(scope)
            else:
                return link
        return await self._make({**body, "assetIds": ids})

    async def _add(self, link_id: str, asset_ids: Sequence[str]) -> None:
        path = f"shared-links/{need_id(link_id)}/assets"
        answer = await self._client.transport.send("PUT", path, {"assetIds": asset_ids}, timeout=LISTING)
        # What is there already, as after a repeated request, is as good as added.
        refused = rows(
            answer,
            lambda row: not (boolean(row, "success") or text(row, "error") == "duplicate"),
            "shared-links/assets",
        )
        if any(refused):
            # As Immich says itself if one of the first page is unknown.
            raise ImmichNotFoundError("Not found or no asset.share access")
