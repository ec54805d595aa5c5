"""The server's folders as a tree."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(slots=True, kw_only=True)
class PathNode:
    """A folder of the server. `key` names it without telling its path; `holds_files`: not only folders."""

    path: str
    name: str
    key: str
    holds_files: bool = False
    children: list[PathNode] = field(default_factory=list)


class PathTree:
    """The folders that hold files, and those above them; the part that all share is left out.

    Immich's own layout has 65,536 of them: making the tree is not for the event loop.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        """Take the paths of all folders that hold files."""
        top = PathNode(path="", name="", key="")
        self._nodes: dict[str, PathNode] = {"": top}
        for path in sorted(set(paths)):
            node = self._reach(path.rstrip("/"))
            node.holds_files = True
            # The server knows its folders as it wrote them.
            node.path = path
        self._by_key = {node.key: node for node in self._nodes.values() if node is not top}
        while not top.holds_files and len(top.children) == 1:
            (top,) = top.children
        self.root = top

    def node(self, key: str) -> PathNode | None:
        """Return the folder of a key, or None."""
        return self._by_key.get(key)

    def _reach(self, path: str) -> PathNode:
        """Return the folder of a path, with all folders above it."""
        missing: list[str] = []
        while path not in self._nodes:
            missing.append(path)
            path = path.rpartition("/")[0].rstrip("/")
        node = self._nodes[path]
        for inside in reversed(missing):
            key = sha256(inside.encode()).hexdigest()[:24]
            found = PathNode(path=inside, name=inside.rpartition("/")[2], key=key)
            self._nodes[inside] = found
            node.children.append(found)
            node = found
        return node
