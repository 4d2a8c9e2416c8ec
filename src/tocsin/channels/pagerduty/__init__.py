"""PagerDuty: opens and closes incidents by its Events API, and hears who acknowledges them."""
