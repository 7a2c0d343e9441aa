#!/usr/bin/env python3
"""Writes Sources/Tokenization/CanonicalComposition+Table.swift from Python's Unicode Character Database (14.0 or
later: the code reads only characters of Unicode 9.0 and before, whose decompositions never change)."""
import unicodedata

entries = []
for code in range(0x110000):
    text = unicodedata.decomposition(chr(code))
    if text and not text.startswith("<"):
        mark = "=" if unicodedata.normalize("NFC", chr(code)) == chr(code) else ">"
        entries.append(f"{code:X}{mark}" + "+".join(part.lstrip("0") for part in text.split()))
lines = [""]
for entry in entries:
    if len(lines[-1]) + len(entry) > 95:
        lines.append("")
    lines[-1] += (" " if lines[-1] else "") + entry
body = "\n".join("    " + line for line in lines)
with open("Sources/Tokenization/CanonicalComposition+Table.swift", "w") as file:
    file.write(f'''extension CanonicalComposition {{
  /// The canonical decompositions of the Unicode Character Database (UnicodeData.txt, field 5), Hangul
  /// syllables excepted: `C=A+B` where A and B compose to C again, `C>A` or `C>A+B` where they do not
  /// (singletons and exclusions). Written by scripts/reference/canonical_decompositions.py.
  static let table = """
{body}
    """
}}
''')
