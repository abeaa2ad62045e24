"""Route templates: parameters, optional and catch-all ones, constraints, and the order of routes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.host.route_constraints import BadRoute
from local.host.routes import compile_route

GUID = "6b29fc40-ca47-1067-b31d-00dd010662da"


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("api/things", "/api/things", {}),
        ("api/things", "/api/things/", {}),
        ("api/things", "/API/Things", {}),
        ("api/things", "/api/things/1", None),
        ("api/things", "/api/thing", None),
        ("api/things/{id}", "/api/things/a%20b", {"id": "a b"}),
        ("api/things/{id}", "/api/things", None),
        ("api/things/{id}", "/api/things/a/b", None),
        ("api/things/{id?}", "/api/things", {}),
        ("api/things/{id?}", "/api/things/1", {"id": "1"}),
        ("api/{*rest}", "/api/a/b/c", {"rest": "a/b/c"}),
        ("api/{*rest}", "/api", {}),
        ("api/{**rest}", "/api/a/b", {"rest": "a/b"}),
        ("api/{a}-{b}", "/api/x-y", {"a": "x", "b": "y"}),
        ("api/{name}.json", "/api/list.json", {"name": "list"}),
        ("api/{n:int}", "/api/-12", {"n": "-12"}),
        ("api/{n:int}", "/api/12a", None),
        ("api/{n:int}", "/api/2147483648", None),
        ("api/{n:long}", "/api/2147483648", {"n": "2147483648"}),
        ("api/{n:int?}", "/api", {}),
        ("api/{n:int?}", "/api/x", None),
        ("api/{n:int:min(1)}", "/api/0", None),
        ("api/{n:int:min(1)}", "/api/1", {"n": "1"}),
        ("api/{n:max(5)}", "/api/6", None),
        ("api/{n:range(1,5)}", "/api/5", {"n": "5"}),
        ("api/{n:range(1,5)}", "/api/x", None),
        ("api/{g:guid}", f"/api/{GUID}", {"g": GUID}),
        ("api/{g:guid}", "/api/1234", None),
        ("api/{b:bool}", "/api/TRUE", {"b": "TRUE"}),
        ("api/{b:bool}", "/api/yes", None),
        ("api/{a:alpha}", "/api/abc", {"a": "abc"}),
        ("api/{a:alpha}", "/api/ab1", None),
        ("api/{d:decimal}", "/api/1.5", {"d": "1.5"}),
        ("api/{d:double}", "/api/one", None),
        ("api/{t:datetime}", "/api/2026-03-02", {"t": "2026-03-02"}),
        ("api/{t:datetime}", "/api/yesterday", None),
        ("api/{s:length(3)}", "/api/abcd", None),
        ("api/{s:length(2,3)}", "/api/abc", {"s": "abc"}),
        ("api/{s:minlength(2)}", "/api/a", None),
        ("api/{s:maxlength(2)}", "/api/abc", None),
        ("api/{s:required}", "/api/a", {"s": "a"}),
    ],
)
def test_matching(template: str, path: str, expected: dict[str, str] | None) -> None:
    assert compile_route(template).match(path) == expected


def test_the_most_specific_route_comes_first() -> None:
    templates = ["api/{*rest}", "api/{id}", "api/{n:int}", "api/batches", "api/{id}/x"]
    ranked = sorted(map(compile_route, templates), key=lambda route: route.specificity)
    assert [route.template for route in ranked] == [
        "api/batches",
        "api/{n:int}",
        "api/{id}",
        "api/{id}/x",
        "api/{*rest}",
    ]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("api/{id:even}", "the constraint 'even' is not known here"),
        ("api/{id:min(x)}", r"the constraint 'min\(x\)' is not known here"),
        ("api/{id:range(1)}", r"the constraint 'range\(1\)' is not known here"),
        ("api/{id=5}", "'{id=5}' cannot be read as a parameter here"),
        ("api/{id:regex(^a{2}$)}", "cannot be read as a parameter here"),
        ("api/{id}/{id}", "the parameter 'id' occurs twice"),
    ],
)
def test_what_is_not_served_is_refused_by_name(template: str, message: str) -> None:
    with pytest.raises(BadRoute, match=message):
        compile_route(template)


@given(st.text(min_size=1))
def test_any_escaped_value_is_matched_unchanged(value: str) -> None:
    from urllib.parse import quote

    try:
        escaped = quote(value, safe="")
    except UnicodeEncodeError:
        return
    # A client would resolve path segments of dots. The route does not.
    assert compile_route("api/{id}").match(f"/api/{escaped}") == {"id": value}
