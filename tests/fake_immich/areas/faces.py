"""Faces: where on a picture somebody is."""

from typing import Any

from .. import views
from ..access import require_assets
from ..answers import Answer, no_access
from ..context import Context
from ..models import Face
from ..routing import route
from ..rules import Boolean, Number, Uuid
from ..validate import Obj
from .people import own_person

BOX = Obj(
    {
        "assetId": Uuid(),
        "personId": Uuid(),
        "imageWidth": Number(whole=True),
        "imageHeight": Number(whole=True),
        "x": Number(whole=True),
        "y": Number(whole=True),
        "width": Number(whole=True),
        "height": Number(whole=True),
    }
)


@route("GET", "faces", scope="face.read")
async def list_faces(ctx: Context) -> Any:
    """List the faces on an asset with their boxes in pixels."""
    asset_id = ctx.query(Obj({"id": Uuid()}))["id"]
    asset = require_assets(ctx, "asset.read", [asset_id])[0]
    return [_face(ctx, face) for face in ctx.state.faces_of_asset.get(asset.id, {}).values()]


def _face(ctx: Context, face: Face) -> dict[str, Any]:
    person = ctx.state.people.get(face.person_id) if face.person_id else None
    return {
        "id": face.id,
        "boundingBoxX1": face.x1,
        "boundingBoxY1": face.y1,
        "boundingBoxX2": face.x2,
        "boundingBoxY2": face.y2,
        "imageWidth": face.image_width,
        "imageHeight": face.image_height,
        "sourceType": face.source,
        "person": None if person is None else views.person(ctx.dialect, person, nested=True),
    }


@route("POST", "faces", scope="face.create")
async def create_face(ctx: Context) -> Any:
    """Mark a face by hand."""
    values = ctx.body(BOX)
    asset = require_assets(ctx, "asset.read", [values["assetId"]])[0]
    person = own_person(ctx, values["personId"], "person.read")
    face = Face(
        id=ctx.state.new_id(),
        asset_id=asset.id,
        person_id=person.id,
        image_width=values["imageWidth"],
        image_height=values["imageHeight"],
        x1=values["x"],
        y1=values["y"],
        x2=values["x"] + values["width"],
        y2=values["y"] + values["height"],
        source="manual",
    )
    ctx.state.put_face(face)
    return Answer(status=201)


@route("PUT", "faces/{id}", scope="face.update")
async def update_face(ctx: Context) -> Any:
    """Give a face to the person in the path."""
    person_id = ctx.id()
    face_id = ctx.body(Obj({"id": Uuid()}))["id"]
    person = own_person(ctx, person_id, "person.update")
    _own_face(ctx, face_id, "person.create").person_id = person.id
    return views.person(ctx.dialect, person)


@route("DELETE", "faces/{id}", scope="face.delete")
async def delete_face(ctx: Context) -> Any:
    """Forget a face; without `force` only the name is taken from it."""
    face_id = ctx.id()
    force = ctx.body(Obj({"force": Boolean()}))["force"]
    face = _own_face(ctx, face_id, "face.delete")
    if force:
        ctx.state.remove_face(face.id)
    else:
        face.person_id = None
    return ctx.dialect.no_content()


def _own_face(ctx: Context, face_id: str, permission: str) -> Face:
    face = ctx.state.faces.get(face_id)
    if face is None or ctx.state.assets[face.asset_id].owner_id != ctx.user.id:
        raise no_access(permission)
    return face
