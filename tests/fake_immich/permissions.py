"""The names of the scopes that a key may hold, release by release."""

from .version import Version

_NAMES = """
all
activity create read update delete statistics
apiKey create read update delete rotate@3.2.0
asset read update delete statistics share view download upload replace@-3.0.0
asset copy@2.2.0 derive@2.5.0 edit.get@2.5.0 edit.create@2.5.0 edit.delete@2.5.0
assetFile read@3.2.0 delete@3.2.0 download@3.2.0
album create read update delete statistics share download
albumAsset create delete
albumUser create update delete
auth changePassword
authDevice delete
archive read
backup list@2.5.0 download@2.5.0 upload@2.5.0 delete@2.5.0
clusterGroup read@3.2.0 leave@3.2.0
clusterGroupRequest create@3.2.0 read@3.2.0 delete@3.2.0
duplicate read delete
face create read update delete
folder read@2.5.0
job create read
library create read update delete statistics
timeline read download
maintenance@2.3.0
map read@2.5.0 search@2.5.0
memory create read update delete statistics
memoryAsset create delete
notification create read update delete
partner create read update delete
person create read update delete statistics merge reassign
pinCode create update delete
plugin create@2.3.0 read@2.3.0 update@2.3.0 delete@2.3.0
server about apkLinks storage statistics versionCheck@1.138.0
serverLicense read update delete
session create read update delete lock
sharedLink create read update delete
stack create read update delete
sync stream
syncCheckpoint read update delete
systemConfig read update
systemMetadata read update
tag create read update delete asset
user read update
userLicense create read update delete
userOnboarding read update delete
userPreference read update
userProfileImage create read update delete
queue read@2.4.0 update@2.4.0
queueJob create@2.4.0 read@2.4.0 update@2.4.0 delete@2.4.0
workflow create@2.3.0 read@2.3.0 update@2.3.0 delete@2.3.0 logs@3.2.0
adminConfig read@3.2.0 update@3.2.0
userConfig read@3.2.0
adminUser create read update delete
adminSession read@2.2.0
adminAuth unlinkAll@1.138.0
"""


def _listed(version: Version, text: str) -> str | None:
    """Return the bare name if the release has it; ``@x`` is since, ``@-x`` until."""
    name, _, when = text.partition("@")
    if when.startswith("-"):
        return None if version.at_least(when[1:]) else name
    return name if not when or version.at_least(when) else None


def permissions(version: Version) -> list[str]:
    """Return all scopes of a release, in the order in which the server lists them."""
    result: list[str] = []
    for line in _NAMES.strip().splitlines():
        group, *actions = line.split()
        if not actions:
            if name := _listed(version, group):
                result.append(name)
            continue
        result.extend(f"{group}.{name}" for action in actions if (name := _listed(version, action)))
    return result
