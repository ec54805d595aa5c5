"""Which recorded exchanges are not compared, and why.

``SKIPS`` maps an area or the beginning of ``area/nn-name`` to a reason. ``LOOSE`` lists
patterns of differences that follow from other data, not from other behaviour.
"""

SKIPS: dict[str, str] = {
    "search/80-smart-default-size": "the recording server's vector index stopped at 40 results",
    "other/05-sync-stream-session": "the fake keeps no history of changes to stream",
}

#: Lists of plain values whose number depends on what else lies in the library.
_OTHER_NUMBER = (r"\$: [1-9]\d* elements recorded, [1-9]\d* here",)

LOOSE: dict[str, tuple[str, ...]] = {
    "search/102-suggestions-country": _OTHER_NUMBER,
    "search/103-suggestions-state": _OTHER_NUMBER,
    "search/104-suggestions-city": _OTHER_NUMBER,
    "search/106-suggestions-camera-model": _OTHER_NUMBER,
    "search/109-suggestions-include-null": _OTHER_NUMBER,
    # Our files have other sizes, so they fill other archives.
    "download/03-info-split": (r"archives: \d+ elements recorded",),
    # Our thumbnails and films have other sizes in bytes.
    "assets-media/35-thumbnail-range": ("header content-range",),
    "assets-media/69-video-playback-transcoded": ("header content-range",),
}


def reason_to_skip(key: str) -> str | None:
    """Return why a sample is not compared, or nothing if it is."""
    return next((why for start, why in SKIPS.items() if key.startswith(start)), None)
