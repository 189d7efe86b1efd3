"""Each private name of aiortc and pylibsrtp that our code relies on is there, and does what we rely on."""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path

import pytest
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport
from pylibsrtp import Policy, Session, _binding

from media.plane import dtls
from media.wire import srtp

START = inspect.getsource(RTCDtlsTransport.start)
WHOLE = inspect.getsource(RTCDtlsTransport)

GUARDS: dict[tuple[str, str], Callable[[], bool]] = {
    ("dtls", "_create_ssl_context"): lambda: (
        list(inspect.signature(RTCCertificate._create_ssl_context).parameters) == ["self", "srtp_profiles"]
        and "_create_ssl_context(" in WHOLE
    ),
    ("dtls", "_set_role"): lambda: list(inspect.signature(RTCDtlsTransport._set_role).parameters) == ["self", "role"],
    ("dtls", "_srtp_profiles"): lambda: "srtp_profiles=self._srtp_profiles" in WHOLE,
    ("dtls", "_setup_srtp"): lambda: "self._setup_srtp()" in START,
    ("dtls", "_ssl"): lambda: "self._ssl = SSL.Connection(" in WHOLE,
    ("dtls", "_role"): lambda: "self._role" in inspect.getsource(RTCDtlsTransport._set_role),
    ("dtls", "_recv"): lambda: "await self.transport._recv()" in WHOLE,
    ("dtls", "_send"): lambda: "await self.transport._send(" in WHOLE,
    ("srtp", "_binding"): lambda: all(
        hasattr(_binding.lib, name)
        for name in ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp")
    ),
    ("srtp", "_srtp"): lambda: _binding.ffi.typeof(Session(_policy())._srtp).cname == "struct srtp_ctx_t_ * *",
}


def _policy() -> Policy:
    return Policy(key=bytes(30), ssrc_type=Policy.SSRC_ANY_INBOUND)


@pytest.mark.parametrize("name", sorted(GUARDS), ids=" ".join)
def test_a_private_name_is_as_we_need_it(name: tuple[str, str]) -> None:
    assert GUARDS[name]()


@pytest.mark.parametrize("module", [dtls, srtp])
def test_no_other_private_name_is_used(module: object) -> None:
    tree = ast.parse(Path(inspect.getfile(module)).read_text("utf-8"))  # type: ignore[arg-type]
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_private(node.attr)}
    used |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    used |= {
        part for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for part in (node.module or "").split(".")
    }
    short = module.__name__.rpartition(".")[2]  # type: ignore[attr-defined]
    guarded = {name for where, name in GUARDS if where == short}
    assert {name for name in used if _is_private(name)} - OWN[short] == guarded


OWN = {
    "dtls": {
        "_context",
        "_all",
        "_send_datagram",
        "_finish",
        "_queue",
        "_dtls",
        "_expected",
        "_task",
        "_run",
        "_changed",
    },
    "srtp": {"_sessions", "_session", "_can"},
}
"""Ours."""


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")
