"""The manifest and every other place that states a version or a requirement."""

import re

from .project import INTEGRATION, ROOT, integration_modules, manifest, project_files, read_json, relative

NEEDED = {
    "domain": INTEGRATION.name,
    "name": "Immich Plus",
    "config_flow": True,
    "integration_type": "service",
}
NEEDED_BY_CATALOGS = {
    *("codeowners", "documentation", "domain", "iot_class", "issue_tracker", "name"),
    *("requirements", "version"),
}
HACS_KEYS = {
    *("content_in_root", "filename", "hide_default_branch", "homeassistant", "name"),
    *("persistent_directory", "zip_release"),
}
PARTS_OF_HOME_ASSISTANT = ("home-assistant-", "homeassistant")
"""What Home Assistant itself pins: another version for each of its own."""

PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[\w.]+)", re.MULTILINE)


def _pins() -> dict[str, dict[str, str]]:
    """Return each requirements file's exact pins, names in lower case."""
    folders = (ROOT, ROOT / "scripts" / "requirements")
    return {
        relative(path): {
            match["name"].lower(): match["version"]
            for match in PIN.finditer(path.read_text(encoding="utf-8"))
        }
        for path in project_files()
        if path.parent in folders and path.suffix in (".txt", ".in", ".override")
    }


def test_keys_are_in_the_wanted_order() -> None:
    """Domain and name first, the rest by the alphabet, as hassfest wants it."""
    keys = list(manifest())
    assert keys == ["domain", "name", *sorted(set(keys) - {"domain", "name"})]


def test_what_catalogs_need_is_there() -> None:
    """Home Assistant, HACS and the Marketplace find what they ask for."""
    found = manifest()
    assert set(found) >= NEEDED_BY_CATALOGS
    assert {key: found.get(key) for key in NEEDED} == NEEDED
    assert found["iot_class"] in ("local_polling", "local_push")
    assert all(re.fullmatch(r"@[\w/-]+", owner) for owner in found["codeowners"])
    assert found["codeowners"]
    for key in ("documentation", "issue_tracker"):
        assert found[key].startswith("https://github.com/"), key
    assert found["issue_tracker"] == f"{found['documentation']}/issues"


def test_loggers_belong_to_what_is_used() -> None:
    """Debug logging is switched on for libraries that the code imports."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in integration_modules())
    for logger in manifest().get("loggers", []):
        assert re.search(rf"^\s*(?:import|from) {logger}\b", code, re.MULTILINE), logger


def test_there_is_one_manifest() -> None:
    """Home Assistant's checker takes every manifest.json for an integration."""
    found = [relative(path) for path in project_files() if path.name == "manifest.json"]
    assert found == [relative(INTEGRATION / "manifest.json")]


def test_one_version_everywhere() -> None:
    """Manifest, changelog and code state the same version."""
    version = manifest()["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)

    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[([^\]]+)\] - (.+)$", changelog, re.MULTILINE)
    assert headings, "CHANGELOG.md has no version"
    assert headings[0][0] == version
    dates = [date for _, date in headings]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for date in dates[1:])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d|Unreleased", dates[0])

    stated = {
        relative(path): found
        for path in integration_modules()
        for found in re.findall(
            r'^VERSION\b[^=\n]*= "([^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert stated == dict.fromkeys(stated, version)


def test_requirements_are_pinned_alike_everywhere() -> None:
    """What users get is what was tested."""
    wanted: dict[str, str] = {}
    for requirement in manifest()["requirements"]:
        match = PIN.match(requirement)
        assert match, f"{requirement} isn't pinned"
        wanted[match["name"].lower()] = match["version"]

    pins = _pins()
    chosen = pins["requirements_test.txt"]
    for name, version in wanted.items():
        assert chosen.get(name) == version, name
    for name in chosen:
        if not name.startswith(PARTS_OF_HOME_ASSISTANT):
            versions = {path: found[name] for path, found in pins.items() if name in found}
            assert len(versions) == 4, f"{name} is missing somewhere: {versions}"
            assert len(set(versions.values())) == 1, f"{name}: {versions}"


def test_what_is_installed_is_what_was_chosen() -> None:
    """The resolved lists agree with the short ones that a person writes."""
    pins = _pins()
    folder = "scripts/requirements"
    for short, resolved in (
        ("requirements_test.txt", f"{folder}/floor.txt"),
        (f"{folder}/newest.in", f"{folder}/newest.txt"),
        (f"{folder}/newest.override", f"{folder}/newest.txt"),
    ):
        assert pins[short], short
        for name, version in pins[short].items():
            overridden = pins[f"{folder}/newest.override"].get(name) if "newest" in short else None
            assert pins[resolved].get(name) == (overridden or version), f"{short}: {name}"


def test_home_assistant_brings_nothing_twice() -> None:
    """The manifest doesn't list what Home Assistant itself requires."""
    assert not {
        requirement.split("=")[0].split("[")[0].lower() for requirement in manifest()["requirements"]
    } & {"aiohttp", "orjson", "pillow", "probatio", "voluptuous", "yarl"}


def test_oldest_home_assistant_is_the_one_that_is_tested() -> None:
    """hacs.json promises the month that the older of the two test legs runs on."""
    hacs = read_json(ROOT / "hacs.json")
    assert hacs["name"] == manifest()["name"]
    assert set(hacs) <= HACS_KEYS

    pins = _pins()
    legs = {name: pins[f"scripts/requirements/{name}.txt"]["homeassistant"] for name in ("floor", "newest")}
    assert hacs["homeassistant"].split(".")[:2] == legs["floor"].split(".")[:2]
    assert legs["floor"] != legs["newest"]
    for path in ("requirements_test.txt", "README.md"):
        text = (ROOT / path).read_text(encoding="utf-8")
        assert ".".join(legs["floor"].split(".")[:2]) in text, path


def test_types_are_promised() -> None:
    """The marker file says that the integration is fully typed."""
    assert (INTEGRATION / "py.typed").read_bytes() == b""
