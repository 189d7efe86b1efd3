"""Which format a file is in, by what it holds; its name decides nothing."""

import re

from .batch import Unfit
from .texts import decoded

_ROOT = re.compile(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)([^>]*)>")
_QTI = {"assessmentItem", "assessmentTest", "assessmentSection", "manifest"}
_AIKEN = re.compile(r"^\s*(?:ANSWER|ОТВЕТ|ЖАУАБЫ|ЖАУАП)\s*:\s*\w\s*$", re.IGNORECASE | re.MULTILINE)
_SHEET = {b"xl/workbook.", b"application/vnd.oasis.opendocument.spreadsheet"}


def detect(data: bytes) -> str:
    """gift, aiken, moodle, qti (one XML file), package (zip) or xlsx. Raises Unfit."""
    if not data.strip():
        raise Unfit("empty")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx" if any(name in data for name in _SHEET) and b"imsmanifest.xml" not in data else "package"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "xlsx"
    start = data[:200_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<?xml") or (start.startswith(b"<") and not start.startswith(b"<p")):
        return _xml(start.decode("latin-1"))
    if data.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<")):
        return _xml(decoded(data)[0])
    text, _ = decoded(data)
    bare = re.sub(r"\\.|^\s*//.*$", "", text, flags=re.MULTILINE)
    if "{" in bare and "}" in bare:
        return "gift"
    if _AIKEN.search(text):
        return "aiken"
    raise Unfit("format_unknown")


def _xml(text: str) -> str:
    for found in _ROOT.finditer(re.sub(r"<!--.*?-->|<\?.*?\?>", "", text, flags=re.DOTALL)):
        if found[1] == "quiz":
            return "moodle"
        if found[1] in _QTI or found[1].startswith("qti-"):
            return "qti"
        break
    if "<!DOCTYPE" in text[:5000].upper():
        raise Unfit("xml_doctype")
    raise Unfit("xml_root_unknown", found[1] if (found := _ROOT.search(text)) else "")
