"""Every way in which state is read: access, boards, queues, lanes, compliance, search.

Promises that nobody is shown what they may not see, and that reading changes nothing. No code yet.
"""
