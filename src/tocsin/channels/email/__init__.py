"""E-mail: words a letter for its reader, and hands it to one mail server.

So far letters are only sent: nothing is fetched or received.
"""
