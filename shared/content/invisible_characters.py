"""Characters that are not seen: they can hide instructions, split a word, or carry a message.

They are those with the property Default_Ignorable_Code_Point (Unicode 16, DerivedCoreProperties.txt), the
control characters other than tab and line feed, line separators, private use, and the blank Braille pattern.
"""

# The inside of a character class, for `re` and for RE2.
INVISIBLE = (
    r"\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
)
