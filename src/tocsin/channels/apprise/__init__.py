"""The long tail: services that Apprise knows, those of them that can be guarded."""
