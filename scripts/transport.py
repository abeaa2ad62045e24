"""One HTTP call to the app. It returns the JSON response or raises one of four exceptions."""

from typing import Any

import requests
from urllib3.exceptions import MaxRetryError

_TIMEOUT = (5, 230)
# The statuses of a gateway whose service does not answer.
_NO_SERVICE = (502, 503, 504)
# The fields of an error of this API.
_ERROR_FIELDS = {"code", "message", "details"}

Json = dict[str, Any]


class ApiError(Exception):
    """The service refused the call. The text is the service's error code and message."""

    def __init__(self, status: int, code: str, message: str, details: Json) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.details = details


class OutOfReach(Exception):
    """Nothing answered at the base URL, or something other than this API did."""


class AnswerLost(OutOfReach):
    """The call was sent, but no response arrived. The service may have carried it out."""


class BadAddress(Exception):
    """The base URL or the key cannot be used in a request."""


class Transport:
    """Calls the API at `base_url` with `api_key`."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = requests.Session()
        # As bytes, so that the service refuses a key outside of Latin-1. As text it would end in a traceback.
        self._session.headers["X-API-Key"] = api_key.encode()

    def call(self, method: str, path: str, **options: Any) -> Json:
        """Make one call. Returns the JSON body of the response.

        Raises:
            ApiError: when the service refuses.
            OutOfReach: when no service answers, or one that is not this API.
            AnswerLost: when the call was sent and no response arrived.
            BadAddress: when the base URL is not a URL, or the key cannot be a header.
        """
        try:
            response = self._session.request(method, self.base_url + path, timeout=_TIMEOUT, **options)
        except requests.ReadTimeout:
            raise AnswerLost(f"No response from {self.base_url} in {_TIMEOUT[1]} seconds.") from None
        except requests.ConnectionError as error:
            # MaxRetryError: urllib3 could not connect. After any other error the call may have been sent.
            if not error.args or not isinstance(error.args[0], MaxRetryError):
                message = f"The connection to {self.base_url} broke before a response arrived."
                raise AnswerLost(message) from None
            raise OutOfReach(
                f"Nothing answers at {self.base_url}. Start it with `make serve`, or give --base-url."
            ) from None
        except requests.exceptions.InvalidHeader:
            raise BadAddress(
                "The API key has characters that a header may not have. Check it for blanks and line ends."
            ) from None
        except requests.RequestException:
            raise BadAddress(
                f"The base URL {self.base_url!r} cannot be called. Give one such as http://127.0.0.1:7071."
            ) from None
        return _answer(response, self.base_url)


def _answer(response: requests.Response, base_url: str) -> Json:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    if not response.ok and isinstance(error, dict) and set(error) == _ERROR_FIELDS:
        raise ApiError(response.status_code, error["code"], error["message"], error["details"])
    if response.status_code in _NO_SERVICE:
        raise AnswerLost(f"The service behind {base_url} does not answer (HTTP {response.status_code}).")
    if not response.ok or not isinstance(body, dict):
        status = f"HTTP {response.status_code}"
        raise OutOfReach(f"{base_url} answers ({status}), but not as this API does. Is --base-url right?")
    return body
