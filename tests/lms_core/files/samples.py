"""Files as strangers send them."""

import io
import zipfile
import zlib

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\xa7\xf8\xd2\x9d\0\0\0\0IEND\xaeB`\x82"
)


def png(width: int, height: int) -> bytes:
    return PNG[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + PNG[24:]


def pdf(catalog: str = "/Type /Catalog /Pages 2 0 R", *more: bytes) -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<< " + catalog.encode() + b" >>\nendobj\n" + b"\n".join(more) + b"\n%%EOF\n"


def packed_pdf(inside: bytes, kind: str = "/ObjStm") -> bytes:
    """With objects in a compressed stream."""
    body = zlib.compress(inside)
    head = f"5 0 obj\n<< /Type {kind} /N 1 /First 4 /Filter /FlateDecode /Length {len(body)} >>\nstream\n".encode()
    return pdf("/Type /Catalog", head + body + b"\nendstream\nendobj")


def archive(entries: dict[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packed) as out:
        for name, content in entries.items():
            out.writestr(name, content)
    return made.getvalue()


DOCX = archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"})
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def ole(*streams: str) -> bytes:
    return OLE + b"".join(name.encode("utf-16-le") + b"\0\0" * 4 for name in streams)
