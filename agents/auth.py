"""Tokens on the wire and loopback ports."""

from __future__ import annotations

import hmac

import grpc

from fleetmind.memory import FleetmindError


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    """Metadata that presents a token."""
    return (("authorization", f"Bearer {token}"),)


async def require(context: grpc.aio.ServicerContext[object, object], *tokens: str) -> None:
    """Abort the call with UNAUTHENTICATED or PERMISSION_DENIED unless it presents one of the tokens."""
    given = next((str(value) for key, value in context.invocation_metadata() or () if key == "authorization"), "")
    if not given:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, "AUTH_MISSING: present `authorization: Bearer <token>`")
    # Compare with every token, so that timing tells nothing about which was close.
    matches = [hmac.compare_digest(given.encode(), f"Bearer {token}".encode()) for token in tokens]
    if not any(matches):
        await context.abort(grpc.StatusCode.PERMISSION_DENIED, "AUTH_DENIED: this token does not allow the call")


def bind(server: grpc.aio.Server, port: int, what: str) -> int:
    """Bind to 127.0.0.1; port 0 picks a free one.

    Raises:
        FleetmindError: `PORT_BUSY`, naming the port and the fix.
    """
    try:
        bound = server.add_insecure_port(f"127.0.0.1:{port}")
    except RuntimeError:
        bound = 0
    if bound == 0:
        raise FleetmindError("PORT_BUSY", f"{what}: port {port!r} is in use; choose another or 0 for a free one")
    return bound
