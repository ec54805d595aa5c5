"""The demo's library: the sample pictures as assets, and a household's life around them."""

from datetime import UTC, datetime, timedelta

from .catalogue import Picture, pictures
from .film_list import films as film_list
from .household import BIRTHDAYS, DESCRIPTIONS, HIDDEN, MEMBERS, SCENE_TAGS, SUBJECTS
from .ids import stable_id
from .library_extras import add_extras
from .memory_maker import make_memories
from .models import Asset, AssetType, Exif, Person, Tag, User
from .pictures import FaceMedia, PictureFacts, PictureMedia, PictureStore, face_boxes
from .state import State
from .videos import HEIGHT, WIDTH, Film, FilmMedia, FilmStore

#: The colours of a clear sky: stands for pictures that are not painted yet. An asset
#: without any hash would count as one without a thumbnail.
PENDING = "HBkSHYSIeHiHiIeIeId3d3eIh4d4"


class Household:
    """Fills a library with the demo's data; the fill-in of one state."""

    def __init__(self, state: State, store: PictureStore, films: FilmStore | None) -> None:
        """Work on an empty library with stores for the files; no film store, no films."""
        self.state = state
        self.store = store
        self.films = films
        self.users: dict[str, User] = {}
        self.people: dict[tuple[str, str], Person] = {}
        self.assets: dict[str, Asset] = {}
        #: Assets by the trip's title and year; two trips share a title.
        self.trips: dict[tuple[str, int], list[Asset]] = {}
        self.recipes: list[Picture] = []
        self.shown_films: list[tuple[Film, Asset]] = []

    def fill(self) -> None:
        """Make users, assets, people, tags, albums and everything else."""
        self._add_users()
        self.recipes = pictures(self.state.now().date())
        for recipe in self.recipes:
            self._add_picture(recipe)
        if self.films is not None:
            for film in film_list():
                self._add_film(film, self.films)
        add_extras(self)
        make_memories(self.state)

    def user(self, name: str) -> User:
        """Return a member of the household."""
        return self.users[name]

    def _add_users(self) -> None:
        for number, member in enumerate(MEMBERS):
            user = self.state.add_user(
                member.name,
                member.email,
                is_admin=member.is_admin,
                id=stable_id(f"user {member.name}"),
                created_at=datetime(2024, 2, 3 + number, 9, 30, tzinfo=UTC),
                avatar_color=member.color,
                quota_size=member.quota,
                storage_label=member.name.lower(),
                is_onboarded=True,
            )
            self.users[member.name] = user
            for secret, scopes in member.keys.items():
                name = secret.rpartition("-")[2]
                self.state.add_api_key(user, scopes, name=name, secret=secret)

    def _add_picture(self, recipe: Picture) -> None:
        owner = self.users[recipe.owner]
        place, camera = recipe.place, recipe.camera
        taken = recipe.taken.astimezone(UTC)
        uploaded = min(taken + timedelta(hours=30), self.state.now() - timedelta(minutes=5))
        asset = self.state.add_asset(
            owner,
            recipe.name,
            id=stable_id(f"asset {recipe.owner} {recipe.name}"),
            taken=taken,
            local_date_time=recipe.taken.replace(tzinfo=UTC),
            created_at=uploaded,
            updated_at=uploaded,
            width=recipe.width,
            height=recipe.height,
            thumbhash=PENDING,
            subjects=SUBJECTS[recipe.scene],
            media=PictureMedia(self.store, recipe),
            exif=Exif(
                make=camera.make,
                model=camera.model,
                lens_model=camera.lens,
                width=recipe.width,
                height=recipe.height,
                # A good guess until the picture is painted.
                file_size=recipe.width * recipe.height // 12,
                orientation="1",
                date_time_original=taken,
                modify_date=taken,
                time_zone=str(recipe.taken.tzinfo),
                f_number=camera.f_number,
                focal_length=camera.focal_length,
                iso=recipe.iso,
                exposure_time=f"1/{recipe.shutter}",
                latitude=place.latitude if place else None,
                longitude=place.longitude if place else None,
                city=place.city if place else None,
                state=place.state if place else None,
                country=place.country if place else None,
                description=DESCRIPTIONS.get(recipe.scene, "") if recipe.seed % 3 == 0 else "",
                rating=3 + recipe.seed % 3 if recipe.seed % 5 == 0 else None,
            ),
        )
        self._remember(asset, recipe.trip)
        if tag := SCENE_TAGS.get(recipe.scene):
            asset.tag_ids.append(self.tag(owner, tag).id)
        for name, box in face_boxes(recipe):
            self._add_face(owner, asset, recipe, name, box)
        if (facts := self.store.facts(recipe)) is not None:
            self.learn(asset, facts)

    def _remember(self, asset: Asset, trip: str) -> None:
        self.assets[asset.original_file_name] = asset
        if trip:
            year = (asset.local_date_time + timedelta(days=7)).year
            self.trips.setdefault((trip, year), []).append(asset)

    def learn(self, asset: Asset, facts: PictureFacts) -> None:
        """Take over what is only known once a file has been made."""
        self.state.set_original(asset, bytes.fromhex(facts.sha1), facts.size)
        asset.thumbhash = facts.thumbhash

    def _add_face(
        self,
        owner: User,
        asset: Asset,
        recipe: Picture,
        name: str,
        box: tuple[int, int, int, int],
    ) -> None:
        known = (owner.id, name)
        person = self.people.get(known)
        if person is None:
            created = asset.created_at
            person = Person(
                id=stable_id(f"person {owner.name} {name}"),
                owner_id=owner.id,
                created_at=created,
                updated_at=created,
                name=name if name in BIRTHDAYS else "",
                birth_date=BIRTHDAYS.get(name),
                is_hidden=name == HIDDEN,
                is_favorite=name == "Mia",
            )
            self.people[known] = person
            self.state.people[person.id] = person
        # The clearest face makes the portrait.
        if recipe.scene == "portrait" or person.feature_asset_id is None:
            person.feature_asset_id = asset.id
            person.thumbnail = FaceMedia(self.store, recipe, box)
        self.state.add_face(asset, person, box)

    def tag(self, owner: User, value: str) -> Tag:
        """Return a tag of a user, made with its parents where it is missing."""
        parent: Tag | None = None
        parts = value.split("/")
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            tag_id = stable_id(f"tag {owner.name} {path}")
            tag = self.state.tags.get(tag_id)
            if tag is None:
                tag = Tag(
                    id=tag_id,
                    user_id=owner.id,
                    value=path,
                    created_at=owner.created_at,
                    updated_at=owner.created_at,
                    parent_id=parent.id if parent else None,
                )
                self.state.tags[tag_id] = tag
            parent = tag
        if parent is None:
            raise ValueError("a tag needs a name")
        return parent

    def _add_film(self, film: Film, store: FilmStore) -> None:
        taken = film.taken.astimezone(UTC)
        place = film.place
        asset = self.state.add_asset(
            self.users[film.owner],
            film.name,
            id=stable_id(f"asset {film.owner} {film.name}"),
            taken=taken,
            local_date_time=film.taken.replace(tzinfo=UTC),
            created_at=taken + timedelta(hours=2),
            updated_at=taken + timedelta(hours=2),
            type=AssetType.VIDEO,
            mime_type="video/mp4",
            duration=film.seconds * 1000,
            width=WIDTH,
            height=HEIGHT,
            thumbhash=PENDING,
            subjects=SUBJECTS[film.scene],
            media=FilmMedia(store, film),
            exif=Exif(
                width=WIDTH,
                height=HEIGHT,
                file_size=120_000,
                date_time_original=taken,
                modify_date=taken,
                time_zone=str(film.taken.tzinfo),
                latitude=place.latitude if place else None,
                longitude=place.longitude if place else None,
                city=place.city if place else None,
                state=place.state if place else None,
                country=place.country if place else None,
            ),
        )
        self._remember(asset, film.trip)
        self.shown_films.append((film, asset))
        if (facts := store.facts(film)) is not None:
            self.learn(asset, facts)
