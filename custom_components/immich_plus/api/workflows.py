"""Workflows: what Immich does by itself with new assets; here those that call an address (`workflows`, 3.0 and later).

The step that calls is Immich's own ("Trigger Webhook", seen on 3.1.0). It asks nobody whether the address exists, and
tells nobody whether it answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .ids import need_id
from .parse import Json, boolean, many_rows, need_dict, need_text, rows, text
from .transport import LISTING

if TYPE_CHECKING:
    from .transport import Transport

# What a workflow starts with: a new asset.
NEW_ASSET: Final = "AssetCreate"
_CALL: Final = "immich-plugin-core#webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookCall:
    """Where a step calls, and the one header that it sends along; both are secrets."""

    url: str = field(repr=False)
    header_name: str | None
    header_value: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a workflow: which method of which plugin, with the settings as Immich keeps them."""

    method: str
    settings: Json | None = field(repr=False)
    enabled: bool

    @classmethod
    def calling(cls, call: WebhookCall) -> Step:
        """Make the step that calls an address."""
        settings = {
            "url": call.url,
            "method": "POST",
            "headerName": call.header_name,
            "headerValue": call.header_value,
        }
        return cls(
            method=_CALL,
            settings={key: value for key, value in settings.items() if value is not None},
            enabled=True,
        )

    @classmethod
    def from_json(cls, data: Json) -> Step:
        """Read a step."""
        settings = data.get("config")
        return cls(
            method=need_text(data, "method", "workflows"),
            settings=settings if isinstance(settings, dict) else None,
            enabled=boolean(data, "enabled") is not False,
        )

    def to_json(self) -> Json:
        """Write it as Immich takes it: the settings may be null, but must be there (seen on 3.1.0)."""
        return {"method": self.method, "config": self.settings, "enabled": self.enabled}

    @property
    def call(self) -> WebhookCall | None:
        """Where it calls; None if it does something else, or has no address."""
        settings = self.settings or {}
        if self.method != _CALL or (url := text(settings, "url")) is None:
            return None
        return WebhookCall(
            url=url, header_name=text(settings, "headerName"), header_value=text(settings, "headerValue")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A workflow of the account. `trigger` is what starts it, such as `AssetCreate`."""

    id: str
    name: str | None
    trigger: str | None
    enabled: bool
    steps: Sequence[Step]

    @classmethod
    def from_json(cls, data: Json) -> Workflow:
        """Read a workflow."""
        return cls(
            id=need_text(data, "id", "workflows"),
            name=text(data, "name"),
            trigger=text(data, "trigger"),
            enabled=boolean(data, "enabled") is True,
            steps=rows(data.get("steps"), Step.from_json, "workflows/steps"),
        )


def to_paste(name: str, call: WebhookCall) -> Json:
    """Return a workflow as the editor of Immich's web page takes it in its JSON view (it wants all five keys)."""
    return {
        "name": name,
        "description": None,
        "enabled": True,
        "trigger": NEW_ASSET,
        "steps": [Step.calling(call).to_json()],
    }


class Workflows:
    """Calls about workflows; each user has their own, and no administrator sees others'."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def list(self) -> Sequence[Workflow]:
        """List the account's workflows with their steps (scope `workflow.read`)."""
        answer = await self._transport.get("workflows", timeout=LISTING)
        return await many_rows(answer, Workflow.from_json, "workflows")

    async def create(self, name: str, steps: Sequence[Step]) -> str:
        """Make a workflow that starts with each new asset and is on; return its id (scope `workflow.create`).

        Immich makes the same one twice without a word. Raises ImmichBadRequestError if it doesn't know a step.
        """
        body = {
            "trigger": NEW_ASSET,
            "name": name,
            "enabled": True,
            "steps": [step.to_json() for step in steps],
        }
        answer = await self._transport.send("POST", "workflows", body, repeatable=False)
        # The steps are missing in this answer (seen on 3.1.0).
        return need_text(need_dict(answer, "workflows"), "id", "workflows")

    async def set_steps(self, workflow_id: str, steps: Sequence[Step]) -> None:
        """Replace all steps of a workflow (scope `workflow.update`)."""
        body = {"steps": [step.to_json() for step in steps]}
        await self._transport.send("PUT", f"workflows/{need_id(workflow_id)}", body)

    async def delete(self, workflow_id: str) -> None:
        """Delete a workflow (scope `workflow.delete`)."""
        await self._transport.send("DELETE", f"workflows/{need_id(workflow_id)}")
