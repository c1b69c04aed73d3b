"""A command that asks an experiment goes on where it was stopped: what was answered is taken, the rest is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from experiments.command_line import Orders


def asked_again(manifest: Mapping[str, Any], orders: Orders) -> tuple[int, list[str]]:
    """Go on with a command of ``going_on.ASKING``.

    Args:
        manifest: of its folder, which is ``orders.out``.

    Returns:
        Exit code, and what to say on the screen.

    Raises:
        ConfigError, DemandflowError: something has changed since; else as the command itself.
    """
    command, orders = manifest["command"], replace(orders, going_on=manifest)
    given = manifest["request"].items()
    asked: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given}
    if command == "sweep":
        from experiments.sweep import run as sweep

        return 0, sweep.run_sweep(sweep.Request(**asked), orders)
    if command == "sensitivity":
        from experiments.sensitivity.found import Request
        from experiments.sensitivity.run import run_sensitivity

        return 0, run_sensitivity(Request(**asked), orders)
    if command == "attribution":
        from experiments.attribution import run as attribution

        return 0, attribution.run_attribution(attribution.Request(**asked), orders)
    if command == "goal":
        from experiments.goal import run as goal

        return goal.run_goal(goal.Request(**asked), orders)
    from experiments.staffing import run as staffing

    return staffing.run_staffing(staffing.Request(**asked), orders)
