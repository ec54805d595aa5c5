"""The server itself: version, identity, settings, storage, statistics, what it accepts (`server/*`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .errors import ImmichBadAnswerError, ImmichError, ImmichNotImmichError, ImmichTooOldError
from .parse import (
    Json,
    boolean,
    integer,
    moment,
    need_dict,
    need_integer,
    need_list,
    need_text,
    number,
    rows,
    text,
)
from .transport import LISTING
from .version import ServerVersion

if TYPE_CHECKING:
    from .transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """The disk that holds the library, in bytes; `used` and `available` need not add up to `size`."""

    size: int
    used: int
    available: int
    usage: float | None
    """Share in use, in percent (0 to 100)."""

    @classmethod
    def from_json(cls, value: object) -> Storage:
        """Read `GET server/storage`; its `…Raw` fields are bytes, the others texts for people."""
        data = need_dict(value, "server/storage")
        return cls(
            size=need_integer(data, "diskSizeRaw", "server/storage"),
            used=need_integer(data, "diskUseRaw", "server/storage"),
            available=need_integer(data, "diskAvailableRaw", "server/storage"),
            usage=number(data, "diskUsagePercentage"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UserUsage:
    """What one user keeps on the server, trash left out. Bytes; `quota` is None where there is no limit."""

    user_id: str
    name: str
    photos: int
    videos: int
    usage: int
    quota: int | None

    @classmethod
    def from_json(cls, data: Json) -> UserUsage:
        """Read a row of `usageByUser`."""
        return cls(
            user_id=need_text(data, "userId", "server/statistics"),
            name=text(data, "userName") or "",
            photos=need_integer(data, "photos", "server/statistics"),
            videos=need_integer(data, "videos", "server/statistics"),
            usage=need_integer(data, "usage", "server/statistics"),
            quota=integer(data, "quotaSizeInBytes"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatistics:
    """Counts and bytes over all users; only an administrator's key may see them."""

    photos: int
    videos: int
    usage_photos: int | None
    usage_videos: int | None
    users: list[UserUsage]

    @classmethod
    def from_json(cls, value: object) -> ServerStatistics:
        """Read `GET server/statistics`."""
        data = need_dict(value, "server/statistics")
        return cls(
            photos=need_integer(data, "photos", "server/statistics"),
            videos=need_integer(data, "videos", "server/statistics"),
            usage_photos=integer(data, "usagePhotos"),
            usage_videos=integer(data, "usageVideos"),
            users=rows(data.get("usageByUser", []), UserUsage.from_json, "server/statistics"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionCheck:
    """The newest release that the server knows of; both None before its first check or with the check off."""

    release: ServerVersion | None
    checked_at: datetime | None

    @classmethod
    def from_json(cls, value: object) -> VersionCheck:
        """Read `GET server/version-check`; the release may start with `v`."""
        data = need_dict(value, "server/version-check")
        return cls(
            release=ServerVersion.from_text(text(data, "releaseVersion") or ""),
            checked_at=moment(data, "checkedAt"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaTypes:
    """File name extensions, lower case with a dot, that the server takes: pictures, films, sidecars."""

    image: frozenset[str]
    video: frozenset[str]
    sidecar: frozenset[str]

    @classmethod
    def from_json(cls, value: object) -> MediaTypes:
        """Read `GET server/media-types`."""
        data = need_dict(value, "server/media-types")

        def _kind(key: str) -> frozenset[str]:
            found = need_list(data.get(key, []), "server/media-types")
            return frozenset(entry.lower() for entry in found if isinstance(entry, str))

        return cls(image=_kind("image"), video=_kind("video"), sidecar=_kind("sidecar"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What is switched on at the server; what it doesn't tell is off, save for the trash.

    `ocr` exists from 2.2 on, `realtime_transcoding` from 3.0 on.
    """

    smart_search: bool
    facial_recognition: bool
    duplicate_detection: bool
    ocr: bool
    map: bool
    reverse_geocoding: bool
    import_faces: bool
    sidecar: bool
    search: bool
    trash: bool
    email: bool
    oauth: bool
    oauth_auto_launch: bool
    password_login: bool
    config_file: bool
    realtime_transcoding: bool

    @classmethod
    def from_json(cls, value: object) -> Features:
        """Read `GET server/features`."""
        data = need_dict(value, "server/features")

        def _on(key: str) -> bool:
            return boolean(data, key) is True

        return cls(
            smart_search=_on("smartSearch"),
            facial_recognition=_on("facialRecognition"),
            duplicate_detection=_on("duplicateDetection"),
            ocr=_on("ocr"),
            map=_on("map"),
            reverse_geocoding=_on("reverseGeocoding"),
            import_faces=_on("importFaces"),
            sidecar=_on("sidecar"),
            search=_on("search"),
            trash=boolean(data, "trash") is not False,
            email=_on("email"),
            oauth=_on("oauth"),
            oauth_auto_launch=_on("oauthAutoLaunch"),
            password_login=_on("passwordLogin"),
            config_file=_on("configFile"),
            realtime_transcoding=_on("realtimeTranscoding"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """The server's public settings; None where it tells nothing, as in maintenance mode.

    `external_domain` is the address that shared links are given out with, empty if none is set; `trash_days`
    and `user_delete_delay` are days until things and users in the trash are gone; `min_faces` how many
    pictures make somebody a person (3.0 and later).
    """

    external_domain: str
    trash_days: int | None
    user_delete_delay: int | None
    maintenance: bool
    min_faces: int | None
    initialized: bool | None

    @classmethod
    def from_json(cls, value: object) -> ServerConfig:
        """Read `GET server/config`; in maintenance mode that is the only thing it says (seen on 3.1.0)."""
        data = need_dict(value, "server/config")
        return cls(
            external_domain=text(data, "externalDomain") or "",
            trash_days=integer(data, "trashDays"),
            user_delete_delay=integer(data, "userDeleteDelay"),
            maintenance=boolean(data, "maintenanceMode") is True,
            min_faces=integer(data, "minFaces"),
            initialized=boolean(data, "isInitialized"),
        )


class Server:
    """Calls about the server. Those marked public need no key."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport
        self._media_types: MediaTypes | None = None

    async def version(self) -> ServerVersion:
        """Ask for the version (public).

        Raises ImmichTooOldError below 1.137, also for servers that still have the route of their days
        (`server-info/version`, gone since 1.118), and ImmichNotImmichError if something else answers.
        """
        try:
            answer = await self._transport.get("server/version", with_key=False)
        except ImmichError as error:
            if (old := await self._old_version(error)) is not None:
                raise ImmichTooOldError(str(old)) from error
            raise
        try:
            version = ServerVersion.from_json(answer)
        except ImmichBadAnswerError as error:
            raise ImmichNotImmichError("the answer has no version in it") from error
        if version.too_old:
            raise ImmichTooOldError(str(version))
        return version

    async def _old_version(self, error: ImmichError) -> ServerVersion | None:
        if error.status is None or not 400 <= error.status < 500:
            return None
        try:
            found = ServerVersion.from_json(
                await self._transport.get("server-info/version", with_key=False, ask_maintenance=False)
            )
        except ImmichError:
            return None
        return found if found.too_old else None

    async def id(self) -> str | None:
        """Return the server's identity: the id of the oldest row of its version history (public).

        It survives upgrades and moves. None if the history is empty or unreadable. Two servers restored
        from one backup share it.
        """
        answer = await self._transport.get("server/version-history", with_key=False)
        if not isinstance(answer, list):
            return None
        history = rows(
            answer,
            lambda row: (moment(row, "createdAt"), need_text(row, "id", "server/version-history")),
            "server/version-history",
        )
        dated = [(created, row_id) for created, row_id in history if created is not None]
        return min(dated)[1] if dated else None

    async def features(self) -> Features:
        """Ask what is switched on (public)."""
        return Features.from_json(await self._transport.get("server/features", with_key=False))

    async def config(self) -> ServerConfig:
        """Ask for the public settings (public, also in maintenance mode)."""
        return ServerConfig.from_json(await self._transport.get("server/config", with_key=False))

    async def storage(self) -> Storage:
        """Ask for the disk's figures (scope `server.storage`, any user)."""
        return Storage.from_json(await self._transport.get("server/storage"))

    async def statistics(self) -> ServerStatistics:
        """Ask for counts over all users (scope `server.statistics`, administrators)."""
        return ServerStatistics.from_json(await self._transport.get("server/statistics", timeout=LISTING))

    async def version_check(self) -> VersionCheck:
        """Ask which release is the newest that the server knows of (scope `server.versionCheck`; 1.137: `all`)."""
        return VersionCheck.from_json(await self._transport.get("server/version-check"))

    async def media_types(self) -> MediaTypes:
        """Ask once which file types an upload may have (public), then remember it."""
        if self._media_types is None:
            self._media_types = MediaTypes.from_json(
                await self._transport.get("server/media-types", with_key=False)
            )
        return self._media_types
