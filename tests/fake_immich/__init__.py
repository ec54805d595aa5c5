"""A small, faithful Immich for tests and for the demo.

It speaks HTTP like Immich 1.137, 1.144, 2.7, 3.1 and 3.3, keeps its library in
memory and can misbehave on demand. See :class:`FakeImmich`.
"""

from .fake import FakeImmich

__all__ = ["FakeImmich"]
