"""Units of measurement: their spellings in the six languages, and their conversion factors."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A unit of measurement. One of it is `factor` times the base unit of its dimension."""

    dimension: str
    factor: float


_SPELLINGS: dict[tuple[str, float], str] = {
    ("length", 1): "mm|millimeters?|millimetres?|millimeter|milímetros?|millimètres?|millimetr[oi]",
    ("length", 10): "cm|centimeters?|centimetres?|zentimeter|centímetros?|centimètres?|centimetr[oi]",
    ("length", 1000): "m|meters?|metres?|metros?|mètres?|metr[oi]",
    ("length", 25.4): "inch|inches|zoll|pulgadas?|pouces?|pollic[ei]|polegadas?|in(?=[.,;:)]|$)|\"|″|''|”",
    ("length", 304.8): "ft|foot|feet|fuß|pies|pieds|piedi|pés",
    ("mass", 1): "g|grams?|gramm|gramos?|grammes?|gramm[oi]|gramas?",
    (
        "mass",
        1000,
    ): "kg|kilos?|kilogramm?s?|kilogrammes?|kilogramos?|chilogramm[oi]|quilogramas?|chili",
    ("mass", 453.592): "lbs?|pounds?|pfund|libras?|livres?|libbr[ea]",
    ("mass", 28.3495): "oz|ounces?|unzen?|onzas?|onces?|onc[ea]|onças?",
    ("power", 1): "w|watts?|vatios?",
    ("power", 1000): "kw|kilowatts?",
    ("voltage", 1): "v|volts?|voltios?",
    ("current", 1): "ma|milliamps?|miliamperios?",
    ("frequency", 1): "hz|hertz",
    ("frequency", 1000): "khz|kilohertz",
    ("frequency", 1e6): "mhz",
    ("level", 1): "db|dezibel|decibels?|decibelios?|décibels?|decibel",
    ("resistance", 1): "ω|Ω|ohms?|ohmios?",
    ("resistance", 1000): "kω|kΩ|kohms?|kiloohms?",
    ("resistance", 1e6): "mω|MΩ|megaohms?",
    ("depth", 1): "bits?",
    ("memory", 1): "mb|megabytes?",
    ("memory", 1024): "gb|gigabytes?",
    ("memory", 1024**2): "tb|terabytes?",
    ("charge", 1): "mah",
    ("time", 1): "h|hours?|stunden?|horas?|heures?|or[ae](?!\\w)",
    ("speed", 1): "rpm|u/min|tr/min|giri/min",
    ("tempo", 1): "bpm",
    ("share", 1): "%|percent|prozent|por ciento|pour cent|per cento|por cento",
    ("temperature", 1): "°\\s?c|grad celsius",
    ("angle", 1): "°|grad|degrees?|grados?|degrés?|gradi|graus?",
}

# The spellings of each unit, as a regular expression.
UNITS: tuple[tuple[str, Unit], ...] = tuple(
    (spelling, Unit(dimension, factor)) for (dimension, factor), spelling in _SPELLINGS.items()
)
