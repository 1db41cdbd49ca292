"""``tradewarden sign-in-link``: a fresh one-time link into the web pages of a running desk.

Whoever can read the data directory may make one; only the link's digest is kept in the record.
"""

import typer

from tradewarden.cli.acting import person
from tradewarden.cli.options import AsJson, DataDir


def sign_in_link(
    open_browser: bool = typer.Option(False, "--open", help="Open the link in the browser of this machine."),
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a sign-in link for the web pages: it works once, for 15 minutes. Needs a running desk."""
    from tradewarden.adapters.clock import system_now
    from tradewarden.api.principal import LINK_LIFETIME, issue_sign_in_token
    from tradewarden.cli.output import answer, note, styled
    from tradewarden.cli.reach import require_desk
    from tradewarden.cli.record import resting_desk, settings_for

    settings = settings_for(data_dir)
    desk = require_desk(settings.data_dir, "a link leads to the pages of a running desk")
    now = system_now()
    with resting_desk(settings.data_dir, as_json=as_json) as resting:
        token = issue_sign_in_token(resting.record.access, name=person(), now=now)
    link = link_to(desk.url, token)
    found = {"sign_in_link": link, "url": desk.url, "expires_at": now + LINK_LIFETIME}
    answer(found, lambda: [styled(link, "")], as_json=as_json)
    note(f"Works once, until {LINK_LIFETIME.seconds // 60} minutes from now.")
    if open_browser:
        typer.launch(link)


def link_to(url: str, token: str) -> str:
    """Return the page address that signs in with ``token``."""
    return f"{url.rstrip('/')}/sign-in?token={token}"
