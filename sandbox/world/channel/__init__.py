"""A video channel of the world: videos, subscribers and audience, each a function of the seed and the calendar."""
