"""What was read and exported, and the auditor's page."""

EXAMPLES = {"export": "1"}
FORMS: dict[str, dict[str, str]] = {
    "violations_csv": {},
    "punctuality_csv": {},
    "export_agree": {},
    "export_refuse": {},
    "export_take": {},
    "access_csv": {},
}
QUERIES = {"export_ask": "?what=violations"}
