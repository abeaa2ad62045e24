"""Readers' answers, kept as they came, so that they can be judged again without asking."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from scripts.evaluation.evaluation_set import BadEvaluationSet, EvaluationCase
from shared.domain.outcome import Outcome


class ReaderReply(BaseModel):
    """What came back for one request. `failure` says why there is no answer, such as a refusal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: tuple[int, int]  # number of the first line asked about, and of the last
    text: str = ""
    failure: Outcome | None = None
    reason: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


class CaseReplies(BaseModel):
    """All replies about one case; `digest` is that of its lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    digest: str
    replies: tuple[ReaderReply, ...]


class Recording(BaseModel):
    """The replies of one reader to a set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    prompt_version: str
    recorded_at: str
    about: str = ""
    cases: dict[str, CaseReplies]

    def replies_to(self, case: EvaluationCase) -> Sequence[ReaderReply]:
        """The reader's answer about a case.

        Raises:
            BadEvaluationSet: when it was never asked, or was asked about other texts.
        """
        found = self.cases.get(case.name)
        if found is None:
            raise BadEvaluationSet(f"{self.model} has no recorded answer about {case.name}; ask it again.")
        if found.digest != case.digest:
            raise BadEvaluationSet(
                f"The recorded answer of {self.model} about {case.name} is about other texts; ask it again."
            )
        return found.replies


def read_recording(path: Path) -> Recording:
    """A recording from its file.

    Raises:
        BadEvaluationSet: when it cannot be read.
    """
    try:
        return Recording.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadEvaluationSet(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise BadEvaluationSet(f"{path}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}") from None


def write_recording(path: Path, recording: Recording) -> None:
    """Write a recording; a file that is there is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(recording.model_dump_json(indent=1, exclude_defaults=True) + "\n", encoding="utf-8")
