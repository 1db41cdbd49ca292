"""What is written about the command line and the settings is what there is."""

import re

from tests.integration.cli_rig import REPOSITORY
from tests.integration.test_cli_help import commands
from typer.main import get_command

from tradewarden.bootstrap.configured import Settings
from tradewarden.cli.app import app

CLI = (REPOSITORY / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
SETTINGS = (REPOSITORY / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
OWN = ("README.md", "CHANGELOG.md", "docs/tutorial/first-desk.md", "docs/how-to/simulate.md", "docs/reference/cli.md",
       "docs/reference/settings.md")  # fmt: skip


def test_the_reference_names_every_command_and_every_option() -> None:
    for path, command in commands(get_command(app)):
        assert f"### `tradewarden {' '.join(path)}" in CLI, path
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--"):
                    assert option in CLI, (path, option)


def test_the_reference_names_no_option_that_is_not_there() -> None:
    known = {option for _, command in commands(get_command(app)) for each in command.params for option in each.opts}
    written = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", CLI))
    assert written <= known | {"--help", "--version"}


def test_every_setting_is_described_with_its_default() -> None:
    for name, field in Settings.model_fields.items():
        row = re.search(rf"^\| `TRADEWARDEN_{name.upper()}` .*$", SETTINGS, re.MULTILINE)
        assert row is not None, name
        if field.default is not None and field.default_factory is None:
            default = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
            assert default in row.group(), name


def test_commands_in_the_documents_exist() -> None:
    known = {" ".join(path) for path, _ in commands(get_command(app))}
    for name in OWN:
        text = (REPOSITORY / name).read_text(encoding="utf-8")
        for line in re.findall(r"(?:^|[$( `])tradewarden ([a-z][a-z -]*)", text, re.MULTILINE):
            words = line.split()
            assert any(" ".join(words[:count]) in known for count in (1, 2)) or words[0] in {"ideas", "history"}, line
