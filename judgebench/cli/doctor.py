"""The verb that says what this machine gives."""

from __future__ import annotations

import click

from judgebench.cli import group


@click.command()
@group.as_json_option
def doctor(*, as_json: bool) -> None:
    """Say what this machine gives: packages, GPUs, folders, which keys are set, and the sandbox for models' code.

    The sandbox is tried, with code of judgebench's own. Of keys, names are printed and never values.
    """
    from judgebench.api.machine import machine

    if as_json:
        group.print_json(dict(machine()))
        return
    for name, found in machine():
        click.echo(f"{name:<18}{found}")
