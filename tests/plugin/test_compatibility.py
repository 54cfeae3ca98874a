"""Each documented option of pytest-recording and vcrpy, used with and without Reprise.

The same tests have to pass, the server has to get as many requests, and the cassettes have to hold
the same. A case in which Reprise differs on purpose gives the reason.
"""

from __future__ import annotations

from ..harness.compare_tools import (  # noqa: F401  (a fixture)
    Case,
    CompareTools,
    Phase,
    cassette,
    fixture_compare_tools,
)

NOT_NEEDED = ("asyncio", "xdist", "base_url", "Faker")

RECORD = Phase("record", ("--record-mode=once",))
REPLAY = Phase("replay", has_server=False)
LIVE = Phase("replay")
"""A replay with the server running."""

BODIES_MATCH = "in a cassette that Reprise wrote, bodies have to match"
FAILED_TEST = "a failed test writes no cassette"
REQUIRED = "a test has to send all requests that Reprise recorded for it"
COMMAND_LINE = "a record mode on the command line overrides mark and fixture"
UNKNOWN_OPTION = "an unknown option is refused"
SCRUBBED = "secrets are scrubbed"

# --- places of the configuration -----------------------------------------------------------------

MATCH_BY_PATH = """
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
CONFIGURATION = {
    "config_of_a_function": Case(MATCH_BY_PATH.format(scope=""), "pp/pf"),
    "config_of_a_class": Case(MATCH_BY_PATH.format(scope='(scope="class")'), "pp/pf"),
    "config_of_a_module": Case(MATCH_BY_PATH.format(scope='(scope="module")'), "pp/pf"),
    "config_of_a_package": Case(MATCH_BY_PATH.format(scope='(scope="package")'), "pp/pf"),
    "config_of_the_session": Case(MATCH_BY_PATH.format(scope='(scope="session")'), "pp/pf"),
    "mark_before_config": Case(
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
    "marks_merged": Case(
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
    "set_on_the_object": Case(
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
    "serializer_set_on_the_object": Case(
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


def test_configuration_places_have_the_same_precedence(compare_tools: CompareTools) -> None:
    compare_tools(CONFIGURATION, RECORD, REPLAY)


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
    f"match_on_{name}": Case(MATCHER.format(name=name, parts=parts), "pp/pf")
    for name, parts in MATCHERS.items()
} | {
    "match_bodies_by_meaning": Case(
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
    "match_a_host_without_a_path": Case(
        """
        @pytest.mark.vcr(match_on=["uri"])
        def test_it(send):
            top = os.environ["API_BASE_URL"]
            query = "?next=" + top.partition("://")[2]
            send("GET", f"{top}/{query}" if REPLAYING else f"{top}{query}")
        """,
        "p/p",
        since="8.4.0",
    ),
    "match_headers_of_any_name": Case(
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
    "custom_matchers": Case(
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
    "unknown_matcher": Case(
        """
        @pytest.mark.vcr(match_on=["nobody"])
        def test_it(get):
            get("/a")
        """,
        "e/e",
    ),
    "default_match_without_body": Case(
        """
        @pytest.mark.vcr
        def test_another_body(post):
            assert post("/a", json={"k": 2 if REPLAYING else 1}) == 1
        """,
        "p/f",
        difference=BODIES_MATCH,
        plain_outcomes="p/p",
    ),
    "first_unplayed_match": Case(
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


def test_match_on_has_the_same_effect(compare_tools: CompareTools) -> None:
    compare_tools(MATCHING, RECORD, REPLAY)


# --- filters -------------------------------------------------------------------------------------

POST_DATA = """
        def shout(key, value, request):
            return key.upper()

        RULES = ["name", ("none", None), ("text", "T"), ("made", shout), ("absent", "A")]
        HOW = dict(match_on=["method", "path", "body"], filter_post_data_parameters=RULES)

        def sends():
            sent = "2" if REPLAYING else "1"
            return {"name": sent, "none": sent, "text": sent, "made": sent, "kept": "1"}
"""
FILTERS = {
    "filter_headers": Case(
        """
        def shout(key, value, request):
            return key.upper()  # what is loaded is filtered once more

        def nothing(key, value, request):
            return None

        @pytest.mark.vcr(
            match_on=["method", "path", "headers"],
            filter_headers=[
                "x-name", ("X-None", None), ("x-text", "T"), ("x-made", shout), ("x-gone", nothing),
                ("x-absent", "A"), "user-agent",
            ],
        )
        def test_it(get):
            names = "name none text gone kept".split()
            sent = "2" if REPLAYING else "1"
            headers = {f"X-{name}": "1" if name == "kept" else sent for name in names}
            get("/a", headers={**headers, "X-Made": sent, "User-Agent": sent})

        @pytest.mark.vcr(match_on=["headers"], filter_headers=["x-name"])
        def test_others_count(get):
            get("/a", headers={"X-Name": "1", "X-Other": "2" if REPLAYING else "1"})
        """,
        "pp/pf",
    ),
    "filter_query_parameters": Case(
        """
        def shout(key, value, request):
            return key.upper()

        @pytest.mark.vcr(filter_query_parameters=[
            "name", ("none", None), ("text", "T"), ("made", shout), ("absent", "A")])
        def test_it(get):
            sent = "2" if REPLAYING else "1"
            get(f"/a?name={sent}&none={sent}&text={sent}&made={sent}&kept=1")

        @pytest.mark.vcr(filter_query_parameters=["name"])
        def test_others_count(get):
            get(f"/a?name=1&kept=2" if REPLAYING else "/a?name=1&kept=1")

        @pytest.mark.vcr(filter_query_parameters=["name"], match_on=["uri"])
        def test_nothing_is_left(get):
            get(f"/a?name=2" if REPLAYING else "/a?name=1")
        """,
        "ppp/pfp",
    ),
    "filter_post_data_parameters": Case(
        POST_DATA
        + """
        @pytest.mark.vcr(**HOW)
        def test_form(post):
            post("/a", data=sends())

        @pytest.mark.vcr(**HOW)
        def test_json(post):
            post("/a", json=sends())

        @pytest.mark.vcr(**HOW)
        def test_others_count(post):
            post("/a", json={"name": "1", "kept": "2" if REPLAYING else "1"})

        @pytest.mark.vcr(**HOW)
        def test_nested_is_left(post):
            post("/a", json={"in": {"name": "2" if REPLAYING else "1"}})
        """,
        "pppp/ppff",
    ),
    "filter_post_data_of_other_methods": Case(
        POST_DATA
        + """
        @pytest.mark.vcr(**HOW)
        def test_it(send):
            send("PUT", "/a", json=sends())
        """,
        "p/p",
        since="9.0.0",
        outcomes_before="p/f",
    ),
    "filter_nested_post_data_parameters": Case(
        POST_DATA
        + """
        @pytest.mark.vcr(**HOW, filter_nested_post_data_parameters=True)
        def test_it(post):
            post("/a", json={"in": [sends()]})
        """,
        "p/p",
        since="9.4",
        outcomes_before="e/e",
    ),
    "before_record_request": Case(
        """
        def with_path(path):
            def change(request):
                request.uri = request.uri.replace("/changing", path)
                return request
            return change

        def drop_health(request):
            return None if request.path.endswith("/health") else request

        @pytest.mark.vcr(before_record_request=with_path("/b"))
        def test_changed(get):
            get("/changing")

        @pytest.mark.vcr(before_record_request=with_path("/" + ("x" if REPLAYING else "y")))
        def test_changed_otherwise(get):
            get("/changing")

        @pytest.mark.vcr(before_record_request=[drop_health, with_path("/c")])
        def test_list(get):
            get("/changing")
            if not REPLAYING:
                get("/health")

        @pytest.mark.vcr(before_record=with_path("/d"))
        def test_old_name(get):
            get("/changing")

        @pytest.mark.vcr(before_record_request=drop_health)
        def test_dropped_goes_live(get):
            get("/health")
        """,
        "ppppp/pfppf",
    ),
    "before_record_response": Case(
        """
        def masked(response):
            response["body"]["string"] = response["body"]["string"].replace(b"asked", b"MASK")
            response["headers"]["X-Masked"] = ["yes"]
            return response

        def no_errors(response):
            return None if response["status"]["code"] >= 500 else response

        @pytest.mark.vcr(before_record_response=masked)
        def test_changed(send):
            answer = send("GET", "/a")
            assert ("MASK" in answer.text, "x-masked" in answer.headers) == (REPLAYING, REPLAYING)

        @pytest.mark.vcr(before_record_response=no_errors)
        def test_dropped(send):
            assert send("GET", "/boom" if not REPLAYING else "/a").status_code
            assert send("GET", "/a").status_code == 200

        @pytest.mark.vcr(before_record_response=[no_errors, masked])
        def test_list(send):
            assert ("MASK" in send("GET", "/a").text) == REPLAYING
            if not REPLAYING:
                send("GET", "/boom")
        """,
        "ppp/pfp",
    ),
    "decode_compressed_response": Case(
        """
        @pytest.mark.vcr(decode_compressed_response=True)
        def test_decoded(send, show):
            answer = send("GET", "/gzip")
            assert answer.json()["n"] == 1
            assert ("content-encoding" in answer.headers) != REPLAYING

        @pytest.mark.vcr
        def test_as_it_came(send):
            answer = send("GET", "/gzip")
            assert answer.json()["n"] == 2
            assert answer.headers["content-encoding"] == "gzip"
        """,
        "pp/pp",
    ),
    "filter_sensitive_data": Case(
        """
        @pytest.fixture
        def vcr_config():
            return {"filter_sensitive_data": {"<WHO>": "ada", "<N>": lambda request, _: "sure"}}

        @pytest.mark.vcr
        def test_it(send):
            answer = send("GET", "/users/ada?sure=1")
            assert answer.json()["asked"] == "GET users/ada"
        """,
        "p/p",
        since="9.2.0",
        outcomes_before="e/e",
    ),
    "sensitive_data_of_the_object": Case(
        """
        def configure(vcr):
            vcr.filter_sensitive_data = {"<WHO>": "ada"}

        @pytest.mark.vcr
        def test_it(send):
            assert send("GET", "/users/ada").json()["asked"] == "GET users/ada"
        """,
        "p/p",
        since="9.2.0",
        outcomes_before="e/e",
    ),
    "hooks_of_interactions": Case(
        """
        def before_save(request, response):
            request.uri += "-saved"
            return request, response

        def after_load(request, response, cassette):
            request.uri = request.uri.removesuffix("-saved")
            response["headers"]["X-Loaded"] = ["yes"]
            return request, response

        def drop(request, response):
            return None if "drop" in request.uri else (request, response)

        @pytest.mark.vcr(before_save_interaction=before_save, after_load_interaction=after_load)
        def test_both(send):
            assert ("x-loaded" in send("GET", "/a").headers) == REPLAYING

        @pytest.mark.vcr(before_save_interaction=[drop, before_save])
        def test_save_alone(get):
            get("/a-saved" if REPLAYING else "/a")
            get("/drop")

        @pytest.mark.vcr(after_load_interaction=drop)
        def test_load_alone(get):
            get("/a")
            get("/drop")
        """,
        "ppp/pff",
        since="9.2.0",
        outcomes_before="eee/eee",
    ),
    "filters_and_secrets": Case(
        """
        @pytest.mark.vcr(filter_headers=["authorization"])
        def test_filtered(get):
            get("/a", headers={"Authorization": "Bearer abcdefgh01234567"})

        @pytest.mark.vcr
        def test_not_filtered(get):
            get("/a", headers={"Authorization": "Bearer zyxwvuts76543210"})
        """,
        "pp/pp",
        difference=SCRUBBED,
    ),
}


def test_filters_have_the_same_effect(compare_tools: CompareTools) -> None:
    compare_tools(FILTERS, RECORD, REPLAY)


# --- playing -------------------------------------------------------------------------------------

PLAYING = {
    "allow_playback_repeats": Case(
        """
        @pytest.mark.vcr(allow_playback_repeats=True)
        def test_repeated(get):
            assert get("/a") == 1
            if REPLAYING:
                assert get("/a") == get("/a") == 1

        @pytest.mark.vcr
        def test_once_each(get):
            get("/a")
            if REPLAYING:
                get("/a")
        """,
        "pp/pf",
    ),
    "repeats_of_a_sequence": Case(
        """
        @pytest.mark.vcr(allow_playback_repeats=True)
        def test_polling(get):
            assert [get("/a"), get("/a")] == [1, 2]
        """,
        "p/p",
        difference="repeated calls play the recorded sequence, then the last again",
        plain_outcomes="f/f",
        since="9.4",
    ),
    "unplayed": Case(
        """
        @pytest.mark.vcr
        def test_it(get):
            get("/a")
            if not REPLAYING:
                get("/b")
        """,
        "p/e",
        difference=REQUIRED,
        plain_outcomes="p/p",
    ),
    "caught_miss": Case(
        """
        @pytest.mark.vcr
        def test_it(get):
            get("/a")
            if REPLAYING:
                with pytest.raises(Exception):
                    get("/b")
        """,
        "p/f",
        difference="a miss fails its test, even if the code catches the error",
        plain_outcomes="p/p",
    ),
    "drop_unused_requests": Case(
        """
        @pytest.mark.vcr(drop_unused_requests=True)
        def test_it(get):
            get("/a")
            if not REPLAYING:
                get("/b")

        @pytest.mark.vcr(drop_unused_requests=True)
        def test_all_used(get):
            get("/a")

        @pytest.mark.vcr(drop_unused_requests=True)
        def test_none_used(get):
            if not REPLAYING:
                get("/a")
        """,
        "ppp/ppp",
        since="8.0.0",
        outcomes_before="eee/eee",
    ),
    "the_vcr_fixture": Case(
        """
        from vcr.record_mode import RecordMode

        def state(vcr):
            counts = vcr.play_count, dict(vcr.play_counts), vcr.all_played, len(vcr), vcr.dirty
            requests = [f"{r.method} {r.path}" for r in vcr.requests]
            return [*counts, requests, [r["status"]["code"] for r in vcr.responses]]

        @pytest.mark.vcr
        def test_it(vcr, get, show):
            show(state(vcr))
            get("/a")
            show(state(vcr))
            get("/b")
            show(state(vcr))
            show([RecordMode(vcr.record_mode).value, vcr.write_protected])
            show(os.path.relpath(vcr._path))
            show([[r.path, json.loads(a["body"]["string"])["n"]] for r, a in vcr.data])
            show(str(vcr))

        @pytest.mark.vcr
        def test_rewind(vcr, get, show):
            first = get("/a")
            if REPLAYING:
                vcr.rewind()
                assert vcr.play_count == 0 and not vcr.all_played
                assert get("/a") == first
                show(state(vcr))

        @pytest.mark.vcr
        def test_contains(vcr, get, show):
            get("/a")
            show([request in vcr for request in vcr.requests])
            show([len(vcr.responses_of(request)) for request in vcr.requests])
            show([request.host for request in vcr.requests])

        def test_unrecorded(vcr, show):
            assert vcr is None
        """,
        "pppp/pppp",
    ),
    "fixtures_of_the_plugin": Case(
        """
        @pytest.mark.vcr(filter_headers=["a"])
        class TestIt:
            @pytest.mark.vcr("extra", match_on=["method"])
            def test_it(self, get, show, vcr_markers, vcr_config, record_mode, disable_recording,
                        default_cassette_name, vcr_cassette_dir):
                show([[m.name, m.args, m.kwargs] for m in vcr_markers])
                show([vcr_config, record_mode, disable_recording, default_cassette_name])
                show(os.path.relpath(vcr_cassette_dir))
                get("/a")
        """,
        "p/p",
    ),
    "a_failing_test": Case(
        """
        @pytest.mark.vcr
        def test_it(get):
            get("/a")
            assert REPLAYING
        """,
        "f/f",
        difference=FAILED_TEST,
        plain_outcomes="f/p",
    ),
    "plain_vcrpy_inside": Case(
        """
        import vcr as vcrpy

        plain = vcrpy.VCR(cassette_library_dir="test_plain_vcrpy_inside", record_mode="once")

        def test_unrecorded(get):
            with plain.use_cassette("with.yaml") as cassette:
                assert get("/a") == 1
                assert len(cassette) == 1

        @plain.use_cassette("decorated.yaml")
        def test_decorated(get):
            assert get("/a") == 2

        @pytest.mark.vcr
        def test_recorded(get):
            assert get("/a") == 3
            with plain.use_cassette("inner.yaml") as cassette:
                assert get("/b") == 4
                assert len(cassette) == 1
            assert get("/c") == 5
        """,
        "ppp/ppp",
    ),
}


def test_playback_has_the_same_effect(compare_tools: CompareTools) -> None:
    compare_tools(PLAYING, RECORD, REPLAY)


# --- storage -------------------------------------------------------------------------------------

STORAGE = {
    "json_serializer": Case(
        """
        @pytest.fixture
        def vcr_config():
            return {"serializer": "json"}

        @pytest.mark.vcr
        def test_it(post):
            assert post("/a", json={"k": "é"}) == 1

        @pytest.mark.vcr
        @pytest.mark.default_cassette("named.json")
        def test_named(get):
            assert get("/a") == 2
        """,
        "pp/pp",
    ),
    "custom_serializer": Case(
        """
        import yaml

        class Parsed:
            '''JSON bodies stand in the cassette as values.'''

            @staticmethod
            def serialize(found):
                for interaction in found["interactions"]:
                    response = interaction["response"]
                    response["parsed_body"] = json.loads(response["body"].pop("string"))
                return yaml.safe_dump(found)

            @staticmethod
            def deserialize(text):
                found = yaml.safe_load(text)
                for interaction in found["interactions"]:
                    response = interaction["response"]
                    body = json.dumps(response.pop("parsed_body"))
                    response["body"]["string"] = body
                return found

        def configure(vcr):
            vcr.register_serializer("parsed", Parsed)

        @pytest.mark.vcr(serializer="parsed")
        def test_it(send, show):
            answer = send("GET", "/a")
            show(answer.json())
            with open("cassettes/test_custom_serializer/test_it.parsed") if REPLAYING else (
                open(os.devnull)) as file:
                assert ("parsed_body:" in file.read()) == REPLAYING

        @pytest.mark.vcr(serializer="parsed")
        def test_sends(post, show):
            show(post("/a", json={"sent": [1]}))
        """,
        "pp/pp",
        difference="cassettes have a header of Reprise, which a custom serializer gets too",
    ),
    "own_yaml_serializer": Case(
        """
        import yaml

        class Marked:
            @staticmethod
            def serialize(found):
                return "# marked" + chr(10) + yaml.safe_dump(found)

            @staticmethod
            def deserialize(text):
                assert text.startswith("# marked")
                return yaml.safe_load(text)

        def configure(vcr):
            vcr.register_serializer("yaml", Marked)

        @pytest.mark.vcr
        def test_it(get, vcr, show):
            show(get("/a"))
            if REPLAYING:
                assert open(vcr._path).read().startswith("# marked")
        """,
        "p/p",
    ),
    "unknown_serializer": Case(
        """
        @pytest.mark.vcr(serializer="nobody")
        def test_it(get):
            get("/a")
        """,
        "e/e",
    ),
    "custom_persister": Case(
        """
        import pathlib
        from vcr.persisters.filesystem import CassetteNotFoundError
        from vcr.serialize import deserialize, serialize

        STORE = pathlib.Path("store")

        class Persister:
            @classmethod
            def load_cassette(cls, path, serializer):
                kept = STORE / pathlib.Path(path).name
                if not kept.exists():
                    raise CassetteNotFoundError()
                return deserialize(kept.read_text(), serializer)

            @staticmethod
            def save_cassette(path, found, serializer):
                STORE.mkdir(exist_ok=True)
                (STORE / pathlib.Path(path).name).write_text(serialize(found, serializer))

        def configure(vcr):
            vcr.register_persister(Persister)

        @pytest.mark.vcr
        def test_it(get, show):
            show(get("/a"))
            show(sorted(path.name for path in STORE.glob("*")))

        @pytest.mark.vcr
        def test_missed(get):
            get("/b" if REPLAYING else "/a")
        """,
        "pp/pf",
    ),
    "cassette_dirs": Case(
        """
        @pytest.fixture(scope="module")
        def vcr_cassette_dir():
            return "dir/test_cassette_dirs"

        @pytest.mark.vcr
        def test_by_fixture(get):
            get("/a")

        @pytest.mark.vcr(cassette_library_dir="lib/test_cassette_dirs")
        def test_by_option(get):
            get("/a")

        @pytest.mark.vcr
        @pytest.mark.default_cassette("sub/named")
        def test_by_name(get):
            get("/a")

        @pytest.mark.vcr
        @pytest.mark.default_cassette(os.path.abspath("elsewhere/test_cassette_dirs/absolute.yaml"))
        def test_absolute(get):
            get("/a")

        class TestIn:
            @pytest.mark.vcr
            @pytest.mark.parametrize("x", ["a", "b/c"])
            def test_class(self, get, x):
                get("/a")
        """,
        "pppppp/pppppp",
    ),
    "default_cassette_name_fixture": Case(
        """
        @pytest.fixture
        def default_cassette_name(request):
            return "my-" + request.node.name

        @pytest.mark.vcr
        def test_it(get):
            get("/a")

        @pytest.mark.vcr
        @pytest.mark.default_cassette("a.b")
        def test_dots(get):
            get("/a")
        """,
        "pp/pp",
    ),
    "extra_cassettes": Case(
        """
        EXTRA = "cassettes/test_extra_cassettes/extra.yaml"

        @pytest.mark.vcr("extra.yaml")
        def test_relative(get):
            assert get("/extra") == 101
            if not REPLAYING:
                get("/new")  # the further one counts as a recording

        @pytest.mark.vcr(os.path.abspath(EXTRA))
        def test_absolute(get):
            assert get("/extra") == 101

        @pytest.mark.vcr("missing.yaml", "extra.yaml")
        def test_missing(get):
            assert get("/extra") == 101

        @pytest.mark.vcr("extra.yaml", "extra.yaml")
        def test_twice(get):
            assert get("/extra") == 101
            get("/extra")

        @pytest.mark.vcr("extra.yaml")
        @pytest.mark.vcr("more.yaml")
        def test_of_two_marks(get):
            assert get("/more") == 101
            assert get("/extra") == 101

        @pytest.mark.vcr("own.yaml")
        @pytest.mark.default_cassette("own")
        def test_its_own(get):
            assert get("/own") == 101
            get("/own")

        @pytest.mark.vcr("extra.yaml", cassette_library_dir="lib/test_extra_cassettes")
        def test_not_of_the_library(get):
            assert get("/extra") == 101

        @pytest.mark.vcr("own.yaml", record_mode="new_episodes")
        def test_is_not_written(get):
            assert get("/own") == 101
        """,
        "fppfpfpp/pppfpfpp",
        files={
            "cassettes/test_extra_cassettes/extra.yaml": cassette("GET /extra"),
            "cassettes/test_extra_cassettes/more.yaml": cassette("GET /more"),
            "cassettes/test_extra_cassettes/own.yaml": cassette("GET /own"),
        },
    ),
    "extra_json_cassettes": Case(
        """
        @pytest.mark.vcr("extra.json", serializer="json")
        def test_it(get):
            assert get("/extra") == 101
        """,
        "p/p",
        files={
            "cassettes/test_extra_json_cassettes/extra.json": """\
{"version": 1, "interactions": [{"request": {"method": "GET", "uri": "{url}/extra", "body": null,
\t"headers": {}}, "response": {"status": {"code": 200, "message": "OK"}, "headers": {},
\t"body": {"string": "{\\"n\\": 101}"}}}]}
"""
        },
    ),
    "unknown_option": Case(
        """
        @pytest.mark.vcr(filter_header=["x-it"])
        def test_it(get):
            get("/a")
        """,
        "e/e",
        difference=UNKNOWN_OPTION,
        plain_outcomes="p/p",
    ),
}


def test_storage_options_have_the_same_effect(compare_tools: CompareTools) -> None:
    compare_tools(STORAGE, RECORD, REPLAY)


# --- record modes, with and without a cassette ---------------------------------------------------

MODE = """
    @pytest.mark.vcr(record_mode="{mode}")
    def test_existing(get, show):
        show(get("/a"))
        show(get("/b"))

    @pytest.mark.vcr(record_mode="{mode}")
    def test_new(get, show):
        show(get("/a"))
        show(get("/new"))

    @pytest.mark.vcr(record_mode="{mode}")
    def test_again(get, show):
        show(get("/a"))
        show(get("/a"))

    @pytest.mark.vcr(record_mode="{mode}")
    def test_unused(get, show):
        show(get("/b"))

    @pytest.mark.vcr(record_mode="{mode}")
    def test_missing(get, show):
        show(get("/a"))
"""


def in_mode(mode: str, outcomes: str, since: str = "") -> Case:
    files = {
        f"cassettes/test_mode_{mode}/test_{name}.yaml": cassette("GET /a", "GET /b")
        for name in ("existing", "new", "again", "unused")
    }
    return Case(MODE.format(mode=mode), outcomes, files=files, since=since)


MODES = {
    "mode_none": in_mode("none", "pffpf"),
    "mode_once": in_mode("once", "pffpp"),
    "mode_new_episodes": in_mode("new_episodes", "ppppp"),
    "mode_all": in_mode("all", "ppppp", since="8.4.0"),
    "mode_rewrite": in_mode("rewrite", "ppppp"),
    "rewrite_of_a_test_without_requests": Case(
        """
        @pytest.mark.vcr(record_mode="rewrite")
        def test_it():
            pass
        """,
        "p",
        difference="a rewritten cassette is replaced at the end and never deleted",
        files={
            "cassettes/test_rewrite_of_a_test_without_requests/test_it.yaml": cassette("GET /a")
        },
    ),
    "rewrite_of_a_failing_test": Case(
        """
        @pytest.mark.vcr(record_mode="rewrite")
        def test_it(get):
            get("/a")
            assert False
        """,
        "f",
        difference=FAILED_TEST,
        files={"cassettes/test_rewrite_of_a_failing_test/test_it.yaml": cassette("GET /a")},
    ),
    "mode_of_the_config": Case(
        """
        @pytest.fixture
        def vcr_config():
            return {"record_mode": "new_episodes"}

        @pytest.mark.vcr
        def test_it(get):
            get("/a")

        @pytest.mark.vcr(record_mode="none")
        def test_mark_before_config(get):
            get("/a")
        """,
        "pf",
    ),
    "mode_of_the_fixture": Case(
        """
        @pytest.fixture
        def record_mode():
            return "new_episodes"

        @pytest.mark.vcr
        def test_it(get):
            get("/a")
        """,
        "p",
    ),
    "mode_set_on_the_object": Case(
        """
        def configure(vcr):
            vcr.record_mode = "new_episodes"

        @pytest.mark.vcr
        def test_it(get):
            get("/a")
        """,
        "e",
        difference="a record mode comes from the command line, a mark, a fixture or the ini file",
        plain_outcomes="p",
    ),
    "unknown_mode": Case(
        """
        @pytest.mark.vcr(record_mode="sometimes")
        def test_it(get):
            get("/a")
        """,
        "e",
        since="8.2.1",
    ),
    "ignore_hosts": Case(
        """
        @pytest.mark.vcr(ignore_hosts=["127.0.0.1"])
        def test_by_name(get):
            assert get("/a") == 1

        @pytest.mark.vcr(ignore_localhost=True)
        def test_localhost(get, vcr):
            assert get("/a") == 2
            assert len(vcr) == 0

        @pytest.mark.vcr(ignore_localhost=True, record_mode="once")
        def test_not_recorded(get):
            assert get("/a") == 3

        @pytest.mark.vcr(before_record_request=lambda request: None)
        def test_dropped(get):
            assert get("/a") == 4

        @pytest.mark.vcr(ignore_hosts=["other.test"])
        def test_others_are_not(get):
            get("/a")
        """,
        "ppppf",
    ),
    "ignore_hosts_by_pattern": Case(
        """
        @pytest.mark.vcr(ignore_hosts=[re.compile("127[.].*")])
        def test_it(get):
            assert get("/a") == 1
        """,
        "p",
        since="9.4",
        outcomes_before="f",
    ),
    "unmarked": Case(
        """
        def test_it(get, vcr):
            assert vcr is None
            assert get("/a") == 1

        @pytest.mark.default_cassette("named")
        def test_named(get, vcr):
            assert vcr is None
            assert get("/a") == 2
        """,
        "pp",
    ),
    "drop_unused_while_replaying": Case(
        """
        @pytest.mark.vcr(drop_unused_requests=True, record_mode="new_episodes")
        def test_it(get):
            assert get("/a") == 101
            assert get("/new") == 1
        """,
        "p",
        files={
            "cassettes/test_drop_unused_while_replaying/test_it.yaml": cassette("GET /a", "GET /b")
        },
        since="8.0.0",
        outcomes_before="e",
    ),
    "shared_cassette": Case(
        """
        pytestmark = [pytest.mark.vcr(record_mode="new_episodes"),
                      pytest.mark.default_cassette("shared")]

        def test_one(get):
            assert get("/a") == 101
            get("/one")

        def test_two(get):
            assert get("/b") == 102
            get("/two")
        """,
        "pp",
        files={"cassettes/test_shared_cassette/shared.yaml": cassette("GET /a", "GET /b")},
    ),
}


def test_record_modes_have_the_same_effect(compare_tools: CompareTools) -> None:
    compare_tools(MODES, LIVE)


MARKED = {
    f"marked_{mode}": Case(
        f"""
        @pytest.mark.vcr(record_mode="{mode}")
        def test_missing(get):
            assert get("/a") == 1

        @pytest.mark.vcr(record_mode="{mode}")
        def test_existing(get):
            assert get("/a") == 101

        @pytest.mark.vcr
        def test_not_marked(get):
            get("/a")
        """,
        "fpf",
        difference=COMMAND_LINE,
        plain_outcomes=plain,
        files={f"cassettes/test_marked_{mode}/test_existing.yaml": cassette("GET /a")},
    )
    for mode, plain in (("once", "ppf"), ("new_episodes", "ppf"), ("rewrite", "pff"))
}


def test_record_mode_none_on_the_command_line_overrides_marks(compare_tools: CompareTools) -> None:
    compare_tools(MARKED, Phase("replay", ("--record-mode=none",)))


# --- recording disabled, network blocked ---------------------------------------------------------

DISABLED = {
    "disabled": Case(
        """
        @pytest.mark.vcr(match_on=["path"])
        def test_it(get, vcr, disable_recording):
            assert vcr is None
            assert disable_recording
            assert get("/a") == 1

        @pytest.mark.vcr(record_mode="all")
        def test_all(get):
            assert get("/a") == 2
        """,
        "pp",
        files={"cassettes/test_disabled/test_it.yaml": cassette("GET /a")},
    )
}


def test_disable_recording_has_the_same_effect(compare_tools: CompareTools) -> None:
    compare_tools(DISABLED, Phase("replay", ("--disable-recording",)))


BLOCKED = {
    "blocked": Case(
        """
        def test_unmarked(get):
            get("/a")

        @pytest.mark.vcr
        def test_replayed(get):
            assert get("/a") == 101

        @pytest.mark.vcr(record_mode="once")
        def test_recorded(get):
            get("/a")

        @pytest.mark.block_network(allowed_hosts=["127.0.0.*"])
        def test_allowed_by_mark(get):
            get("/a")

        @pytest.mark.block_network(allowed_hosts=["10.0.0.1", "shop.example"])
        def test_others_are_allowed(get):
            get("/a")

        @pytest.mark.vcr(ignore_localhost=True)
        def test_ignored_is_blocked(get):
            get("/a")
        """,
        "fpppff",
        files={"cassettes/test_blocked/test_replayed.yaml": cassette("GET /a")},
    ),
    "allowed_by_config": Case(
        """
        @pytest.fixture
        def vcr_config():
            return {"allowed_hosts": ["127.0.0.1"]}

        @pytest.mark.block_network
        def test_it(get):
            get("/a")

        @pytest.mark.vcr(ignore_localhost=True)
        def test_recorded(get):
            get("/a")
        """,
        "pp",
    ),
    "allowed_by_name": Case(
        """
        @pytest.mark.block_network(allowed_hosts=["localhost"])
        def test_it(get):
            get("/a")
        """,
        "p",
        difference="pytest-recording compares the address of a connection only",
        plain_outcomes="f",
    ),
    "block_network_mark_with_nonsense": Case(
        """
        @pytest.mark.block_network(hosts=["127.0.0.1"])
        def test_it(get):
            get("/a")
        """,
        "e",
    ),
}


def test_block_network_has_the_same_effect(compare_tools: CompareTools) -> None:
    compare_tools(BLOCKED, Phase("replay", ("--block-network",)))


ALLOWED = {
    "allowed": Case(
        """
        def test_it(get):
            get("/a")

        @pytest.mark.block_network(allowed_hosts=["10.0.0.1"])
        def test_mark_before_option(get):
            get("/a")
        """,
        "pf",
    ),
}


def test_allowed_hosts_on_the_command_line_have_the_same_effect(
    compare_tools: CompareTools,
) -> None:
    compare_tools(ALLOWED, Phase("replay", ("--block-network", "--allowed-hosts=10.0.0.1,127.0.*")))
