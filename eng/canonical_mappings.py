#!/usr/bin/env python3
"""Writes lib/Tokenizers/CanonicalMappings.txt, what NFC needs to know of Unicode, from Python's unicodedata.

.NET normalises nothing where InvariantGlobalization is set, and says nothing. Hangul syllables are left out: they
follow a rule. Run: python3 eng/canonical_mappings.py > lib/Tokenizers/CanonicalMappings.txt
"""
import unicodedata

HANGUL = range(0xAC00, 0xD7A4)


def mappings():
    for code in range(0x110000):
        parts = unicodedata.decomposition(chr(code)).split()
        if parts and not parts[0].startswith("<") and code not in HANGUL:
            composes = unicodedata.normalize("NFC", chr(code)) == chr(code)
            yield f"{code:04X}{'=' if composes else '>'}{' '.join(parts)}"


def classes():
    runs = []
    for code in range(0x110000):
        combining = unicodedata.combining(chr(code))
        if not combining:
            continue
        if runs and runs[-1][1:] == [code - 1, combining]:
            runs[-1][1] = code
        else:
            runs.append([code, code, combining])
    return [f"{first:04X}-{last:04X}:{combining}" for first, last, combining in runs]


print(f"# Unicode {unicodedata.unidata_version}, from eng/canonical_mappings.py. "
      "A=B C: A is B then C, and they compose. A>B: they do not. A-B:N: combining class.")
print("\n".join([*mappings(), *classes()]))
