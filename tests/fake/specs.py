"""OpenAPI documents of the releases, where the folder with them is present."""

from functools import cache
import json
import re
from typing import Any

from jsonschema import Draft202012Validator

from .samples import SPECS

#: Releases by the version that the fake is told to be.
DOCUMENTS = {
    "1.137.3": "immich-1.137.3.json",
    "1.144.1": "immich-1.144.1.json",
    "2.7.5": "immich-2.7.5.json",
    "3.1.0": "immich-3.1.0.json",
    "3.3.5": "immich-3.3.5.rebuilt.json",
}


def bare(path: str) -> str:
    """Return a path with unnamed placeholders: ``albums/{}``."""
    return re.sub(r"\{\w+\}", "{}", path.strip("/"))


@cache
def document(version: str) -> dict[str, Any]:
    """Return the document of a release."""
    loaded: dict[str, Any] = json.loads((SPECS / DOCUMENTS[version]).read_text("utf-8"))
    return loaded


@cache
def operations(version: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what the document says of every method on every path."""
    return {
        (method.upper(), bare(path)): operation
        for path, methods in document(version)["paths"].items()
        for method, operation in methods.items()
        if method in ("get", "put", "post", "delete", "patch")
    }


@cache
def _schemas(version: str) -> dict[str, Any]:
    found = document(version)["components"]["schemas"]
    return {name: _plain(schema) for name, schema in found.items()}


def _plain(schema: Any) -> Any:
    """Turn OpenAPI 3.0 into JSON Schema: nulls allowed where said, no unknown members."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: _plain(value) for name, value in schema.items() if name != "nullable"}
    if "properties" in result:
        result["properties"] = {n: _plain(v) for n, v in schema["properties"].items()}
        result.setdefault("additionalProperties", False)
    if schema.get("nullable"):
        return {"anyOf": [result, {"type": "null"}]}
    return result


def complaints(version: str, method: str, path: str, status: int, body: Any) -> list[str]:
    """Return what is wrong with an answer according to the document of the release."""
    operation = operations(version).get((method, bare(path)))
    if operation is None and method == "PATCH":
        # Aliases of deprecated PUT routes are missing in the documents.
        operation = operations(version).get(("PUT", bare(path)))
    if operation is None:
        return [f"{method} {path} is not in the document"]
    described = operation["responses"].get(str(status))
    if described is None:
        return [f"status {status} is not in the document: {sorted(operation['responses'])}"]
    media = described.get("content", {}).get("application/json")
    if media is None:
        return [] if body is None else ["a body, and the document has none"]
    schema = {**_plain(media["schema"]), "components": {"schemas": _schemas(version)}}
    return [
        f"{error.json_path}: {error.message[:200]}"
        for error in Draft202012Validator(schema).iter_errors(body)
    ]
