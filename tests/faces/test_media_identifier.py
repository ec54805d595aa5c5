"""How folders are named: whatever is in a name comes back, and nothing else gets through."""

from contextlib import suppress
from random import Random
import re

from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import Unresolvable, async_browse_media, async_resolve_media
from homeassistant.components.media_source.const import URI_SCHEME_REGEX
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.immich_plus.asset_reference import AssetReference
from custom_components.immich_plus.media.identifier import FolderId, Part
from custom_components.immich_plus.media.kinds import KINDS
from tests.fake_immich.fake import FakeImmich

from .browsing import UNKNOWN, BrowseAt, Browsing, browse_at_fixture, browsing_fixture, id_of

__all__ = ["browse_at_fixture", "browsing_fixture"]

USER = id_of("admin")
ODD = (
    *("a/b", "/", "//", "100%", "%2F", "%", "%25", "%zz", "..", ".", "../..", "=1-2", "=all", "=", "a=b"),
    *(
        "a b",
        "+",
        "?x=1",
        "#",
        "&",
        "\\",
        "\n",
        "\0",
        "\x7f",
        '"',
        "<b>",
        "日本語",
        "😀",
        "e\u0301",
        "\u202e",
    ),
    *("asset", USER, "media-source://immich_plus", "{name}", "' OR 1=1 --", "*" * 200),
)
PART = st.builds(
    lambda first, more: Part(first, min(first + more, 9_999_999)),
    st.integers(1, 9_999_999),
    st.integers(0, 9999),
)
# Lone halves of pairs are no text, and JSON has none.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
FOLDERS = st.builds(
    FolderId,
    st.uuids().map(str),
    st.sampled_from(sorted(KINDS)),
    st.lists(TEXT | st.sampled_from(ODD), max_size=5).map(tuple),
    st.booleans(),
    st.none() | PART,
).filter(lambda folder: len(str(folder)) <= 2000)
fixed = settings(derandomize=True, deadline=None, database=None, max_examples=300)


@fixed
@given(FOLDERS)
def test_round_trip(folder: FolderId) -> None:
    """Any text can be a value; the written name is one that Home Assistant takes, on one line."""
    text = str(folder)
    assert FolderId.parse(text) == folder
    assert text.isascii()
    assert text.isprintable()
    assert (match := URI_SCHEME_REGEX.match(f"media-source://immich_plus/{text}"))
    assert match["identifier"] == text
    assert AssetReference.parse(f"media-source://immich_plus/{text}") is None


@pytest.mark.parametrize("value", ODD)
def test_odd_values(value: str) -> None:
    """Slashes, percent signs, dots, marks of our own: all of it stays a value."""
    folder = FolderId(USER, "places", (value, value), everything=True, part=Part(1, 2))
    assert FolderId.parse(str(folder)) == folder
    assert FolderId.parse(str(replaced := FolderId(USER).child("search", value))) == replaced
    assert str(replaced).count("/") == 2


@fixed
@given(st.text() | st.lists(st.sampled_from([*ODD, USER, "", "places", "timeline"])).map("/".join))
def test_any_text(text: str) -> None:
    """Whatever somebody writes is a folder with one name, or none."""
    folder = FolderId.parse(text)
    if folder is not None:
        assert FolderId.parse(str(folder)) == folder
        assert re.fullmatch(r"[0-9a-f-]{36}", folder.user_id)


@pytest.mark.parametrize(
    "text",
    [
        *("", "/", "x", f"{USER}/", f"{USER}//", f"/{USER}", f"{USER}/places/", f"{USER}/places//x"),
        *(
            f"{USER}/places/x/",
            f"{USER}/places/=",
            f"{USER}/places/=x",
            f"{USER}/places/=1",
            f"{USER} x/places",
        ),
        *(
            f"{USER}/places/=0-1",
            f"{USER}/places/=2-1",
            f"{USER}/places/=1-2/=3-4",
            f"{USER}/places/=1-2/=all",
        ),
        *(
            f"{USER}/places/=all/=all",
            f"{USER}/places/=1-2/x",
            f"{USER}/places/=１-２",
            f"{USER}/places/=-1-2",
        ),
        *(
            f"{USER}/places/=1-12345678",
            f"{USER}/places/=1-2 ",
            f"{USER}/a/b/c/d/e/f/g",
            f"{USER[:-1]}/places",
        ),
        f"{USER}/places/" + "x" * 2000,
    ],
)
def test_no_folder(text: str) -> None:
    """What isn't written as we write it is none."""
    assert FolderId.parse(text) is None


def test_names_that_stay() -> None:
    """What people have written into automations keeps its meaning."""
    for text, folder in {
        USER: FolderId(USER),
        f"{USER}/timeline": FolderId(USER, "timeline"),
        f"{USER}/timeline/2024/05": FolderId(USER, "timeline", ("2024", "05")),
        f"{USER}/timeline/2024/05/=1-2": FolderId(USER, "timeline", ("2024", "05"), part=Part(1, 2)),
        f"{USER}/albums/{UNKNOWN}": FolderId(USER, "albums", (UNKNOWN,)),
        f"{USER}/places/France/%C3%8Ele-de-France": FolderId(USER, "places", ("France", "Île-de-France")),
        f"{USER}/places/France/=all/=3-3": FolderId(
            USER, "places", ("France",), everything=True, part=Part(3, 3)
        ),
        f"{USER}/search/red%20bicycle": FolderId(USER, "search", ("red bicycle",)),
    }.items():
        assert FolderId.parse(text) == folder
        assert str(folder) == text
    # Ids in capitals, and signs that nobody had to encode.
    assert FolderId.parse(f"{USER.upper()}/search/red bicycle") == FolderId(USER, "search", ("red bicycle",))


def test_folders_of_a_folder() -> None:
    """A folder in a divided folder is no part of it."""
    folder = FolderId(USER, "tags", (UNKNOWN,))
    assert str(folder.all().pages(1, 2)) == f"{USER}/tags/{UNKNOWN}/=all/=1-2"
    assert folder.all().pages(1, 2).child("2024") == FolderId(USER, "tags", (UNKNOWN, "2024"))
    assert folder.pages(1, 2).all() == folder.all()
    assert FolderId(USER).child("albums", UNKNOWN) == FolderId(USER, "albums", (UNKNOWN,))


HOSTILE = (
    *("..", "../..", "%2e%2e", "..%2f..", "x", "me", "statistics", "?a=b", "x\r\nHost: y", "\0", "'", "*"),
    *(f"{UNKNOWN}/original", f"{UNKNOWN}%2Foriginal", f"{UNKNOWN}?key=x", f"{UNKNOWN}#", f" {UNKNOWN} ", "="),
)
PATHS = re.compile(
    r"/api/(search/\w+|timeline/buckets?|albums|people|tags|memories|server/\w+|view/folder(/unique-paths)?"
    r"|(albums|people|assets)/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)


async def test_hostile_names_reach_no_path(browsing: Browsing) -> None:
    """Whatever stands in a name: only ids get into a path on the server, and no error is a surprise."""
    random = Random(5)
    for _ in range(400):
        words = [random.choice([*sorted(KINDS), "asset", "", ".."])]
        words += [
            random.choice((*HOSTILE, UNKNOWN, "2024", "05", "owned", "unnamed", "saved", "=all", "=1-1"))
            for _ in range(random.randrange(4))
        ]
        user = USER if random.random() < 0.9 else random.choice(HOSTILE)
        media_id = f"media-source://immich_plus/{user}/" + "/".join(words)
        with suppress(BrowseError, Unresolvable):
            await async_browse_media(browsing.hass, media_id)
        with pytest.raises((BrowseError, Unresolvable)):
            await async_resolve_media(browsing.hass, media_id, None)
    asked = {entry.path for entry in browsing.immich.requests.entries}
    assert len(asked) > 8
    assert [path for path in asked if not PATHS.fullmatch(path)] == []


async def test_names_of_the_library_survive(browse_at: BrowseAt) -> None:
    """Cities, tags, albums and folders with odd names can be opened by what their folder offers."""
    browsing = await browse_at()
    state = browsing.immich.state
    await _rename(browsing.immich)
    for number, odd in enumerate(ODD):
        state.assets[id_of("vienna.jpg")].exif.country = odd
        state.assets[id_of("vienna.jpg")].exif.city = ODD[-number - 1]
        browsing.forget()
        country = await browsing.named("places", odd)
        city = await browsing.named(country, ODD[-number - 1])
        assert await browsing.assets(city) == [id_of("vienna.jpg")]
        state.assets[id_of("vienna.jpg")].original_path = f"/mnt/{odd.replace('/', '')}x/vienna.jpg"
        browsing.forget()
        top = await browsing.named("folders", "mnt")
        (child,) = (await browsing.open(top)).children or ()
        assert await browsing.assets(child.media_content_id) == [id_of("vienna.jpg")]
        assert re.fullmatch(r"[0-9a-f]{24}", child.media_content_id.rpartition("/")[2])


async def _rename(immich: FakeImmich) -> None:
    """Give an album and a tag odd names."""
    immich.state.albums[id_of("holiday")].name = "{count} / {name}"
    immich.state.tags[id_of("tag trips")].value = "{count} %s"


async def test_braces_in_names(browse_at: BrowseAt) -> None:
    """A name that looks like a placeholder stays as it is."""
    browsing = await browse_at()
    await _rename(browsing.immich)
    assert "{count} / {name} (3)" in await browsing.titles("albums")
    assert await browsing.titles("tags") == ["{count} %s"]
