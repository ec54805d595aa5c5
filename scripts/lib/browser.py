"""A headless Chromium that opens pages and takes pictures, driven through its DevTools protocol."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
import shutil
import tempfile
from typing import Any, Self

from aiohttp import ClientSession, ClientWebSocketResponse

from .services import DemoError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Without the background switches Chromium looks for hosts outside at each start.
_SWITCHES = (
    "--headless=new",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--remote-debugging-port=0",
    "--force-color-profile=srgb",
)
_START_SECONDS = 30


class Browser:
    """One page of a headless Chromium; an asynchronous context manager."""

    def __init__(self, width: int, height: int, *, scale: float = 1.0, dark: bool = False) -> None:
        """Prepare a page of that size in CSS pixels; `scale` makes its pictures finer."""
        self._metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        self._dark = dark
        self._last_id = 0
        self._socket: ClientWebSocketResponse | None = None

    async def __aenter__(self) -> Self:
        """Start Chromium and open an empty page."""
        program = next((found for name in _NAMES if (found := shutil.which(name))), None)
        if program is None:
            raise DemoError("Chromium is missing: install it with your system's package manager.")
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._process = await asyncio.create_subprocess_exec(
            program,
            *_SWITCHES,
            f"--user-data-dir={self._profile.name}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._session = ClientSession()
        port = await self._port()
        async with self._session.get(f"http://127.0.0.1:{port}/json") as answer:
            pages = [page for page in await answer.json() if page["type"] == "page"]
        self._socket = await self._session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0)
        await self.send("Emulation.setDeviceMetricsOverride", **self._metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if self._dark else "light"}
        await self.send("Emulation.setEmulatedMedia", features=[scheme])
        await self.send("Page.enable")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close Chromium and remove its profile."""
        await self._session.close()
        self._process.terminate()
        await self._process.wait()
        self._profile.cleanup()

    async def _port(self) -> int:
        told = Path(self._profile.name) / "DevToolsActivePort"
        for _ in range(_START_SECONDS * 10):
            if told.exists() and (lines := told.read_text(encoding="ascii").split()):
                return int(lines[0])
            await asyncio.sleep(0.1)
        raise DemoError("Chromium doesn't start.")

    async def send(self, method: str, **params: Any) -> Any:
        """Send a DevTools command and return its result."""
        if self._socket is None:
            raise ValueError("The browser is not open.")
        self._last_id += 1
        await self._socket.send_json({"id": self._last_id, "method": method, "params": params})
        async with asyncio.timeout(60):
            while True:
                answer = await self._socket.receive_json()
                if answer.get("id") == self._last_id:
                    break
        if "error" in answer:
            raise DemoError(f"Chromium answers {method} with: {answer['error']['message']}")
        return answer["result"]

    async def open(self, url: str) -> None:
        """Go to a page; it may still be loading afterwards."""
        await self.send("Page.navigate", url=url)
        for _ in range(_START_SECONDS * 10):
            await asyncio.sleep(0.1)
            if await self.run("location.href !== 'about:blank' && document.readyState === 'complete'"):
                return

    async def before_each_page(self, code: str) -> None:
        """Run JavaScript in each page that is opened from now on, before the page's own."""
        await self.send("Page.addScriptToEvaluateOnNewDocument", source=code)

    async def run(self, code: str) -> Any:
        """Run JavaScript in the page, wait for what it promises, and return its value."""
        result = await self.send("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise DemoError(f"The page says: {result['exceptionDetails'].get('text', 'error')}")
        return result["result"].get("value")

    async def wait_for_text(self, words: str, seconds: float = 30) -> None:
        """Wait until the page, with all its shadow trees, shows `words`."""
        for _ in range(int(seconds * 5)):
            if words in str(await self.run(_TEXT)):
                return
            await asyncio.sleep(0.2)
        raise DemoError(f"The page doesn't show: {words}")

    async def click_text(self, words: str) -> None:
        """Click the innermost element that shows exactly `words`."""
        place = await self.run(f"({_FIND})({words!r})")
        if not isinstance(place, Mapping):
            raise DemoError(f"The page has nothing to click that says: {words}")
        for kind in ("mousePressed", "mouseReleased"):
            await self.send(
                "Input.dispatchMouseEvent", type=kind, x=place["x"], y=place["y"], button="left", clickCount=1
            )
        await asyncio.sleep(0.5)

    async def picture(self, path: Path, clip: Sequence[float] | None = None) -> None:
        """Save what is seen as PNG; `clip` is x, y, width, height in CSS pixels."""
        more: dict[str, Any] = {}
        if clip is not None:
            more["clip"] = dict(zip(("x", "y", "width", "height", "scale"), [*clip, 1], strict=True))
        shot = await self.send("Page.captureScreenshot", format="png", **more)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))


# Home Assistant's pages are made of nested shadow trees, which innerText doesn't enter.
_TEXT = """
(() => {
  const texts = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) texts.push(node.textContent);
    if (node.shadowRoot) walk(node.shadowRoot);
    if (["STYLE", "SCRIPT"].includes(node.nodeName)) return;
    for (const child of node.childNodes) walk(child);
  };
  walk(document.body);
  return texts.join(" ").replace(/\\s+/g, " ");
})()
"""

_FIND = """
(words) => {
  let found = null;
  const walk = (node) => {
    if (node.shadowRoot) walk(node.shadowRoot);
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && child.textContent.trim() === words) {
        const range = document.createRange();
        range.selectNodeContents(child);
        const box = range.getBoundingClientRect();
        if (box.width && box.height) found = {x: box.x + box.width / 2, y: box.y + box.height / 2};
      }
      walk(child);
    }
  };
  walk(document.body);
  return found;
}
"""
