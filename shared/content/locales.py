"""The seven locales of the app. The prompt's guide for each is in `prompts/<version>/<locale>.toml`."""

LOCALES: tuple[str, ...] = ("en-US", "en-GB", "es-ES", "fr-FR", "de-DE", "it-IT", "pt-PT")


def language_of(locale: str) -> str:
    """The language of a locale: `de` for `de-DE`."""
    return locale.partition("-")[0]
