"""Talk of the record, in six languages: what the rule finds, and sentences about products that it accepts."""

import orjson
import pytest

from shared.content.locales import LOCALES
from shared.content.quality import record_talk
from shared.content.text_fields import TextField
from tests.conftest import shared_file
from tests.examples import product
from tests.unit.content.contexts import findings_of, make_context


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en-US", "Scale length and weight are not stated."),
        ("en-US", "Few published details"),
        ("en-GB", "The finish is not listed, so ask the shop."),
        ("en-GB", "Ask about the case before you order."),
        ("en-GB", "No pickup or preamp is mentioned."),
        ("en-US", "According to the data sheet, the neck is maple."),
        ("en-US", "Weight unspecified"),
        ("de-DE", "Laut Datenblatt keine Angabe zum Gewicht."),
        ("de-DE", "Die Mensur ist nicht angegeben."),
        ("de-DE", "Angaben zu Hals und Mechaniken fehlen."),
        ("de-DE", "Genaue Maße liegen nicht vor."),
        ("de-DE", "Frage vor dem Kauf nach der Bestückung."),
        ("es-ES", "No se indica el peso."),
        ("es-ES", "Las pastillas no vienen detalladas."),
        ("es-ES", "Conviene confirmarlo antes de comprar."),
        ("es-ES", "No constan el puente ni la escala."),
        ("fr-FR", "Le poids n’est pas précisé."),
        ("fr-FR", "Aucun micro n'est mentionné."),
        ("fr-FR", "Micros et chevalet non indiqués"),
        ("fr-FR", "Renseignez-vous avant l’achat."),
        ("it-IT", "Il peso non è indicato."),
        ("it-IT", "Mancano dati su ponte e pickup."),
        ("it-IT", "Chiedi conferma prima dell'acquisto."),
        ("pt-PT", "O peso não é indicado."),
        ("pt-PT", "Não há informação sobre os captadores."),
        ("pt-PT", "Convém confirmar antes da compra."),
    ],
)
def test_talk_of_the_record_is_an_error(locale: str, text: str) -> None:
    findings = list(record_talk.check(make_context(text, locale=locale)))
    assert [(finding.rule, finding.severity.value) for finding in findings] == [("record_talk", "error")]


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en-US", "Built to the specification of 1961, with strings that are left open for drones."),
        ("en-GB", "The tonearm lifts by itself at the end, so the record does not wear out in the groove."),
        ("en-GB", "No mains cable is needed; it does not drain the battery. Not suited to metal."),
        ("en-US", "Check the action before you play, and ask a technician once a year."),
        ("de-DE", "Der Klang bleibt offen, und das Pedal speichert keine Daten. Kein Netzteil nötig."),
        ("de-DE", "Nicht für Metal gedacht. Vor dem Spielen stimmen."),
        (
            "es-ES",
            "No está indicada para metal; no se precisa adaptador. No consta de piezas móviles.",
        ),
        ("es-ES", "Limpia las cuerdas antes de guardarla."),
        ("fr-FR", "Ce modèle n’est pas indiqué pour le metal. Le son n’est pas donné à tous."),
        ("fr-FR", "Aucun détail n’est perdu. Le câble n’est pas fourni."),
        ("es-ES", "Hay que consultar el manual para el primer ajuste. El adaptador no se incluye."),
        ("en-US", "No detail is lost, and no data is lost when you save. The power supply is not included."),
        (
            "de-DE",
            "Kein Detail geht verloren. Das Netzteil gehört nicht dazu; der Pegel ist nicht einstellbar.",
        ),
        ("it-IT", "Non è indicata per il metal. Si collega alla scheda audio senza driver."),
        ("pt-PT", "Não é indicada para metal. A ficha entra sem esforço."),
        ("pt-PT", "Limpar as cordas antes de guardar."),
    ],
)
def test_sentences_about_the_product_are_accepted(locale: str, text: str) -> None:
    assert findings_of(record_talk.check, text, locale) == []


def test_words_of_the_record_are_accepted() -> None:
    about = product(description="Weight not specified by the artist on purpose.")
    assert findings_of(record_talk.check, "A weight not specified by design.", about=about) == []


@pytest.mark.parametrize("number", ["p00", "p01"])
def test_faithful_answers_that_a_reader_marked_are_found(number: str) -> None:
    """A second reader marked 87 sentences in two products. Each is found, and nothing else."""
    verdicts = orjson.loads(shared_file(f"model-answers/verdicts/{number}.json").read_bytes())
    problems = verdicts["problems"] if isinstance(verdicts, dict) else verdicts
    marked = {problem["line"] for problem in problems if problem["kind"] == "record_talk"}
    found = set()
    for locale in LOCALES:
        answer = orjson.loads(shared_file(f"model-answers/answers/{number}.{locale}.json").read_bytes())
        context = make_context(*_texts(answer[locale], ""), locale=locale)
        found |= {f"{locale}|{finding.field}" for finding in record_talk.check(context)}
    assert marked <= found
    # The reader did not look at British texts.
    assert {line for line in found if not line.startswith("en-GB")} == marked


def _texts(value: object, path: str) -> list[TextField]:
    if isinstance(value, str):
        return [TextField(path, value)]
    children = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    return [field for key, child in children for field in _texts(child, f"{path}.{key}".strip("."))]
