"""Does a scan that does not see all endpoints say so?"""

from __future__ import annotations

from apiposture.config import Config
from apiposture.languages import source_of
from apiposture.scan import gather_sources, judge

SERVED = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/x')\ndef x():\n    return 1\n"


def kinds(**files: str) -> list[tuple[str, str, bool]]:
    sources = [source_of(path.replace("__", "/").replace("_py", ".py").replace("_cs", ".cs"), text) for path, text in files.items()]
    return [(problem.kind, problem.path, problem.blocks) for problem in judge(gather_sources(sources), Config()).problems]


def test_a_framework_known_by_name_alone_is_a_problem_beside_one_that_is_understood() -> None:
    assert kinds(a__app_py=SERVED) == []
    assert kinds(a__app_py=SERVED, b__app_py="import bottle\n") == [("unread-framework", "b/app.py", True)]
    alone = "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/a')\ndef a(): ...\n"
    assert kinds(orders_py=alone) == [("unknown-postures", "", True)]
    assert ("unread-framework", "M.cs", True) in kinds(M_cs="using Nancy;\npublic class M : NancyModule { }")


def test_a_client_of_the_same_library_is_none() -> None:
    assert kinds(a__app_py=SERVED, b__get_py="import tornado.httpclient\n") == []


def test_a_rule_whose_view_can_not_be_found_is_a_problem() -> None:
    served = "from flask import Flask\napp = Flask(__name__)\n@app.get('/x')\ndef x():\n    return ''\n"
    loop = "for rule, view in loaded():\n    app.add_url_rule(rule, view_func=view)\n"
    assert kinds(app_py=served) == []
    assert kinds(app_py=f"{served}from plugins import loaded\n{loop}") == [("unserved-rule", "app.py", True)]
    filled = "ROUTES = []\ndef route(rule):\n    def add(view):\n        ROUTES.append((rule, view))\n        return view\n    return add\n"
    assert kinds(app_py=f"{served}{filled}{loop.replace('loaded()', 'ROUTES')}") == [("unserved-rule", "app.py", True)]


def test_rules_that_are_added_out_of_sight_are_a_problem() -> None:
    served = "from flask import Flask\nfrom plugins import install, rows, site\napp = Flask(__name__)\n@app.get('/x')\ndef x(): ...\n"
    put_on = "    def put_on(view):\n        app.add_url_rule(rule, 'y', install(view, 1).made)\n    return put_on\n"
    for more in (
        "install(app.add_url_rule)\n",
        "for row in rows():\n    app.add_url_rule(**row)\n",
        "site.add_url_rule('/y', view_func=x)\n",
        f"def page(rule):\n{put_on}@page('/y')\ndef y(): ...\n",
    ):
        assert kinds(app_py=served + more) == [("unserved-rule", "app.py", True)], more


def test_a_view_of_a_library_is_known_to_be_one() -> None:
    lines = "from flask import Flask\nfrom tools import sent, Page\napp = Flask(__name__)\n@app.get('/x')\ndef x():\n    return ''\n"
    rules = "app.add_url_rule('/f', view_func=sent)\napp.add_url_rule('/p', view_func=Page.as_view('p'))\n"
    assert kinds(app_py=lines + rules) == []
