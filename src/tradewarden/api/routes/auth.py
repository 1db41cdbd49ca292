"""Signing in with a one-time link, signing out, and who is signed in."""

from fastapi import APIRouter, Response

from tradewarden.api.dependencies import PartsDep, PrincipalDep
from tradewarden.api.principal import clear_cookie, set_cookie
from tradewarden.api.schemas.auth import Session, SignedOut, SignIn

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/sign-in", operation_id="signIn")
def sign_in(body: SignIn, response: Response, parts: PartsDep) -> Session:
    """Exchange the token of a one-time link (15 minutes, single use) for a session cookie."""
    principal, secret = parts.doorkeeper.sign_in(body.token, now=parts.desk.clock.wall_now())
    set_cookie(response, secret, parts.settings)
    return principal.answer()


@router.post("/logout", operation_id="signOut")
def sign_out(response: Response, parts: PartsDep, principal: PrincipalDep) -> SignedOut:
    """End this session for good."""
    parts.doorkeeper.sign_out(principal, now=parts.desk.clock.wall_now())
    clear_cookie(response, parts.settings)
    return SignedOut(signed_out=True)


@router.get("/session", operation_id="getSession")
def get_session(principal: PrincipalDep) -> Session:
    """Return who is signed in."""
    return principal.answer()
