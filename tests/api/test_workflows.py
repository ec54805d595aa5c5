"""Workflows: those that call an address are found, made, changed and deleted."""

import pytest

from custom_components.immich_plus.api.errors import (
    ImmichBadAnswerError,
    ImmichBadRequestError,
    ImmichNotFoundError,
    ImmichPermissionError,
)
from custom_components.immich_plus.api.workflows import Step, WebhookCall, Workflow, to_paste
from tests.conftest import MakeImmich
from tests.fake_immich.fake import FakeImmich
from tests.fake_immich.faults import Garble

from .conftest import MakeClient

CALL = WebhookCall(url="http://192.0.2.1:8123/api/webhook/a", header_name="X-Token", header_value="b")
FILTER = Step(
    method="immich-plugin-core#assetTypeFilter", settings={"allowedTypes": ["VIDEO"]}, enabled=False
)


@pytest.fixture(name="three", params=["3.0.0", "3.1.0", "3.3.5"])
async def three_fixture(request: pytest.FixtureRequest, make_immich: MakeImmich) -> FakeImmich:
    """Give a fake of each version that has such workflows."""
    return await make_immich(version=request.param)


async def test_a_workflow_lives(three: FakeImmich, make_client: MakeClient) -> None:
    workflows = make_client(three).workflows
    assert await workflows.list() == []
    made = await workflows.create("Home Assistant", [Step.calling(CALL)])
    (found,) = await workflows.list()
    assert (found.id, found.name, found.trigger, found.enabled) == (
        made,
        "Home Assistant",
        "AssetCreate",
        True,
    )
    assert [step.call for step in found.steps] == [CALL]

    await workflows.set_steps(made, [FILTER, *found.steps])
    (found,) = await workflows.list()
    assert list(found.steps) == [FILTER, Step.calling(CALL)]
    assert found.name == "Home Assistant"

    await workflows.delete(made)
    assert await workflows.list() == []


async def test_a_call_may_do_without_a_header(three: FakeImmich, make_client: MakeClient) -> None:
    workflows = make_client(three).workflows
    bare = WebhookCall(url=CALL.url, header_name=None, header_value=None)
    await workflows.create("bare", [Step.calling(bare)])
    (found,) = await workflows.list()
    assert [step.call for step in found.steps] == [bare]
    (kept,) = three.state.workflows.values()
    assert kept.steps[0]["config"] == {"url": CALL.url, "method": "POST"}


async def test_what_is_pasted_by_hand_is_the_same(immich: FakeImmich, make_client: MakeClient) -> None:
    pasted = to_paste("Home Assistant", CALL)
    assert set(pasted) == {"name", "description", "enabled", "trigger", "steps"}
    client = make_client(immich)
    await client.transport.send("POST", "workflows", pasted)
    await client.workflows.create("Home Assistant", [Step.calling(CALL)])
    one, other = await client.workflows.list()
    assert (one.name, one.trigger, one.enabled, one.steps) == (
        other.name,
        other.trigger,
        other.enabled,
        other.steps,
    )


async def test_a_step_that_the_server_lacks(immich: FakeImmich, make_client: MakeClient) -> None:
    step = Step(method="another-plugin#thing", settings=None, enabled=True)
    with pytest.raises(ImmichBadRequestError, match="Unknown method"):
        await make_client(immich).workflows.create("x", [step])


async def test_others_workflows_are_out_of_reach(immich: FakeImmich, make_client: MakeClient) -> None:
    made = await make_client(immich).workflows.create("mine", [])
    theirs = make_client(immich, "user-key").workflows
    assert await theirs.list() == []
    with pytest.raises(ImmichNotFoundError):
        await theirs.set_steps(made, [])
    with pytest.raises(ImmichNotFoundError):
        await theirs.delete(made)
    with pytest.raises(ImmichNotFoundError):
        await theirs.delete("../users/me")


async def test_each_call_has_its_scope(immich: FakeImmich, make_client: MakeClient) -> None:
    owner = immich.state.key_by_secret("admin-key")
    assert owner is not None
    immich.state.add_api_key(immich.state.users[owner.user_id], ["user.read"], secret="narrow-key")
    made = await make_client(immich).workflows.create("mine", [])
    narrow = make_client(immich, "narrow-key").workflows
    for call, scope in (
        (narrow.list(), "workflow.read"),
        (narrow.create("x", []), "workflow.create"),
        (narrow.set_steps(made, []), "workflow.update"),
        (narrow.delete(made), "workflow.delete"),
    ):
        with pytest.raises(ImmichPermissionError) as caught:
            await call
        assert caught.value.scope == scope


@pytest.mark.parametrize(
    ("row", "steps"),
    [
        ({"steps": []}, 0),
        ({"steps": [{"method": "a#b", "config": None}, {"config": {}}, "x", None]}, 1),
        ({"steps": [{"method": 5}, {"method": "immich-plugin-core#webhook", "config": {"url": 5}}]}, 1),
    ],
)
def test_odd_steps_take_nothing_down(row: dict[str, object], steps: int) -> None:
    found = Workflow.from_json({"id": "an-id", "trigger": "SomethingNew", **row})
    assert len(found.steps) == steps
    assert [step.call for step in found.steps] == [None] * steps
    assert (found.name, found.trigger, found.enabled) == (None, "SomethingNew", False)


async def test_odd_answers_are_errors(immich: FakeImmich, make_client: MakeClient) -> None:
    workflows = make_client(immich).workflows
    immich.faults.add("POST workflows", Garble(text=b"[]"))
    with pytest.raises(ImmichBadAnswerError):
        await workflows.create("x", [])
    immich.faults.add("GET workflows", Garble(text=b"{}"))
    with pytest.raises(ImmichBadAnswerError):
        await workflows.list()


def test_secrets_are_in_no_text() -> None:
    workflow = Workflow(id="a", name=None, trigger=None, enabled=True, steps=[Step.calling(CALL)])
    assert "webhook/a" not in repr((workflow, CALL))
