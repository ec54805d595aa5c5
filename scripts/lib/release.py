"""Make the files of a release: immich_plus.zip and notes.md.

    scripts/release v0.1.0 FOLDER

The archive holds the contents of custom_components/immich_plus, as HACS wants it, and
is the same byte for byte whenever it is made from the same files. The notes are the
version's part of CHANGELOG.md. Nothing is written unless the tag, the manifest and the
changelog name the same version and the changelog gives its date.
"""

from argparse import ArgumentParser
import json
from pathlib import Path
import re
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).resolve().parents[2]
INTEGRATION = ROOT / "custom_components/immich_plus"
HEADING = re.compile(r"^## \[(?P<version>[^\]]+)\] - (?P<date>.+)$", re.MULTILINE)
EARLIEST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def release_notes(changelog: str, version: str) -> str:
    """Return the part of the changelog about its newest version.

    Raises SystemExit if that isn't `version`, or if it has no date yet.
    """
    headings = list(HEADING.finditer(changelog))
    if not headings or headings[0]["version"] != version:
        raise SystemExit(f"The newest version in CHANGELOG.md isn't {version}")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", headings[0]["date"]):
        raise SystemExit(f"CHANGELOG.md gives no date for {version}")
    end = headings[1].start() if len(headings) > 1 else len(changelog)
    return changelog[headings[0].end() : end].strip() + "\n"


def write_archive(target: Path) -> None:
    """Write the integration's files into a zip archive at `target`."""
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for path in sorted(INTEGRATION.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(INTEGRATION).as_posix()
                entry = ZipInfo(name, EARLIEST_ZIP_TIME)
                entry.compress_type = ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())


def main(arguments: list[str] | None = None) -> None:
    """Check the versions and write both files."""
    parser = ArgumentParser(description="Make the files of a release.")
    parser.add_argument("tag", help="such as v0.1.0")
    parser.add_argument("folder", type=Path, help="where the files are written")
    options = parser.parse_args(arguments)

    version = str(json.loads((INTEGRATION / "manifest.json").read_text())["version"])
    if options.tag != f"v{version}":
        raise SystemExit(f"The tag is {options.tag}, but manifest.json says {version}")
    notes = release_notes((ROOT / "CHANGELOG.md").read_text(), version)

    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "notes.md").write_text(notes)
    write_archive(options.folder / "immich_plus.zip")


if __name__ == "__main__":
    main()
