"""What the logs leave out: addresses that are keys while they last."""

import logging
import re

# As long as what stands for a link or a feed, in the letters that these are made of.
_KEY = re.compile(r"(?<=/)[A-Za-z0-9_.:-]{32,}(?=/|$|\?)")


class NoKeys(logging.Filter):
    """Takes keys out of the addresses that Django notes when it refuses a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass, without its keys."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                _KEY.sub("…", one) if isinstance(one, str) else one for one in record.args
            )
        return True
