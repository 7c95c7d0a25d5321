"""Signatures, against two that were computed elsewhere by two independent implementations."""

from __future__ import annotations

from urllib.parse import unquote

import requests
from hypothesis import given
from hypothesis import strategies as st

from marketplaces.providers.bricklink.signing import Credentials, Signed, authorization, base_text, encoded, signature
from tests.marketplaces.bricklink.build import SECRETS

CREDENTIALS = Credentials(**SECRETS)
LIST = "https://api.bricklink.com/api/store/v1/inventories?item_type=part&color_id=11&status=Y%2CS"
ONE = "https://api.bricklink.com/api/store/v1/inventories/700000123"
BASE = (
    "GET&https%3A%2F%2Fapi.bricklink.com%2Fapi%2Fstore%2Fv1%2Finventories&color_id%3D11%26item_type%3Dpart%26oauth_consumer_key%3D"
    "CKEY0000000000000000000000000001%26oauth_nonce%3Dnonce0001%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1760000000%26"
    "oauth_token%3DTOKEN000000000000000000000000001%26oauth_version%3D1.0%26status%3DY%252CS"
)


def prepared(method: str, url: str, nonce: str, timestamp: float, **parts: object) -> requests.PreparedRequest:
    auth = Signed(CREDENTIALS, nonce=lambda: nonce, clock=lambda: timestamp)
    return requests.Request(method, url, auth=auth, **parts).prepare()  # type: ignore[arg-type]


def test_first_vector_a_read_with_a_query() -> None:
    pairs = {
        "oauth_consumer_key": SECRETS["consumer_key"],
        "oauth_token": SECRETS["token_value"],
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "1760000000",
        "oauth_nonce": "nonce0001",
        "oauth_version": "1.0",
    }
    assert base_text("GET", LIST, pairs.items()) == BASE
    assert signature(CREDENTIALS, BASE) == "Z4wONTCR/VOBmxfTtkliQfltSEM="
    query = {"item_type": "part", "color_id": "11", "status": "Y,S"}
    sent = prepared("GET", LIST.partition("?")[0], "nonce0001", 1_760_000_000.9, params=query)
    assert sent.url == LIST
    assert 'oauth_signature="Z4wONTCR%2FVOBmxfTtkliQfltSEM%3D"' in sent.headers["Authorization"]


def test_second_vector_a_write_whose_body_is_not_signed() -> None:
    sent = prepared("PUT", ONE, "nonce0002", 1_760_000_001, data=b'{"quantity": "-3"}')
    assert sent.headers["Authorization"] == (
        'OAuth realm="", oauth_consumer_key="CKEY0000000000000000000000000001", oauth_token="TOKEN000000000000000000000000001", '
        'oauth_signature_method="HMAC-SHA1", oauth_timestamp="1760000001", oauth_nonce="nonce0002", oauth_version="1.0", '
        'oauth_signature="tO9wEgZp6oAvR4n5Qe6cAIkZTaQ%3D"'
    )


def test_port_that_is_not_the_usual_one_is_signed() -> None:
    assert base_text("get", "http://127.0.0.1:8001/x?b=2&a=1%202", []) == "GET&http%3A%2F%2F127.0.0.1%3A8001%2Fx&a%3D1%25202%26b%3D2"
    assert base_text("GET", "HTTPS://Shop.Example:443/x", []) == "GET&https%3A%2F%2Fshop.example%2Fx&"


def test_every_request_has_a_nonce_of_its_own() -> None:
    signed = Signed(CREDENTIALS)
    headers = [requests.Request("GET", ONE, auth=signed).prepare().headers["Authorization"] for _ in range(3)]
    assert len({header.split('oauth_nonce="')[1].split('"')[0] for header in headers}) == 3


def test_secrets_are_neither_in_the_header_nor_printed() -> None:
    header = authorization(CREDENTIALS, "GET", ONE, "n", 1)
    for secret in ("csecret-one", "tsecret-two"):
        assert secret not in header + repr(CREDENTIALS)


@given(st.text())
def test_encoding_leaves_nothing_but_plain_characters(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    assert set(encoded(text)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%")
    assert unquote(encoded(text)) == text
