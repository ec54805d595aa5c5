"""The people of the demo: who they are, their keys, and what each key may do."""

from dataclasses import dataclass, field
from datetime import date

MIB = 1024**2

#: What is needed to look at everything and to change nothing.
READ_ONLY = (
    "activity.read", "album.read", "album.statistics", "asset.download", "asset.read",
    "asset.statistics", "asset.view", "duplicate.read", "face.read", "folder.read", "map.read",
    "map.search", "memory.read", "memory.statistics", "notification.read", "partner.read",
    "person.read", "person.statistics", "server.about", "server.storage", "server.versionCheck",
    "sharedLink.read", "stack.read", "tag.read", "timeline.read", "user.read",
)  # fmt: skip

#: What a camera needs to hand in pictures, into albums and with tags.
UPLOAD_ONLY = (
    "album.create", "album.read", "albumAsset.create", "asset.update", "asset.upload",
    "tag.asset", "tag.create", "user.read",
)  # fmt: skip

#: Hardly anything: most things must be absent with this one, and nothing may break.
NARROW = ("album.read", "server.about", "user.read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One user of the household; `keys` maps secrets to scopes."""

    name: str
    email: str
    color: str
    is_admin: bool = False
    quota: int | None = None
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)


MEMBERS = (
    Member(
        name="Anna",
        email="anna@example.com",
        color="pink",
        is_admin=True,
        keys={
            "anna-full": ("all",),
            "anna-read": READ_ONLY,
            "anna-upload": UPLOAD_ONLY,
            "anna-narrow": NARROW,
        },
    ),
    Member(
        name="Ben",
        email="ben@example.com",
        color="blue",
        quota=500 * MIB,
        keys={"ben-full": ("all",), "ben-read": READ_ONLY},
    ),
    Member(
        name="Grandma",
        email="grandma@example.com",
        color="green",
        quota=12 * MIB,
        keys={"grandma-full": ("all",)},
    ),
    Member(name="Mia", email="mia@example.com", color="yellow", keys={"mia-full": ("all",)}),
)

#: Birthdays of those who are named; the others are unnamed or hidden.
BIRTHDAYS: dict[str, date] = {
    "Anna": date(1988, 3, 14),
    "Ben": date(1986, 11, 25),
    "Grandma": date(1951, 7, 2),
    "Mia": date(2014, 5, 30),
    "Leo": date(2018, 2, 28),
    "小明": date(1990, 10, 1),
}

#: Somebody whom nobody wants to see in the list of people.
HIDDEN = "passer-by"

#: Tags by what is on a picture; a slash makes a branch.
SCENE_TAGS = {
    "beach": "Nature/Water",
    "sea": "Nature/Water",
    "lake": "Nature/Water",
    "mountains": "Nature/Mountains",
    "snow": "Nature/Mountains",
    "flowers": "Nature/Garden",
    "plate": "Food",
    "skyline": "Cities",
    "night_street": "Cities/Night",
    "group": "Family/Parties",
}

#: Descriptions by scene, in the languages of the household.
DESCRIPTIONS = {
    "aurora": "Northern lights! ✨ We waited three hours in the cold",
    "balloons": "Up before dawn to see the balloons 🎈",
    "beach": "Perfect beach day",
    "plate": "So lecker! 😋",
    "skyline": "城市的天际线",
    "flowers": "奶奶的花园 🌸",
    "group": "Everybody together at last",
    "lake": "Not a breath of wind",
}

#: Words by which the smart search finds a scene.
SUBJECTS: dict[str, tuple[str, ...]] = {
    "aurora": ("aurora", "northern", "lights", "night", "sky", "stars"),
    "balloons": ("balloon", "sky", "morning"),
    "beach": ("beach", "sand", "sea", "summer", "parasol"),
    "bokeh": ("lights", "party", "night"),
    "couple": ("people", "couple", "portrait", "smile"),
    "desert": ("desert", "sand", "dunes"),
    "flowers": ("flowers", "garden", "meadow", "spring"),
    "forest": ("forest", "trees", "fog"),
    "group": ("people", "group", "family", "party"),
    "lake": ("lake", "water", "reflection", "mountains"),
    "mountains": ("mountains", "hike", "landscape"),
    "night_street": ("street", "night", "rain", "city"),
    "plate": ("food", "dinner", "plate", "restaurant"),
    "portrait": ("people", "portrait", "face", "smile"),
    "sea": ("sea", "ocean", "boat", "sunset", "water"),
    "skyline": ("city", "skyline", "buildings"),
    "snow": ("snow", "winter", "mountains"),
    "tiles": ("tiles", "pattern", "abstract", "colourful"),
    "village": ("village", "houses", "church"),
}
