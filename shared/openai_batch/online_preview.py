"""Previews: the online deployment writes the texts of one product at once, and nothing is stored."""

from dataclasses import dataclass

from shared.config.settings import Settings
from shared.content.answer_validation import AnswerResult, validate_answer
from shared.content.planning import plan_content
from shared.content.quality import read_source_record
from shared.domain.content_plan import ContentPlan
from shared.domain.errors import NotConfigured, Unavailable
from shared.domain.outcome import Outcome
from shared.domain.product import Product
from shared.openai_batch.chat_client import ChatClient, ChatError
from shared.openai_batch.request_lines import request_body
from shared.openai_batch.result_lines import read_completion

# An HTTP trigger may run for 230 s on every hosting plan; one retry by the SDK must fit in.
_TIMEOUT_SECONDS = 100.0


@dataclass(frozen=True)
class OnlineAnswer:
    """An answer after validation, and the tokens that it used."""

    verdict: AnswerResult
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


class OnlineGenerator:
    """Asks the online deployment for content; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._chat = ChatClient(settings, timeout_seconds=_TIMEOUT_SECONDS, max_retries=1)

    def generate(self, product: Product, locales: tuple[str, ...], facts: bool = False) -> OnlineAnswer:
        """Ask for `product` in `locales`, with its facts if `facts` is True, and validate the answer.

        Raises:
            NotConfigured: AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME is not set.
            Unavailable: Azure OpenAI refused the call or did not answer.
        """
        deployment = self._settings.azure_openai_online_deployment_name
        if not deployment:
            raise NotConfigured(
                "Set AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME: a batch deployment does not answer online calls.",
                setting="AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME",
            )
        plan = plan_content(product, self._settings.category_families)
        body = request_body(self._settings, deployment, product, plan, locales, facts=facts)
        try:
            completion = self._chat.complete(body)
        except ChatError as error:
            if error.code == "content_filter":
                verdict = AnswerResult(
                    Outcome.CONTENT_FILTERED, "the prompt was stopped by the content filter"
                )
                return OnlineAnswer(verdict, deployment)
            if error.status is None:
                message = "Azure OpenAI does not answer online calls at the moment; try again."
            else:
                message = f"Azure OpenAI refused the online call ({error})."
            raise Unavailable(message) from None
        failure, reason, text = read_completion(completion.body)
        verdict = AnswerResult(failure, reason) if failure else _judge(text, product, plan, locales, facts)
        usage = completion.body.get("usage") or {}
        return OnlineAnswer(
            verdict,
            completion.body["model"],
            usage.get("prompt_tokens", 0),
            usage.get("completion_tokens", 0),
        )


def _judge(
    text: str, product: Product, plan: ContentPlan, locales: tuple[str, ...], facts: bool
) -> AnswerResult:
    words = read_source_record(product).words
    return validate_answer(text, locales, plan, facts=facts, record_words=words)
