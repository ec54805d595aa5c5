"""Talk to a running Home Assistant as its web page does: log in, send commands, walk through flows."""

import asyncio
from collections.abc import Callable, Mapping
import time
from typing import Any, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, ClientWebSocketResponse, CookieJar

from .services import DemoError

UP_SECONDS = 90.0
"""How long Home Assistant may take to answer, and again to be fully started."""


class HomeAssistantClient:
    """One user's connection; an asynchronous context manager."""

    def __init__(self, url: str) -> None:
        """Prepare a connection to ``url``; nothing is sent yet."""
        self.url = url
        self._client_id = f"{url}/"
        self._token = ""
        self.tokens: dict[str, Any] = {}
        """What Home Assistant gave at the log-in; a web page keeps the same."""
        self._socket: ClientWebSocketResponse | None = None
        self._last_id = 0

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = ClientSession(
            self.url, timeout=ClientTimeout(total=60), cookie_jar=CookieJar(unsafe=True)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close everything."""
        if self._socket is not None:
            await self._socket.close()
        await self._session.close()

    async def wait_until_up(self, alive: Callable[[], bool] = lambda: True) -> None:
        """Wait until Home Assistant answers.

        Args:
            alive: asked in between; when it says no, there is no point in waiting.

        Raises:
            DemoError: when it doesn't answer in time, or isn't alive any more.
        """
        end = time.monotonic() + UP_SECONDS
        while alive() and time.monotonic() < end:
            try:
                # 200 in a new Home Assistant, 404 in one that has its user.
                async with self._session.get("/api/onboarding", timeout=ClientTimeout(total=5)) as answer:
                    if answer.status in (200, 404):
                        return
            except ClientError, TimeoutError:
                pass
            await asyncio.sleep(0.2)
        raise DemoError("Home Assistant doesn't answer.")

    async def sign_in(self, name: str, username: str, password: str) -> None:
        """Log in; in a new Home Assistant create that user, its owner, first.

        Raises:
            DemoError: when Home Assistant refuses.
        """
        async with self._session.get("/api/onboarding") as answer:
            steps = await answer.json() if answer.status == 200 else []
        if any(step["step"] == "user" and not step["done"] for step in steps):
            code = await self._onboard(name, username, password)
        else:
            code = await self._log_in(username, password)
        form = {"grant_type": "authorization_code", "code": code, "client_id": self._client_id}
        async with self._session.post("/auth/token", data=form) as answer:
            self.tokens = await answer.json()
        self._token = self.tokens["access_token"]
        await self._connect()

    async def _onboard(self, name: str, username: str, password: str) -> str:
        user = {
            "client_id": self._client_id,
            "name": name,
            "username": username,
            "password": password,
            "language": "en",
        }
        async with self._session.post("/api/onboarding/users", json=user) as answer:
            if answer.status != 200:
                raise DemoError(f"Home Assistant refuses to create its first user: {await answer.text()}")
            return str((await answer.json())["auth_code"])

    async def _log_in(self, username: str, password: str) -> str:
        start = {
            "client_id": self._client_id,
            "handler": ["homeassistant", None],
            "redirect_uri": self._client_id,
        }
        async with self._session.post("/auth/login_flow", json=start) as answer:
            flow = await answer.json()
        proof = {"client_id": self._client_id, "username": username, "password": password}
        async with self._session.post(f"/auth/login_flow/{flow['flow_id']}", json=proof) as answer:
            result = await answer.json()
        if result.get("type") != "create_entry":
            raise DemoError(f"Home Assistant doesn't let user {username} in; start again with --reset.")
        return str(result["result"])

    async def _connect(self) -> None:
        # Room for lists of thousands of entities.
        self._socket = await self._session.ws_connect("/api/websocket", max_msg_size=64 * 2**20)
        await self._socket.receive_json()
        await self._socket.send_json({"type": "auth", "access_token": self._token})
        if (await self._socket.receive_json())["type"] != "auth_ok":
            raise DemoError("Home Assistant refuses the token that it has just given.")

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send a websocket command and give its result.

        Raises:
            DemoError: when Home Assistant answers with an error.
        """
        if self._socket is None:
            raise ValueError("Sign in first.")
        self._last_id += 1
        await self._socket.send_json({"id": self._last_id, "type": kind, **fields})
        async with asyncio.timeout(60):
            while True:
                answer = await self._socket.receive_json()
                if answer.get("id") == self._last_id and answer["type"] == "result":
                    break
        if not answer["success"]:
            raise DemoError(f"Home Assistant answers {kind} with: {answer['error']['message']}")
        return answer["result"]

    async def wait_until_running(self) -> None:
        """Wait until everything has been set up.

        Raises:
            DemoError: when that takes too long.
        """
        for _ in range(int(UP_SECONDS / 0.2)):
            if (await self.command("get_config"))["state"] == "RUNNING":
                return
            await asyncio.sleep(0.2)
        raise DemoError("Home Assistant doesn't come to the end of its start.")

    async def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a request to the HTTP API and give the JSON answer.

        Raises:
            DemoError: when the answer is an error.
        """
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self._session.request(method, path, json=body, headers=headers) as answer:
            if answer.status >= 400:
                raise DemoError(
                    f"Home Assistant answers {method} {path} with {answer.status}: {await answer.text()}"
                )
            return await answer.json()

    async def perform(self, action: str, data: Mapping[str, Any] | None = None) -> Any:
        """Perform an action such as ``immich_plus.upload`` and give its response."""
        domain, _, service = action.partition(".")
        result = await self.command(
            "call_service", domain=domain, service=service, service_data=data or {}, return_response=True
        )
        return result["response"]

    async def walk_flow(self, domain: str, steps: Mapping[str, Mapping[str, Any] | str]) -> str:
        """Set an integration up through its config flow and give the new entry's id.

        Args:
            domain: the integration.
            steps: what to answer, by step id: a form's values, or the item to choose from a menu.

        Raises:
            DemoError: when the flow shows an error, stops, or asks for a step without an answer.
        """
        path = "/api/config/config_entries/flow"
        result = await self.request("POST", path, {"handler": domain})
        asked: set[tuple[str, str]] = set()
        while result["type"] in ("form", "menu"):
            step = result["step_id"]
            answer = steps.get(step)
            if result.get("errors"):
                raise DemoError(await self._flow_errors(domain, result))
            if answer is None or (result["type"], step) in asked:
                raise DemoError(f"The set-up of {domain} asks for {step}, which was not expected.")
            asked.add((result["type"], step))
            body = {"next_step_id": answer} if isinstance(answer, str) else answer
            result = await self.request("POST", f"{path}/{result['flow_id']}", body)
        if result["type"] != "create_entry":
            raise DemoError(f"Setting up {domain} stopped: {result.get('reason', result['type'])}.")
        return str(result["result"]["entry_id"])

    async def _flow_errors(self, domain: str, result: Mapping[str, Any]) -> str:
        """Give a form's errors in the words that the web page shows."""
        found = await self.command(
            "frontend/get_translations",
            language="en",
            category="config",
            integration=[domain],
            config_flow=True,
        )
        texts = [
            found["resources"].get(f"component.{domain}.config.error.{key}", key)
            for key in result["errors"].values()
        ]
        for name, value in (result.get("description_placeholders") or {}).items():
            texts = [text.replace(f"{{{name}}}", str(value)) for text in texts]
        return " ".join(texts)
