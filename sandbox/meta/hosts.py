"""The two families of hosts: pages and Graph API of Instagram, and those of Facebook."""

from enum import StrEnum


class Host(StrEnum):
    """A family of hosts; a token of one is worth nothing at the other."""

    INSTAGRAM = "instagram"
    FACEBOOK = "facebook"
