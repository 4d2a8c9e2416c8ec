"""The live process: every browser hears what happens within a fraction of a second.

Events are read once for all and told by ids and versions; whoever hears of one asks for the rest
through the pages, where permission is checked. `request` reads what a browser asks, `hall` knows
who watches, `turn` is all that the database is asked in one go, `application` joins them.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.site.settings")

import django

django.setup()

# Only now: what it imports reads the settings.
from tocsin.site.live.application import Live  # noqa: E402

application = Live()
