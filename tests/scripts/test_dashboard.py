"""The demo's dashboard shows what is there, and nothing that isn't."""

from typing import Any

import pytest
import yaml

from scripts.lib.dashboard import DASHBOARD, fill

NAMES = {
    "sensor.photos": [{"entity": "sensor.immich_anna_photos"}],
    "sensor.user.photos": [
        {"entity": "sensor.ben_photos", "name": "Ben"},
        {"entity": "sensor.mia", "name": "Mia"},
    ],
}
TEXTS = {"camera": "camera.front_door", "album": "Home Assistant"}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (
            {"type": "tile", "entity": "sensor.photos"},
            {"type": "tile", "entity": "sensor.immich_anna_photos"},
        ),
        ({"type": "tile", "entity": "sensor.albums"}, None),
        ({"entity": "{camera}"}, {"entity": "camera.front_door"}),
        ({"content": "into **{album}**", "max": 3}, {"content": "into **Home Assistant**", "max": 3}),
        (
            {"entities": ["sensor.user.photos", "sensor.photos", "sensor.gone"]},
            {"entities": [*NAMES["sensor.user.photos"], *NAMES["sensor.photos"]]},
        ),
        ({"type": "entities", "entities": ["sensor.gone"]}, None),
        ({"cards": [{"type": "heading", "heading": "Empty"}, {"entity": "sensor.gone"}]}, None),
        ([{"entity": "sensor.gone"}, {"entity": "sensor.photos"}], [{"entity": "sensor.immich_anna_photos"}]),
    ],
)
def test_fill(part: Any, expected: Any) -> None:
    assert fill(part, NAMES, TEXTS) == expected


def test_the_description_can_be_read() -> None:
    description = yaml.safe_load(DASHBOARD.read_text(encoding="utf-8"))
    filled = fill(description, NAMES, TEXTS)
    headings = [section["cards"][0]["heading"] for section in filled["views"][0]["sections"]]
    assert headings == ["My library", "Upload", "Live", "Other users"]
