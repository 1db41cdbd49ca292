"""Signing in with a one-time link, signing out, and who is signed in."""

from fastapi import APIRouter, Request, Response

from tradewarden.api.dependencies import PartsDep, PrincipalDep
from tradewarden.api.principal import COOKIE, clear_cookie, set_cookie, sign_in_with
from tradewarden.api.schemas.auth import Session, SignedOut, SignIn

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/sign-in", operation_id="signIn")
def sign_in(body: SignIn, response: Response, parts: PartsDep) -> Session:
    """Exchange the token of a one-time link (15 minutes, single use) for a session cookie."""
    opened = sign_in_with(body.token, parts.access, parts.settings, now=parts.desk.clock.wall_now())
    set_cookie(response, opened.secret, parts.settings)
    return opened.principal.session()


@router.post("/logout", operation_id="signOut")
def sign_out(request: Request, response: Response, parts: PartsDep, principal: PrincipalDep) -> SignedOut:
    """End this session for good."""
    if principal.session_hash is not None and COOKIE in request.cookies:
        parts.access.revoke_session(principal.session_hash, at=parts.desk.clock.wall_now())
    clear_cookie(response, parts.settings)
    return SignedOut(signed_out=True)


@router.get("/session", operation_id="getSession")
def get_session(principal: PrincipalDep) -> Session:
    """Return who is signed in."""
    return principal.session()
