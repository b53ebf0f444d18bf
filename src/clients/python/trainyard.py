"""A client of Trainyard: trains neural networks from JSON and predicts with them.

One file, no dependency but Python 3.9 or newer. Copy it beside your code.

    >>> from trainyard import Trainyard
    >>> yard = Trainyard("http://localhost:8080")             # or $TRAINYARD_URL
    >>> yard.upload("iris.csv")["rows"]
    150
    >>> job = yard.train({"model": {...}, "dataset": {"name": "iris"}, "training": {...}})
    >>> job["result"]["version"]
    1
    >>> yard.predict("iris", [{"sepal_length": 5.1, ...}])["predictions"][0]["species"]
    'setosa'

Answers are the service's own JSON, as dictionaries. A refusal is an exception that prints what was
wrong at which place of the request:

    >>> yard.submit({"model": "iris", "training": {"los": "mse"}})
    trainyard.Invalid: invalid_body (422): The job has 2 faults.
      /training/los: There is no 'los'; did you mean 'loss'?
      /dataset: The job needs a dataset.
"""

from __future__ import annotations

import ast
import array
import email.utils
import http.client
import json
import math
import os
import random
import struct
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Any, BinaryIO, Callable, Iterable, Iterator, NamedTuple, Union

__all__ = [
    "Trainyard",
    "Event",
    "TrainyardError",
    "Unreachable",
    "Problem",
    "Invalid",
    "Denied",
    "NotFound",
    "Conflict",
    "Busy",
    "JobFailed",
    "WaitedTooLong",
    "to_npy",
    "from_npy",
]

Json = Any
Rows = Union[str, "os.PathLike[str]", bytes, BinaryIO, "list[dict[str, Any]]"]

_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".parquet": "application/vnd.apache.parquet",
    ".npy": "application/x-npy",
    ".zip": "application/zip",
}
_NPY = "application/x-npy"
_CHUNK = 1 << 20
# The service sends a comment every 15 s, so a longer silence is a broken connection.
_SILENCE = 45.0
_POLL = 30
_LONGEST_PAUSE = 30.0


class TrainyardError(Exception):
    """Anything that this client raises about a call."""


class Unreachable(TrainyardError):
    """No service answered."""


class WaitedTooLong(TrainyardError):
    """A job had not ended after the time that `wait` was given."""


class Problem(TrainyardError):
    """The service refused a call (RFC 9457).

    `status`, `code`, `title` and `detail` say what was wrong; `errors` is a list of
    `{"pointer", "detail"}`, one for each fault of the request; `help` leads to an explanation.
    """

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.body = body
        self.code = str(body.get("code", ""))
        self.title = str(body.get("title", ""))
        self.detail = str(body.get("detail", ""))
        self.errors: list[dict[str, Any]] = [
            error for error in body.get("errors") or [] if isinstance(error, dict)
        ]
        self.help = str(body.get("help", ""))
        self.retry_after: float | None = None
        super().__init__(self._text())

    def _text(self) -> str:
        lines = [f"{self.code or 'HTTP'} ({self.status}): {self.detail or self.title}".rstrip(": ")]
        for error in self.errors:
            lines.append(f"  {error.get('pointer') or '/'}: {error.get('detail', '')}")
        if self.help:
            lines.append(f"  more: {self.help}")
        return "\n".join(lines)


class Invalid(Problem):
    """The request was wrong: 400, 413, 415 or 422."""


class Denied(Problem):
    """401 without a valid key, 403 without the scope."""


class NotFound(Problem):
    """What the path names does not exist."""


class Conflict(Problem):
    """409 or 412: something else stands against it."""


class Busy(Problem):
    """429 or 503, also after the retries."""


class JobFailed(TrainyardError):
    """A job ended without success. `job` is the job, as the service shows it."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        error = job.get("error") or {}
        reason = f"{error.get('code', '')}: {error.get('detail', '')}".strip(": ")
        super().__init__(f"job {job.get('id')} {job.get('state')}. {reason}".strip())


class Event(NamedTuple):
    """An event of a job: `kind` is `state`, `epoch`, `log` or `done`."""

    id: int
    kind: str
    data: dict[str, Any]


def _problem(status: int, content: bytes) -> Problem:
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {"detail": content[:500].decode("utf-8", "replace").strip()}
    kinds: dict[int, type[Problem]] = {
        **dict.fromkeys((400, 413, 415, 422), Invalid),
        **dict.fromkeys((401, 403), Denied),
        **dict.fromkeys((409, 412), Conflict),
        **dict.fromkeys((429, 503), Busy),
        404: NotFound,
    }
    return kinds.get(status, Problem)(status, body)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to another host."""

    def redirect_request(self, *_args: Any) -> None:
        return None


class Trainyard:
    """A caller of one service. It has no state of its own, so threads may share it.

    Args:
        url: the service; default `$TRAINYARD_URL`, else http://localhost:8080.
        key: an API key; default `$TRAINYARD_KEY`, else none.
        timeout: seconds until a silent connection counts as broken.
        patience: seconds that a call may spend on retries after 429, 503 or a lost connection.
            0 turns retries off.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float = 90.0,
        patience: float = 60.0,
    ) -> None:
        self.url = (url or os.environ.get("TRAINYARD_URL") or "http://localhost:8080").rstrip("/")
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"url must start with http:// or https://, was {self.url!r}")
        self._key = key if key is not None else os.environ.get("TRAINYARD_KEY")
        self.timeout = timeout
        self.patience = patience
        self._opener = urllib.request.build_opener(_NoRedirect)

    def __repr__(self) -> str:
        return f"Trainyard({self.url!r})"

    # Datasets

    def upload(
        self,
        rows: Rows,
        name: str | None = None,
        *,
        content_type: str | None = None,
        idempotency_key: str | None = None,
        **options: Any,
    ) -> Json:
        """Uploads rows and gives the version of the dataset, with a profile of each column.

        `rows` is a path, bytes, an open file, or a list of objects. The ending of a path gives the
        name and the content type, unless they are given. `options` are those of the upload, such as
        `on_error="skip"`.

            >>> yard.upload("iris.csv")["columns"][4]["distinct"]
            3
            >>> yard.upload([{"x": 1, "y": 2.5}], "points")["rows"]
            1
        """
        path = Path(rows) if isinstance(rows, (str, os.PathLike)) else None
        if path is not None:
            name = name or path.stem.lower()
            content_type = content_type or _MEDIA_TYPES.get(path.suffix.lower())
            if content_type is None:
                known = ", ".join(_MEDIA_TYPES)
                raise ValueError(f"{path.name}: the ending must be one of {known}, or give content_type")
        elif isinstance(rows, list):
            content_type = content_type or "application/json"
            rows = _encode(rows)
        if not name:
            raise ValueError("the dataset needs a name")
        query = {"name": name, **{key: _option(value) for key, value in options.items()}}
        opened = path.open("rb") if path is not None else None
        try:
            return self._json(
                "POST",
                "/v1/datasets",
                query=query,
                body=opened if opened is not None else rows,
                content_type=content_type or "text/csv",
                idempotency_key=idempotency_key or _new_key(),
                timeout=max(self.timeout, 600.0),
            )
        finally:
            if opened is not None:
                opened.close()

    def sample(self, name: str) -> Json:
        """Makes a sample of the service a dataset: `iris`, `xor`, …; `samples()` lists them."""
        return self._json("POST", _path("samples", name), idempotency_key=_new_key())

    def samples(self) -> list[Json]:
        return self._json("GET", "/v1/samples")["samples"]

    def datasets(self) -> Iterator[Json]:
        """All datasets, newest first."""
        return self._list("/v1/datasets", "datasets")

    def dataset(self, name: str, version: int | str = "latest") -> Json:
        """A version of a dataset with the profile of its columns."""
        return self._json("GET", _path("datasets", name, "versions", version))

    def rows(self, name: str, version: int | str = "latest") -> Iterator[Json]:
        """The rows of a version, one object each."""
        return self._list(_path("datasets", name, "versions", version, "rows"), "rows")

    def delete_dataset(self, name: str, version: int) -> None:
        self._call("DELETE", _path("datasets", name, "versions", version))

    # Models

    def validate(self, job: Json) -> Json:
        """Checks a job, or `{"model": …}` alone, and stores nothing.

        Gives `valid`, `errors` and `warnings` with pointers, and a `summary` of shapes and
        parameters.

            >>> yard.validate({"model": model, "dataset": {"name": "iris"}})["summary"]["parameters"]
            131
        """
        return self._json("POST", "/v1/models:validate", body=job, safe=True)

    def models(self) -> Iterator[Json]:
        """All models, newest first."""
        return self._list("/v1/models", "models")

    def model(self, name: str) -> Json:
        return self._json("GET", _path("models", name))

    def put_model(self, name: str, model: Json) -> Json:
        """Stores what the next job of this name trains."""
        return self._json("PUT", _path("models", name), body=model)

    def delete_model(self, name: str) -> None:
        self._call("DELETE", _path("models", name))

    def summary(self, name: str) -> Json:
        """Shapes, formulas and parameters of each layer."""
        return self._json("GET", _path("models", name, "summary"))

    def versions(self, model: str) -> Iterator[Json]:
        """The versions of a model, newest first."""
        return self._list(_path("models", model, "versions"), "versions")

    def version(self, model: str, version: int | str = "latest") -> Json:
        """A version by its number, an alias, or `latest`."""
        return self._json("GET", _path("models", model, "versions", version))

    def delete_version(self, model: str, version: int) -> None:
        self._call("DELETE", _path("models", model, "versions", version))

    def weights(
        self, model: str, version: int | str = "latest", to: str | os.PathLike[str] | None = None
    ) -> bytes | Path:
        """The weights as safetensors: bytes, or written to the file `to`, whose path is given.

        >>> yard.weights("iris", to="iris.safetensors")
        PosixPath('iris.safetensors')
        """
        path = _path("models", model, "versions", version, "weights")
        if to is not None:
            return self._download(path, Path(to))
        return self._call("GET", path, accept="application/vnd.safetensors, */*;q=0.1")[0]

    # Aliases

    def aliases(self, model: str) -> list[Json]:
        return self._json("GET", _path("models", model, "aliases"))["aliases"]

    def promote(self, model: str, version: int, alias: str = "production") -> Json:
        """Points an alias at a version, once the version is loaded and warm.

        >>> yard.promote("iris", 3)["previous_version"]
        2
        """
        return self._json("PUT", _path("models", model, "aliases", alias), body={"version": version})

    def rollback(self, model: str, alias: str = "production") -> Json:
        """Points an alias at the version that it had before."""
        return self._json("POST", _path("models", model, "aliases", alias, "rollback"))

    def alias_history(self, model: str, alias: str = "production") -> Iterator[Json]:
        return self._list(_path("models", model, "aliases", alias, "history"), "entries")

    def delete_alias(self, model: str, alias: str) -> None:
        self._call("DELETE", _path("models", model, "aliases", alias))

    # Jobs

    def submit(self, job: Json, *, idempotency_key: str | None = None) -> Json:
        """Queues a job and gives it; `wait` and `events` follow it.

        A retry of the whole call with the same `idempotency_key` starts nothing twice.
        """
        return self._create("/v1/jobs", job, idempotency_key)

    def train(
        self,
        job: Json,
        *,
        on_event: Callable[[Event], None] | None = None,
        timeout: float | None = None,
        idempotency_key: str | None = None,
    ) -> Json:
        """Submits a job and waits for its success; `on_event` sees each event.

            >>> yard.train(job, on_event=lambda e: print(e.kind, e.data.get("loss")))["state"]
            'succeeded'
        """
        job_id = self.submit(job, idempotency_key=idempotency_key)["id"]
        start = time.monotonic()
        if on_event is not None:
            deadline = math.inf if timeout is None else start + timeout
            for event in self._events(_path("jobs", job_id, "events"), 0, deadline):
                on_event(event)
        return self._wait(_path("jobs", job_id), timeout, check=True, start=start)

    def jobs(self, *, model: str | None = None, state: str | None = None) -> Iterator[Json]:
        """Jobs, newest first."""
        return self._list("/v1/jobs", "jobs", {"model": model, "state": state})

    def job(self, job: str) -> Json:
        return self._json("GET", _path("jobs", job))

    def wait(self, job: str, timeout: float | None = None, *, check: bool = True) -> Json:
        """Waits until a job has ended and gives it.

        Raises:
            JobFailed: it failed or was cancelled, unless `check=False`.
            WaitedTooLong: after `timeout` seconds.
        """
        return self._wait(_path("jobs", job), timeout, check)

    def events(self, job: str, after: int = 0) -> Iterator[Event]:
        """The events of a job after one, to the last, `done`.

        A broken connection is resumed where it ended: each event comes once, in order.

            >>> for event in yard.events(job["id"]):
            ...     if event.kind == "epoch":
            ...         print(event.data["epoch"], event.data["loss"])
        """
        return self._events(_path("jobs", job, "events"), after)

    def metrics(self, job: str) -> list[Json]:
        """One record for each epoch: `epoch`, `loss`, `val_loss`, …"""
        return self._json("GET", _path("jobs", job, "metrics"))["epochs"]

    def evaluation(self, job: str) -> Json:
        """Confusion, ROC, scores by class and the worst rows of the published weights."""
        return self._json("GET", _path("jobs", job, "evaluation"))

    def cancel(self, job: str) -> Json:
        """Ends a job; nothing is published."""
        return self._json("POST", _path("jobs", job, "cancel"), safe=True)

    def stop(self, job: str) -> Json:
        """Ends a training now; its best weights so far are published."""
        return self._json("POST", _path("jobs", job, "stop"), safe=True)

    def delete_job(self, job: str) -> None:
        self._call("DELETE", _path("jobs", job))

    # Sweeps

    def sweep(self, sweep: Json, *, idempotency_key: str | None = None) -> Json:
        """Starts a search for hyper-parameters, or a cross-validation, and gives it.

            >>> yard.sweep({"job": job, "strategy": "grid", "objective": "val_loss",
            ...             "parameters": {"/model/network/layers/0/units": [4, 8, 16]}})["state"]
            'queued'
        """
        return self._create("/v1/sweeps", sweep, idempotency_key)

    def sweeps(self) -> Iterator[Json]:
        return self._list("/v1/sweeps", "sweeps")

    def get_sweep(self, sweep: str) -> Json:
        return self._json("GET", _path("sweeps", sweep))

    def wait_sweep(self, sweep: str, timeout: float | None = None, *, check: bool = True) -> Json:
        """As `wait`; `best` and `trials` of the sweep tell what it found."""
        return self._wait(_path("sweeps", sweep), timeout, check)

    def sweep_events(self, sweep: str, after: int = 0) -> Iterator[Event]:
        return self._events(_path("sweeps", sweep, "events"), after)

    def cancel_sweep(self, sweep: str) -> Json:
        return self._json("POST", _path("sweeps", sweep, "cancel"), safe=True)

    # Predict

    def predict(
        self,
        model: str,
        instances: Iterable[Any],
        *,
        version: int | str | None = None,
        threshold: float | dict[str, float] | None = None,
        ignore_unknown: bool = False,
        timeout_seconds: float | None = None,
        **members: Any,
    ) -> Json:
        """Predicts; gives `predictions`, one for each instance, and the `version` that answered.

        Without `version`: the alias `production`, else the newest. `threshold` decides targets of
        two classes in place of the version's: a number, or one by target. `members` are those of
        the request: `outputs=["fc1"]`, `samples=100`, `explain="integrated_gradients"`. NumPy
        arrays may stand wherever lists can.

            >>> yard.predict("iris", [{"petal_length": 1.4, ...}])["predictions"][0]["species"]
            'setosa'
        """
        body = {"instances": list(instances), **members}
        if threshold is not None:
            body["threshold"] = threshold
        query = {
            "ignore_unknown": "true" if ignore_unknown else None,
            "timeout_seconds": timeout_seconds,
        }
        return self._json("POST", _predict_path(model, version), query=query, body=body, safe=True)

    def predict_npy(
        self,
        model: str,
        rows: Any,
        *,
        version: int | str | None = None,
        output: str | None = None,
    ) -> Any:
        """Predicts a whole array in binary, for models with one input.

        A NumPy array in gives a NumPy array; nested lists give nested lists.

            >>> yard.predict_npy("squares", [[0.5], [1.0]])
            [[0.25], [1.0]]
        """
        content, _ = self._call(
            "POST",
            _predict_path(model, version),
            query={"output": output},
            body=to_npy(rows),
            content_type=_NPY,
            accept=_NPY + ", application/problem+json",
            safe=True,
        )
        return from_npy(content, as_array=_is_array(rows))

    def predict_image(
        self, model: str, image: str | os.PathLike[str] | bytes, *, version: int | str | None = None
    ) -> Json:
        """Predicts a PNG or JPEG file, or its bytes."""
        content = image if isinstance(image, bytes) else Path(image).read_bytes()
        kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
        return self._json(
            "POST", _predict_path(model, version), body=content, content_type=kind, safe=True
        )

    def batch_predict(
        self,
        model: str,
        dataset: str,
        result: str,
        *,
        version: int | str | None = None,
        threshold: float | dict[str, float] | None = None,
        on_error: str | None = None,
        idempotency_key: str | None = None,
    ) -> Json:
        """Queues the prediction of a dataset into another one, and gives the job.

        `on_error="skip"` leaves rows without a prediction that the version cannot read.
        """
        body: dict[str, Any] = {
            "model": model,
            "dataset": {"name": dataset},
            "result": {"dataset": result},
        }
        given = {"version": version, "threshold": threshold, "on_error": on_error}
        body.update({name: value for name, value in given.items() if value is not None})
        return self._create("/v1/batch-predictions", body, idempotency_key)

    # Keys, backup and restore

    def create_key(
        self,
        name: str,
        scopes: list[str],
        *,
        models: list[str] | None = None,
        expires_at: str | None = None,
    ) -> Json:
        """Creates an API key. Only this answer has its `key`.

        >>> yard.create_key("dashboard", ["read", "predict"])["key"]
        'ty_…'
        """
        body = {"name": name, "scopes": scopes, "models": models, "expires_at": expires_at}
        return self._create("/v1/keys", {k: v for k, v in body.items() if v is not None}, None)

    def keys(self) -> Iterator[Json]:
        return self._list("/v1/keys", "keys")

    def delete_key(self, key_id: str) -> None:
        """Revokes a key by its id."""
        self._call("DELETE", _path("keys", key_id))

    def backup(self, to: str | os.PathLike[str]) -> Path:
        """Writes everything that the service keeps into one archive."""
        return self._download("/v1/backup", Path(to))

    def restore(self, archive: str | os.PathLike[str]) -> Json:
        """Fills an empty installation from an archive of `backup`."""
        with Path(archive).open("rb") as content:
            answer, _ = self._call(
                "POST",
                "/v1/restore",
                body=content,
                content_type="application/octet-stream",
                timeout=max(self.timeout, 3600.0),
            )
        return json.loads(answer) if answer else {}

    # Calls

    def _create(self, path: str, body: Json, key: str | None) -> Json:
        return self._json("POST", path, body=body, idempotency_key=key or _new_key())

    def _list(
        self, path: str, member: str, query: dict[str, Any] | None = None
    ) -> Iterator[Json]:
        token = ""
        while True:
            page = self._json("GET", path, query={**(query or {}), "page_token": token or None})
            yield from page[member]
            token = page.get("next_page_token", "")
            if not token:
                return

    def _wait(
        self, path: str, timeout: float | None, check: bool, start: float | None = None
    ) -> Json:
        begun = time.monotonic() if start is None else start
        deadline = None if timeout is None else begun + timeout
        while True:
            left = _POLL if deadline is None else math.ceil(deadline - time.monotonic())
            seconds = max(1, min(_POLL, left))
            job = self._json("GET", path, query={"wait": seconds})
            if job["done"]:
                break
            if deadline is not None and time.monotonic() >= deadline:
                raise WaitedTooLong(f"{path} had not ended after {timeout:g} s: {job['state']}")
        if check and job["state"] != "succeeded":
            raise JobFailed(job)
        return job

    def _events(self, path: str, after: int, deadline: float = math.inf) -> Iterator[Event]:
        """Ends after `done`, or at the deadline."""
        broken = _Retries(self.patience)
        while time.monotonic() < deadline:
            request = self._request(
                "GET",
                path,
                accept="text/event-stream",
                headers={"Last-Event-ID": str(after)} if after else {},
            )
            try:
                with self._open(request, _silence(deadline)) as stream:
                    for event in _read_events(_lines(stream, deadline)):
                        after = event.id or after
                        broken.reset()
                        yield event
                        if event.kind == "done":
                            return
                reason: Exception = Unreachable(f"{self.url}: the stream of events ended early")
                asked = None
            except Busy as e:
                reason, asked = e, e.retry_after
            except (OSError, http.client.HTTPException) as e:
                reason, asked = Unreachable(f"{self.url} does not answer: {_reason(e)}"), None
            if time.monotonic() < deadline:
                broken.pause(asked, reason, deadline)

    def _json(self, method: str, path: str, **arguments: Any) -> Json:
        content, _ = self._call(method, path, **arguments)
        try:
            return json.loads(content) if content else {}
        except ValueError as e:
            raise TrainyardError(f"{method} {path}: the answer is not JSON: {e}") from None

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json, application/problem+json",
        idempotency_key: str | None = None,
        safe: bool = False,
        timeout: float | None = None,
    ) -> tuple[bytes, Any]:
        """One call with its retries. `safe`: a POST that may be repeated although it has no key."""
        repeatable = safe or method in ("GET", "PUT", "DELETE") or idempotency_key is not None
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        data = _body(body)
        start = data.tell() if _is_file(data) and data.seekable() else None
        retries = _Retries(self.patience)
        lost = False
        while True:
            request = self._request(method, path, query, data, content_type, accept, headers)
            reason: Exception
            after = None
            try:
                with self._open(request, timeout or self.timeout) as response:
                    return response.read(), response.headers
            except Busy as e:
                # The service did nothing, so any call may be repeated.
                reason, after = e, e.retry_after
            except NotFound:
                if method == "DELETE" and lost:
                    # The attempt whose answer was lost has deleted it.
                    return b"", {}
                raise
            except (OSError, http.client.HTTPException) as e:
                lost = True
                reason = Unreachable(f"{self.url} does not answer: {_reason(e)}")
                if not repeatable:
                    raise reason from e
            if _is_file(data):
                if start is None:
                    raise reason
                data.seek(start)
            retries.pause(after, reason)

    def _request(
        self,
        method: str,
        path: str,
        query: dict[str, Any] | None = None,
        data: Any = None,
        content_type: str = "",
        accept: str = "*/*",
        headers: dict[str, str] | None = None,
    ) -> urllib.request.Request:
        given = {key: value for key, value in (query or {}).items() if value is not None}
        url = self.url + path + ("?" + urllib.parse.urlencode(given) if given else "")
        request = urllib.request.Request(url, data=data, method=method)
        request.add_header("Accept", accept)
        request.add_header("User-Agent", "trainyard-python")
        if data is not None:
            request.add_header("Content-Type", content_type)
            if _is_file(data) and data.seekable():
                here = data.tell()
                size = data.seek(0, os.SEEK_END) - here
                data.seek(here)
                request.add_header("Content-Length", str(size))
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if self._key:
            request.add_unredirected_header("Authorization", "Bearer " + self._key)
        return request

    def _open(self, request: urllib.request.Request, timeout: float) -> Any:
        try:
            return self._opener.open(request, timeout=timeout)
        except urllib.error.HTTPError as e:
            with e:
                problem = _problem(e.code, e.read(_CHUNK))
            problem.retry_after = _seconds(e.headers.get("Retry-After"))
            raise problem from None

    def _download(self, path: str, to: Path) -> Path:
        """Writes beside the file and renames at the end: a file of that name is whole."""
        part = to.with_name(f"{to.name}.{uuid.uuid4().hex[:8]}.part")
        retries = _Retries(self.patience)
        try:
            while True:
                try:
                    with self._open(self._request("GET", path), self.timeout) as response:
                        self._copy(response, part)
                    break
                except Busy as e:
                    retries.pause(e.retry_after, e)
                except urllib.error.URLError as e:
                    retries.pause(None, Unreachable(f"{self.url} does not answer: {e.reason}"))
                except (http.client.HTTPException, ConnectionError, TimeoutError) as e:
                    retries.pause(None, Unreachable(f"{self.url}: the download broke off: {e}"))
            part.replace(to)
            return to
        finally:
            part.unlink(missing_ok=True)

    @staticmethod
    def _copy(response: Any, part: Path) -> None:
        length = response.headers.get("Content-Length")
        written = 0
        with part.open("wb") as out:
            while chunk := response.read(_CHUNK):
                out.write(chunk)
                written += len(chunk)
        if length is not None and written != int(length):
            raise http.client.IncompleteRead(b"", int(length) - written)


class _Retries:
    """Pauses between attempts: as long as the service says, else twice as long each time."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self.reset()

    def reset(self) -> None:
        self._deadline = time.monotonic() + self._patience
        self._next = 0.5

    def pause(self, asked: float | None, reason: Exception, until: float = math.inf) -> None:
        seconds = self._next * random.uniform(0.5, 1.0) if asked is None else asked
        self._next = min(_LONGEST_PAUSE, self._next * 2)
        if time.monotonic() + seconds > self._deadline:
            raise reason
        time.sleep(max(0.0, min(seconds, until - time.monotonic())))


def _silence(deadline: float) -> float:
    return max(0.001, min(_SILENCE, deadline - time.monotonic()))


def _lines(stream: Any, deadline: float) -> Iterator[bytes]:
    """The lines that come before the deadline. Comments count: they keep a silent job's stream."""
    connection = getattr(getattr(getattr(stream, "fp", None), "raw", None), "_sock", None)
    while time.monotonic() < deadline:
        if connection is not None:
            connection.settimeout(_silence(deadline))
        line = stream.readline()
        if not line:
            return
        yield line


def _read_events(lines: Iterable[bytes]) -> Iterator[Event]:
    number, kind, data = 0, "message", []
    for raw in lines:
        line = raw.decode("utf-8").rstrip("\r\n")
        field, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if not line:
            if data:
                yield Event(number, kind, json.loads("\n".join(data)))
            kind, data = "message", []
        elif field == "id" and value.isdigit():
            number = int(value)
        elif field == "event":
            kind = value
        elif field == "data":
            data.append(value)


def _path(*parts: Any) -> str:
    return "/v1/" + "/".join(urllib.parse.quote(str(part), safe="") for part in parts)


def _predict_path(model: str, version: int | str | None) -> str:
    if version is None:
        return _path("models", model, "predict")
    return _path("models", model, "versions", version, "predict")


def _reason(e: Exception) -> Any:
    return getattr(e, "reason", None) or e


def _new_key() -> str:
    return uuid.uuid4().hex


def _option(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def _seconds(text: str | None) -> float | None:
    """The header Retry-After: seconds, or a date."""
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _is_file(body: Any) -> bool:
    return hasattr(body, "read")


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array_interface__")


def _body(body: Any) -> Any:
    if body is None or isinstance(body, bytes) or _is_file(body):
        return body
    return _encode(body)


def _encode(body: Any) -> bytes:
    try:
        return json.dumps(body, default=_plain, allow_nan=False).encode()
    except ValueError as e:
        raise ValueError("JSON has no NaN and no infinity; a missing value is None") from e


def _plain(value: Any) -> Any:
    """NumPy's arrays and numbers as lists and numbers."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no JSON form")


# NPY (numpy.lib.format), version 1.0

_CODES = {
    "f2": "e", "f4": "f", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q",
    "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "b1": "?",
}  # fmt: skip


def to_npy(values: Any) -> bytes:
    """Nested lists as NPY in float32, or int64 if all are integers; a NumPy array in its own type.

    >>> from_npy(to_npy([[1.5, 2.0]]))
    [[1.5, 2.0]]
    """
    if _is_array(values):
        interface = values.__array_interface__
        shape, kind = interface["shape"], interface["typestr"].replace(">", "<")
        content = values.astype(kind).tobytes()
    else:
        shape = _shape(values)
        flat = list(_flat(values, shape))
        whole = bool(flat) and all(isinstance(x, int) and not isinstance(x, bool) for x in flat)
        kind = "<i8" if whole else "<f4"
        packed = array.array("q" if whole else "f", flat)
        if sys.byteorder == "big":
            packed.byteswap()
        content = packed.tobytes()
    header = repr({"descr": kind, "fortran_order": False, "shape": tuple(shape)}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


def from_npy(content: bytes, as_array: bool = False) -> Any:
    """Nested lists of an NPY file, or a NumPy array."""
    if len(content) < 12 or content[:6] != b"\x93NUMPY":
        raise ValueError("not an NPY file")
    start, form = (10, "<H") if content[6] == 1 else (12, "<I")
    (length,) = struct.unpack_from(form, content, 8)
    header = ast.literal_eval(content[start : start + length].decode("latin1").strip())
    descr, shape = header["descr"], header["shape"]
    data = memoryview(content)[start + length :]
    if as_array:
        import numpy

        order = "F" if header["fortran_order"] else "C"
        return numpy.frombuffer(data, numpy.dtype(descr)).reshape(shape, order=order)
    code = _CODES.get(descr[1:])
    if code is None or header["fortran_order"]:
        raise ValueError(f"an array of {descr} can only be read with NumPy")
    count = math.prod(shape)
    byte_order = ">" if descr[0] == ">" else "<"
    flat = list(struct.unpack_from(f"{byte_order}{count}{code}", data))
    for size in reversed(shape[1:]):
        flat = [flat[i : i + size] for i in range(0, len(flat), size)] if size else []
    return flat if shape else flat[0]


def _shape(values: Any) -> list[int]:
    shape = []
    while isinstance(values, (list, tuple)):
        shape.append(len(values))
        if not values:
            break
        values = values[0]
    return shape


def _flat(values: Any, shape: list[int]) -> Iterator[Any]:
    if not shape:
        if isinstance(values, (list, tuple)):
            raise ValueError("the lists have different depths")
        yield values
        return
    if not isinstance(values, (list, tuple)) or len(values) != shape[0]:
        raise ValueError(f"the lists have different lengths: expected {shape[0]}")
    for value in values:
        yield from _flat(value, shape[1:])
