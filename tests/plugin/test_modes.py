"""draft"""
from .conftest import *

def test_smoke(suite: Suite, run: Run, server: Server, cassettes) -> None:
    suite("""
        import pytest
        @pytest.mark.vcr
        def test_one(client):
            assert client.get("/count").json() == {"n": 1}
            assert client.delete("/count").status_code == 204
    """)
    r = run("--record-mode=once", "-v")
    r.assert_outcomes(passed=1)
    print(cassettes())
    server.stop()
    r = run("-v")
    r.assert_outcomes(passed=1)
    assert server.calls == ["GET /count", "DELETE /count"]
