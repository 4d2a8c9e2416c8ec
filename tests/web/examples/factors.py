"""Second factors: their pages and forms."""

EXAMPLES_OF = {"factors_do": {"deed": "codes"}, "factors_reset": {"person": "1"}}
PUBLIC = {
    *("mfa_authenticate", "factor_set_up", "factor_set_up_passkey"),
    *("passkey_question", "passkey_sign_in"),
}
FORMS: dict[str, dict[str, str]] = {
    "factor_passkey_new": {},
    "factor_passkey": {"credential": "{}", "name": "Laptop"},
    "factors_do": {},
    "factors_reset": {},
}
