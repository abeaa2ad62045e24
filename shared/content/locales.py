"""The seven locales of the app; what a prompt says of each is in `prompts/<version>/<locale>.toml`."""

LOCALES: tuple[str, ...] = ("en-US", "en-GB", "es-ES", "fr-FR", "de-DE", "it-IT", "pt-PT")


def language_of(locale: str) -> str:
    """The language of a locale: `de` of `de-DE`."""
    return locale.partition("-")[0]
