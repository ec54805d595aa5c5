"""Names, defaults and limits; no logic."""

from datetime import timedelta
from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "immich_plus"
VERSION: Final = "0.1.0"

# Home Assistant's own integration, whose connection can be taken over.
BUILT_IN_DOMAIN: Final = "immich"

PLATFORMS: Final = [
    Platform.BINARY_SENSOR,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.SENSOR,
    Platform.UPDATE,
]

# Keys of an entry's data.
CONF_CA_CERTIFICATE: Final = "ca_certificate"

# Keys of an entry's options: what `upload` uses where the call says nothing.
CONF_UPLOAD_ALBUM: Final = "upload_album"
CONF_UPLOAD_TAGS: Final = "upload_tags"
CONF_UPLOAD_ARCHIVED: Final = "upload_archived"

# Whether Immich is asked to announce what happens; it is unless somebody said no.
CONF_LIVE_UPDATES: Final = "live_updates"
# Whether Immich calls Home Assistant about new assets, and whether it may from outside the local network.
CONF_WEBHOOK: Final = "webhook"
CONF_WEBHOOK_REMOTE: Final = "webhook_remote"

# A subentry that gives an album a device of its own, and the key of its data.
SUBENTRY_ALBUM: Final = "album"
CONF_ALBUM_ID: Final = "album_id"

# People (ids) whose new photos are told of, beside those that triggers name.
CONF_WATCHED_PEOPLE: Final = "watched_people"

# Rhythms. Together with default options they ask for less than two requests a minute.
LIBRARY_INTERVAL: Final = timedelta(minutes=5)
SERVER_INTERVAL: Final = timedelta(minutes=10)
STATISTICS_INTERVAL: Final = timedelta(minutes=15)
ACCOUNT_INTERVAL: Final = timedelta(minutes=30)
RELEASE_INTERVAL: Final = timedelta(hours=6)
# What nobody announces is searched for so often: it must be known within five minutes.
CHANGES_INTERVAL: Final = timedelta(seconds=290)
# While Immich announces what happens, the rest is asked less often: half a request a minute in all.
LIVE_LIBRARY_INTERVAL: Final = timedelta(hours=4)
LIVE_SERVER_INTERVAL: Final = timedelta(hours=2)
LIVE_STATISTICS_INTERVAL: Final = timedelta(hours=1)
LIVE_ACCOUNT_INTERVAL: Final = timedelta(hours=3)
# While the server is away, one call asks whether it is back; a longer `Retry-After` counts, within reason.
AWAY_RETRY_SECONDS: Final = 60
LONGEST_AWAY_SECONDS: Final = 3600

# Pages of new assets that one refresh of the last addition reads at the most.
LAST_ADDED_PAGES: Final = 3
LAST_ADDED_PAGE_SIZE: Final = 250

# Assets that one action may name.
ASSETS_PER_CALL: Final = 10_000

# A preview has about 1,440 pixels; what is larger by far is none.
LARGEST_PREVIEW_BYTES: Final = 32 * 1024 * 1024

# Uploads.
UPLOADS_AT_ONCE: Final = 2
SOURCES_PER_CALL: Final = 500
READ_BYTES: Final = 1024 * 1024
# A sidecar is a page of text.
LARGEST_SIDECAR_BYTES: Final = 4 * 1024 * 1024
# What is fetched from a URL or another integration waits on disk until its checksum is known.
LARGEST_DOWNLOAD_BYTES: Final = 4 * 1024 * 1024 * 1024
DOWNLOAD_STALL_SECONDS: Final = 60
DOWNLOAD_SECONDS: Final = 60 * 60
SNAPSHOT_SECONDS: Final = 20
UPLOAD_ATTEMPTS: Final = 3

# Saving assets as files.
DOWNLOADS_PER_CALL: Final = 500
DOWNLOADS_AT_ONCE: Final = 3
