# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processing of one API request in the server (order of checks: REST page, 2.3, 3.9 and 4)."""
from __future__ import annotations

import asyncio
import time
import traceback
from datetime import datetime
from email.message import Message as Header
from functools import lru_cache
from uuid import uuid4

from .api_ai import AI_APIS
from .api_more import MORE_APIS
from .api_platform import PLATFORM_APIS
from .api_serving import SERVING_APIS
from .apis import Api
from .body import Message, build_message, decode_body
from .errors import ApiError, RestError, diagnostic_envelope, html_page
from .exchange import HTML, TEXT, Answer, Exchange
from .faults import SUBSTITUTES, error_of, substitute
from .handlers import CHECKS, RUNS
from .handlers.registry import Context, check_quota, check_targets
from .handlers.tags import apply_message_tags, check_message_tags
from .query import parse_query
from .routing import VERBS, Router
from .serialise import schema_of, to_json
from .validate import check_parameters, check_resource_uuid, check_tag_uuids
from .world import World

JOBS = "/v1/api-jobs/"
SCHEMA_HEADER = "x-json-schema"
SIGN_INS = frozenset(("LogInByAccount", "LogIn", "LogInByUser", "LogInByLdap", "LoginIAM2VirtualID", "LoginIAM2VirtualIDWithLdap", "LoginIAM2Project"))
ASYNC_TIMEOUT_MS = 1_800_000


class Pipeline:
    """Routes, checks and executes requests."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tasks: set[asyncio.Task] = set()
        self.windows: dict[str, tuple[int, int]] = {}
        self.router = Router([])
        self.configure()

    def configure(self) -> None:
        """Take over a changed configuration: which calls this server has."""
        config = self.world.config
        apis, self.router = calls_of(config.version, frozenset(config.removed_calls))
        self.world.api_names[:] = [api.message for api in apis]

    def route(self, exchange: Exchange) -> None:
        """Find the call of a request; what goes wrong is kept in `refusal` until it is its turn."""
        try:
            if exchange.method not in VERBS:
                raise RestError(405, html_page(405, "Method Not Allowed"), page=True)
            if exchange.path.startswith(JOBS):
                exchange.call = "PollJob"
                return
            if self.router.match(exchange.path) is not None:
                exchange.body = decode_body(exchange.raw, charset_of(exchange.headers.get("content-type")))
            exchange.api, exchange.path_values = self.router.route(exchange.method, exchange.path, exchange.body, exchange.body is not None)
            exchange.call = exchange.api.name
        except RestError as error:
            exchange.refusal = error

    def answer(self, exchange: Exchange) -> Answer:
        """Return the answer to a request, errors in the form of the dialect."""
        try:
            fault = exchange.fault(*SUBSTITUTES)
            if fault is None:
                return self.process(exchange)
            if fault.options.get("after"):
                self.answer_plainly(exchange)
            if fault.kind == "boot_404":
                raise RestError(404, f"no api mapping to {exchange.path}", "ORG_ZSTACK_CORE_REST_10015")
            return substitute(fault)
        except RestError as error:
            return self.rest_answer(error)
        except ApiError as error:
            return self.error_answer(error, uuid4().hex)

    def answer_plainly(self, exchange: Exchange) -> None:
        """Process a request whose answer will not be sent."""
        try:
            exchange.entry["job"] = self.process(exchange).job
        except (RestError, ApiError):
            pass

    def rest_answer(self, error: RestError) -> Answer:
        """Return the answer of a REST-layer error (REST page, 3.7)."""
        if error.page:
            return Answer(error.status, error.text, HTML)
        if self.world.config.dialect == "classic":
            return Answer(error.status, error.text)
        api_error = error.as_api_error()
        return Answer(error.status, to_json(diagnostic_envelope(api_error, uuid4().hex)), TEXT, {"Content-Language": "en-US"}, api_error.code)

    def error_body(self, error: ApiError, request_id: str) -> dict:
        """Return the failure body of the API layer (REST page, 7)."""
        if self.world.config.dialect == "diagnostic":
            return diagnostic_envelope(error, request_id)
        return {"error": error.inventory(self.world.config.shows_global_codes)}

    def error_answer(self, error: ApiError, request_id: str) -> Answer:
        """Return the 503 of a synchronous call."""
        return Answer(503, to_json(self.error_body(error, request_id)), error=error.code)

    def process(self, exchange: Exchange) -> Answer:
        """Process a request; raise RestError or ApiError."""
        self.limit_rate(exchange)
        if exchange.call == "PollJob":
            return self.poll(exchange)
        if exchange.refusal:
            raise exchange.refusal
        api = exchange.api
        if api.auth:
            self.read_authorization(exchange)
        if api.query:
            return self.run_query(exchange)
        fault = exchange.fault("ignore_fields")
        message = build_message(api, exchange.body, exchange.query, exchange.path_values, self.world.config.version,
                                tuple(fault.options.get("fields", ())) if fault else ())
        timeout_ms = timeout_of(exchange.headers.get("x-api-timeout"))
        if api.sync:
            return self.run_sync(exchange, message)
        return self.accept(exchange, message, timeout_ms)

    def limit_rate(self, exchange: Exchange) -> None:
        """Count a request, polls too, and refuse it above the limit (REST page, 3.8)."""
        limit = self.world.config.rate_limit_per_minute
        if not limit:
            return
        minute = int(time.time() // 60)
        client = exchange.headers.get("x-forwarded-for", "").split(",")[0].strip() or exchange.headers.get("x-real-ip") or exchange.client
        begun, used = self.windows.get(client, (minute, 0))
        used = used if begun == minute else 0
        if used >= limit:
            raise RestError(429, "Rate limit exceeded")
        self.windows[client] = (minute, used + 1)

    def poll(self, exchange: Exchange) -> Answer:
        """Answer a poll of a job; nobody asks who polls (REST page, 3.2)."""
        if exchange.method != "GET":
            raise RestError(405, "only GET method is allowed for querying job status")
        self.raise_fault(exchange)
        uuid = exchange.path[len(JOBS):]
        status, body = self.world.jobs.poll(uuid, SCHEMA_HEADER in exchange.headers)
        return Answer(status, body, job=uuid)

    def read_authorization(self, exchange: Exchange) -> None:
        """Check presence and form of the header, and signatures; sessions are checked later (REST page, 2.3)."""
        value = exchange.headers.get("authorization")
        if value is None:
            raise RestError(400, "missing header 'Authorization'")
        if value.startswith("OAuth"):
            exchange.session = value[len("OAuth"):].strip()
        elif value.startswith("ZStack"):
            now = datetime.now(self.world.config.tzinfo)
            exchange.key_account = self.world.keys.account_of(value, exchange.headers.get("date"), exchange.method, exchange.path, now)
        else:
            raise RestError(400, "Authorization type must be 'OAuth'")

    def account_of(self, exchange: Exchange) -> dict | None:
        """Return who asks; raise ID.1001."""
        if exchange.key_account is not None:
            return self.world.sessions.account(exchange.key_account)
        if exchange.api.auth:
            if exchange.fault("expire_session"):
                self.world.store.delete("sessions", exchange.session)
            return self.world.sessions.account_of(exchange.session)
        return None

    def run_query(self, exchange: Exchange) -> Answer:
        """Answer a query."""
        single = exchange.path_values.get("uuid")
        query = parse_query(exchange.query, single)
        account = self.account_of(exchange)
        self.raise_fault(exchange)
        body = self.world.queries.run(exchange.api.query, query, account)
        self.world.store.commit()
        return Answer(200, to_json(body))

    def checked(self, exchange: Exchange, message: Message) -> Context:
        """Run every check of a call in the server's order; return its context."""
        world = self.world
        check_parameters(message, world.store, world.config.dialect, world.config.version)
        late = exchange.fault("late_row")
        context = Context(world, message, self.account_of(exchange), late.options.get("ms", 1000) if late else 0.0,
                          faults=tuple(exchange.faults))
        check_targets(context)
        check_resource_uuid(message)
        check_tag_uuids(message, world.store)
        if message.api.creates:
            check_quota(context, message.api.target)
        if message.api.name in CHECKS:
            CHECKS[message.api.name](context)
        check_message_tags(context)
        self.raise_fault(exchange)
        return context

    @staticmethod
    def raise_fault(exchange: Exchange) -> None:
        """Fail as a fault of kind `error` asks."""
        fault = exchange.fault("error")
        if fault:
            raise error_of(fault)

    def run_sync(self, exchange: Exchange, message: Message) -> Answer:
        """Execute a synchronous call."""
        try:
            body = RUNS[message.api.name](self.checked(exchange, message))
        finally:
            self.world.store.commit()
        if exchange.call in SIGN_INS:
            exchange.entry["signed_in"] = True
        if SCHEMA_HEADER in exchange.headers:
            body = {**body, "schema": schema_of(body)}
        return Answer(200, to_json(body))

    def accept(self, exchange: Exchange, message: Message, timeout_ms: int) -> Answer:
        """Accept an asynchronous call: write the job's row, then start the work (REST page, 3.2)."""
        config, jobs = self.world.config, self.world.jobs
        job = jobs.new_uuid(exchange.headers.get("x-job-uuid"), exchange.method)
        jobs.start(job, message.api.name)
        fault = exchange.fault("stuck_job", "restart")
        if fault:
            jobs.frozen.add(job)
        if not fault or fault.options.get("work"):
            task = asyncio.get_running_loop().create_task(self.work(job, exchange, message, timeout_ms))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        location = f"http://{config.location_host}{config.context_path}{JOBS}{job}"
        return Answer(202, to_json({"location": location, "apiTimeout": timeout_ms}), job=job)

    async def work(self, job: str, exchange: Exchange, message: Message, timeout_ms: int) -> None:
        """Run a job and store its outcome."""
        status, body, code = 200, {}, None
        try:
            body = await self.execute(job, exchange, message, timeout_ms)
        except ApiError as error:
            status, body, code = 503, self.error_body(error, job), error.code
        except Exception as error:  # pylint: disable=broad-except
            traceback.print_exc()
            status, body, code = 503, self.error_body(ApiError("SYS.1000", repr(error)), job), "SYS.1000"
        if self.world.jobs.finish(job, status, body):
            exchange.entry["error"] = code

    async def execute(self, job: str, exchange: Exchange, message: Message, timeout_ms: int) -> dict:
        """Check, wait for the time that the job takes, and do it; only check when asked for validation only."""
        context = self.checked(exchange, message)
        if message.validation_only:
            return {}
        config = self.world.config
        wait_ms = config.job_ms_by_call.get(message.api.name, config.job_ms)
        if wait_ms > timeout_ms:
            await asyncio.sleep(timeout_ms / 1000)
            error = ApiError("SYS.1001", f"the call[{message.api.name}] timed out after {timeout_ms} ms")
            self.world.jobs.finish(job, 503, self.error_body(error, job))
            exchange.entry["error"] = error.code
            wait_ms -= timeout_ms
        if wait_ms > 0:
            await asyncio.sleep(wait_ms / 1000)
        body = RUNS[message.api.name](context)
        apply_message_tags(context)
        return await self.ended(context, timeout_ms) if context.pending else body

    async def ended(self, context: Context, timeout_ms: int) -> dict:
        """Wait for a job that goes on after its first step; SYS.1001 when that takes too long."""
        self.world.store.commit()
        try:
            return await asyncio.wait_for(context.pending, timeout_ms / 1000)
        except asyncio.TimeoutError:
            raise ApiError("SYS.1001", f"the call[{context.message.api.name}] timed out after {timeout_ms} ms") from None

    def freeze(self, keep_work: bool) -> None:
        """Do what a restart of the server does to running jobs: they stay 202 forever."""
        self.world.jobs.freeze_running()
        if not keep_work:
            self.cancel()

    def cancel(self) -> None:
        """Stop all running jobs."""
        for task in list(self.tasks):
            task.cancel()


@lru_cache(maxsize=20)
def calls_of(version: tuple[int, ...], removed: frozenset[str]) -> tuple[list[Api], Router]:
    """Return the calls that a server has, and their router; neither ever changes, so servers share them."""
    apis = [api for api in PLATFORM_APIS + AI_APIS + SERVING_APIS + MORE_APIS
            if api.name not in removed and (api.since is None or api.since <= version)]
    return apis, Router(apis)


@lru_cache(maxsize=100)
def charset_of(content_type: str | None) -> str | None:
    """Return the charset of a Content-Type header, if it names one."""
    if not content_type:
        return None
    header = Header()
    header["content-type"] = content_type
    return header.get_content_charset()


def timeout_of(text: str | None) -> int:
    """Return the timeout of a call in milliseconds from X-API-Timeout in seconds; anything except a number is a 500 (REST page, 1)."""
    if text is None:
        return ASYNC_TIMEOUT_MS
    try:
        return int(text) * 1000
    except ValueError as error:
        raise RestError(500, f"For input string: \"{text}\"") from error
