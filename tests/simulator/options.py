# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line options and the configuration that the control API can change."""
from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta, timezone
from functools import lru_cache
from typing import ClassVar


@dataclass
class Config:
    """Behaviour switches; every one can be changed at run time with PUT /_simulator/config."""

    latency_ms: float = 0.0
    job_ms: float = 0.0
    # milliseconds by API name, before job_ms
    job_ms_by_call: dict = field(default_factory=dict)
    dialect: str = "classic"
    # None: as the dialect has it; True or False: forced
    global_error_codes: bool | None = None
    server_version: str = "5.5.22"
    timezone: str = "+00:00"
    check_timezone: bool = False
    date_window_s: int = 900
    access_key_module: bool = True
    max_sessions: int = 500
    session_timeout_s: float = 7200.0
    max_login_attempts: int = 6
    lock_s: float = 600.0
    two_factor_token: str | None = None
    # whether a two-factor code is accepted only once
    two_factor_once: bool = True
    # what a captcha shows; None: sign-ins need none
    captcha: str | None = None
    rate_limit_per_minute: int = 0
    reserve_deleted_uuids: bool = True
    tag_delay_ms: float = 0.0
    deploy_ms: float = 200.0
    # whether the job of a deployment lasts as long as the deployment
    deploy_job_waits: bool = False
    # whether a changed configuration of a group deploys it again
    update_redeploys: bool = False
    # parameters of a deployment that the yaml of its group shows
    group_yaml_shows: list = field(default_factory=lambda: ["environmentVariables", "serviceLivez", "serviceReadyz", "serviceBootupTime"])
    # how inventories show passwords: shown, masked or hidden
    passwords: str = "shown"
    # whether deployed instances listen on ports of this machine, and how long until they are ready
    endpoints: bool = True
    endpoint_ms: float = 0.0
    # how long an evaluation takes, its score, and scores by name or uuid of the task, the evaluated group or the model
    evaluation_ms: float = 200.0
    evaluation_score: float = 85.0
    evaluation_scores: dict = field(default_factory=dict)
    evaluation_done_status: str = "Completed"
    # whether the evaluating service goes with the last of its tasks
    evaluation_groups_go: bool = True
    # largest number of objects by kind that an account other than admin may have
    quotas: dict = field(default_factory=dict)
    # resource types that cannot have user tags, such as ModelServiceInstanceGroupVO
    untaggable: list = field(default_factory=list)
    # bytes of a dataset that was created
    dataset_size: int = 1048576
    timestamp_style: str = "java8"
    removed_calls: list = field(default_factory=list)
    classification_form: str = "both"
    # which parameters may not be sent together with yaml: "all" single parameters or only the "service" ones
    yaml_exclusive: str = "all"
    job_retention_s: float = 10800.0
    location_host: str = "192.0.2.10:8080"
    context_path: str = "/zstack"

    CHOICES: ClassVar[dict] = {
        "dialect": ("classic", "diagnostic"),
        "timestamp_style": ("java8", "comma", "narrow"),
        "classification_form": ("both", "bare", "prefixed"),
        "passwords": ("shown", "masked", "hidden"),
        "yaml_exclusive": ("all", "service"),
    }

    def merge(self, changes: dict) -> None:
        """Take over known keys of `changes`; raise ValueError for an unknown key or value."""
        known = {item.name for item in fields(self)}
        for key, value in changes.items():
            if key not in known:
                raise ValueError(f"unknown configuration key {key!r}; known: {sorted(known)}")
            if key in self.CHOICES and value not in self.CHOICES[key]:
                raise ValueError(f"{key} must be one of {self.CHOICES[key]}, not {value!r}")
        if "timezone" in changes:
            parse_offset(changes["timezone"])
        if "server_version" in changes:
            version_tuple(changes["server_version"])
        for key, value in changes.items():
            setattr(self, key, value)

    def as_dict(self) -> dict:
        """Return every key with its value."""
        return asdict(self)

    @property
    def tzinfo(self) -> timezone:
        """Return the server's timezone."""
        return parse_offset(self.timezone)

    @property
    def version(self) -> tuple[int, ...]:
        """Return the server's version as numbers."""
        return version_tuple(self.server_version)

    @property
    def shows_global_codes(self) -> bool:
        """Return whether errors carry globalErrorCode."""
        return self.dialect == "diagnostic" if self.global_error_codes is None else self.global_error_codes


@lru_cache(maxsize=100)
def version_tuple(text: str) -> tuple[int, ...]:
    """Return '5.5.22' as (5, 5, 22); raise ValueError when it is no version."""
    return tuple(int(part) for part in text.split("."))


@lru_cache(maxsize=100)
def parse_offset(text: str) -> timezone:
    """Return the timezone of an offset such as '+08:00'; raise ValueError when it is none."""
    if text[:1] not in ("+", "-") or text[3:4] != ":":
        raise ValueError(f"timezone must look like +08:00, not {text!r}")
    delta = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return timezone(-delta if text[0] == "-" else delta)


def default_database() -> str:
    """Return the database file used without --db: in .work of the current directory, else a temporary file."""
    if os.path.isdir(".work"):
        return os.path.join(".work", "simulator.sqlite3")
    handle, path = tempfile.mkstemp(prefix="zstack-simulator-", suffix=".sqlite3")
    os.close(handle)
    return path


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="simulator", description="A simulated ZStack management node with the AI API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free port")
    parser.add_argument("--context-path", default="/zstack")
    parser.add_argument("--db", default=None, help="SQLite file, or :memory:")
    parser.add_argument("--seed", default=None, help="YAML or JSON file; 'none' for an empty server")
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--job-ms", type=float, default=0.0)
    parser.add_argument("--dialect", choices=Config.CHOICES["dialect"], default="classic")
    parser.add_argument("--server-version", default="5.5.22")
    parser.add_argument("--timezone", default="+00:00")
    parser.add_argument("--location-host", default="192.0.2.10:8080", help="host and port in job locations; foreign on purpose")
    return parser.parse_args(argv)


def config_of(arguments: argparse.Namespace) -> Config:
    """Return the configuration that the command line asks for."""
    config = Config()
    config.merge({
        "latency_ms": arguments.latency_ms,
        "job_ms": arguments.job_ms,
        "dialect": arguments.dialect,
        "server_version": arguments.server_version,
        "timezone": arguments.timezone,
        "location_host": arguments.location_host,
        "context_path": "/" + arguments.context_path.strip("/") if arguments.context_path.strip("/") else "",
    })
    return config
