"""Tocsin: a self-hosted service desk whose heart is SLA clocks and escalation.

The layers and what each may import: docs/architecture.md. This module imports nothing, because
everything imports it.
"""

__version__ = "0.1.0"
