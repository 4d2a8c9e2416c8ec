"""SCIM 2.0 (RFC 7643, RFC 7644): a directory elsewhere keeps people and teams here.

Directories do not keep to the letter of it; what those in use send is taken where it is clear.
"""
