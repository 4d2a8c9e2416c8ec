"""ServiceNow: reads an incident event log into facts, with ServiceNow's own verdict beside them.

So far a log is only read: nothing is sent to ServiceNow or received from it live.
"""
