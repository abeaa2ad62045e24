import orjson

from shared.openai_batch.request_lines import build_request_lines
from tests.conftest import make_settings, shared_file
from tests.examples import product, sent


def test_a_line_is_one_product_and_one_group_of_locales() -> None:
    settings = make_settings(max_tokens=3600)
    lines = build_request_lines(settings, product(), sent(groups=(("en-GB", "de-DE"), ("fr-FR",))))
    first, second = map(orjson.loads, lines.data.splitlines())
    assert (first["custom_id"], second["custom_id"]) == ("000007-0", "000007-1")
    assert (first["method"], first["url"]) == ("POST", "/v1/chat/completions")
    body = first["body"]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("gpt-41-batch", 3600, 0.7)
    assert body["response_format"]["json_schema"]["strict"] is True
    assert list(body["response_format"]["json_schema"]["schema"]["properties"]) == ["en-GB", "de-DE"]
    assert lines.requests == 2


def test_constant_text_comes_first_and_the_product_last() -> None:
    one = orjson.loads(build_request_lines(make_settings(), product(), sent(groups=(("en-GB",),))).data)
    other = orjson.loads(
        build_request_lines(make_settings(), product(name="Other"), sent(groups=(("de-DE",),))).data
    )
    system, user = one["body"]["messages"]
    assert system == other["body"]["messages"][0]
    record = orjson.loads(user["content"].split("<record>\n")[1].removesuffix("\n</record>"))
    assert record == product().prompt_record()
    assert not {"sku", "msrp_price", "url_source", "image_uri", "images", "store_links"} & set(record)


def test_estimated_tokens_are_near_what_azure_counted() -> None:
    """Azure's own count is known for other prompts only, so the tokenizer is compared with real answers."""
    from shared.openai_batch.request_tokens import count

    path = shared_file("azure-batch-samples/results-6.jsonl")
    for raw in path.read_bytes().splitlines():
        body = orjson.loads(raw)["response"]["body"]
        assert count(body["choices"][0]["message"]["content"]) + 1 == body["usage"]["completion_tokens"]
