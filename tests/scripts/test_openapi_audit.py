"""What scripts/openapi_audit reads in the source and in its page, and what it finds wrong."""

from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
import json
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from scripts.lib import openapi_audit
from scripts.lib.coverage_page import LEFT_OUT, NOT_YET, PageError, Pattern, Row, read_page
from scripts.lib.openapi_audit import Audit, audit, main
from scripts.lib.paths import INTEGRATION
from scripts.lib.spoken import Operation, Spoken, read_source

PAGE = """
# Page

| outside | of all | sections |

## Used

| area | operations | what for |
| --- | --- | --- |
| albums | `GET /albums`, `PUT /albums/{id}/*` | Albums. |

## Used, though no description names it

| area | operations | what for |
| --- | --- | --- |
| old | `GET /old` | Old servers. |

## Not yet

| area | operations | for what |
| --- | --- | --- |
| stacks | `* /stacks/*` | Stacks. |

## Left out on purpose

| area | operations | because |
| --- | --- | --- |
| sync | `POST /sync`, `DELETE /sync` | Refused to keys. |
"""
OFFERED = {
    "/albums": ["get"],
    "/albums/{id}/assets": ["put"],
    "/stacks": ["get"],
    "/stacks/{id}": ["delete", "parameters"],
    "/sync": ["post", "delete"],
}
SOURCE = """
class Albums:
    async def list(self):
        await self._transport.get("albums")
        await self._transport.send("PUT", f"albums/{need_id(self.id)}/assets")
        await self._client.transport.get("old")
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Spoken]:
    """Read a source text."""

    def _read(source: str) -> Spoken:
        (tmp_path / "area.py").write_text(source, encoding="utf-8")
        return read_source(tmp_path)

    return _read


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    (tmp_path / "page.md").write_text(PAGE, encoding="utf-8")
    return read_page(tmp_path / "page.md")


def _operations(offered: dict[str, list[str]]) -> set[Operation]:
    return {
        Operation.of(method.upper(), path)
        for path, methods in offered.items()
        for method in methods
        if method != "parameters"
    }


def _spec(path: Path, offered: dict[str, list[str]], version: str = "9.9.9") -> str:
    spec: dict[str, Any] = {
        "info": {"version": version},
        "paths": {where: {method: {} for method in methods} for where, methods in offered.items()},
    }
    path.write_text(json.dumps(spec), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('await self._transport.get("albums", {"a": 1})', {"GET /albums"}),
        ('await self._client.transport.get(path="albums")', {"GET /albums"}),
        ('return transport.stream(f"assets/{need_id(x)}/original")', {"GET /assets/{}/original"}),
        ('await self._transport.upload("assets", form)', {"POST /assets"}),
        ('await self._transport.send("PUT", "tags", {})', {"PUT /tags"}),
        ('await self._transport.send(path="tags", method="PUT")', {"PUT /tags"}),
        ('path = f"albums/{x}/assets"\nawait self._transport.send("PUT", path)', {"PUT /albums/{}/assets"}),
        ('get = self._client.transport.get\nawait get("albums")', {"GET /albums"}),
        ('road = self._transport\nawait road.get("albums")', {"GET /albums"}),
        ('await self._transport.get("new" if new else "old")', {"GET /new", "GET /old"}),
        ('path = "a"\nif new:\n    path = "b"\nawait self._transport.get(path)', {"GET /a", "GET /b"}),
        ('await self._transport.get("search/" + "cities")', {"GET /search/cities"}),
        (
            'for what in ("a", "b"):\n    await self._transport.get(f"search/{what}")',
            {"GET /search/a", "GET /search/b"},
        ),
        ('for x in these:\n    await self._transport.get(f"search/{x}")', {"GET /search/{}"}),
        (
            'how, (where, _) = "PUT", ("a", "b")\nawait self._transport.send(how, where)',
            {"PUT /a"},
        ),
        ('path: str = "a"\nawait self._transport.get(path)', {"GET /a"}),
        ('await self._transport.get(path := "a")\nawait self._transport.get(path)', {"GET /a"}),
        ('change = lambda ids: self._transport.send("PUT", "a")', {"PUT /a"}),
        ('data.get("albums")\nget("albums")\nself.get("albums")', set()),
    ],
)
def test_calls_are_read(read: Callable[[str], Spoken], source: str, said: set[str]) -> None:
    lines = source.replace("\n", "\n        ")
    spoken = read(f"class Area:\n    async def ask(self, x, transport):\n        {lines}\n")
    assert spoken.problems == []
    assert {str(operation) for operation in spoken.operations} == said


def test_constants_and_private_helpers_are_read(read: Callable[[str], Spoken]) -> None:
    spoken = read("""
ROUTE = "tags"

async def one(transport):
    await _page(transport, ROUTE)
    await _page(transport, path=f"{ROUTE}/{x}", method="PUT")

async def _page(transport, path, *, method="POST"):
    async def again(number):
        await transport.send(method, path)
    await again(1)

class Area:
    async def two(self):
        await self._get("people")

    async def _get(self, path):
        await self._transport.get(path)
""")
    assert spoken.problems == []
    assert {str(operation) for operation in spoken.operations} == {
        *("POST /tags", "PUT /tags", "POST /tags/{}", "PUT /tags/{}", "GET /people"),
    }


def test_places_are_told_in_order(read: Callable[[str], Spoken]) -> None:
    spoken = read(SOURCE + '        await self._transport.get("albums")\n')
    assert spoken.operations[Operation.of("GET", "/albums")] == ["area.py:4", "area.py:7"]


@pytest.mark.parametrize(
    "call",
    [
        "self._transport.get(path)",
        "self._transport.get(self.path)",
        "self._transport.get(unknown)",
        "self._transport.get(route())",
        "self._transport.get()",
        "self._transport.get(*parts)",
        "self._transport.get(**all_of_it)",
        'self._transport.get(f"{x}/assets")',
        'self._transport.send(method, "albums")',
        'self._transport.send("FETCH", "albums")',
        "self._page(1)",
        "ask = lambda path: self._transport.get(path)",
        "read(self._transport.get)",
        "get = self._transport.get\nread(get)",
        "self.get = self._transport.get",
        "self.road = self._transport",
        "name = name + 'a'\nself._transport.get(name)",
        "name += 'a'\nself._transport.get(name)",
        "with x as name:\n    self._transport.get(name)",
        "a, b = x\nself._transport.get(a)",
    ],
)
def test_what_cannot_be_read_is_a_problem(read: Callable[[str], Spoken], call: str) -> None:
    lines = call.replace("\n", "\n        ")
    spoken = read(f"""
class Area:
    async def ask(self, path, method):
        {lines}

    async def _page(self, number, path=None):
        {"self._transport.get(path)" if "_page" in call else "pass"}
""")
    assert len(spoken.problems) == 1
    assert spoken.problems[0].startswith("area.py:")
    assert spoken.operations == {}


def test_helper_that_other_files_call_is_read(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "one.py").write_text("def ask(transport, path):\n    transport.get(path)\n")
    (tmp_path / "two.py").write_text(
        'from .api.one import ask\nask(it, "albums")\none.ask(it, path="tags")\n'
    )
    spoken = read_source(tmp_path)
    assert spoken.problems == []
    assert {str(operation): places for operation, places in spoken.operations.items()} == {
        "GET /albums": ["api/one.py:2"],
        "GET /tags": ["api/one.py:2"],
    }


def test_private_helper_of_another_file_is_another_one(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        'def _ask(transport, path):\n    transport.get(path)\n\n_ask(it, "albums")\n'
    )
    (tmp_path / "two.py").write_text('_ask(it, "tags")\n')
    assert [str(operation) for operation in read_source(tmp_path).operations] == ["GET /albums"]


def test_private_helper_that_is_handed_on_is_a_problem(read: Callable[[str], Spoken]) -> None:
    spoken = read("async def _get(transport, path):\n    await transport.get(path)\nrun(_get)\n")
    assert len(spoken.problems) == 1


def test_transport_under_another_name_is_a_problem(read: Callable[[str], Spoken]) -> None:
    spoken = read("def ask(road: Transport):\n    road.get('albums')\n")
    assert spoken.problems == ["area.py:1: a transport has to be called `transport` or `_transport`"]


def test_transport_itself_is_read(read: Callable[[str], Spoken]) -> None:
    """Its own requests count, its roads don't, and a new road has to be made known."""
    spoken = read("""
class Transport:
    def url(self, path): ...

    async def get(self, path):
        return await self._call(_Request(method="GET", path=path))

    async def in_maintenance(self):
        await self._once(_Request(method="GET", path="server/config"))
        await self.get("server/ping")

    async def download(self, path): ...

    async def _open(self, path): ...
""")
    assert {str(operation) for operation in spoken.operations} == {"GET /server/config", "GET /server/ping"}
    assert len(spoken.problems) == 1
    assert spoken.problems[0].endswith("unknown: download")


@pytest.mark.parametrize(
    ("pattern", "operation", "covered"),
    [
        ("GET /tags/{id}", "GET /tags/{tagId}", True),
        ("GET /tags/{id}", "GET /tags/assets", False),
        ("GET /tags/{id}", "PUT /tags/{id}", False),
        ("* /tags", "DELETE /tags", True),
        ("* /tags", "DELETE /tags/{id}", False),
        ("* /tags/*", "DELETE /tags", True),
        ("* /tags/*", "PUT /tags/{id}/assets", True),
        ("* /tags/*", "PUT /tagsets", False),
    ],
)
def test_patterns(pattern: str, operation: str, covered: bool) -> None:
    method, path = operation.split(" ")
    assert Pattern.from_text(pattern).covers(Operation.of(method, path)) is covered


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("`GET /albums`", "`get /albums`", "line 10: `get /albums` is no pattern"),
        ("`GET /albums`", "`GET albums`", "no pattern"),
        ("`GET /albums`", "`GET /albums*`", "no pattern"),
        ("`GET /albums`", "`GET /*/assets`", "no pattern"),
        ("`GET /albums`", "the list", "written as code"),
        ("`GET /old`", "", "an area, its operations and words"),
        ("| Stacks. |", "|  |", "an area, its operations and words"),
        ("| Stacks. |", "| Stacks. | more |", "an area, its operations and words"),
        ("## Not yet", "## Later", "no rows under “Not yet”"),
    ],
)
def test_page_that_is_not_well_formed(tmp_path: Path, old: str, new: str, words: str) -> None:
    page = tmp_path / "page.md"
    assert old in PAGE
    page.write_text(PAGE.replace(old, new), encoding="utf-8")
    with pytest.raises(PageError, match=words):
        read_page(page)


def _audit(
    read: Callable[[str], Spoken],
    rows: list[Row],
    *,
    source: str = "",
    more: dict[str, list[str]] | None = None,
    strict: bool = True,
) -> Audit:
    return audit({"9.9.9": _operations(OFFERED | (more or {}))}, read(SOURCE + source), rows, strict=strict)


def test_all_is_known(read: Callable[[str], Spoken], rows: list[Row]) -> None:
    result = _audit(read, rows)
    assert result.passed
    assert result.used == ["GET /albums  area.py:4", "PUT /albums/{}/assets  area.py:5"]
    assert result.not_here == ["GET /old  area.py:6"]
    assert list(result.skipped[NOT_YET].values()) == [["GET /stacks", "DELETE /stacks/{}"]]
    assert [row.words for row in result.skipped[LEFT_OUT]] == ["Refused to keys."]


def test_what_nobody_thought_about_fails(read: Callable[[str], Spoken], rows: list[Row]) -> None:
    result = _audit(read, rows, more={"/people": ["get"]})
    assert result.forgotten == ["GET /people"]
    assert not result.passed


def test_what_no_version_has_fails_when_strict(read: Callable[[str], Spoken], rows: list[Row]) -> None:
    source = '        await self._transport.get("album")\n'
    result = _audit(read, rows, source=source)
    assert result.mistakes == ["no supported version has it: GET /album (area.py:7)"]
    result = _audit(read, rows, source=source, strict=False)
    assert result.passed
    assert result.not_here == ["GET /album  area.py:7", "GET /old  area.py:6"]


def test_unreadable_call_fails(read: Callable[[str], Spoken], rows: list[Row]) -> None:
    result = _audit(read, rows, source="        await self._transport.get(self.path)\n")
    assert not result.passed
    assert result.mistakes == ["area.py:7: what is asked can't be read: self._transport.get(self.path)"]


def test_spoken_and_left_out_is_a_mistake(read: Callable[[str], Spoken], rows: list[Row]) -> None:
    result = _audit(read, rows, source='        await self._transport.send("POST", "sync")\n')
    assert len(result.mistakes) == 1
    assert "but it is: POST /sync (area.py:7)" in result.mistakes[0]


def test_left_out_twice_is_a_mistake(read: Callable[[str], Spoken], rows: list[Row]) -> None:
    twice = Row(section=LEFT_OUT, area="a", patterns=(Pattern.from_text("* /sync"),), words="b")
    result = _audit(read, [*rows, twice])
    assert [line.partition(": ")[2] for line in result.mistakes] == ["DELETE /sync", "POST /sync"]


def test_page_that_is_out_of_date(read: Callable[[str], Spoken], rows: list[Row]) -> None:
    """The page must not say that something is used, or exists, or doesn't, if it's otherwise."""
    spoken = read('class A:\n    async def b(self):\n        await self._transport.get("albums")\n')
    offered = {"1": _operations({"/albums": ["get"], "/old": ["get"], "/sync": ["post"]})}
    assert audit(offered, spoken, rows, strict=True).mistakes == [
        "api-coverage.md says that it is used, but it isn't: PUT /albums/{id}/*",
        "api-coverage.md says that it is used, but it isn't: GET /old",
        "api-coverage.md says that no description names it, but one does: GET /old",
        "api-coverage.md names what no supported version has: * /stacks/*",
        "api-coverage.md names what no supported version has: DELETE /sync",
    ]


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[Row]) -> Path:
    """Let the whole script work on the made-up source and page."""
    (tmp_path / "area.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setattr(openapi_audit, "INTEGRATION", tmp_path)
    monkeypatch.setattr(openapi_audit, "read_page", lambda: rows)
    return tmp_path


def test_report(made_up: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = _spec(made_up / "one.json", OFFERED, "1.0.0")
    second = _spec(made_up / "two.json", OFFERED | {"/people": ["get"]}, "2.0.0")
    assert main([first]) == 0
    assert capsys.readouterr().out.endswith(
        "Immich 1.0.0: 2 spoken, 1 spoken, but not in this version, 2 not yet, 2 left out on purpose, "
        "0 nobody has thought about, 0 mistakes\n"
    )
    assert main([first, second]) == 1
    out = capsys.readouterr().out
    assert "left out on purpose:\n  sync: Refused to keys.\n    DELETE /sync\n    POST /sync\n" in out
    assert "nobody has thought about:\n  GET /people [2.0.0]\n" in out


def test_strict_or_several_versions(made_up: Path) -> None:
    """What one version lacks may be in another one; what all lack is a mistake."""
    without = _spec(made_up / "one.json", {path: OFFERED[path] for path in OFFERED if path != "/albums"}, "1")
    full = _spec(made_up / "two.json", OFFERED, "2")
    assert main([without]) == 0
    assert main([without, "--strict"]) == 1
    assert main([without, full]) == 0


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"info": {"version": 1}, "paths": [1]}', "<html>"])
def test_file_that_is_no_description(made_up: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    (made_up / "bad.json").write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main([str(made_up / "bad.json")])
    assert stopped.value.code == 2
    assert "this is no OpenAPI description" in capsys.readouterr().err


def test_description_that_is_not_there(made_up: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["missing.json"])
    assert stopped.value.code == 2
    assert "missing.json: " in capsys.readouterr().err


@pytest.mark.usefixtures("socket_enabled")
def test_description_of_a_running_server(made_up: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A server tells its own description; one that doesn't is named."""
    _spec(made_up / "spec.json", OFFERED)
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=made_up)
    ) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            assert main([f"http://127.0.0.1:{server.server_port}/spec.json"]) == 0
            with pytest.raises(SystemExit):
                main([f"http://127.0.0.1:{server.server_port}/none.json"])
        finally:
            server.shutdown()
            thread.join()
    assert "none.json: HTTP Error 404" in capsys.readouterr().err


def test_page_that_cannot_be_read_stops(
    made_up: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def _raise() -> list[Row]:
        raise PageError("line 3: why")

    monkeypatch.setattr(openapi_audit, "read_page", _raise)
    with pytest.raises(SystemExit):
        main([_spec(made_up / "one.json", OFFERED)])
    assert "api-coverage.md: line 3: why" in capsys.readouterr().err


def test_our_page_fits_our_source() -> None:
    """Every pattern is well formed, every call can be read, and nothing is both spoken and left out."""
    spoken = read_source(INTEGRATION)
    result = audit({}, spoken, read_page(), strict=False)
    assert len(spoken.operations) > 30
    assert result.mistakes == []
