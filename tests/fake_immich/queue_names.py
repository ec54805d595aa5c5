"""The names of the job queues, which grow from release to release."""

from .version import Version

_NAMES: tuple[tuple[str, str], ...] = (
    ("thumbnailGeneration", "1.137.0"),
    ("metadataExtraction", "1.137.0"),
    ("videoConversion", "1.137.0"),
    ("faceDetection", "1.137.0"),
    ("facialRecognition", "1.137.0"),
    ("smartSearch", "1.137.0"),
    ("duplicateDetection", "1.137.0"),
    ("backgroundTask", "1.137.0"),
    ("storageTemplateMigration", "1.137.0"),
    ("migration", "1.137.0"),
    ("search", "1.137.0"),
    ("sidecar", "1.137.0"),
    ("library", "1.137.0"),
    ("notifications", "1.137.0"),
    ("backupDatabase", "1.137.0"),
    ("ocr", "2.2.0"),
    ("workflow", "2.3.0"),
    ("integrityCheck", "3.0.0"),
    ("editor", "2.5.0"),
)


def queue_names(version: Version) -> list[str]:
    """Return the queues of a release, in the order in which it lists them."""
    return [name for name, since in _NAMES if version.at_least(since)]
