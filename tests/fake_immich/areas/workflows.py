"""Workflows of Immich 3: what runs by itself for new assets. Those of 2.3 to 2.7 are another thing and empty."""

from typing import Any, override

from ..answers import bad_request, created, no_access, no_content
from ..context import Context
from ..dates import millis
from ..models import Workflow
from ..routing import route
from ..rules import Boolean, Choice, Text
from ..validate import Array, Obj, Path, Problems, Rule, nullable, optional
from ..workflow_runs import WEBHOOK

#: The methods of the plugin that comes with Immich, as far as they matter here.
METHODS = (WEBHOOK, "immich-plugin-core#assetTypeFilter", "immich-plugin-core#assetAddToAlbums")


class _Record(Rule):
    """An object with any members."""

    @override
    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """Check the type."""
        if not isinstance(value, dict):
            problems.wrong_type(path, "record", value, "must be an object")
        return value


def _triggers(ctx: Context) -> list[str]:
    known = ["AssetCreate", "AssetMetadataExtraction"]
    return [*known, "AssetTagged"] if ctx.dialect.version.at_least("3.2.0") else known


def _view(ctx: Context, workflow: Workflow, *, steps: bool = True) -> dict[str, Any]:
    body = {
        "id": workflow.id,
        "enabled": workflow.enabled,
        "trigger": workflow.trigger,
        "name": workflow.name,
        "description": workflow.description,
        "createdAt": millis(workflow.created_at),
        "updatedAt": millis(workflow.updated_at),
        "steps": workflow.steps if steps else [],
    }
    return body | {"logging": False} if ctx.dialect.version.at_least("3.2.0") else body


def _members(ctx: Context) -> dict[str, Any]:
    step = Obj({"method": Text(), "config": nullable(_Record()), "enabled": optional(Boolean())})
    return {
        "name": optional(Text(), nullable=True),
        "description": optional(Text(), nullable=True),
        "enabled": optional(Boolean()),
        "steps": optional(Array(step)),
    }


def _steps(values: dict[str, Any]) -> list[dict[str, Any]]:
    steps = [{"enabled": True, **step} for step in values.get("steps", ())]
    for step in steps:
        if step["method"] not in METHODS:
            raise bad_request(f"Unknown method {step['method']}")
    return steps


def _own(ctx: Context, scope: str) -> Workflow:
    workflow = ctx.state.workflows.get(ctx.id())
    if workflow is None or workflow.owner_id != ctx.user.id:
        raise no_access(scope)
    return workflow


@route("GET", "workflows", scope="workflow.read", since="2.3.0", until="3.0.0")
async def no_workflows(ctx: Context) -> Any:
    """List none of the workflows of Immich 2."""
    return []


@route("GET", "workflows", scope="workflow.read", since="3.0.0")
async def list_workflows(ctx: Context) -> Any:
    """List one's own workflows with their steps."""
    mine = [each for each in ctx.state.workflows.values() if each.owner_id == ctx.user.id]
    return [_view(ctx, each) for each in mine]


@route("GET", "workflows/triggers", since="3.0.0")
async def list_triggers(ctx: Context) -> Any:
    """List what can start a workflow; any key may ask."""
    return [{"trigger": trigger, "types": ["AssetV1"]} for trigger in _triggers(ctx)]


@route("POST", "workflows", scope="workflow.create", since="3.0.0")
async def create_workflow(ctx: Context) -> Any:
    """Make a workflow; the same one twice is fine. The answer lacks its steps (seen on 3.1.0)."""
    values = ctx.body(Obj({"trigger": Choice(_triggers(ctx)), **_members(ctx)}))
    now = ctx.state.now()
    workflow = Workflow(
        id=ctx.state.new_id(),
        owner_id=ctx.user.id,
        trigger=values["trigger"],
        name=values.get("name"),
        description=values.get("description"),
        enabled=values.get("enabled", True),
        steps=_steps(values),
        created_at=now,
        updated_at=now,
    )
    ctx.state.workflows[workflow.id] = workflow
    return created(_view(ctx, workflow, steps=False))


@route("GET", "workflows/{id}", scope="workflow.read", since="3.0.0")
async def get_workflow(ctx: Context) -> Any:
    """Show one of one's own workflows."""
    return _view(ctx, _own(ctx, "workflow.read"))


@route("PATCH", "workflows/{id}", scope="workflow.update", since="3.0.0")
@route("PUT", "workflows/{id}", scope="workflow.update", since="3.0.0")
async def update_workflow(ctx: Context) -> Any:
    """Change what is named; steps are replaced as a whole."""
    values = ctx.body(Obj({"trigger": optional(Choice(_triggers(ctx))), **_members(ctx)}))
    workflow = _own(ctx, "workflow.update")
    if "steps" in values:
        workflow.steps = _steps(values)
    for name in ("trigger", "name", "description", "enabled"):
        setattr(workflow, name, values.get(name, getattr(workflow, name)))
    workflow.updated_at = ctx.state.now()
    return _view(ctx, workflow)


@route("DELETE", "workflows/{id}", scope="workflow.delete", since="3.0.0")
async def delete_workflow(ctx: Context) -> Any:
    """Delete a workflow."""
    del ctx.state.workflows[_own(ctx, "workflow.delete").id]
    return no_content()


@route("GET", "workflows/{id}/share", scope="workflow.read", since="3.0.0")
async def share_workflow(ctx: Context) -> Any:
    """Write a workflow to hand on, its secrets in clear text."""
    workflow = _own(ctx, "workflow.read")
    steps = [{"method": step["method"], "config": step["config"]} for step in workflow.steps]
    return {
        "trigger": workflow.trigger,
        "name": workflow.name,
        "description": workflow.description,
        "steps": steps,
    }
