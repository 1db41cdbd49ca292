"""``tradewarden db``: the database behind the record, for people who look into it with their own tools."""

from typing import Annotated

import typer

from tradewarden.cli.options import AsJson, DataDir, examples

app = typer.Typer(help="The database behind the record.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The database behind the record."""


@app.command("url", epilog=examples('psql "$(tradewarden db url)"', "tradewarden db url --json"))
def url(
    owner: Annotated[
        bool, typer.Option("--owner", help="The role that owns the tables, instead of the one the desk works as.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print the database's URL, password included, for psql and its like.

    It answers while a desk runs on the data directory.
    """
    from tradewarden.adapters.embedded import read_running_desk
    from tradewarden.cli.output import answer, note, styled
    from tradewarden.cli.record import resting_desk, settings_for

    settings = settings_for(data_dir)
    running = read_running_desk(settings.data_dir) is not None
    with resting_desk(settings.data_dir, as_json=as_json) as resting:
        urls = resting.record.urls
    # psql and other clients know the plain scheme only.
    plain = (urls.owner if owner else urls.app).replace("postgresql+psycopg://", "postgresql://", 1)
    role = "owner" if owner else "app"
    answer({"url": plain, "role": role, "running": running}, lambda: [styled(plain, "")], as_json=as_json)
    if not running and settings.database_url is None:
        note("The desk does not run, and its database with it: start it with `tradewarden up` before you connect.")
