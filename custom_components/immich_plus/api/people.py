"""People that Immich recognised (`people`)."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import aiohttp

from .ids import need_id
from .parse import Json, boolean, day, integer, many_rows, need_dict, need_integer, need_list, need_text, text
from .transport import LISTING

if TYPE_CHECKING:
    from .transport import Transport

# Immich refuses more than 1,000 people a page.
PEOPLE_PER_PAGE: Final = 1000
# Pages that are read of one list: who comes after 10,000 others, by number of pictures, is a passer-by.
MOST_PAGES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person; the name is empty until somebody gives one. `hidden` people don't show in Immich's own lists."""

    id: str
    name: str
    hidden: bool
    birth_date: date | None
    favorite: bool

    @classmethod
    def from_json(cls, data: Json) -> Person:
        """Read a person."""
        return cls(
            id=need_text(data, "id", "people"),
            name=text(data, "name") or "",
            hidden=boolean(data, "isHidden") is True,
            birth_date=day(data, "birthDate"),
            favorite=boolean(data, "isFavorite") is True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """A page of people, and whether there are more; `total` counts hidden ones, too (None if not told)."""

    people: Sequence[Person]
    more: bool
    total: int | None


class People:
    """Calls about people."""

    def __init__(self, transport: Transport) -> None:
        """Speak through `transport`."""
        self._transport = transport

    async def count(self) -> int:
        """Count the people that are not hidden, unnamed ones included (scope `person.read`).

        `total` counts the hidden ones, too, whatever was asked for (seen on 3.1.0).
        """
        answer = await self._transport.get("people", {"size": 1, "withHidden": False})
        data = need_dict(answer, "people")
        return max(0, need_integer(data, "total", "people") - (integer(data, "hidden") or 0))

    async def get(self, person_id: str) -> Person:
        """Read one person (scope `person.read`)."""
        answer = await self._transport.get(f"people/{need_id(person_id)}")
        return Person.from_json(need_dict(answer, "people"))

    async def page(self, number: int, *, size: int = PEOPLE_PER_PAGE, hidden: bool = False) -> PeoplePage:
        """List a page of people (scope `person.read`), favourites and named ones first; size 1 to 1,000."""
        params = {"page": number, "size": size, "withHidden": hidden}
        answer = need_dict(await self._transport.get("people", params, timeout=LISTING), "people")
        listed = need_list(answer.get("people"), "people")
        more = boolean(answer, "hasNextPage")
        return PeoplePage(
            people=await many_rows(listed, Person.from_json, "people"),
            more=bool(listed) and (len(listed) >= size if more is None else more),
            total=integer(answer, "total"),
        )

    async def list(self, *, hidden: bool = False) -> Sequence[Person]:
        """List people, favourites and named ones first, with `hidden` also hidden ones (scope `person.read`).

        At most 10,000. Nobody is in it who is on no picture, even with a name (seen on 3.1.0).
        """
        found: dict[str, Person] = {}
        for number in range(1, MOST_PAGES + 1):
            page = await self.page(number, size=PEOPLE_PER_PAGE, hidden=hidden)
            # Somebody may be on two pages if the order changes while they are read.
            found |= {person.id: person for person in page.people}
            if not page.more:
                break
        return list(found.values())

    def open_face(
        self, person_id: str, *, headers: Mapping[str, str] | None = None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Open the small picture of somebody's face (scope `person.read`); see `Transport.stream`."""
        return self._transport.stream(f"people/{need_id(person_id)}/thumbnail", headers=headers, brief=True)
