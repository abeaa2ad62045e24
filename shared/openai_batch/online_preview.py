"""Online generation: one product and a group of locales, answered at once and stored nowhere."""

from dataclasses import dataclass

import openai

from shared.config.settings import Settings
from shared.content.answer_validation import AnswerResult, validate_answer
from shared.content.planning import plan_content
from shared.content.quality import read_source_record
from shared.domain.content_plan import ContentPlan
from shared.domain.errors import NotConfigured, Unavailable
from shared.domain.outcome import Outcome
from shared.domain.product import Product
from shared.openai_batch.openai_client import make_client
from shared.openai_batch.request_lines import request_body
from shared.openai_batch.result_lines import read_completion

# An HTTP trigger has 230 s on every plan.
_SECONDS = 100.0


@dataclass(frozen=True)
class OnlineAnswer:
    """A judged answer, and what it cost in tokens."""

    verdict: AnswerResult
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


class OnlineGenerator:
    """Calls the online deployment; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = make_client(settings).with_options(max_retries=1, timeout=_SECONDS)

    def generate(self, product: Product, locales: tuple[str, ...], facts: bool = False) -> OnlineAnswer:
        """Ask for `product` in `locales`, and its facts where wanted, and judge what comes back.

        Raises:
            NotConfigured: without `AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME`.
            Unavailable: when Azure OpenAI refuses the call or does not answer.
        """
        deployment = self._settings.azure_openai_online_deployment_name
        if not deployment:
            raise NotConfigured(
                "Set AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME: a batch deployment answers no online calls.",
                setting="AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME",
            )
        plan = plan_content(product, self._settings.category_families)
        body = request_body(self._settings, deployment, product, plan, locales, facts=facts)
        try:
            completion = self._client.chat.completions.create(**body)
        except openai.APIStatusError as error:
            if error.code == "content_filter":
                verdict = AnswerResult(
                    Outcome.CONTENT_FILTERED, "the prompt was stopped by the content filter"
                )
                return OnlineAnswer(verdict, deployment)
            said = f"HTTP {error.status_code} {error.code or ''}".strip()
            raise Unavailable(f"Azure OpenAI refused the online call ({said}): {error.message}") from None
        except openai.APIConnectionError:
            raise Unavailable("Azure OpenAI does not answer online calls just now; try again.") from None
        failure, reason, text = read_completion(completion.model_dump())
        verdict = AnswerResult(failure, reason) if failure else _judge(text, product, plan, locales, facts)
        usage = completion.usage
        return OnlineAnswer(
            verdict,
            completion.model,
            usage.prompt_tokens if usage else 0,
            usage.completion_tokens if usage else 0,
        )


def _judge(
    text: str, product: Product, plan: ContentPlan, locales: tuple[str, ...], facts: bool
) -> AnswerResult:
    words = read_source_record(product).words
    return validate_answer(text, locales, plan, facts=facts, record_words=words)
