"""Microsoft Teams: hands cards to a workflow of the customer's, which posts them."""
