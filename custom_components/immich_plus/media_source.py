"""The media source: every photo and film of every account, in folders of a bounded size."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, override

from homeassistant.components.media_player import (
    BrowseError,
    BrowseMedia,
    MediaClass,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .actions.common import Account, note_refusal
from .api.asset import Asset, AssetType, ThumbnailSize
from .api.errors import ImmichError, ImmichNotFoundError
from .api.query import AssetQuery
from .api.together import together
from .asset_reference import AssetReference, asset_view, person_view
from .const import DOMAIN, LARGEST_PREVIEW_BYTES
from .errors import explained
from .media.browser import Browser
from .media.divide import MOST_CHILDREN
from .media.folder import Folder, SubFolder
from .media.identifier import FolderId
from .media.kinds import KINDS
from .media.search import async_search
from .media.texts import async_texts
from .runtime import ImmichPlusConfigEntry, loaded_account

if TYPE_CHECKING:
    from homeassistant.components.media_source import MediaImage

# Pictures that browsers and screens show as they are; others are shown through the server's preview.
_SHOWN_AS_THEY_ARE: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_PLAYED_AS_THEY_ARE: Final = frozenset({"video/mp4", "video/webm"})
_TYPES: Final = {MediaClass.IMAGE: AssetType.IMAGE, MediaClass.VIDEO: AssetType.VIDEO}
_ICONS: Final = {
    **dict.fromkeys(("timeline", "recent", "favorites", "random", "unsorted", "archive"), MediaClass.IMAGE),
    "videos": MediaClass.VIDEO,
}
# Something long that is nothing isn't repeated whole.
_LONGEST_SHOWN: Final = 200


async def async_get_media_source(hass: HomeAssistant) -> MediaSource:
    """Set the media source up; Home Assistant asks for it when it is needed first."""
    return ImmichPlusMediaSource(hass)


class ImmichPlusMediaSource(MediaSource):
    """All accounts as folders."""

    name = "Immich Plus"

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve the accounts of `hass`."""
        super().__init__(DOMAIN)
        self.hass = hass

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Open a folder, or name a single photo."""
        if not item.identifier:
            return self._accounts()
        if (reference := AssetReference.parse(item.media_source_id)) is not None:
            browser = await self._browser(reference.user_id)
            return _shown(browser, await self._asset(browser.entry, reference, BrowseError))
        folder = _need_folder(item)
        browser = await self._browser(folder.user_id)
        return _opened(browser, folder, await self._open(browser, folder))

    @override
    async def async_search_media(self, item: MediaSourceItem, query: SearchMediaQuery) -> SearchMedia:
        """Search in a folder, or in all accounts: by what pictures show, else by what is written about them."""
        folders = (
            [_need_folder(item)]
            if item.identifier
            else [FolderId(entry.runtime_data.account.id) for entry in self._loaded()]
        )
        async with together() as tasks:
            found = [tasks.create_task(self._found(folder, query)) for folder in folders]
        most = MOST_CHILDREN // len(folders)
        return SearchMedia(result=[each for task in found for each in task.result()[:most]])

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return where a photo or film can be seen, which takes Home Assistant's authentication or a signature."""
        reference = AssetReference.parse(item.media_source_id)
        if reference is None and (not item.identifier or FolderId.parse(item.identifier) is not None):
            raise Unresolvable(translation_domain=DOMAIN, translation_key="not_playable")
        if reference is None:
            raise Unresolvable(
                translation_domain=DOMAIN,
                translation_key="media_unresolved",
                translation_placeholders={"media": item.media_source_id[:_LONGEST_SHOWN]},
            )
        entry = self._entry(reference.user_id, Unresolvable)
        asset = await self._asset(entry, reference, Unresolvable)
        version, mime_type = _best(entry, asset)
        return PlayMedia(asset_view(entry.entry_id, asset.id, version), mime_type)

    @override
    async def async_get_media_image(self, item: MediaSourceItem) -> MediaImage | None:
        """Return the server's preview of a photo or film, for AI tasks, notifications and mail.

        Home Assistant asks for it from 2026.11 on. None for what is neither.
        """
        from homeassistant.components.media_source import MediaImage

        if (reference := AssetReference.parse(item.media_source_id)) is None:
            return None
        entry = self._entry(reference.user_id, Unresolvable)
        assets = entry.runtime_data.client.assets
        try:
            picture = await assets.read_picture(
                reference.asset_id, ThumbnailSize.PREVIEW, LARGEST_PREVIEW_BYTES
            )
        except ImmichNotFoundError as error:
            if error.status == 404:
                raise Unresolvable(translation_domain=DOMAIN, translation_key="picture_not_ready") from error
            raise self._failed(entry, error, Unresolvable) from error
        except ImmichError as error:
            raise self._failed(entry, error, Unresolvable) from error
        return None if picture is None else MediaImage(picture.content, picture.content_type)

    def _accounts(self) -> BrowseMediaSource:
        """List the accounts, also those that don't run now: opening one says so."""
        entries = self.hass.config_entries.async_entries(DOMAIN, include_disabled=False)
        folders = [
            _folder(FolderId(entry.unique_id), entry.title)
            for entry in sorted(entries, key=lambda entry: entry.title.casefold())
            if entry.unique_id is not None
        ]
        if not folders:
            raise BrowseError(translation_domain=DOMAIN, translation_key="account_not_loaded")
        return _folder(None, self.name or DOMAIN, folders, can_search=True)

    def _loaded(self) -> Sequence[ImmichPlusConfigEntry]:
        entries: Sequence[ImmichPlusConfigEntry] = self.hass.config_entries.async_loaded_entries(DOMAIN)
        if not entries:
            raise BrowseError(translation_domain=DOMAIN, translation_key="account_not_loaded")
        return entries

    def _entry(self, user_id: str, kind: type[HomeAssistantError]) -> ImmichPlusConfigEntry:
        if (entry := loaded_account(self.hass, user_id)) is None:
            raise kind(translation_domain=DOMAIN, translation_key="account_not_loaded")
        return entry

    async def _browser(self, user_id: str) -> Browser:
        entry = self._entry(user_id, BrowseError)
        return Browser(hass=self.hass, entry=entry, texts=await async_texts(self.hass))

    async def _open(self, browser: Browser, folder: FolderId) -> Folder:
        if not folder.kind:
            return Folder(
                title=browser.entry.title,
                folders=[
                    SubFolder(id=folder.child(name), title=browser.texts.get(name))
                    for name, kind in KINDS.items()
                    if kind.listed
                ],
                query=AssetQuery(),
            )
        if (kind := KINDS.get(folder.kind)) is None:
            raise _unknown()
        try:
            await browser.client.ensure_version()
            opened = await kind.open(browser, folder)
        except ImmichError as error:
            raise self._failed(browser.entry, error, BrowseError) from error
        if opened is None:
            raise _unknown()
        return opened

    async def _found(self, folder: FolderId, query: SearchMediaQuery) -> Sequence[BrowseMediaSource]:
        """Search in one folder."""
        browser = await self._browser(folder.user_id)
        within = (await self._open(browser, folder)).query
        if within is None:
            raise BrowseError(translation_domain=DOMAIN, translation_key="folder_not_searchable")
        words = query.search_query.strip()
        narrowed = _narrowed(within, query.media_filter_classes)
        if not words or narrowed is None:
            return []
        try:
            assets = await async_search(browser, narrowed, words)
        except ImmichError as error:
            raise self._failed(browser.entry, error, BrowseError) from error
        return [_shown(browser, asset) for asset in assets]

    async def _asset(
        self, entry: ImmichPlusConfigEntry, reference: AssetReference, kind: type[HomeAssistantError]
    ) -> Asset:
        try:
            asset = await entry.runtime_data.client.assets.get(reference.asset_id)
        except ImmichError as error:
            raise self._failed(entry, error, kind) from error
        if asset.trashed:
            raise kind(translation_domain=DOMAIN, translation_key="in_the_trash")
        return asset

    def _failed(
        self, entry: ImmichPlusConfigEntry, error: ImmichError, kind: type[HomeAssistantError]
    ) -> HomeAssistantError:
        note_refusal(self.hass, Account(entry, entry.runtime_data), error)
        return explained(kind, error)


def _need_folder(item: MediaSourceItem) -> FolderId:
    if (folder := FolderId.parse(item.identifier)) is None:
        raise _unknown()
    return folder


def _unknown() -> BrowseError:
    return BrowseError(translation_domain=DOMAIN, translation_key="folder_unknown")


def _narrowed(query: AssetQuery, classes: Sequence[MediaClass] | None) -> AssetQuery | None:
    """Return a query for assets of some classes only; None if nothing can be found by it."""
    if not classes:
        return query
    types = {_TYPES[each] for each in classes if each in _TYPES}
    wanted = types if query.type is None else types & {query.type}
    if len(wanted) == 1:
        return replace(query, type=wanted.pop())
    return query if wanted else None


def _opened(browser: Browser, folder: FolderId, opened: Folder) -> BrowseMediaSource:
    folders = [
        _folder(each.id, each.title, thumbnail=_picture(browser.entry, each)) for each in opened.folders
    ]
    return _folder(
        folder,
        opened.title,
        [*folders, *(_shown(browser, asset) for asset in opened.assets)],
        not_shown=opened.not_shown,
        can_search=opened.query is not None,
    )


def _folder(
    folder: FolderId | None,
    title: str,
    children: Sequence[BrowseMedia] | None = None,
    *,
    thumbnail: str | None = None,
    not_shown: int = 0,
    can_search: bool = False,
) -> BrowseMediaSource:
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=str(folder) if folder else None,
        # A picture fills the tile of an album, and has a margin in that of any other folder.
        media_class=MediaClass.DIRECTORY if thumbnail is None else MediaClass.ALBUM,
        media_content_type="",
        title=title,
        can_play=False,
        can_expand=True,
        children=children,
        # What an open folder has in it is counted by Home Assistant; others get the icon of what is in them.
        children_media_class=_ICONS.get(folder.kind) if folder and children is None else None,
        thumbnail=thumbnail,
        not_shown=not_shown,
        can_search=can_search,
        search_media_classes=list(_TYPES) if can_search else None,
    )


def _shown(browser: Browser, asset: Asset) -> BrowseMediaSource:
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=AssetReference(browser.user_id, asset.id).identifier,
        media_class=MediaClass.VIDEO if asset.type == AssetType.VIDEO else MediaClass.IMAGE,
        media_content_type=_best(browser.entry, asset)[1],
        title=asset.filename or browser.moment(asset),
        can_play=True,
        can_expand=False,
        thumbnail=asset_view(browser.entry.entry_id, asset.id, "thumbnail"),
    )


def _picture(entry: ImmichPlusConfigEntry, folder: SubFolder) -> str | None:
    if folder.picture is not None:
        return asset_view(entry.entry_id, folder.picture, "thumbnail")
    return person_view(entry.entry_id, folder.face) if folder.face is not None else None


def _best(entry: ImmichPlusConfigEntry, asset: Asset) -> tuple[str, str]:
    """Return the version of an asset that everything can show, and its type.

    Originals need a scope that the key may lack; films are transcoded by the server where browsers need that.
    """
    mime_type = asset.mime_type or ""
    if asset.type == AssetType.VIDEO:
        return "video", mime_type if mime_type in _PLAYED_AS_THEY_ARE else "video/mp4"
    if mime_type in _SHOWN_AS_THEY_ARE and entry.runtime_data.client.scopes.has("asset.download"):
        return "original", mime_type
    return "preview", "image/jpeg"
