"""What is taken as a file, and what is not."""

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.files import core, inside, service
from lms_core.kernel.errors import Refusal
from tests.lms_core.files import samples

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def judge(name: str, content: bytes) -> tuple[str, str]:
    return service.judge(name, io.BytesIO(content), len(content))


def why(name: str, content: bytes) -> str:
    with pytest.raises(Refusal) as no:
        judge(name, content)
    return f"{no.value.code} {no.value.params.get('why', '')}".strip()


@pytest.mark.parametrize(
    ("name", "content", "kept", "kind"),
    [
        ("сурет.png", samples.PNG, "сурет.png", "image/png"),
        ("photo", b"\xff\xd8\xff\xe0" + b"\0" * 40, "photo.jpg", "image/jpeg"),
        ("a.weird", samples.PNG, "a.weird.png", "image/png"),
        ("Сабақ 🎓.pdf", samples.pdf(), "Сабақ 🎓.pdf", "application/pdf"),
        (
            "libre.pdf",
            samples.pdf("/Type /Catalog /OpenAction[1 0 R /XYZ null null 0]"),
            "libre.pdf",
            "application/pdf",
        ),
        (
            "latex.pdf",
            samples.pdf("/OpenAction 3 0 R", b"3 0 obj\n<< /S /GoTo /D [1 0 R /Fit] >>\nendobj"),
            "latex.pdf",
            "application/pdf",
        ),
        ("тапсырма.docx", samples.DOCX, "тапсырма.docx", DOCX),
        ("work.zip", samples.archive({"a/b.txt": b"x" * 9}), "work.zip", "application/zip"),
        ("кесте.xls", samples.ole("Root Entry", "Workbook"), "кесте.xls", "application/vnd.ms-excel"),
        ("eski.doc", samples.ole("WordDocument", "1Table"), "eski.doc", "application/msword"),
        ("page.html", b"<script>alert(1)</script>", "page.html", "text/plain"),
        ("pic.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "pic.svg", "text/plain"),
        ("prog.py", "print('сәлем')".encode(), "prog.py", "text/plain"),
        ("notes", "ескерту".encode(), "notes.txt", "text/plain"),
        ("old.txt", "Привет, это старый текст".encode("cp1251"), "old.txt", "text/plain"),
        ("voice.m4a", b"\0\0\0\x18ftypmp42" + b"\0" * 20, "voice.m4a", "video/mp4"),
    ],
)
def test_what_schools_share_is_taken(name: str, content: bytes, kept: str, kind: str) -> None:
    assert judge(name, content) == (kept, kind)


@pytest.mark.parametrize("magic", [b"MZ\x90\0", b"\x7fELF\x02", b"\xca\xfe\xba\xbe\0\0", b"#!/bin/sh\n", b"\0asm\1"])
@pytest.mark.parametrize("name", ["a.exe", "homework.pdf", "a.txt", "a"])
def test_programs_are_refused_under_any_name(magic: bytes, name: str) -> None:
    assert why(name, magic + b"\0" * 100) == "file_type_refused"


@pytest.mark.parametrize("name", ["run.bat", "a.vbs", "x.PS1", "y.hta", "invoice.pdf.lnk", "z.docm", "go.js.jse"])
def test_what_a_double_click_runs_is_refused(name: str) -> None:
    assert why(name, b"echo hello") == "file_type_refused"


@pytest.mark.parametrize(
    ("name", "content", "no"),
    [
        ("a.png", samples.pdf(), "file_lies"),
        ("a.pdf", b"<html>", "file_lies"),
        ("a.docx", samples.archive({"a.txt": b"x"}), "file_lies"),
        ("a.jpg", samples.PNG, "file_lies"),
        ("a.rar", b"Rar!\x1a\x07\x01\0" + bytes(range(256)), "file_type_refused"),
        ("a.bin", bytes(range(256)), "file_type_refused"),
        ("a.txt", b"", "file_empty"),
        ("a.msi", samples.ole("Installer"), "file_type_refused"),
        ("a.doc", samples.ole("WordDocument", "_VBA_PROJECT"), "file_unsafe scripts"),
        ("a.rtf", rb"{\rtf1 {\object\objemb{\*\objdata 0105}}}", "file_unsafe scripts"),
        ("big.png", samples.png(60000, 60000), "file_unsafe too_many_pixels"),
        ("big.gif", b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\0" * 30, "file_unsafe too_many_pixels"),
    ],
)
def test_lies_and_unknown_things_are_refused(name: str, content: bytes, no: str) -> None:
    assert why(name, content) == no


@pytest.mark.parametrize(
    "content",
    [
        samples.pdf("/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >>"),
        samples.pdf("/Type /Catalog /OpenAction << /S /J#61vaScript /J#53 (1) >>"),
        samples.pdf("/Type /Catalog /AA << /O << /S /Launch /F (cmd.exe) >> >>"),
        samples.pdf("/Type /Catalog /Names << /EmbeddedFiles 9 0 R >>"),
        samples.pdf("/Type /Catalog /OpenAction << /S /URI /URI (http://x.example) >>"),
        samples.pdf("/Type /Catalog /OpenAction 7 0 R"),
        samples.pdf("/Type /Catalog /#4fpenAction 7 0 R"),
        samples.packed_pdf(b"7 0 << /S /JavaScript /JS (1) >>"),
    ],
)
def test_documents_that_act_are_refused(content: bytes) -> None:
    assert why("a.pdf", content) == "file_unsafe scripts"


def test_documents_that_cannot_be_looked_into_are_refused() -> None:
    assert why("a.pdf", samples.pdf("/Type /Catalog", b"trailer << /Encrypt 4 0 R >>")) == "file_unsafe protected"
    assert why("a.pdf", samples.packed_pdf(b"7 0 " + b" " * (inside.MOST_STREAM + 1))) == "file_unsafe explodes"
    broken = samples.packed_pdf(b"7 0 <<>>").replace(b"stream\nx\x9c", b"stream\nxx")
    assert why("a.pdf", broken) == "file_unsafe broken"


@pytest.mark.parametrize(
    ("entries", "no"),
    [
        ({"a.txt": b"\0" * 40_000_000}, "file_unsafe explodes"),
        ({f"{n}.txt": b"" for n in range(inside.MOST_ENTRIES + 1)}, "file_unsafe explodes"),
        ({"inner.zip": b"PK"}, "file_unsafe nested"),
        ({"inner.dat": samples.archive({"a": b"b"})}, "file_unsafe nested"),
        ({"setup.exe": b"MZ"}, "file_unsafe program"),
        ({"setup.dat": b"MZ" + b"\0" * 99}, "file_unsafe program"),
        ({"../../etc/cron.d/x": b"x"}, "file_unsafe broken"),
        ({"word/document.xml": b"<d/>", "[Content_Types].xml": b"", "word/vbaProject.bin": b""}, "file_unsafe scripts"),
    ],
)
def test_archives_that_explode_or_hide_are_refused(entries: dict[str, bytes], no: str) -> None:
    assert why("a.zip", samples.archive(entries)) == no


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    honest = samples.archive({"a.txt": b"a" * 100_000})
    lie = honest.replace(struct.pack("<I", 100_000), struct.pack("<I", 10))
    assert lie != honest
    assert why("a.zip", lie).startswith("file_unsafe")
    for cut in range(0, len(honest), 7):
        if cut > 4:
            assert why("a.zip", honest[:cut]).startswith("file_unsafe")


@given(st.text(max_size=300))
def test_any_name_becomes_a_safe_one(name: str) -> None:
    kept = core.clean_name(name)
    assert 1 <= len(kept) <= core.LONGEST_NAME + 21
    assert not set(kept) & set('\0\n\r\t/\\"<>|*?:\u202e\u2066')
    assert core.clean_name(kept) == kept


def test_names() -> None:
    assert core.clean_name("ә" * 10_000 + ".pdf").endswith("ә.pdf")
    assert len(core.clean_name("ә" * 10_000 + ".pdf")) == core.LONGEST_NAME
    assert core.clean_name("gpj.\u202efdp.exe") == "gpj.fdp.exe"
    assert core.clean_name("C:\\Users\\апай\\есеп 👩🏽‍🏫.docx") == "есеп 👩🏽‍🏫.docx"
    assert core.clean_name("../../etc/passwd") == "passwd"
    assert core.clean_name("\0\x07 ") == "file"
    assert core.clean_name(".pdf") == "pdf"


@settings(max_examples=400)
@given(
    st.sampled_from(
        [b"", b"%PDF-1.4\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", samples.OLE[:8], b"\xff\xd8\xff", b"RIFF"]
    ),
    st.binary(max_size=400),
    st.text(max_size=12),
)
def test_any_bytes_are_taken_or_refused(magic: bytes, rest: bytes, name: str) -> None:
    try:
        kept, kind = judge(name, magic + rest)
    except Refusal:
        return
    assert kept and kind in core.KINDS


@settings(max_examples=300)
@given(st.integers(0, len(samples.DOCX) - 1), st.binary(min_size=1, max_size=6))
def test_any_damaged_archive_is_taken_or_refused(at: int, put: bytes) -> None:
    try:
        judge("a", samples.DOCX[:at] + put + samples.DOCX[at + len(put) :])
    except Refusal:
        return


@settings(max_examples=300)
@given(st.data())
def test_any_damaged_document_is_taken_or_refused(data: st.DataObject) -> None:
    whole = samples.packed_pdf(b"7 0 << /S /GoTo >>")
    at = data.draw(st.integers(0, len(whole) - 1))
    put = data.draw(st.binary(min_size=1, max_size=6))
    try:
        judge("a.pdf", whole[:at] + put + whole[at + len(put) :])
    except Refusal:
        return
