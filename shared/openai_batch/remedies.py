"""What a person can correct when calls to Azure OpenAI or its jobs fail, by error code."""

from collections.abc import Mapping

from shared.domain.batch import DEFAULT_DEPLOYMENT, ONLINE_DEPLOYMENT

NO_CONNECTION = "no_connection"
NO_TOKEN = "no_token"  # noqa: S105 - a code

# Error codes of jobs and calls that come back until a person corrects the configuration.
_REMEDIES: Mapping[str, str] = {
    "401": "Azure OpenAI rejects the key: check OPENAI_API_KEY, or the role of the app's identity.",
    "403": "Azure OpenAI denies access: give the app's identity its role, or open the resource's network.",
    "404": "Azure OpenAI knows no such resource or path: check AZURE_OPENAI_ENDPOINT and the API version.",
    NO_CONNECTION: "No connection to Azure OpenAI can be opened: check AZURE_OPENAI_ENDPOINT, the name "
    "service (DNS) and the network.",
    NO_TOKEN: "The app's identity gets no token: check that the app has an identity, or set OPENAI_API_KEY.",
    "model_not_found": "The deployment does not exist: check AZURE_OPENAI_DEPLOYMENT_NAME.",
    "DeploymentNotFound": "The deployment does not exist: check AZURE_OPENAI_DEPLOYMENT_NAME.",
    "invalid_request": "Azure rejects the job: the deployment must be of a batch type (see make doctor).",
    "input_no_permissions": "Azure may not read the input: check the resource's role on the storage account.",
}
# A code that is not known, of a call that was refused because of who called or where.
_UNKNOWN = "Azure OpenAI cannot be used: run make doctor."


def remedy_for(job_error: str | None, deployment: str = DEFAULT_DEPLOYMENT) -> str | None:
    """Return what a person must correct before another job can succeed.

    `job_error` is `<code>: <message>`. Returns None where another try may succeed without a person.
    """
    code = (job_error or "").partition(":")[0].strip()
    remedy = _REMEDIES.get(code)
    if remedy is None or deployment in (DEFAULT_DEPLOYMENT, ONLINE_DEPLOYMENT):
        return remedy
    return f"{remedy} The settings of deployment {deployment} are in its entry of MORE_DEPLOYMENTS."


def access_text(code: str, deployment: str) -> str:
    """What a batch waits for while calls fail with `code`.

    It depends on the cause alone, so that batches with one cause have one text.
    """
    status = f"HTTP {code}" if code.isdigit() else code
    return f"access to Azure OpenAI ({status}). {remedy_for(code, deployment) or _UNKNOWN}"
