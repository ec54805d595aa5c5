"""Take the documentation's pictures: the demo, as a person sees it in a browser.

scripts/pictures starts this. It needs Chromium, which the demo itself doesn't.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import json
from pathlib import Path
import sys
import time
from urllib.parse import quote

from .account import set_up_camera
from .browser import Browser
from .client import HomeAssistantClient
from .demo import ALBUM, DemoOptions, run_demo
from .paths import PROJECT
from .services import free_port
from .watched_album import AUTOMATION

IMAGES = PROJECT / "docs" / "images"
# The demo makes its films when somebody first looks at them.
_FILM_SECONDS = 15
_NEWS_SECONDS = 4
_WAITS_FOR = "Photo or video added to an Immich album"
_MEDIA = "media-source://immich_plus"


@dataclass(frozen=True, slots=True)
class Page:
    """What a picture shows: an address, words that are there when it is, and what is clicked then.

    `seconds` is how long it takes until nothing moves any more.
    """

    url: str
    words: str
    click: str | None = None
    seconds: float = 2.5


async def log_in(browser: Browser, client: HomeAssistantClient, language: str = "en") -> None:
    """Give a page the log-in that `client` has, as Home Assistant's own page would keep it."""
    tokens = {
        **client.tokens,
        "hassUrl": client.url,
        "clientId": f"{client.url}/",
        "expires": int(time.time() * 1000) + 1_500_000,
    }
    stored = {
        "hassTokens": json.dumps(tokens),
        "selectedLanguage": json.dumps(language),
        "dockedSidebar": json.dumps("docked"),
    }
    await browser.before_each_page(
        f"for (const [key, value] of Object.entries({json.dumps(stored)})) localStorage.setItem(key, value)"
    )


async def media_page(client: HomeAssistantClient, *titles: str) -> str:
    """Return the address of a folder in the media browser, reached through folders whose titles begin so."""
    steps = [f"app,{_MEDIA}"]
    inside = _MEDIA
    for title in titles:
        opened = await client.command("media_source/browse_media", media_content_id=inside)
        inside = next(
            child["media_content_id"] for child in opened["children"] if child["title"].startswith(title)
        )
        steps.append(f",{inside}")
    return f"{client.url}/media-browser/browser/{'/'.join(quote(step, safe='') for step in steps)}"


async def take_pictures(folder: Path) -> None:
    """Take all pictures of a fresh demo."""
    async with run_demo(DemoOptions(port=free_port(18200), immich_port=free_port(12200), reset=True)) as demo:
        client = demo.client
        devices = await client.command("config/device_registry/list")
        # The server's device tells its version, those of other users are called so.
        account = next(
            device
            for device in devices
            if device["name"].startswith("Immich ")
            and device["sw_version"] is None
            and not device["name"].startswith("Immich user ")
        )
        account_device = f"{client.url}/config/devices/device/{account['id']}"
        film = "VID_20230120_220512.mp4"
        # Something that just happened, for the event entities to tell.
        camera = await set_up_camera(client, str(demo.door_picture))
        await client.perform("immich_plus.upload", {"entity_id": camera, "album": ALBUM})
        await asyncio.sleep(_NEWS_SECONDS)
        pages = {
            "dashboard.png": Page(demo.dashboard, "Photos"),
            "device.png": Page(account_device, "Photo or video added"),
            "automation.png": Page(
                f"{client.url}/config/automation/edit/{AUTOMATION}",
                _WAITS_FOR,
                _WAITS_FOR,
            ),
            "media-browser.png": Page(await media_page(client, "", "Albums"), "Iceland"),
            "media-people.png": Page(await media_page(client, "", "People"), "Grandma"),
            "media-film.png": Page(await media_page(client, "", "Videos"), film, film, _FILM_SECONDS),
        }
        for name, page in pages.items():
            async with Browser(1280, 900) as browser:
                await log_in(browser, client)
                await browser.open(page.url)
                await browser.wait_for_text(page.words)
                await asyncio.sleep(page.seconds)
                if page.click is not None:
                    await browser.click_text(page.click)
                    await asyncio.sleep(page.seconds)
                await browser.picture(folder / name)
                print(f"{name} taken")


def main(arguments: Sequence[str]) -> None:
    """Take the pictures into docs/images, or where `--into` says."""
    parser = argparse.ArgumentParser(prog="scripts/pictures", description=__doc__)
    parser.add_argument("--into", type=Path, default=IMAGES, metavar="FOLDER", help="where to save them")
    folder: Path = parser.parse_args(arguments).into
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take_pictures(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
