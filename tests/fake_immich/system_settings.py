"""The administrator's settings as one document, with the defaults of each release."""

from copy import deepcopy
from typing import Any

from .state import ServerSettings
from .version import Version

type Document = dict[str, Any]

#: Settings that came later than 1.137: their path and the first release with them.
_SINCE = {
    "machineLearning.availabilityChecks": "1.142.0",
    "machineLearning.ocr": "2.2.0",
    "job.ocr": "2.2.0",
    "job.workflow": "2.3.0",
    "job.editor": "2.5.0",
    "image.thumbnail.progressive": "2.5.0",
    "image.preview.progressive": "2.5.0",
    "image.fullsize.progressive": "2.5.0",
    "notifications.smtp.transport.secure": "2.2.0",
    "ffmpeg.realtime": "3.0.0",
    "integrityChecks": "3.0.0",
    "job.integrityCheck": "3.0.0",
    "newVersionCheck.channel": "3.0.0",
    "oauth.allowInsecureRequests": "3.0.0",
    "oauth.endSessionEndpoint": "3.0.0",
    "oauth.prompt": "3.0.0",
    "oauth.accountManagementUrl": "3.2.0",
}

_NIGHT = {"enabled": True, "cronExpression": "0 03 * * *"}

_DEFAULTS: Document = {
    "backup": {"database": {"enabled": True, "cronExpression": "0 02 * * *", "keepLastAmount": 14}},
    "ffmpeg": {
        "crf": 23,
        "threads": 0,
        "preset": "ultrafast",
        "targetVideoCodec": "h264",
        "acceptedVideoCodecs": ["h264"],
        "targetAudioCodec": "aac",
        "acceptedAudioCodecs": ["aac", "mp3", "opus"],
        "acceptedContainers": ["mov", "ogg", "webm"],
        "targetResolution": "720",
        "maxBitrate": "0",
        "bframes": -1,
        "refs": 0,
        "gopSize": 0,
        "temporalAQ": False,
        "cqMode": "auto",
        "twoPass": False,
        "preferredHwDevice": "auto",
        "transcode": "required",
        "accel": "disabled",
        "accelDecode": True,
        "tonemap": "hable",
        "realtime": {
            "enabled": False,
            "videoCodecs": ["h264", "hevc"],
            "resolutions": [480, 720, 1080],
        },
    },
    "logging": {"enabled": True, "level": "log"},
    "machineLearning": {
        "enabled": True,
        "urls": ["http://immich-machine-learning:3003"],
        "availabilityChecks": {"enabled": True, "timeout": 2000, "interval": 30000},
        "clip": {"enabled": True, "modelName": "ViT-B-32__openai"},
        "duplicateDetection": {"enabled": True, "maxDistance": 0.01},
        "facialRecognition": {
            "enabled": True,
            "modelName": "buffalo_l",
            "minScore": 0.7,
            "maxDistance": 0.5,
            "minFaces": 3,
        },
        "ocr": {
            "enabled": True,
            "modelName": "PP-OCRv5_mobile",
            "maxResolution": 736,
            "minDetectionScore": 0.5,
            "minRecognitionScore": 0.8,
        },
    },
    "map": {
        "enabled": True,
        "lightStyle": "https://tiles.immich.cloud/v1/style/light.json",
        "darkStyle": "https://tiles.immich.cloud/v1/style/dark.json",
    },
    "newVersionCheck": {"enabled": True, "channel": "stable"},
    "nightlyTasks": {
        "startTime": "00:00",
        "databaseCleanup": True,
        "missingThumbnails": True,
        "clusterNewFaces": True,
        "generateMemories": True,
        "syncQuotaUsage": True,
    },
    "oauth": {
        "autoLaunch": False,
        "autoRegister": True,
        "buttonText": "Login with OAuth",
        "clientId": "",
        "clientSecret": "",
        "tokenEndpointAuthMethod": "client_secret_post",
        "timeout": 30000,
        "allowInsecureRequests": False,
        "defaultStorageQuota": None,
        "enabled": False,
        "issuerUrl": "",
        "scope": "openid email profile",
        "prompt": "",
        "endSessionEndpoint": "",
        "accountManagementUrl": "",
        "signingAlgorithm": "RS256",
        "profileSigningAlgorithm": "none",
        "storageLabelClaim": "preferred_username",
        "storageQuotaClaim": "immich_quota",
        "roleClaim": "immich_role",
        "mobileOverrideEnabled": False,
        "mobileRedirectUri": "",
    },
    "passwordLogin": {"enabled": True},
    "reverseGeocoding": {"enabled": True},
    "metadata": {"faces": {"import": False}},
    "storageTemplate": {
        "enabled": False,
        "hashVerificationEnabled": True,
        "template": "{{y}}/{{y}}-{{MM}}-{{dd}}/{{filename}}",
    },
    "job": {
        name: {"concurrency": number}
        for name, number in (
            ("thumbnailGeneration", 3),
            ("metadataExtraction", 5),
            ("videoConversion", 1),
            ("faceDetection", 2),
            ("smartSearch", 2),
            ("backgroundTask", 5),
            ("migration", 5),
            ("search", 5),
            ("sidecar", 5),
            ("library", 5),
            ("notifications", 5),
            ("ocr", 1),
            ("workflow", 5),
            ("editor", 2),
            ("integrityCheck", 1),
        )
    },
    "image": {
        "thumbnail": {"format": "webp", "quality": 80, "size": 250, "progressive": False},
        "preview": {"format": "jpeg", "quality": 80, "size": 1440, "progressive": False},
        "fullsize": {"enabled": False, "format": "jpeg", "quality": 80, "progressive": False},
        "colorspace": "p3",
        "extractEmbedded": False,
    },
    "trash": {"enabled": True, "days": 30},
    "theme": {"customCss": ""},
    "library": {
        "scan": {"enabled": True, "cronExpression": "0 0 * * *"},
        "watch": {"enabled": False},
    },
    "notifications": {
        "smtp": {
            "enabled": False,
            "from": "",
            "replyTo": "",
            "transport": {
                "ignoreCert": False,
                "host": "",
                "port": 587,
                "secure": False,
                "username": "",
                "password": "",
            },
        }
    },
    "templates": {
        "email": {
            "albumInviteTemplate": "",
            "welcomeTemplate": "",
            "albumUpdateTemplate": "",
        }
    },
    "server": {"externalDomain": "", "loginPageMessage": "", "publicUsers": True},
    "user": {"deleteDelay": 7},
    "integrityChecks": {
        "missingFiles": dict(_NIGHT),
        "untrackedFiles": dict(_NIGHT),
        "checksumFiles": {**_NIGHT, "timeLimit": 3600000, "percentageLimit": 1},
    },
}


def defaults(version: Version) -> Document:
    """Return the default settings of a release."""
    document = deepcopy(_DEFAULTS)
    for path, first in _SINCE.items():
        if not version.at_least(first):
            *parents, last = path.split(".")
            part = document
            for name in parents:
                part = part[name]
            del part[last]
    if not version.at_least("2.5.0"):
        # Named after its encoder before.
        document["ffmpeg"]["acceptedAudioCodecs"] = ["aac", "mp3", "libopus"]
    return document


def current(settings: ServerSettings, version: Version) -> Document:
    """Return the settings as they are: the saved document and what tests have set beside it."""
    document = defaults(version)
    for name, part in settings.values.items():
        if name in document:
            document[name] = deepcopy(part)
    document["trash"] |= {"enabled": settings.trash_enabled, "days": settings.trash_days}
    document["server"] |= {
        "externalDomain": settings.external_domain,
        "loginPageMessage": settings.login_page_message,
        "publicUsers": settings.public_users,
    }
    document["machineLearning"]["clip"]["enabled"] = settings.smart_search
    return document


def save(settings: ServerSettings, document: Document) -> None:
    """Take over a whole document."""
    settings.values = deepcopy(document)
    settings.trash_enabled = document["trash"]["enabled"]
    settings.trash_days = document["trash"]["days"]
    settings.external_domain = document["server"]["externalDomain"]
    settings.login_page_message = document["server"]["loginPageMessage"]
    settings.public_users = document["server"]["publicUsers"]
    settings.smart_search = document["machineLearning"]["clip"]["enabled"]
