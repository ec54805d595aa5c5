"""What makes the demo's library a lived-in one: albums, trash, stacks, messages and so on."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .ids import stable_id
from .models import (
    Activity,
    Album,
    Asset,
    AssetType,
    Library,
    Notification,
    Partner,
    Queue,
    Role,
    SharedLink,
    Stack,
    Visibility,
)
from .queue_names import queue_names
from .version import SUPPORTED, Version

if TYPE_CHECKING:
    from .library import Household

#: Releases that this server has run, oldest first, with the day of the upgrade. The
#: oldest entry is what tells one server from another.
HISTORY = (
    ("1.137.3", datetime(2025, 8, 3, 7, 0, tzinfo=UTC)),
    ("2.0.0", datetime(2025, 10, 2, 18, 30, tzinfo=UTC)),
    ("2.7.5", datetime(2026, 4, 20, 6, 15, tzinfo=UTC)),
)

#: What the version check found.
LATEST_RELEASE = "v3.3.5"


def add_extras(home: Household) -> None:
    """Add everything that is not a picture to a filled library."""
    _mark_assets(home)
    _add_albums(home)
    _add_stacks(home)
    _add_live_photo(home)
    _add_duplicates(home)
    _add_partners(home)
    _add_external_library(home)
    _add_messages(home)
    _add_links(home)
    _add_queues(home)
    _set_server(home)


def _of(home: Household, name: str) -> list[Asset]:
    """Return a member's photos that are in the timeline, oldest first."""
    owner = home.user(name).id
    return [
        asset
        for asset in home.assets.values()
        if asset.owner_id == owner
        and asset.visibility is Visibility.TIMELINE
        and not asset.is_trashed
        and asset.type is AssetType.IMAGE
    ]


def _mark_assets(home: Household) -> None:
    """Choose favourites, put some into the archive and a few into the trash."""
    state = home.state
    for name, every in (("Anna", 8), ("Ben", 6), ("Grandma", 5)):
        for number, asset in enumerate(_of(home, name)):
            if number % every == 3:
                state.update_asset(asset, touch=False, is_favorite=True)
    in_trips = {asset.id for assets in home.trips.values() for asset in assets}
    loose = [asset for asset in _of(home, "Anna") if asset.id not in in_trips]
    for asset in loose[4:48:4]:
        state.update_asset(asset, touch=False, visibility=Visibility.ARCHIVE)
    for number, asset in enumerate(loose[5:41:6]):
        gone = state.now() - timedelta(days=2 + 3 * number)
        state.update_asset(asset, touch=False, trashed_at=gone)
    for asset in _of(home, "Ben")[2:4]:
        state.update_asset(asset, touch=False, trashed_at=state.now() - timedelta(days=1))


def _add_albums(home: Household) -> None:
    """Make an album of every journey, shared ones, an empty one, and one name twice."""
    anna, ben, grandma = home.user("Anna"), home.user("Ben"), home.user("Grandma")
    for (title, year), assets in home.trips.items():
        owner = home.state.users[assets[0].owner_id]
        members = {}
        if owner is ben:
            members[anna.id] = Role.EDITOR
        elif owner is grandma:
            members[anna.id] = Role.VIEWER
        elif title in ("Northern lights", "Sydney"):
            members[ben.id] = Role.EDITOR
        _album(home, title, year, assets, owner=owner.name, members=members)
    everybody = {ben.id: Role.EDITOR, grandma.id: Role.VIEWER}
    family = [asset for asset in _of(home, "Anna") if "people" in asset.subjects][-40:]
    album = _album(home, "Family", 2024, family, members=everybody)
    album.description = "Everybody may look, Ben may add. 大家的照片 📷"
    best = [asset for asset in _of(home, "Anna") if asset.is_favorite]
    _album(home, "Best of", 2025, best)
    _album(home, "Doorbell", 2026, [])
    _talk(home, album)


def _album(
    home: Household,
    name: str,
    year: int,
    assets: list[Asset],
    *,
    owner: str = "Anna",
    members: dict[str, Role] | None = None,
) -> Album:
    made = max((asset.created_at for asset in assets), default=datetime(year, 6, 1, tzinfo=UTC))
    return home.state.add_album(
        home.user(owner),
        name,
        assets,
        id=stable_id(f"album {owner} {name} {year}"),
        created_at=made,
        updated_at=made,
        members=members or {},
    )


def _talk(home: Household, album: Album) -> None:
    """Add comments and likes to an album."""
    first, second = list(album.assets)[:2]
    lines = [("Ben", "comment", first, "Best day ever!"), ("Grandma", "like", first, None),
             ("Grandma", "comment", second, "Wie schön ❤️"), ("Ben", "like", None, None)]  # fmt: skip
    for number, (who, kind, asset_id, words) in enumerate(lines):
        activity = Activity(
            id=home.state.new_id(),
            user_id=home.user(who).id,
            album_id=album.id,
            type=kind,
            created_at=home.state.now() - timedelta(days=9 - number),
            asset_id=asset_id,
            comment=words,
        )
        home.state.activities[activity.id] = activity


def _add_stacks(home: Household) -> None:
    """Stack three pictures of one journey, twice."""
    for key in (("Iceland", 2018), ("Sydney", 2025)):
        photos = [each for each in home.trips[key] if each.type is AssetType.IMAGE]
        members = photos[4:7]
        stack = Stack(
            id=home.state.new_id(),
            owner_id=members[0].owner_id,
            primary_asset_id=members[0].id,
            asset_ids=[asset.id for asset in members],
        )
        home.state.stacks[stack.id] = stack
        for asset in members:
            asset.stack_id = stack.id


def _add_live_photo(home: Household) -> None:
    """Let one photo move: its film becomes the hidden second half of it."""
    film = next((a for a in home.assets.values() if a.original_file_name.startswith("VID_202607")), None)
    if film is None:
        return
    still = next(
        asset
        for asset in home.trips["Summer at the sea", 2026]
        if asset.type is AssetType.IMAGE and "sea" in asset.subjects
    )
    home.state.update_asset(film, touch=False, visibility=Visibility.HIDDEN)
    still.live_photo_video_id = film.id


def _add_duplicates(home: Household) -> None:
    """Let two pictures pass for the same."""
    pair = [asset for asset in home.trips["Lisbon", 2017] if "tiles" in asset.subjects][:2]
    group = home.state.new_id()
    for asset in pair:
        asset.duplicate_id = group


def _add_partners(home: Household) -> None:
    """Anna shows her library in Ben's timeline; Grandma shares hers with Anna."""
    anna, ben, grandma = home.user("Anna"), home.user("Ben"), home.user("Grandma")
    home.state.partners += [
        Partner(shared_by_id=anna.id, shared_with_id=ben.id, in_timeline=True),
        Partner(shared_by_id=grandma.id, shared_with_id=anna.id),
    ]


def _add_external_library(home: Household) -> None:
    """Let the pictures of one journey lie on a network drive, one of them out of reach."""
    anna = home.user("Anna")
    now = home.state.now()
    library = Library(
        id=home.state.new_id(),
        owner_id=anna.id,
        name="Network drive",
        created_at=now - timedelta(days=300),
        updated_at=now - timedelta(days=1),
        import_paths=["/mnt/photos"],
        exclusion_patterns=["**/@eaDir/**", "**/._*"],
        refreshed_at=now - timedelta(hours=7),
    )
    home.state.libraries[library.id] = library
    for asset in home.trips["Hallstatt", 2020]:
        asset.library_id = library.id
        asset.original_path = f"/mnt/photos/2020/Hallstatt/{asset.original_file_name}"


def _add_messages(home: Household) -> None:
    """Leave two unread notifications and a read one for the administrator."""
    anna, now = home.user("Anna"), home.state.now()
    for level, kind, title, words, hours, read in (
        ("error", "BackupFailed", "Backup failed", "No space left on device", 5, False),
        ("info", "SystemMessage", "Immich was updated", "Welcome to the new version", 30, False),
        ("success", "Custom", "Import finished", "14 photos were imported", 200, True),
    ):
        message = Notification(
            id=home.state.new_id(),
            user_id=anna.id,
            created_at=now - timedelta(hours=hours),
            level=level,
            type=kind,
            title=title,
            description=words,
            read_at=now - timedelta(hours=hours - 1) if read else None,
        )
        home.state.notifications[message.id] = message


def _add_links(home: Household) -> None:
    """Share one album with a password, and two photos by a link that has run out."""
    anna, now = home.user("Anna"), home.state.now()
    album = next(each for each in home.state.albums.values() if each.name == "Family")
    photos = [asset.id for asset in _of(home, "Anna")[-3:-1]]
    for link in (
        SharedLink(
            id=home.state.new_id(),
            key=home.state.random.randbytes(50),
            user_id=anna.id,
            type="ALBUM",
            created_at=now - timedelta(days=20),
            album_id=album.id,
            password="family",
            slug="family",
            allow_upload=False,
        ),
        SharedLink(
            id=home.state.new_id(),
            key=home.state.random.randbytes(50),
            user_id=anna.id,
            type="INDIVIDUAL",
            created_at=now - timedelta(days=60),
            asset_ids=photos,
            expires_at=now - timedelta(days=30),
            description="For the neighbours",
        ),
    ):
        home.state.shared_links[link.id] = link


def _add_queues(home: Household) -> None:
    """Give the queues something to do, one of them paused and one with failures."""
    for name in queue_names(Version.parse(SUPPORTED[-1])):
        home.state.queues[name] = Queue(name=name)
    queues = home.state.queues
    queues["smartSearch"].active, queues["smartSearch"].waiting = 2, 37
    queues["faceDetection"].failed = 1
    queues["videoConversion"].is_paused, queues["videoConversion"].paused = True, 4


def _set_server(home: Household) -> None:
    """Give the server a past and a newer release to look forward to."""
    state = home.state
    for version, day in HISTORY:
        state.version_history.append((stable_id(f"history {version}"), day, version))
    state.version_history.sort(key=lambda entry: entry[1], reverse=True)
    state.settings.release_version = LATEST_RELEASE
    state.settings.checked_at = state.now() - timedelta(hours=3)
