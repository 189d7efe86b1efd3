"""The native wire in a wheel, for machines without a cargo. Standard library only.

A wheel as pip knows it (PEP 427). It also tells the source that it was built from, and the set-up takes no other.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from server.setup_steps import CannotDo

NAME, VERSION = "sabaq_wire", "0.1.0"
MODULE = "media/wire/native/_core.abi3.so"
SOURCE = f"{NAME}-{VERSION}.dist-info/source"
LARGEST = 64 * 1024 * 1024
"""Bytes of a module that is taken."""
_TAG = re.compile(rf"{NAME}-.+-cp311-abi3-manylinux_(\d+)_(\d+)_(\w+)\.whl")


def fitting(folder: Path, source: str) -> Path | None:
    """A wheel in `folder` for this machine that was built from `source`."""
    if not folder.is_dir():
        return None
    return next((each for each in sorted(folder.glob("*.whl")) if _runs_here(each.name) and _is_of(each, source)), None)


def module_of(wheel: Path) -> bytes:
    return _read(wheel, MODULE)


def write_wheel(folder: Path, module: bytes, source: str) -> Path:
    """For this kind of machine, and a C library as new as this one's."""
    import base64
    import hashlib
    import zipfile

    major, minor = _libc()
    tag = f"cp311-abi3-manylinux_{major}_{minor}_{os.uname().machine}"
    info = f"{NAME}-{VERSION}.dist-info"
    files = {
        MODULE: module,
        SOURCE: source.encode(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: sabaq\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    }
    sums = {name: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=") for name, data in files.items()}
    record = [f"{name},sha256={sums[name].decode()},{len(data)}\n" for name, data in files.items()]
    files[f"{info}/RECORD"] = "".join([*record, f"{info}/RECORD,,\n"]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{NAME}-{VERSION}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return wheel


def _runs_here(name: str) -> bool:
    told = _TAG.fullmatch(name)
    return bool(told) and told[3] == os.uname().machine and (int(told[1]), int(told[2])) <= _libc()


def _is_of(wheel: Path, source: str) -> bool:
    try:
        return _read(wheel, SOURCE).decode("utf-8", "replace") == source
    except CannotDo:
        return False


def _read(wheel: Path, name: str) -> bytes:
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(wheel) as packed, packed.open(name) as file:
            data = file.read(LARGEST + 1)
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError) as problem:
        raise CannotDo(f"{wheel.name} cannot be read ({problem})") from None
    if len(data) > LARGEST:
        raise CannotDo(f"{wheel.name} holds too much")
    return data


def _libc() -> tuple[int, int]:
    """Of glibc; (0, 0) for another, which takes no such wheel."""
    try:
        _, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
        major, minor = version.split(".")[:2]
        return int(major), int(minor)
    except (ValueError, OSError):
        return 0, 0
