"""The entities that the code describes, found in the platform modules."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from homeassistant.helpers.entity import Entity, EntityDescription

from custom_components.immich_plus.const import PLATFORMS

from .project import INTEGRATION


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """One entity as its platform module describes it."""

    platform: str
    translation_key: str
    description: EntityDescription

    @property
    def has_device_class(self) -> bool:
        """Return whether Home Assistant knows an icon and a name for its kind."""
        return self.description.device_class is not None


def _descriptions(value: Any) -> Iterator[EntityDescription]:
    """Yield the descriptions in a table, whatever its shape."""
    if isinstance(value, EntityDescription):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _descriptions(item)
    elif isinstance(value, tuple | list | frozenset | set):
        for item in value:
            yield from _descriptions(item)


def _in_module(module: ModuleType) -> Iterator[EntityDescription]:
    """Yield the descriptions of a platform module's tables and entity classes."""
    for value in vars(module).values():
        if isinstance(value, type):
            if issubclass(value, Entity) and value.__module__ == module.__name__:
                yield from _descriptions(vars(value).get("entity_description"))
        else:
            yield from _descriptions(value)


@cache
def described() -> tuple[Described, ...]:
    """Return every entity that is described, of all platforms."""
    found: dict[tuple[str, str], Described] = {}
    for platform in PLATFORMS:
        module = import_module(f"custom_components.{INTEGRATION.name}.{platform}")
        before = len(found)
        for description in _in_module(module):
            key = description.translation_key or description.key
            found[platform, key] = Described(
                platform=platform.value, translation_key=key, description=description
            )
        assert len(found) > before, f"{platform} describes no entity"
    return tuple(found.values())
