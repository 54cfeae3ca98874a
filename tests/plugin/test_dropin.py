"""What pytest-recording and vcrpy document, with them and with Reprise: the same tests pass, the
server is asked as often, and the cassettes hold the same; or the row says why not.

Reprise is a drop-in only as long as this holds for each word that they know.
"""

from __future__ import annotations

from .beside import CONFTEST, Beside, Phase, Row, cassette, fixture_beside  # noqa: F401

NOT_NEEDED = ("asyncio", "xdist", "base_url", "Faker")

RECORD = Phase("record", ("--record-mode=once",))
REPLAY = Phase("replay", has_server=False)
LIVE = Phase("replay")
"""A replay that could go live."""

BODIES = "bodies match in a cassette that Reprise wrote"
PASSED = "a test that fails writes nothing"
OWED = "a test has to make all calls that Reprise recorded for it"
ABSOLUTE = "a record mode on the command line is absolute"
KNOWN = "a word that nobody knows is refused"
SCRUBBED = "secrets are scrubbed"

# --- where the configuration stands --------------------------------------------------------------

OTHER_QUERY = """
    @pytest.fixture{scope}
    def vcr_config():
        return {{"match_on": ["method", "path"]}}

    @pytest.mark.vcr
    def test_matched(get):
        assert get("/a?x=2" if REPLAYING else "/a?x=1") == 1

    @pytest.mark.vcr
    def test_missed(get):
        get("/b" if REPLAYING else "/a")
"""
PLACES = {
    "config_of_a_function": Row(OTHER_QUERY.format(scope=""), "pp/pf"),
    "config_of_a_class": Row(OTHER_QUERY.format(scope='(scope="class")'), "pp/pf"),
    "config_of_a_module": Row(OTHER_QUERY.format(scope='(scope="module")'), "pp/pf"),
    "config_of_a_package": Row(OTHER_QUERY.format(scope='(scope="package")'), "pp/pf"),
    "config_of_the_session": Row(OTHER_QUERY.format(scope='(scope="session")'), "pp/pf"),
    "mark_before_config": Row(
        """
        @pytest.fixture
        def vcr_config():
            return {"match_on": ["uri"], "allow_playback_repeats": True}

        @pytest.mark.vcr(match_on=["path"])
        def test_both(get, post):
            assert get("/a?x=1") == 1
            if REPLAYING:
                assert post("/a?x=2") == 1

        @pytest.mark.vcr(allow_playback_repeats=False)
        def test_no_repeats(get):
            get("/a")
            if REPLAYING:
                get("/a")
        """,
        "pp/pf",
    ),
    "marks_merged": Row(
        """
        pytestmark = pytest.mark.vcr(match_on=["uri"], filter_headers=["x-module"])

        @pytest.mark.vcr(allow_playback_repeats=True, match_on=["method"])
        class TestIt:
            @pytest.mark.vcr(match_on=["path"])
            def test_innermost(self, get, post):
                assert get("/a?x=1", headers={"X-Module": "1", "X-Kept": "2"}) == 1
                if REPLAYING:
                    assert post("/a?x=2") == 1

            def test_class(self, get):
                assert get("/b" if REPLAYING else "/a") == 2

        def test_module(get):
            get("/b" if REPLAYING else "/a")
        """,
        "ppp/ppf",
    ),
    "set_on_the_object": Row(
        """
        def drop_header(request):
            request.headers.pop("x-by-hook", None)
            return request

        def configure(vcr):
            vcr.match_on = ["method", "path"]
            vcr.filter_headers = ["x-by-name", ("x-replaced", "R")]
            vcr.before_record_request = drop_header
            vcr.filter_query_parameters = ["token"]

        @pytest.mark.vcr
        def test_it(get):
            named = {f"x-{name}": "1" for name in ("by-hook", "by-name", "replaced", "kept")}
            assert get("/a?x=2" if REPLAYING else "/a?x=1&token=2", headers=named) == 1

        @pytest.mark.vcr(match_on=["query"])
        def test_mark_before_object(get):
            get("/a?x=2" if REPLAYING else "/a?x=1")
        """,
        "pp/pf",
    ),
    "serializer_set_on_the_object": Row(
        """
        def configure(vcr):
            vcr.serializer = "json"

        @pytest.mark.vcr
        def test_it(get):
            assert get("/a") == 1
        """,
        "p/p",
    ),
}


def test_configuration_by_its_place(beside: Beside) -> None:
    beside(PLACES, RECORD, REPLAY)


# --- matching ------------------------------------------------------------------------------------

MATCHER = """
    BASE = dict(method="POST", scheme="http", host="", port="", path="/a", query="x=1", x="1",
                body='{{"k": [1, 2]}}')
    OTHER = dict(method="PUT", scheme="https", host="other.test", port="99", path="/b",
                 query="x=2", x="2", body='{{"k": [1, 3]}}')

    def send_parts(send, url, parts):
        scheme, _, rest = url.partition("://")
        authority, _, top = rest.partition("/")
        host, _, port = authority.partition(":")
        parts = dict(parts, host=parts["host"] or host, port=parts["port"] or port)
        address = "{{scheme}}://{{host}}:{{port}}/".format(**parts) + top + parts["path"]
        # The header names no other host, so that the headers can be the same.
        headers = {{"X-It": parts["x"], "Host": "api.test", "Content-Type": "application/json"}}
        return send(parts["method"], address + "?" + parts["query"], content=parts["body"],
                    headers=headers)

    @pytest.mark.vcr(match_on=["{name}"])
    def test_alone_it_matches(send, url):
        send_parts(send, url, {{**OTHER, **{{n: BASE[n] for n in {parts}}}}} if REPLAYING else BASE)

    @pytest.mark.vcr(match_on=["{name}"])
    def test_alone_it_differs(send, url):
        send_parts(send, url, {{**BASE, **{{n: OTHER[n] for n in {parts}}}}} if REPLAYING else BASE)
"""
URL_PARTS = ("scheme", "host", "port", "path", "query")
MATCHERS = {
    "method": ("method",),
    "uri": URL_PARTS,
    "url": URL_PARTS,
    "scheme": ("scheme",),
    "host": ("host",),
    "port": ("port",),
    "path": ("path",),
    "query": ("query",),
    "headers": ("x",),
    "raw_body": ("body",),
    "body": ("body",),
}
MATCHING = {
    f"match_on_{name}": Row(MATCHER.format(name=name, parts=parts), "pp/pf")
    for name, parts in MATCHERS.items()
} | {
    "match_bodies_by_meaning": Row(
        """
        JSON = {"headers": {"Content-Type": "application/json"}}
        FORM = {"headers": {"Content-Type": "application/x-www-form-urlencoded"}}

        @pytest.mark.vcr(match_on=["body"])
        def test_json(post):
            post("/a", content='{"b":2,"a":1}' if REPLAYING else '{"a": 1, "b": 2}', **JSON)

        @pytest.mark.vcr(match_on=["body"])
        def test_form(post):
            post("/a", content="b=2&a=1" if REPLAYING else "a=1&b=2", **FORM)

        @pytest.mark.vcr(match_on=["body"])
        def test_text(post):
            post("/a", content="b=2&a=1" if REPLAYING else "a=1&b=2")

        @pytest.mark.vcr(match_on=["raw_body"])
        def test_raw(post):
            post("/a", content='{"b":2,"a":1}' if REPLAYING else '{"a": 1, "b": 2}', **JSON)

        @pytest.mark.vcr(match_on=["query"])
        def test_query_in_any_order(post):
            post("/a?x=1&y=2" if REPLAYING else "/a?y=2&x=1")

        @pytest.mark.vcr(match_on=["uri"])
        def test_uri_in_its_order(post):
            post("/a?x=1&y=2" if REPLAYING else "/a?y=2&x=1")
        """,
        "pppppp/ppffpf",
    ),
    "match_a_host_without_a_path": Row(
        """
        @pytest.mark.vcr(match_on=["uri"])
        def test_it(send):
            top = os.environ["API_BASE_URL"]
            query = "?next=" + top.partition("://")[2]
            send("GET", f"{top}/{query}" if REPLAYING else f"{top}{query}")
        """,
        "p/p",
    ),
    "match_headers_of_any_name": Row(
        """
        @pytest.mark.vcr(match_on=["method", "headers"])
        @pytest.mark.parametrize("name", ["X-It", "Accept-Language", "User-Agent"])
        def test_it(get, name):
            get("/a", headers={name: "2" if REPLAYING else "1"})

        @pytest.mark.vcr(match_on=["method", "headers"])
        def test_case(get):
            get("/a", headers={"x-it" if REPLAYING else "X-It": "1"})

        @pytest.mark.vcr(match_on=["method", "headers"])
        def test_one_more(get):
            get("/a", headers={"X-It": "1"} if REPLAYING else {})
        """,
        "ppppp/fffpf",
    ),
    "custom_matchers": Row(
        """
        def same_x(one, other):
            return one.headers.get("x-it") == other.headers.get("x-it")

        def assert_same_x(one, other):
            assert same_x(one, other), "another X-It"

        def never(one, other):
            return False

        def configure(vcr):
            for matcher in (same_x, assert_same_x, never):
                vcr.register_matcher(matcher.__name__, matcher)

        def sends(recorded, replayed):
            return {"headers": {"X-It": replayed if REPLAYING else recorded}}

        @pytest.mark.vcr(match_on=["same_x"])
        def test_true(get):
            get("/b" if REPLAYING else "/a", **sends("1", "1"))

        @pytest.mark.vcr(match_on=["method", "same_x"])
        def test_false(get):
            get("/a", **sends("1", "2"))

        @pytest.mark.vcr(match_on=["assert_same_x"])
        def test_silent(get):
            get("/b" if REPLAYING else "/a", **sends("1", "1"))

        @pytest.mark.vcr(match_on=["assert_same_x"])
        def test_asserting(get):
            get("/a", **sends("1", "2"))

        @pytest.mark.vcr(additional_matchers=["same_x"])
        def test_additional_true(get):
            get("/a", **sends("1", "1"))

        @pytest.mark.vcr(additional_matchers=["same_x"])
        def test_additional_false(get):
            get("/a", **sends("1", "2"))

        @pytest.mark.vcr(additional_matchers=["same_x"])
        def test_additional_to_the_url(get):
            get("/b" if REPLAYING else "/a", **sends("1", "1"))

        @pytest.mark.vcr(additional_matchers=["body"])
        def test_additional_built_in(post):
            post("/a", content="2" if REPLAYING else "1")

        @pytest.mark.vcr(additional_matchers=["never"])
        def test_never(get):
            get("/a")

        @pytest.mark.vcr(additional_matchers=["same_x"])
        def test_picks_the_one_that_fits(get):
            numbers = [get("/a", headers={"X-It": x}) for x in ("12" if not REPLAYING else "21")]
            assert numbers[0] > numbers[1] if REPLAYING else numbers[0] < numbers[1]
        """,
        "pppppppppp/pfpfpffffp",
    ),
    "unknown_matcher": Row(
        """
        @pytest.mark.vcr(match_on=["nobody"])
        def test_it(get):
            get("/a")
        """,
        "e/e",
    ),
    "by_default_not_by_body": Row(
        """
        @pytest.mark.vcr
        def test_another_body(post):
            assert post("/a", json={"k": 2 if REPLAYING else 1}) == 1
        """,
        "p/f",
        differs=BODIES,
        theirs="p/p",
    ),
    "the_first_that_fits": Row(
        """
        @pytest.mark.vcr
        def test_in_order(get):
            assert [get("/a"), get("/b"), get("/a"), get("/a")] == [1, 2, 3, 4]

        @pytest.mark.vcr
        def test_in_another_order(get):
            paths = ["/b", "/a", "/a"] if REPLAYING else ["/a", "/a", "/b"]
            assert [get(p) for p in paths] == ([7, 5, 6] if REPLAYING else [5, 6, 7])

        @pytest.mark.vcr(match_on=["method"])
        def test_of_many_paths(get):
            assert [get("/y" if REPLAYING else "/x") for _ in range(3)] == [8, 9, 10]
        """,
        "ppp/ppp",
    ),
}


def test_matching(beside: Beside) -> None:
    beside(MATCHING, RECORD, REPLAY)
