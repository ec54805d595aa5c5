"""Names of saved files: safe whatever people, servers and file systems do."""

import random
import string
from typing import Any
import unicodedata

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.immich_plus.api.asset import Asset
from custom_components.immich_plus.downloads.names import NameTemplate, name_files
from custom_components.immich_plus.uploads.content_types import is_media_extension, with_extension

TAKEN = "2024-07-01T22:30:05.123Z"


def _id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-{number:012x}"


def _asset(filename: str, number: int = 1, **more: Any) -> Asset:
    return Asset.from_json(
        {"id": _id(number), "originalFileName": filename, "fileCreatedAt": TAKEN, "type": "IMAGE", **more}
    )


def _names(template: str, *filenames: str, originals: bool = True) -> list[str]:
    assets = {_id(number): _asset(name, number) for number, name in enumerate(filenames, 1)}
    return [
        name.whole()
        for name in name_files(NameTemplate.parse(template), assets, originals=originals).values()
    ]


def _name(filename: str, template: str = "{filename}") -> str:
    return _names(template, filename)[0]


async def test_placeholders(hass: HomeAssistant) -> None:
    """Each placeholder is filled; the day and the time are those of Home Assistant's zone."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    assert _name("IMG 1.HEIC") == "IMG 1.HEIC"
    assert _name("IMG 1.HEIC", "{date}_{time}_{filename}") == "2024-07-02_00-30-05_IMG 1.HEIC"
    assert _name("IMG 1.HEIC", "{id}") == f"{_id(1)}.HEIC"
    assert _names("{number}", *["a.jpg"] * 10) == [f"{number:02}.jpg" for number in range(1, 11)]
    assert _names("{number}", "a.jpg") == ["1.jpg"]


def test_numbers_count_what_cannot_be_read() -> None:
    """A number is the position in the call, and doesn't move when an asset before it is gone."""
    assets = {_id(1): None, _id(2): _asset("b.jpg", 2)}
    names = name_files(NameTemplate.parse("{number}"), assets, originals=True)
    assert {key: name.whole() for key, name in names.items()} == {_id(2): "2.jpg"}


def test_endings() -> None:
    """The right ending is always there, and never twice; text with a full stop in it isn't one."""
    assert _name("a.png", "picture") == "picture.png"
    assert _name("a.png", "picture.jpg") == "picture.png"
    assert _name("a.png", "{filename}.png") == "a.png"
    assert _name("a.png", "v1.2") == "v1.2.png"
    assert _names("{filename}", "a.NEF", originals=False) == ["a"]
    assert _names("picture.jpg", "a.NEF", originals=False) == ["picture"]
    for ending in (".jpg", ".JPEG", ".heic", ".avif", ".nef", ".Cr3", ".mp4", ".MOV", ".mts", ".insv"):
        assert is_media_extension(ending)
        assert _name(f"a{ending}") == f"a{ending}"
        assert with_extension(f"a{ending}", "image/jpeg") == f"a{ending}"


@pytest.mark.parametrize(
    "filename",
    [
        "card.js",
        "x.html",
        "secrets.yaml",
        "secrets.yaml ",
        "a.jpg.py",
        ".htaccess",
        "x.sh",
        "x",
        "a.jpg\0.js",
        "x.jpg/",
    ],
)
def test_no_file_that_would_be_run_or_read_as_settings(filename: str) -> None:
    """Whatever the server and the template say, a file ends like a picture or film, or like nothing in use."""
    name = _name(filename)
    assert name.endswith(".bin")
    assert not name.startswith(".")
    assert _name("a.jpg", filename.replace("/", "").strip("\0")).endswith(".jpg")


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("..\\..\\boot.jpg", "boot.jpg"),
        ("/etc/cron.d/x.jpg", "x.jpg"),
        ("..jpg", f"{_id(1)}.jpg"),
        ("...jpg", f"{_id(1)}.jpg"),
        (".hidden.jpg", "hidden.jpg"),
        (" . x . .jpg", "x.jpg"),
        ("a\nb\x00c\x7f.jpg", "a_b_c_.jpg"),
        ('a<b>c:d"e|f?g*.jpg', "a_b_c_d_e_f_g_.jpg"),
        ("gpj\u202egpj.jpg", "gpj_gpj.jpg"),
        ("half \ud800 a character.jpg", "half _ a character.jpg"),
        ("CON.jpg", "_CON.jpg"),
        ("nul.tar.jpg", "_nul.tar.jpg"),
        ("Com1 .jpg", "_Com1.jpg"),
        ("lpt¹.jpg", "_lpt¹.jpg"),
        ("CONTRACT.jpg", "CONTRACT.jpg"),
        ("{id}.jpg", "{id}.jpg"),
        ("图片 Ängström.jpg", "图片 Ängström.jpg"),
        (unicodedata.normalize("NFD", "Ä.jpg"), "Ä.jpg"),
        ("", f"{_id(1)}.bin"),
        (" a.jpg ", "a.jpg"),
    ],
)
def test_hostile_names(filename: str, name: str) -> None:
    """What the server calls a file leads nowhere, and is a name on every system."""
    assert _name(filename) == name


def test_long_names() -> None:
    """A long name is cut between characters and keeps its ending; two that are alike then stay two."""
    long = "图" * 300
    first, second = _names("{filename}", f"{long}1.jpg", f"{long}2.jpg")
    for name in (first, second):
        assert len(name.encode()) <= 200
        assert name.endswith(".jpg")
        assert "\ufffd" not in name
    assert first != second
    assert _name("a" * 180 + " .b.jpg") == "a" * 180 + ".jpg"
    assert _name("x" * 50 + "." + "j" * 300).endswith(".bin")


def test_any_name_is_safe() -> None:
    """Names of any characters keep to the rules."""
    chance = random.Random(3)
    alphabet = string.printable + "äß图🏖\u202e\u0000\ud800./\\:*" * 5
    for _ in range(3000):
        filename = "".join(chance.choices(alphabet, k=chance.randrange(250)))
        name = _name(filename + chance.choice(["", ".jpg", ".js", ".MOV"]))
        assert name == name.strip(" ")
        assert not name.startswith(".")
        assert not set(name) & set('<>:"/\\|?*')
        assert name.isprintable()
        assert len(name.encode()) <= 200
        assert name.lower().endswith((".jpg", ".mov", ".bin"))


def test_the_same_name_twice() -> None:
    """The first keeps the name, others get a part of their id; letter case doesn't tell files apart everywhere."""
    assert _names("{filename}", "a.jpg", "a.jpg", "A.JPG", "b.jpg") == [
        "a.jpg",
        "a-00000002.jpg",
        "A-00000003.JPG",
        "b.jpg",
    ]
    assert _names("{filename}", "a.jpg", "a.mov") == ["a.jpg", "a.mov"]
    # The ending of a preview isn't known yet.
    assert _names("{filename}", "a.jpg", "a.mov", originals=False) == ["a", "a-00000002"]


def test_names_that_look_like_those_of_others() -> None:
    """A server can't make two files fall together by naming one as the other will be called."""
    names = _names("{filename}", "a-00000004.jpg", "a-00000004-2.jpg", "a.jpg", "a.jpg")
    assert names == ["a-00000004.jpg", "a-00000004-2.jpg", "a.jpg", "a-00000004-3.jpg"]


@pytest.mark.parametrize("taken", [None, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "soon"])
async def test_without_a_date(hass: HomeAssistant, taken: str | None) -> None:
    """An asset without a usable date is named all the same."""
    await hass.config.async_set_time_zone("America/New_York" if str(taken) < "5" else "Asia/Tokyo")
    asset = _asset("a.jpg", fileCreatedAt=taken)
    named = name_files(NameTemplate.parse("{date} {time}"), {asset.id: asset}, originals=True)
    assert named[asset.id].whole() == "undated undated.jpg"


@pytest.mark.parametrize(
    ("text", "key", "placeholders"),
    [
        ("{name}", "unknown_placeholder", {"placeholder": "{name}"}),
        ("{filename", "unknown_placeholder", {"placeholder": "{"}),
        ("{}", "unknown_placeholder", {"placeholder": "{}"}),
        ("{Filename}", "unknown_placeholder", {"placeholder": "{Filename}"}),
        ("a/{filename}", "filename_with_folder", {"filename": "a/{filename}"}),
        ("..\\{filename}", "filename_with_folder", {"filename": "..\\{filename}"}),
        ("", "filename_empty", {}),
        (" .. ", "filename_empty", {}),
        (".jpg", "filename_empty", {}),
    ],
)
def test_templates_that_mean_nothing(text: str, key: str, placeholders: dict[str, str]) -> None:
    """A mistake in a template is told with what there is."""
    with pytest.raises(ServiceValidationError) as info:
        NameTemplate.parse(text)
    if key == "unknown_placeholder":
        placeholders = {**placeholders, "known": "{filename}, {id}, {date}, {time}, {number}"}
    assert (info.value.translation_key, info.value.translation_placeholders) == (key, placeholders)
