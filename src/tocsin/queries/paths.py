"""Escalation paths with triggers of their own, in all their versions."""

import json
from dataclasses import replace

from tocsin.engine.path import EscalationPath
from tocsin.records import rows


def paths(tenant: int) -> tuple[EscalationPath, ...]:
    """Return every version of every path, each path's in their order."""
    found = rows.query(
        "SELECT key, version, data, valid_from FROM config_version"
        " WHERE tenant_id = %s AND kind = 'path' ORDER BY key, version",
        [tenant],
    )
    return tuple(
        replace(
            EscalationPath.from_dict(key, {**json.loads(data), "version": version}, key),
            valid_from=valid_from,
        )
        for key, version, data, valid_from in found
    )
