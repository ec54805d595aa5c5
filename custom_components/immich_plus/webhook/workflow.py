"""The workflow in Immich that calls Home Assistant: made, found again, kept right, taken away."""

from typing import Final

from yarl import URL

from ..api import Immich
from ..api.workflows import Step, WebhookCall, Workflow

# People find it under this name in Immich.
WORKFLOW_NAME: Final = "Home Assistant (Immich Plus)"


async def async_keep_workflow(client: Immich, call: WebhookCall) -> None:
    """See that Immich makes the call: mend every workflow that makes it with an old address or secret, or make one.

    What people did to such a workflow stays: its name, further steps, and that it is switched off. Raises what
    the client raises.
    """
    ours = [workflow for workflow in await client.workflows.list() if _is_ours(workflow, call)]
    if not ours:
        await client.workflows.create(WORKFLOW_NAME, [Step.calling(call)])
    for workflow in ours:
        steps = [_mended(step, call) if _calls_us(step, call, workflow) else step for step in workflow.steps]
        if steps != list(workflow.steps):
            await client.workflows.set_steps(workflow.id, steps)


async def async_remove_workflow(client: Immich, webhook_id: str) -> None:
    """Have Immich make the call no more; what else a workflow does, it goes on doing. Raises what the client raises."""
    for workflow in await client.workflows.list():
        others = [step for step in workflow.steps if not _has_id(step, webhook_id)]
        if len(others) == len(workflow.steps):
            continue
        if others:
            await client.workflows.set_steps(workflow.id, others)
        else:
            await client.workflows.delete(workflow.id)


def _is_ours(workflow: Workflow, call: WebhookCall) -> bool:
    return any(_calls_us(step, call, workflow) for step in workflow.steps)


def _calls_us(step: Step, call: WebhookCall, workflow: Workflow) -> bool:
    """Whether a step makes our call, or did before Home Assistant lost the secrets.

    The latter has our name and a webhook of this very Home Assistant, which no other account calls.
    """
    wanted = URL(call.url)
    if _has_id(step, wanted.name):
        return True
    url = _url(step)
    return (
        workflow.name == WORKFLOW_NAME
        and url is not None
        and (url.scheme, url.authority, url.parent) == (wanted.scheme, wanted.authority, wanted.parent)
    )


def _has_id(step: Step, webhook_id: str) -> bool:
    url = _url(step)
    return url is not None and url.name == webhook_id


def _url(step: Step) -> URL | None:
    if step.call is None:
        return None
    try:
        return URL(step.call.url)
    except ValueError:
        return None


def _mended(step: Step, call: WebhookCall) -> Step:
    """Return the step with our address and secret; whether it is on stays."""
    if step.call == call:
        return step
    right = Step.calling(call)
    return Step(
        method=right.method,
        settings={**(step.settings or {}), **(right.settings or {})},
        enabled=step.enabled,
    )
