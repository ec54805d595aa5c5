"""The action `get_server_info`: what the server and the account's key are and can do."""

from collections.abc import Awaitable
from dataclasses import asdict
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from ..api import Immich
from ..api.errors import ImmichMaintenanceError, ImmichPermissionError, ImmichRouteMissingError
from ..api.server import Features, ServerConfig, ServerStatistics, Storage
from ..api.together import together
from ..api.users import Account as ImmichAccount
from .common import ACCOUNT_FIELD, Account

GET_SERVER_INFO_SCHEMA: Final = vol.Schema(ACCOUNT_FIELD)


async def async_get_server_info(
    hass: HomeAssistant, account: Account, data: dict[str, Any]
) -> ServiceResponse:
    """Tell what is known of the server; null is what the key may not see, or what maintenance hides."""
    client = account.client
    server = client.server
    async with together() as tasks:
        config = tasks.create_task(server.config())
        features = tasks.create_task(_allowed(server.features()))
        storage = tasks.create_task(_allowed(server.storage()))
        statistics = tasks.create_task(_allowed(server.statistics())) if client.is_admin else None
        user = tasks.create_task(_allowed(client.users.me()))
    return {
        "version": str(client.version),
        "maintenance": config.result().maintenance,
        "config": _config(config.result()),
        "features": _features(features.result()),
        "storage": _storage(storage.result()),
        "statistics": _statistics(statistics.result() if statistics else None),
        "user": _user(user.result()),
        "scopes": _scopes(client),
    }


async def _allowed[T](call: Awaitable[T]) -> T | None:
    try:
        return await call
    except ImmichPermissionError, ImmichMaintenanceError, ImmichRouteMissingError:
        return None


def _config(config: ServerConfig) -> JsonObjectType | None:
    if config.maintenance:
        return None
    return {
        "external_domain": config.external_domain or None,
        "trash_days": config.trash_days,
        "user_delete_delay": config.user_delete_delay,
        "min_faces": config.min_faces,
        "initialized": config.initialized,
    }


def _features(features: Features | None) -> JsonObjectType | None:
    return None if features is None else dict(asdict(features))


def _storage(storage: Storage | None) -> JsonObjectType | None:
    if storage is None:
        return None
    return {
        "size": storage.size,
        "used": storage.used,
        "available": storage.available,
        "usage": storage.usage,
    }


def _statistics(statistics: ServerStatistics | None) -> JsonObjectType | None:
    if statistics is None:
        return None
    return {
        "photos": statistics.photos,
        "videos": statistics.videos,
        "usage_photos": statistics.usage_photos,
        "usage_videos": statistics.usage_videos,
        "users": [
            {
                "id": user.user_id,
                "name": user.name,
                "photos": user.photos,
                "videos": user.videos,
                "usage": user.usage,
                "quota": user.quota,
            }
            for user in statistics.users
        ],
    }


def _user(user: ImmichAccount | None) -> JsonObjectType | None:
    if user is None:
        return None
    return {
        "id": user.id,
        "name": user.name,
        "is_admin": user.is_admin,
        "quota_size": user.quota_size,
        "quota_usage": user.quota_usage,
    }


def _scopes(client: Immich) -> list[Any] | None:
    told = client.scopes.told
    return None if told is None else sorted(told)
