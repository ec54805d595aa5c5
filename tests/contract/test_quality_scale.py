"""The self-audit names each rule of Home Assistant's quality scale, and no other."""

from .project import INTEGRATION, read_yaml

RULES = {
    "bronze": """
        action-setup appropriate-polling brands common-modules config-flow
        config-flow-test-coverage dependency-transparency docs-actions docs-conditions
        docs-high-level-description docs-installation-instructions
        docs-removal-instructions docs-triggers entity-event-setup entity-unique-id
        has-entity-name runtime-data test-before-configure test-before-setup
        unique-config-entry
    """,
    "silver": """
        action-exceptions config-entry-unloading docs-configuration-parameters
        docs-installation-parameters entity-unavailable integration-owner
        log-when-unavailable parallel-updates reauthentication-flow test-coverage
    """,
    "gold": """
        devices diagnostics discovery discovery-update-info docs-data-update
        docs-examples docs-known-limitations docs-supported-devices
        docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices
        entity-category entity-device-class entity-disabled-by-default
        entity-translations exception-translations icon-translations
        reconfiguration-flow repair-issues stale-devices
    """,
    "platinum": "async-dependency inject-websession strict-typing",
}

FILES_OF_RULES = {
    "docs-triggers": "trigger.py",
    "docs-conditions": "condition.py",
    "entity-event-setup": "event.py",
}
"""Rules that stop being exempt when a file appears."""


def test_each_rule_is_answered_once() -> None:
    """All 54 rules are there, in the scale's order, and nothing else."""
    expected = [rule for group in RULES.values() for rule in group.split()]
    assert len(expected) == 54
    answered = read_yaml(INTEGRATION / "quality_scale.yaml")["rules"]
    assert list(answered) == expected


def test_answers_are_done_or_exempt_with_a_reason() -> None:
    """Nothing is left to do, and an exemption says why."""
    for rule, answer in read_yaml(INTEGRATION / "quality_scale.yaml")["rules"].items():
        if isinstance(answer, str):
            assert answer == "done", rule
        else:
            assert set(answer) == {"status", "comment"}, rule
            assert answer["status"] in ("done", "exempt"), rule
            assert answer["comment"].strip().endswith("."), rule


def test_exemptions_end_when_the_thing_exists() -> None:
    """Triggers, conditions and event entities bring their rules with them."""
    answers = read_yaml(INTEGRATION / "quality_scale.yaml")["rules"]
    for rule, name in FILES_OF_RULES.items():
        exempt = isinstance(answers[rule], dict) and answers[rule]["status"] == "exempt"
        assert exempt != (INTEGRATION / name).exists(), rule
