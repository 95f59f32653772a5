"""XML-RPC, JSON-RPC and JSON-2 as running servers answered: versions, sign-in, errors."""

import xmlrpc.client

import pytest
import requests
from odoo_emulator_kit import CREDENTIALS, DATABASE, KEY, LOGIN, USER_ID, Odoo, fault, running
from process_kit import LONGEST_WAIT

from monitr_pipelines.emulators.frame import faults
from monitr_pipelines.emulators.frame.server import serve
from monitr_pipelines.emulators.odoo.emulator import PASSWORD, VERSIONS, OdooEmulator
from monitr_pipelines.emulators.shared.invented import Size, invented_books

LINE = "account.move.line"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_version_is_told_before_anything_else(version: int) -> None:
    with running(version) as odoo:
        told = odoo.common("version")
        assert told["server_version_info"] == [version, 0, 0, "final", 0, ""]
        assert told["server_serie"] == told["server_version"] == f"{version}.0"
        assert odoo.rpc("common", "version") == {"jsonrpc": "2.0", "id": 7, "result": told}
        url = f"{odoo.server.address}/web/webclient/version_info"
        asked = requests.post(url, json={"jsonrpc": "2.0", "params": {}}, timeout=LONGEST_WAIT)
        assert asked.json()["result"] == told


@pytest.mark.parametrize(("version", "status"), [(16, 404), (17, 404), (18, 404), (19, 200)])
def test_what_paths_without_a_login_answer(version: int, status: int) -> None:
    with running(version) as odoo:
        assert odoo.get("/web/health").json() == {"status": "pass"}
        asked = odoo.get("/web/version")
        assert asked.status_code == status
        if version == 19:
            assert asked.json() == {"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"}
            assert odoo.get("/json/version").json() == asked.json()


def test_json2_of_18_is_a_page_for_people_whatever_is_asked(odoo: Odoo) -> None:
    for key in (KEY, "bad", None):
        answer = odoo.json2("res.company", "search_read", key)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/html")


def test_a_password_or_a_key_signs_in_and_a_wrong_one_is_answered_false(odoo: Odoo) -> None:
    assert odoo.common("authenticate", *CREDENTIALS, {}) == USER_ID
    assert odoo.common("authenticate", DATABASE, LOGIN, PASSWORD, {}) == USER_ID
    assert odoo.common("login", *CREDENTIALS) == USER_ID
    assert odoo.common("authenticate", DATABASE, LOGIN, "wrong", {}) is False
    assert odoo.common("authenticate", DATABASE, "nobody", KEY, {}) is False


def test_fault_codes(odoo: Odoo) -> None:
    code, text = fault(lambda: odoo.xml("account.move", "read", [1], ["nope"]))
    assert (code, "Traceback" in text, "Invalid field 'nope'" in text) == (1, True, True)
    assert fault(lambda: odoo.xml("no.model", "search", []))[0] == 2
    assert fault(lambda: odoo.xml("account.move", "search", [], key="wrong")) == (3, "Access Denied")
    code, text = fault(lambda: odoo.xml("account.analytic.plan", "search_read", []))
    assert (code, "'Analytic Plans' (account.analytic.plan)" in text) == (4, True)
    code, text = fault(lambda: odoo.common("authenticate", "elsewhere", LOGIN, KEY, {}))
    assert (code, 'database "elsewhere" does not exist' in text) == (1, True)


def test_a_method_that_answers_nothing_ends_in_a_fault_although_it_was_done(accountant: Odoo) -> None:
    move = accountant.xml("account.move", "search", [["state", "=", "posted"]], limit=1)
    code, text = fault(lambda: accountant.xml("account.move", "button_draft", move))
    assert (code, "cannot marshal None" in text) == (1, True)
    assert accountant.xml("account.move", "read", move, ["state"])[0]["state"] == "draft"


def test_nothing_is_left_out_of_json_rpc(accountant: Odoo) -> None:
    move = accountant.xml("account.move", "search", [["state", "=", "posted"]], limit=1)
    assert accountant.json("account.move", "button_draft", move) == {"jsonrpc": "2.0", "id": 7}


@pytest.mark.parametrize(("version", "code"), [(18, 200), (19, 0)])
def test_errors_of_json_rpc_have_status_200(version: int, code: int) -> None:
    with running(version) as odoo:
        error = odoo.rpc("db", "list")["error"]
        assert (error["code"], error["data"]["name"]) == (code, "odoo.exceptions.AccessDenied")
        error = odoo.json(LINE, "search_read", [["nope", "=", 1]])["error"]
        assert error["data"]["name"] == "builtins.ValueError"
        assert "/odoo/http.py" in error["data"]["debug"]


def test_what_is_no_call_is_refused(odoo: Odoo) -> None:
    url = f"{odoo.server.address}/jsonrpc"
    assert requests.post(url, data="{}", timeout=LONGEST_WAIT).status_code == 400
    broken = requests.post(url, data="{", headers={"Content-Type": "application/json"}, timeout=LONGEST_WAIT)
    assert broken.status_code == 400
    broken = requests.post(f"{odoo.server.address}/xmlrpc/2/common", data="<", timeout=LONGEST_WAIT)
    assert broken.status_code == 500


def test_private_and_unknown_methods_and_wrong_arguments(odoo: Odoo) -> None:
    assert fault(lambda: odoo.xml(LINE, "_search", []))[0] == 4
    code, text = fault(lambda: odoo.xml(LINE, "search_all", []))
    assert (code, "AttributeError" in text) == (1, True)
    code, text = fault(lambda: odoo.xml(LINE, "search", [], colour="red"))
    assert (code, "TypeError" in text) == (1, True)
    code, text = fault(lambda: odoo.xml(LINE, "read", ["one"], ["balance"]))
    assert (code, "Traceback" in text) == (1, True)
    assert odoo.xml(LINE, "read", 3, ["id"]) == [{"id": 3}]
    assert fault(lambda: odoo.xml(LINE, "formatted_read_group", []))[0] == 1  # from 19 on


def test_the_first_generation_tells_faults_in_words(odoo: Odoo) -> None:
    with xmlrpc.client.ServerProxy(f"{odoo.server.address}/xmlrpc/object") as server:
        arguments = (DATABASE, USER_ID, KEY, "account.analytic.plan", "search", [[]])
        code, _ = fault(lambda: server.execute_kw(*arguments))
        assert str(code).startswith("warning -- AccessError")
        code, _ = fault(lambda: server.execute_kw(DATABASE, USER_ID, "wrong", *arguments[3:]))
        assert str(code) == "AccessDenied"


def test_statuses_of_json2() -> None:
    with running(19) as odoo:
        assert odoo.json2(LINE, "search_count", domain=[]).json() > 1000
        missing = odoo.json2(LINE, "search_count", None, domain=[])
        wrong = odoo.json2(LINE, "search_count", "bad", domain=[])
        assert (missing.status_code, wrong.status_code) == (401, 401)
        assert missing.json()["message"].startswith("User not authenticated")
        assert wrong.json() | {"debug": ""} == {
            "name": "werkzeug.exceptions.Unauthorized",
            "message": "Invalid apikey",
            "arguments": ["Invalid apikey", 401],
            "context": {},
            "debug": "",
        }
        assert odoo.json2("no.model", "search", domain=[]).status_code == 404
        assert odoo.json2(LINE, "search_all", domain=[]).status_code == 404
        assert odoo.json2(LINE, "_search", domain=[]).status_code == 403
        unknown = odoo.json2("account.move", "search_read", fields=["nope"], domain=[])
        assert (unknown.status_code, unknown.json()["name"]) == (500, "builtins.ValueError")
        assert unknown.json()["message"] == "Invalid field 'nope' on 'account.move'"
        assert odoo.json2(LINE, "search", domain=[], colour="red").status_code == 422
        assert odoo.json2(LINE, "search", ids=[1], domain=[]).status_code == 422
        assert odoo.json2("account.analytic.plan", "search", domain=[]).status_code == 403
        assert odoo.json2("account.move", "read", ids=[1, 999_999], fields=["name"]).json()[0]["id"] == 1
        assert odoo.get(f"/json/2/{LINE}/search").status_code == 404


def test_a_key_ends_between_two_pages() -> None:
    with running(19) as odoo:
        user = odoo.emulator.state.user
        odoo.server.faults.inject(faults.meanwhile(lambda: setattr(user, "key", "another")), nth=2)
        statuses = [odoo.json2(LINE, "search", domain=[], limit=1).status_code for _ in range(2)]
        assert statuses == [200, 401]


@pytest.mark.parametrize("status", [401, 429, 503])
def test_refusals_in_the_way_of_the_software(status: int) -> None:
    with running(19) as odoo:
        odoo.server.faults.inject(faults.refused(status))
        answer = odoo.json2(LINE, "search", domain=[])
        kind = "application/json" if status == 401 else "text/html; charset=utf-8"
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, kind)


def test_a_json_answer_that_is_given_again_names_the_request_at_hand() -> None:
    emulator = OdooEmulator(invented_books(Size(lines=100)))
    with serve(emulator, remember_pages=True) as server:
        odoo = Odoo(emulator, server)
        first, again = (odoo.json(LINE, "search", [], 0, 2, "id", id=number) for number in (7, "eight"))
        assert (first["id"], again["id"]) == (7, "eight")
        assert first["result"] == again["result"] == [1, 2]
        server.faults.inject(faults.repeated_page())
        repeated = odoo.json(LINE, "search", [], 2, 2, "id", id=9)
        assert (repeated["id"], repeated["result"]) == (9, [1, 2])
        failed = [odoo.json(LINE, "read", [1], ["nope"], id=number) for number in (10, 11)]
        assert [each["id"] for each in failed] == [10, 11]
        assert failed[0]["error"] == failed[1]["error"]
        assert "result" not in failed[1]


def test_a_page_is_repeated_among_requests_for_the_same(odoo: Odoo) -> None:
    odoo.server.faults.inject(faults.repeated_page(), nth=4)

    def page(after: int) -> list[int]:
        return list(odoo.xml(LINE, "search", [["id", ">", after]], limit=3, order="id"))

    first = page(0)
    second = page(3)
    odoo.xml("account.account", "search", [], limit=1)
    assert (first, second, page(6)) == ([1, 2, 3], [4, 5, 6], [4, 5, 6])
