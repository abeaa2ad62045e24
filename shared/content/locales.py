"""The seven locales, and what the prompt says of each."""

LOCALES: tuple[str, ...] = ("en-US", "en-GB", "es-ES", "fr-FR", "de-DE", "it-IT", "pt-PT")

# One line a locale, sent with every request for it: language, spelling, form of address.
LOCALE_STYLE: dict[str, str] = {
    "en-US": "American English, American spelling (color, center).",
    "en-GB": "British English, British spelling (colour, centre).",
    "es-ES": "Spanish of Spain; address the reader as «tú».",
    "fr-FR": "French of France; address the reader as «vous».",
    "de-DE": "German of Germany; address the reader as «du».",
    "it-IT": "Italian of Italy; address the reader as «tu».",
    "pt-PT": "European Portuguese (never Brazilian forms); avoid addressing the reader directly.",
}
