"""One HTTP call to the app: its answer, or one of four exceptions, each with an exit code of its own."""

from typing import Any

import requests
from urllib3.exceptions import MaxRetryError

_TIMEOUT = (5, 230)
# Between our client and the app: a gateway that says so for a service that is not there.
_NOBODY_HOME = (502, 503, 504)
_OUR_ERROR = {"code", "message", "details"}

Json = dict[str, Any]


class ApiError(Exception):
    """The service said no. The text is its own message, with the code before it."""

    def __init__(self, status: int, code: str, message: str, details: Json) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.details = details


class OutOfReach(Exception):
    """Nothing answered at the base URL, or something that is not this API."""


class AnswerLost(OutOfReach):
    """The call was sent and its answer never came: it may have been carried out."""


class BadAddress(Exception):
    """The base URL or the key cannot be sent at all."""


class Transport:
    """Calls the API at `base_url` with `api_key`."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = requests.Session()
        # As bytes: a key outside of Latin-1 is refused by the service, not by a traceback here.
        self._session.headers["X-API-Key"] = api_key.encode()

    def call(self, method: str, path: str, **options: Any) -> Json:
        """One call; the answer is the JSON body.

        Raises:
            ApiError: when the service refuses.
            OutOfReach: when there is no service, or another one.
            BadAddress: when the base URL is none, or the key cannot be a header.
        """
        try:
            response = self._session.request(method, self.base_url + path, timeout=_TIMEOUT, **options)
        except requests.ReadTimeout:
            raise AnswerLost(f"No answer from {self.base_url} in {_TIMEOUT[1]} seconds.") from None
        except requests.ConnectionError as error:
            # urllib3 gives up before sending with MaxRetryError; anything else broke on the way.
            if not error.args or not isinstance(error.args[0], MaxRetryError):
                raise AnswerLost(f"The connection to {self.base_url} broke before the answer came.") from None
            raise OutOfReach(
                f"Nothing answers at {self.base_url}. Start it with `make serve`, or give --base-url."
            ) from None
        except requests.exceptions.InvalidHeader:
            raise BadAddress(
                "The API key holds what no header may hold; look for blanks and line ends."
            ) from None
        except requests.RequestException:
            raise BadAddress(
                f"The base URL {self.base_url!r} cannot be called; give one such as http://127.0.0.1:7071."
            ) from None
        return _answer(response, self.base_url)


def _answer(response: requests.Response, base_url: str) -> Json:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    if not response.ok and isinstance(error, dict) and set(error) == _OUR_ERROR:
        raise ApiError(response.status_code, error["code"], error["message"], error["details"])
    if response.status_code in _NOBODY_HOME:
        raise AnswerLost(f"The service behind {base_url} does not answer (HTTP {response.status_code}).")
    if not response.ok or not isinstance(body, dict):
        said = f"HTTP {response.status_code}"
        raise OutOfReach(f"{base_url} answers ({said}), but not as this API does; is --base-url right?")
    return body
