"""What is stored: tables, constraints, triggers, row-level security, migrations.

Promises that wrong data cannot be written; holds no behaviour beyond that. No code yet.
"""
