"""A client of Trainyard: trains neural networks from JSON and predicts with them.

One file, no dependency but Python 3.9 or newer. Copy it beside your code, or install the wheel.
Data frames need pandas, the estimators at the end scikit-learn; both are loaded when they are used.

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

With pandas and in a notebook:

    >>> yard.upload(frame, "houses")["rows"]                     # NaN is a missing value
    506
    >>> job = yard.train({...}, progress=True)
    epoch 60 of 60  loss 0.0412  val_loss 0.0587
    >>> yard.plot(job["id"], "curves")                           # a notebook shows it
    >>> yard.predict_frame("houses", frame).columns
    Index(['predicted_price'], dtype='object')

As an estimator of scikit-learn:

    >>> from trainyard import TrainyardClassifier
    >>> cross_val_score(TrainyardClassifier(random_state=1), X, y).mean()
    0.96
"""

from __future__ import annotations

import ast
import array
import collections
import contextlib
import csv
import email.utils
import http.client
import importlib.util
import io
import json
import math
import os
import random
import re
import ssl
import struct
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import warnings
import weakref
from pathlib import Path
from typing import (
    IO,
    TYPE_CHECKING,
    Any,
    BinaryIO,
    Callable,
    Iterable,
    Iterator,
    NamedTuple,
    TextIO,
    Union,
)

__all__ = [
    "Trainyard",
    "Event",
    "Plot",
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
    "TrainyardWarning",
    "to_npy",
    "from_npy",
]

Json = Any
# A DataFrame of pandas is one of Any here, because pandas need not be installed.
DataFrame = Any
Rows = Union[str, "os.PathLike[str]", bytes, BinaryIO, "list[dict[str, Any]]", DataFrame]

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
_SVG = "image/svg+xml"
_SVG_ONLY = _SVG + ", application/problem+json"
_CSV_TEXT = "text/csv"
_CHUNK = 1 << 20
# The service sends a comment every 15 s, so a longer silence is a broken connection.
_SILENCE = 45.0
_POLL = 30
_LONGEST_PAUSE = 30.0
# So many faults of a request are printed; `errors` has all.
_SHOWN = 10
# So many cells of a data frame travel in one request for predictions.
_CELLS = 200_000


class TrainyardError(Exception):
    """Anything that this client raises about a call."""


class Unreachable(TrainyardError):
    """No service answered."""


class TrainyardWarning(UserWarning):
    """What the service says of an estimator's training that runs, but may not do what was meant."""


class WaitedTooLong(TrainyardError):
    """A job had not ended after the time that `wait` was given."""


class Problem(TrainyardError):
    """The service refused a call (RFC 9457).

    `status`, `code`, `title` and `detail` say what was wrong; `errors` is a list of
    `{"pointer", "detail"}`, one for each fault of the request, and with `count` and `examples`
    when many cells of a column have it; `help` leads to an explanation.
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
        shown = [each for each in self.errors if each.get("pointer") or each.get("detail") != self.detail]
        for error in shown[:_SHOWN]:
            lines.append(f"  {error.get('pointer') or '/'}: {error.get('detail', '')}{_cells(error)}")
        if len(shown) > _SHOWN:
            lines.append(f"  … and {len(shown) - _SHOWN} more, in `errors`")
        if self.help:
            lines.append(f"  more: {self.help}")
        return "\n".join(lines)


def _cells(error: dict[str, Any]) -> str:
    """How many cells have a fault, and where the first are."""
    if "count" not in error:
        return ""
    places = ", ".join(map(str, error.get("examples") or []))
    return f" ({error['count']} cells have this fault, the first at {places})"


class Invalid(Problem, ValueError):
    """The request was wrong: 400, 413, 415 or 422. A `ValueError` too."""


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
    """An event of a job: `kind` is `state`, `epoch`, `progress`, `log` or `done`."""

    id: int
    kind: str
    data: dict[str, Any]


class Plot:
    """A picture that the service drew. A notebook shows it; `svg` is its text."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, to: str | os.PathLike[str]) -> Path:
        """Writes it to a file, whose name should end in `.svg`."""
        path = Path(to)
        path.write_text(self.svg, encoding="utf-8")
        return path


def _problem(status: int, content: bytes, url: str) -> Problem:
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {"detail": content[:500].decode("utf-8", "replace").strip()}
    if str(body.get("help", "")).startswith("/"):
        body["help"] = url + body["help"]
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
        patience: seconds that a call may spend on retries: after 429, 503 or a slow body; and, if
            the call may be repeated, after a lost connection or once after 500. 0 turns them off.
        ca_file: certificates of an authority of your own, as PEM, for https.

    A pickle of it holds a key that was given here, but none from `$TRAINYARD_KEY`.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float = 90.0,
        patience: float = 60.0,
        ca_file: str | None = None,
    ) -> None:
        self.url = (url or os.environ.get("TRAINYARD_URL") or "http://localhost:8080").rstrip("/")
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"url must start with http:// or https://, was {self.url!r}")
        self._given_key = key
        self._key = key if key is not None else os.environ.get("TRAINYARD_KEY")
        self.timeout = timeout
        self.patience = patience
        self.ca_file = ca_file
        handlers: list[Any] = [_NoRedirect]
        if ca_file is not None:
            trusted = ssl.create_default_context(cafile=ca_file)
            handlers.append(urllib.request.HTTPSHandler(context=trusted))
        self._opener = urllib.request.build_opener(*handlers)

    def __reduce__(self) -> Any:
        return _unpickled, (self.url, self._given_key, self.timeout, self.patience, self.ca_file)

    def __deepcopy__(self, _memo: Any) -> Trainyard:
        return self

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

        `rows` is a path, bytes, an open file, a list of objects, or a data frame of pandas. The
        ending of a path gives the name and the content type, unless they are given. `options` are
        those of the upload, such as `on_error="skip"`.

        A data frame is sent as Parquet if pandas has pyarrow, else as CSV with the `types` of its
        columns, which `types` overrides. NaN, None, NaT and an empty text are missing values; a
        categorical column is sent as texts; a named index is a column, another one is left out.
        Times without a zone are UTC.

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
        opened: IO[bytes] | None = None
        if path is not None:
            opened = path.open("rb")
        elif _is_frame(rows):
            if content_type is not None:
                raise ValueError("content_type is for files and bytes; a data frame has its own")
            opened, content_type = _written(rows, options)
            options = {}
        elif not isinstance(rows, (bytes, bytearray)) and not _is_file(rows):
            raise TypeError(
                "rows must be a path, bytes, an open file, a list of objects or a data frame, was "
                f"{type(rows).__name__}; pandas.DataFrame(rows) makes a data frame of many things"
            )
        query = {"name": name, **{key: _option(value) for key, value in options.items()}}
        try:
            return self._json(
                "POST",
                "/v1/datasets",
                query=query,
                body=opened if opened is not None else rows,
                content_type=content_type or _CSV_TEXT,
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
        listed: list[Json] = self._json("GET", "/v1/samples")["samples"]
        return listed

    def recipes(self) -> list[Json]:
        """What can stand in the place of layers: `"network": {"recipe": "realmlp"}`, or no network at all.

        >>> yard.train({"model": {"name": "iris", "targets": {"species": {"column": "species"}}}, "dataset": {"name": "iris"}})
        """
        listed: list[Json] = self._json("GET", "/v1/recipes")["recipes"]
        return listed

    def datasets(self) -> Iterator[Json]:
        """All datasets, newest first."""
        return self._list("/v1/datasets", "datasets")

    def dataset(self, name: str, version: int | str = "latest") -> Json:
        """A version of a dataset with the profile of its columns."""
        return self._json("GET", _path("datasets", name, "versions", version))

    def rows(self, name: str, version: int | str = "latest") -> Iterator[Json]:
        """The rows of a version, one object each."""
        return self._list(_path("datasets", name, "versions", version, "rows"), "rows")

    def frame(self, name: str, version: int | str = "latest") -> DataFrame:
        """The rows of a version as a data frame of pandas.

        Times are in UTC, tensors are arrays of NumPy, and integers with missing values are `Int64`.

            >>> yard.frame("iris").groupby("species").size()["setosa"]
            50
        """
        described = self.dataset(name, version)
        path = _path("datasets", name, "versions", described["version"])
        if described["format"] == "csv":
            # Its content is as it was uploaded, with delimiters, gaps and faulty rows of its own.
            rows = self._list(path + "/rows", "rows", {"page_size": 500})
            content = _csv_of(rows, described["columns"])
        else:
            accept = _CSV_TEXT + ", application/problem+json"
            content, _ = self._call("GET", path + "/content", accept=accept)
        return _read_frame(content, described["columns"])

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
        listed: list[Json] = self._json("GET", _path("models", model, "aliases"))["aliases"]
        return listed

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
        progress: bool = False,
        on_interrupt: str = "leave",
        timeout: float | None = None,
        idempotency_key: str | None = None,
    ) -> Json:
        """Submits a job and waits for its success; `on_event` sees each event.

        `progress=True` prints the job's warnings and how it goes: one line that is rewritten in a
        terminal and in a notebook, else at most a line a second. An interrupt (Ctrl+C, a notebook's
        stop button) does with the job what `on_interrupt` says: `leave` lets it go on, and the
        traceback names it; `cancel` ends it; `stop` ends it too, publishes its best weights so far
        and gives it as if it had ended by itself.

            >>> yard.train(job, on_event=lambda e: print(e.kind, e.data.get("loss")))["state"]
            'succeeded'
        """
        if on_interrupt not in ("leave", "cancel", "stop"):
            raise ValueError(f"on_interrupt must be leave, cancel or stop, was {on_interrupt!r}")
        submitted = self.submit(job, idempotency_key=idempotency_key)
        job_id = submitted["id"]
        if progress:
            for warning in submitted.get("warnings") or []:
                print(f"warning: {warning['detail']}")
        try:
            return self._follow(job_id, timeout, True, on_event, progress)
        except KeyboardInterrupt as e:
            if on_interrupt == "leave":
                if hasattr(e, "add_note"):
                    e.add_note(f"job {job_id} goes on: wait({job_id!r}) or cancel({job_id!r})")
                raise
            if on_interrupt == "cancel":
                self.cancel(job_id)
                raise
            self.stop(job_id)
            return self.wait(job_id, timeout)

    def jobs(
        self, *, model: str | None = None, state: str | None = None, **query: Any
    ) -> Iterator[Json]:
        """Jobs, newest first; `query` has other parameters, as `kind`, `owner` and `order_by`."""
        return self._list("/v1/jobs", "jobs", {"model": model, "state": state, **query})

    def job(self, job: str) -> Json:
        return self._json("GET", _path("jobs", job))

    def wait(
        self,
        job: str,
        timeout: float | None = None,
        *,
        check: bool = True,
        progress: bool = False,
    ) -> Json:
        """Waits until a job has ended and gives it; `progress` prints as that of `train`.

        An interrupt ends the waiting and leaves the job as it is.

        Raises:
            JobFailed: it failed or was cancelled, unless `check=False`.
            WaitedTooLong: after `timeout` seconds.
        """
        return self._follow(job, timeout, check, None, progress)

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
        records: list[Json] = self._json("GET", _path("jobs", job, "metrics"))["epochs"]
        return records

    def evaluation(
        self, job: str, *, slices: Iterable[str] = (), importance: bool = False
    ) -> Json:
        """Confusion, ROC, scores by class and the worst rows of the published weights.

        `slices` names columns of the dataset: the metrics of their groups are added. `importance`
        adds what each input column is worth.

            >>> evaluation = yard.evaluation(job["id"], slices=["species"], importance=True)
            >>> evaluation["slices"]["columns"]["species"]["largest_gaps"]
        """
        names = [slices] if isinstance(slices, str) else slices
        query = {
            "slices": ",".join(names) or None,
            "importance": "permutation" if importance else None,
        }
        return self._json("GET", _path("jobs", job, "evaluation"), query=query)

    def plot(self, job: str, kind: str = "curves", **options: Any) -> Plot:
        """A picture of a job: `curves`, `confusion`, `roc`, `residuals`, `predicted`, `calibration`,
        `intervals` or `weights`.

        `options` are those of the service: `metric`, `target`, `layer`, `width`, `height`.

            >>> yard.plot(job["id"], "curves", metric="accuracy").save("curves.svg")
            PosixPath('curves.svg')
        """
        content, _ = self._call(
            "GET", _path("jobs", job, "plots", kind), query=options, accept=_SVG_ONLY
        )
        return Plot(content.decode())

    def plot_version(
        self,
        model: str,
        kind: str,
        *,
        version: int | str = "latest",
        width: int | None = None,
        height: int | None = None,
        **members: Any,
    ) -> Plot:
        """A picture of a version: its `boundary`, its `neurons` or its `surface` over two columns.

        >>> yard.plot_version("iris", "boundary", x="petal_length", y="petal_width",
        ...                   fixed={"sepal_length": 5.8, "sepal_width": 3.0}, dataset={"name": "iris"})
        """
        content, _ = self._call(
            "POST",
            _path("models", model, "versions", version, "plots"),
            query={"width": width, "height": height},
            body={"kind": kind, **members},
            accept=_SVG_ONLY,
            safe=True,
        )
        return Plot(content.decode())

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

    def sweeps(
        self, *, model: str | None = None, state: str | None = None, **query: Any
    ) -> Iterator[Json]:
        """Sweeps, newest first; `query` as in `jobs`."""
        return self._list("/v1/sweeps", "sweeps", {"model": model, "state": state, **query})

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

        `instances` are objects, or a data frame; `predict_frame` gives a data frame back.

        Without `version`: the alias `production`, which a model's first version gets, else the
        newest; a later version answers once it is promoted. `threshold` decides targets of
        two classes in place of the version's: a number, or one by target. `members` are those of
        the request: `outputs=["fc1"]`, `samples=100`, `explain="integrated_gradients"`. NumPy
        arrays may stand wherever lists can.

            >>> yard.predict("iris", [{"petal_length": 1.4, ...}])["predictions"][0]["species"]
            'setosa'
        """
        rows = _records(*_table(instances, with_index=False)) if _is_frame(instances) else instances
        body = {"instances": list(rows), **members}
        if threshold is not None:
            body["threshold"] = threshold
        query = {
            "ignore_unknown": "true" if ignore_unknown else None,
            "timeout_seconds": timeout_seconds,
        }
        return self._json("POST", _predict_path(model, version), query=query, body=body, safe=True)

    def predict_frame(
        self,
        model: str,
        frame: DataFrame,
        *,
        version: int | str | None = None,
        threshold: float | dict[str, float] | None = None,
        ignore_unknown: bool = False,
        **members: Any,
    ) -> DataFrame:
        """Predicts each row of a data frame and gives a data frame with the same index.

        It has a column `predicted_species` for a target `species`, and for a class also the
        probabilities, `predicted_species_probability_setosa`. All rows are answered by one version.

            >>> frame.join(yard.predict_frame("houses", frame)).plot.scatter("price", "predicted_price")
        """
        import pandas

        if "outputs" in members:
            raise ValueError("predict gives outputs of layers; predict_frame gives predictions alone")
        members = {**members, "threshold": threshold, "ignore_unknown": ignore_unknown}
        predictions = self._predict_table(model, *_table(frame, with_index=False), version, **members)
        return pandas.DataFrame([_flat_prediction(each) for each in predictions], index=frame.index)

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
        # Without an Idempotency-Key: the service stores no answer that has a secret.
        given = {member: value for member, value in body.items() if value is not None}
        return self._json("POST", "/v1/keys", body=given)

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

    def _predict_table(
        self,
        model: str,
        table: DataFrame,
        types: dict[str, str],
        version: int | str | None,
        **members: Any,
    ) -> list[Any]:
        """The predictions of all rows, by one version, in requests of bounded size."""
        size = max(1, _CELLS // max(1, len(types)))
        predictions: list[Any] = []
        for start in range(0, len(table), size):
            part = _records(table.iloc[start : start + size], types)
            answer = self.predict(model, part, version=version, **members)
            version = answer["version"]
            predictions += answer["predictions"]
        return predictions

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

    def _follow(
        self,
        job: str,
        timeout: float | None,
        check: bool,
        on_event: Callable[[Event], None] | None,
        progress: bool,
    ) -> Json:
        start = time.monotonic()
        deadline = math.inf if timeout is None else start + timeout
        shown = _Progress(sys.stdout) if progress else None
        try:
            if on_event is not None or shown is not None:
                for event in self._events(_path("jobs", job, "events"), 0, deadline):
                    if shown is not None:
                        shown.show(event)
                    if on_event is not None:
                        on_event(event)
            ended = self._wait(_path("jobs", job), timeout, check, start)
        finally:
            if shown is not None:
                shown.end()
        if progress:
            for warning in ended.get("warnings") or []:
                if warning["code"] == "not_serving":
                    print(f"warning: {warning['detail']}")
        return ended

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
        lost = faulty = False
        while True:
            request = self._request(method, path, query, data, content_type, accept, headers)
            reason: Exception
            after = None
            try:
                with self._open(request, timeout or self.timeout) as response:
                    return response.read(), response.headers
            except NotFound:
                if method == "DELETE" and lost:
                    # The attempt whose answer was lost has deleted it.
                    return b"", {}
                raise
            except Problem as e:
                reason, after = e, e.retry_after
                # Without Retry-After the service says that something else must change first.
                busy = isinstance(e, Busy) and (after is not None or not e.code)
                if (busy and e.code != "quota_exceeded") or e.status == 408:
                    # The service did nothing, so any call may be repeated.
                    pass
                elif e.status == 409 and e.code == "conflict" and idempotency_key:
                    # The first attempt, whose answer was lost, still runs.
                    after = 1.0 if after is None else after
                elif e.status in (500, 502, 504) and repeatable and not faulty:
                    faulty = lost = True
                else:
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
                problem = _problem(e.code, e.read(_CHUNK), self.url)
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


def _unpickled(
    url: str, key: str | None, timeout: float, patience: float, ca_file: str | None
) -> Trainyard:
    return Trainyard(url, key, timeout=timeout, patience=patience, ca_file=ca_file)


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
    number, kind = 0, "message"
    data: list[str] = []
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
    if body is None or isinstance(body, (bytes, bytearray)) or _is_file(body):
        return body
    return _encode(body)


def _encode(body: Any) -> bytes:
    try:
        return json.dumps(body, default=_plain, allow_nan=False).encode()
    except ValueError as e:
        raise ValueError("JSON has no NaN and no infinity; a missing value is None") from e


def _plain(value: Any) -> Any:
    """NumPy's arrays and numbers as lists and numbers, times as text."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no JSON form")


# Progress


class _Progress:
    """Prints the events of a job: one line that is rewritten on a screen, else a line a second."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        # A notebook's output is no terminal, but goes back at a carriage return.
        self._rewrites = out.isatty() or "ipykernel" in sys.modules
        self._pause = 0.1 if self._rewrites else 1.0
        self._next = 0.0
        self._waiting: str | None = None
        self._width = 0

    def show(self, event: Event) -> None:
        data = event.data
        if event.kind == "log":
            self._lasting(str(data.get("message", "")))
        elif event.kind == "done":
            self._lasting(self._end_of(data))
        elif data.get("state") not in ("succeeded", "failed", "cancelled"):
            self._passing(self._place(event.kind, data))

    def end(self) -> None:
        """Also after an interrupt, so that what is printed next starts a line."""
        self._flush()
        if self._width:
            self._write("\n")
            self._width = 0

    def _passing(self, text: str) -> None:
        self._waiting = text
        if time.monotonic() >= self._next:
            self._flush()

    def _flush(self) -> None:
        if self._waiting is None:
            return
        if self._rewrites:
            self._write("\r" + self._waiting.ljust(self._width))
            self._width = len(self._waiting)
        else:
            self._write(self._waiting + "\n")
        self._waiting = None
        self._next = time.monotonic() + self._pause

    def _lasting(self, text: str) -> None:
        self.end()
        self._write(text + "\n")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()

    @staticmethod
    def _place(kind: str, data: dict[str, Any]) -> str:
        if kind == "state":
            place = data.get("queue_position")
            return str(data.get("state", "")) + (f", place {place} in the queue" if place else "")
        progress = data.get("progress") or data
        words = [f"epoch {progress.get('epoch')} of {progress.get('epochs')}"]
        if kind == "progress":
            words = [f"{words[0]}, step {progress.get('step')} of {progress.get('steps_per_epoch')}"]
        words += _numbers(data if kind == "epoch" else {})
        left = progress.get("eta_seconds")
        if left:
            units = ((100, 1, "s"), (6000, 60, "min"), (math.inf, 3600, "h"))
            size, unit = next((size, unit) for below, size, unit in units if left < below)
            words.append(f"{math.ceil(left / size)} {unit} left")
        return "  ".join(words)

    @staticmethod
    def _end_of(job: dict[str, Any]) -> str:
        words = [f"job {job.get('id')} {job.get('state')}"]
        result, error = job.get("result") or {}, job.get("error") or {}
        if result.get("model"):
            words.append(f"{result['model']} version {result.get('version')}")
        if error:
            words.append(f"{error.get('code', '')}: {error.get('detail', '')}")
        return "  ".join(words + _numbers(job.get("best") or job.get("metrics") or {}))


def _numbers(record: dict[str, Any]) -> list[str]:
    """The losses and metrics of an epoch's record."""
    aside = ("epoch", "learning_rate", "seconds")
    return [
        f"{name} {value:.4g}"
        for name, value in record.items()
        if name not in aside and isinstance(value, (int, float)) and not isinstance(value, bool)
    ]


# Data frames


def _is_frame(value: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def _table(frame: DataFrame, with_index: bool = True) -> tuple[DataFrame, dict[str, str]]:
    """A frame whose columns have plain types, and the service's type of each."""
    import pandas

    if not _is_frame(frame):
        raise TypeError(f"a data frame of pandas was expected, got {type(frame).__name__}")
    if isinstance(frame.columns, pandas.MultiIndex):
        raise ValueError("the columns have several levels; join their names into one")
    named = [level for level in frame.index.names if level is not None] if with_index else []
    if named:
        frame = frame.reset_index(named)
    # The service trims the names of columns in a CSV file.
    names = [str(name).strip() for name in frame.columns]
    twice = [name for name, times in collections.Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"several columns have the name {twice[0]!r}")
    columns, types = {}, {}
    for i, name in enumerate(names):
        columns[name], types[name] = _column(name, frame.iloc[:, i])
    return pandas.DataFrame(columns, index=frame.index, columns=names), types


def _column(name: str, values: Any) -> tuple[Any, str]:
    """A column in one of the few types that a dataset has."""
    import pandas

    types = pandas.api.types
    dtype = values.dtype
    if isinstance(dtype, pandas.SparseDtype):
        values = values.sparse.to_dense()
        dtype = values.dtype
    if isinstance(dtype, pandas.CategoricalDtype):
        kind = "categories"
    elif types.is_object_dtype(dtype):
        kind = types.infer_dtype(values, skipna=True)
    elif isinstance(dtype, pandas.PeriodDtype):
        kind = "period"
    else:
        kinds = {
            "boolean": types.is_bool_dtype,
            "integer": types.is_integer_dtype,
            "floating": types.is_float_dtype,
            "datetime": types.is_datetime64_any_dtype,
            "timedelta": types.is_timedelta64_dtype,
            "string": types.is_string_dtype,
        }
        kind = next((each for each, fits in kinds.items() if fits(dtype)), str(dtype))
    if kind == "categories":
        return _texts(values.astype(object).map(str, na_action="ignore")), "string"
    if kind in ("string", "empty"):
        return _texts(values), "string"
    if kind == "boolean":
        return values.astype("boolean" if values.hasnans else "bool"), "boolean"
    if kind == "integer":
        return (values.astype("Int64") if types.is_object_dtype(dtype) else values), "integer"
    if kind in ("floating", "decimal", "mixed-integer-float"):
        numbers = values if dtype == "float32" else values.astype("float64")
        endless = numbers.abs() == math.inf
        if endless.any():
            raise ValueError(
                f"{name!r} holds infinity in {endless.sum()} of {len(values)} rows; a missing value is NaN"
            )
        return numbers, "number"
    if kind in ("datetime", "datetime64", "date"):
        return pandas.to_datetime(values, utc=True), "timestamp"
    if kind.startswith("timedelta"):
        raise ValueError(f"{name!r} holds durations; give numbers: frame[{name!r}].dt.total_seconds()")
    if kind == "period":
        raise ValueError(f"{name!r} holds periods; give times: frame[{name!r}].dt.to_timestamp()")
    cells = values[values.notna()]
    if kind.startswith("mixed") and all(isinstance(cell, (list, tuple)) or _is_array(cell) for cell in cells):
        return values, "tensor"
    found = ", ".join(sorted({type(cell).__name__ for cell in cells}))
    raise ValueError(
        f"{name!r} holds values of the types {found}, and a column has one of numbers, texts, "
        f"booleans, times or arrays; convert it, for example with frame[{name!r}].astype(str)"
    )


def _texts(values: Any) -> Any:
    texts = values.astype("string")
    return texts.mask(texts == "")


def _records(table: DataFrame, types: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The rows of a table as JSON has them."""
    columns = []
    for name, kind in types.items():
        values = table[name]
        if kind == "timestamp":
            cells = [None if gone else cell.isoformat() for cell, gone in zip(values, values.isna())]
        elif kind == "tensor":
            cells = [_plain_tensor(cell) for cell in values]
        else:
            missing = values.isna().tolist()
            cells = [None if gone else cell for cell, gone in zip(values.tolist(), missing)]
        columns.append(cells)
    return (dict(zip(types, cells)) for cells in zip(*columns))


def _plain_tensor(cell: Any) -> Any:
    if _is_array(cell):
        return cell.tolist()
    return cell if isinstance(cell, (list, tuple)) else None


def _written(frame: DataFrame, options: dict[str, Any]) -> tuple[IO[bytes], str]:
    """A frame and the options of its upload as a multipart body in a file, and its content type.

    In the query the types of many columns would make the address too long.
    """
    table, types = _table(frame)
    kind, write, options = _form(table, types, options)
    boundary = _new_key()
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="options"\r\n'
        f"Content-Type: application/json\r\n\r\n{json.dumps(options)}\r\n"
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="frame"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    file = tempfile.TemporaryFile()
    file.write(head.encode())
    write(file)
    file.write(f"\r\n--{boundary}--\r\n".encode())
    file.seek(0)
    return file, f"multipart/form-data; boundary={boundary}"


def _form(
    table: DataFrame, types: dict[str, str], options: dict[str, Any]
) -> tuple[str, Callable[[IO[bytes]], Any], dict[str, Any]]:
    """The media type of a frame, what writes it, and the options that go with it."""
    given = options.get("types") or {}
    scalars = {name: kind for name, kind in types.items() if kind != "tensor"}
    if len(scalars) < len(types):
        options = {**options, "types": {**scalars, **given}}
        rows = _records(table, types)
        return (
            _MEDIA_TYPES[".ndjson"],
            lambda file: file.writelines(_encode(row) + b"\n" for row in rows),
            options,
        )
    if not given and importlib.util.find_spec("pyarrow"):

        def parquet(file: IO[bytes]) -> None:
            file.write(table.to_parquet(engine="pyarrow", index=False))

        return _MEDIA_TYPES[".parquet"], parquet, options

    def csv_text(file: IO[bytes]) -> None:
        table.to_csv(
            file,
            mode="wb",
            index=False,
            encoding="utf-8",
            lineterminator="\n",
            quoting=csv.QUOTE_NONNUMERIC,
        )

    options = {"header": True, "delimiter": ",", **options, "types": {**scalars, **given}}
    return _CSV_TEXT, csv_text, options


def _csv_of(rows: Iterable[Json], columns: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    written = csv.DictWriter(text, [each["name"] for each in columns], lineterminator="\n")
    written.writeheader()
    written.writerows(rows)
    return text.getvalue().encode()


def _read_frame(content: bytes, columns: list[dict[str, Any]]) -> DataFrame:
    import pandas

    plain = {"integer": "int64", "number": "float64", "boolean": "bool"}
    gaps = {"integer": "Int64", "number": "float64", "boolean": "boolean"}
    dtypes = {
        each["name"]: (gaps if each["nulls"] else plain).get(each["type"], "object")
        for each in columns
    }
    frame = pandas.read_csv(
        io.BytesIO(content),
        dtype=dtypes,
        keep_default_na=False,
        na_values=[""],
        float_precision="round_trip",
    )
    for each in columns:
        name = each["name"]
        if each["type"] == "timestamp":
            frame[name] = _times(frame[name])
        elif each["type"] == "tensor":
            import numpy

            frame[name] = [
                numpy.array(json.loads(cell)) if isinstance(cell, str) else None
                for cell in frame[name]
            ]
    return frame


def _times(texts: Any) -> Any:
    import numpy
    import pandas

    try:
        return pandas.to_datetime(texts, utc=True, format="ISO8601")
    except pandas.errors.OutOfBoundsDatetime:
        # Nanoseconds reach from 1677 to 2262.
        bare = texts.str.removesuffix("Z").where(texts.notna(), "NaT")
        return pandas.Series(numpy.array(bare, dtype="datetime64[us]")).dt.tz_localize("UTC")


# What a prediction has beside its targets: members by target, or about the whole row.
_BESIDE = ("probabilities", "std", "uncertainty", "set")


def _flat_prediction(prediction: Any) -> dict[str, Any]:
    """A prediction as cells, with the names that a batch prediction gives its columns."""
    if not isinstance(prediction, dict):
        return {"predicted": prediction}
    beside = {*_BESIDE, "interval", "attributions", "baseline_output"}
    targets = [name for name in prediction if name not in beside]
    cells: dict[str, Any] = {}
    for target in targets:
        _put(cells, "predicted_" + target, prediction[target])
        for member in _BESIDE:
            values = prediction.get(member)
            if values is None:
                continue
            if member == "probabilities" and not all(isinstance(p, dict) for p in values.values()):
                # Those of an only target of classes come without its name.
                of_target = values if _label(prediction[target]) in values else None
            else:
                of_target = values.get(target)
            word = "probability" if member == "probabilities" else member
            if of_target is not None:
                _put(cells, f"predicted_{target}_{word}", of_target)
    # That of two quantiles has the name of their column, which need not be a target.
    for name, interval in (prediction.get("interval") or {}).items():
        by_column = interval.items() if isinstance(interval, dict) else [(None, interval)]
        for column, ends in by_column:
            of_column = f"predicted_{name}" + ("" if column is None else f"_{column}")
            for end, value in zip(("low", "high"), ends or (None, None)):
                cells[f"{of_column}_{end}"] = value
    for member in ("attributions", "baseline_output"):
        if member in prediction:
            _put(cells, member, prediction[member])
    return cells


def _put(cells: dict[str, Any], name: str, value: Any) -> None:
    if isinstance(value, dict):
        for key, each in value.items():
            _put(cells, f"{name}_{key}", each)
    else:
        cells[name] = value


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
        content: bytes = values.astype(kind).tobytes()
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

        order: Any = "F" if header["fortran_order"] else "C"
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


# Estimators of scikit-learn


class _Estimator:
    """What both estimators share. scikit-learn's own classes join it when one is first used.

    Args:
        yard: the service; default `Trainyard()`.
        model: the name under which the service keeps the model, each fit as a new version. Without
            one the model is deleted when the estimator is gone, unless it was pickled.
        hidden_layer_sizes, activation, dropout: the hidden layers.
        network: a network of your own in place of these, as in a model; its last layer has a unit
            for each class, or one for each target.
        inputs: members of the model's input, in place of the ones that are made here: numbers are
            scaled to `standard`, missing ones get the `mean` and a `missing_indicator`; texts are
            `one_hot`, missing and unknown ones are zeros; of times there are the hour, the weekday
            and the month as circles, and the time itself.
        optimizer, learning_rate, batch_size, epochs: as in a training. None takes the optimizer's.
        validation_fraction, patience: rows that choose the best epoch, and after how many epochs
            without a better one the training stops. Fewer than 10 such rows are not set apart.
        training: more members of the training, such as `{"metrics": ["auc"]}`.
        random_state: the seed.
        verbose: prints how the training goes.

    An interrupt of `fit` cancels the job. What the service finds odd is a `TrainyardWarning`.
    After `fit`: `job_` is the job, `model_` and `version_` are what it published, `n_iter_` counts
    its epochs.
    """

    # What a fit sets.
    job_: Json
    model_: str
    version_: int
    n_iter_: int
    n_features_in_: int
    feature_names_in_: Any

    def __init__(
        self,
        yard: Trainyard | None = None,
        *,
        model: str | None = None,
        hidden_layer_sizes: int | Iterable[int] = (64, 32),
        activation: Json = "relu",
        dropout: float = 0.0,
        network: Json = None,
        inputs: Json = None,
        optimizer: str = "adam",
        learning_rate: float | None = 0.003,
        batch_size: int | None = 32,
        epochs: int = 200,
        validation_fraction: float = 0.1,
        patience: int | None = 20,
        training: Json = None,
        random_state: Any = None,
        verbose: bool | int = False,
    ) -> None:
        self.yard = yard
        self.model = model
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
        self.network = network
        self.inputs = inputs
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.epochs = epochs
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.training = training
        self.random_state = random_state
        self.verbose = verbose

    def plot(self, kind: str = "curves", **options: Any) -> Plot:
        """A picture of the training, as `Trainyard.plot` gives it."""
        _check_fitted(self)
        return self._service().plot(self.job_["id"], kind, **options)

    def _service(self) -> Trainyard:
        return self.yard if self.yard is not None else Trainyard()

    def _train(
        self,
        frame: DataFrame,
        target: DataFrame,
        spec: dict[str, Any],
        *,
        loss: str,
        units: int,
        sample_weight: Any,
    ) -> None:
        """Trains on features and the columns of the target, which `spec` describes."""
        from sklearn.utils.validation import _check_sample_weight, check_consistent_length

        check_consistent_length(frame, target)
        table, types = _feature_table(frame)
        *targets, weight = _apart([*map(str, target.columns), "sample_weight"], types)
        rows = table.assign(**dict(zip(targets, (target[name].array for name in target.columns))))
        training: dict[str, Any] = {"loss": loss, "epochs": self.epochs}
        training["optimizer"] = {"type": self.optimizer}
        if self.learning_rate is not None:
            training["optimizer"]["learning_rate"] = self.learning_rate
        if self.batch_size is not None:
            training["batch_size"] = self.batch_size
        if self.random_state is not None:
            training["seed"] = _seed(self.random_state)
        if sample_weight is not None:
            rows[weight] = _check_sample_weight(sample_weight, frame)
            training["sample_weight"] = weight
        dataset: dict[str, Any] = {}
        if round(self.validation_fraction * len(rows)) >= 10:
            dataset["split"] = {"validation": self.validation_fraction}
            if "classes" in spec:
                dataset["split"]["stratify"] = targets[0]
            if self.patience is not None:
                training["early_stopping"] = {"patience": self.patience}
        named = targets[0] if len(targets) == 1 and _names_target(targets[0]) else "target"
        of: dict[str, Any] = {"columns": targets} if len(targets) > 1 else {"column": targets[0]}
        name = self.model if self.model is not None else f"sklearn-{_new_key()[:16]}"
        model = {
            "name": name,
            "inputs": {"x": {**_input(types), **(self.inputs or {})}},
            "targets": {named: {**of, **spec}},
            "network": self.network or self._network(units, "softmax" if "classes" in spec else None),
        }
        job = {"model": model, "dataset": dataset, "training": {**training, **(self.training or {})}}
        self._publish(job, rows)

    def _network(self, units: int, activation: str | None) -> Json:
        layers: list[dict[str, Any]] = []
        sizes = self.hidden_layer_sizes
        for size in sizes if isinstance(sizes, Iterable) else [sizes]:
            layers.append({"type": "dense", "units": size, "activation": self.activation})
            if self.dropout:
                layers.append({"type": "dropout", "rate": self.dropout})
        last: dict[str, Any] = {"type": "dense", "units": units}
        if activation is not None:
            last["activation"] = activation
        return {"layers": [*layers, last]}

    def _publish(self, job: dict[str, Any], rows: DataFrame) -> None:
        yard, name = self._service(), job["model"]["name"]
        finalizer = None
        if self.model is None:
            finalizer = weakref.finalize(self, _discard, yard, name, os.getpid())
        try:
            version = yard.upload(rows, name)["version"]
            job["dataset"].update(name=name, version=version)
            ended = yard.train(job, progress=bool(self.verbose), on_interrupt="cancel")
        except BaseException:
            if finalizer is not None:
                finalizer()
            raise
        earlier = self.__dict__.get("_finalizer")
        if earlier is not None:
            earlier()
        self._finalizer = finalizer
        (self._target,) = job["model"]["targets"]
        self.job_ = ended
        self.model_, self.version_ = ended["result"]["model"], ended["result"]["version"]
        self.n_iter_ = ended["progress"]["epoch"]
        for warning in ended["warnings"]:
            warnings.warn(f"{warning['detail']} ({warning['code']})", TrainyardWarning, stacklevel=4)

    def _predictions(self, X: Any) -> list[Any]:
        _check_fitted(self)
        table, types = _feature_table(_features(self, X, reset=False))
        return self._service()._predict_table(self.model_, table, types, self.version_)

    def __getstate__(self) -> Any:
        state: dict[str, Any] = {**super().__getstate__()}  # type: ignore[dict-item]
        finalizer = state.pop("_finalizer", None)
        if finalizer is not None:
            # The copy needs the model longer than this estimator may live.
            finalizer.detach()
        return state

    def _more_tags(self) -> dict[str, Any]:
        checks = {"check_sample_weights_invariance": "a row without weight still fills its batch"}
        types = ["2darray", "categorical", "string"]
        return {"allow_nan": True, "X_types": types, "_xfail_checks": checks}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = tags.input_tags.string = True
        return tags


class _Classifier(_Estimator):
    classes_: Any

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Trains on rows and their classes: numbers, texts or booleans."""
        import numpy
        import pandas
        from sklearn.utils.multiclass import check_classification_targets

        frame = _features(self, X, reset=True)
        labels = _one_column(y, type(self).__name__)
        check_classification_targets(labels)
        self.classes_ = numpy.unique(labels)
        if len(self.classes_) < 2:
            raise ValueError(f"y has one class, {self.classes_[0]!r}; a classifier needs at least two")
        column = labels if labels.dtype.kind in "iub" else [_label(each) for each in labels]
        spec = {"type": "class", "classes": [_label(each) for each in self.classes_]}
        self._train(
            frame,
            pandas.DataFrame({_name_of(y): column}),
            spec,
            loss="categorical_crossentropy",
            units=len(self.classes_),
            sample_weight=sample_weight,
        )
        return self

    def predict(self, X: Any) -> Any:
        """The class of each row."""
        import numpy

        places = {_label(each): i for i, each in enumerate(self._classes())}
        found = [places[_label(row[self._target])] for row in self._predictions(X)]
        return self.classes_[numpy.array(found, dtype=int)]

    def predict_proba(self, X: Any) -> Any:
        """The probabilities of each row, in the order of `classes_`."""
        import numpy

        labels = [_label(each) for each in self._classes()]
        return numpy.array(
            [[row["probabilities"][label] for label in labels] for row in self._predictions(X)]
        )

    def _classes(self) -> Any:
        _check_fitted(self)
        return self.classes_


class _Regressor(_Estimator):
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Trains on rows and their numbers: one for each row, or several."""
        import pandas
        from sklearn.utils.validation import check_array

        frame = _features(self, X, reset=True)
        if y is not None and getattr(y, "ndim", 1) == 2 and len(y) and len(y.T) > 1:
            values = check_array(y, dtype="float64")
            names = list(y.columns) if _is_frame(y) else [f"y{i}" for i in range(values.shape[1])]
            target = pandas.DataFrame(values, columns=names)
        else:
            target = pandas.DataFrame({_name_of(y): _one_column(y, type(self).__name__).astype("float64")})
        self._many = target.shape[1] > 1
        self._train(
            frame,
            target,
            {"scale": "standard"},
            loss="mse",
            units=target.shape[1],
            sample_weight=sample_weight,
        )
        return self

    def predict(self, X: Any) -> Any:
        """The number of each row, or the numbers."""
        import numpy

        rows = [row[self._target] for row in self._predictions(X)]
        return numpy.array([list(row.values()) for row in rows] if self._many else rows, dtype=float)


def _features(estimator: _Estimator, X: Any, reset: bool) -> DataFrame:
    """The features as a data frame, after scikit-learn's checks of names and shapes."""
    import inspect

    import pandas
    from sklearn.utils.validation import check_array

    if not _is_frame(X):
        # Its name changed in scikit-learn 1.6.
        new = "ensure_all_finite" in inspect.signature(check_array).parameters
        finite = {"ensure_all_finite" if new else "force_all_finite": "allow-nan"}
        X = check_array(X, dtype=None, **finite)
        frame = pandas.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])]).infer_objects()
    else:
        frame = X
        for count, what in zip(frame.shape, ("sample", "feature")):
            if not count:
                raise ValueError(
                    f"Found array with 0 {what}(s) (shape={frame.shape}) while a minimum of 1 is required."
                )
    try:
        from sklearn.utils.validation import validate_data

        validate_data(estimator, X, reset=reset, skip_check_array=True)
    except ImportError:
        checks: Any = estimator
        checks._check_feature_names(X, reset=reset)
        checks._check_n_features(X, reset=reset)
    return frame


def _feature_table(frame: DataFrame) -> tuple[DataFrame, dict[str, str]]:
    table, types = _table(frame, with_index=False)
    for name, kind in types.items():
        if kind == "tensor":
            raise ValueError(f"{name!r} holds arrays, which are no feature here; use Trainyard.train")
    return table.reset_index(drop=True), types


def _input(types: dict[str, str]) -> dict[str, Any]:
    """Numbers are scaled, and their gaps filled; texts become a zero or one for each category."""
    numbers = [name for name, kind in types.items() if kind in ("integer", "number", "timestamp")]
    columns = [
        {"column": name, "features": ["hour", "weekday", "month", "linear"]} if kind == "timestamp" else name
        for name, kind in types.items()
    ]
    read: dict[str, Any] = {"columns": columns, "unknown": "zeros"}
    if numbers:
        read["scale"] = "standard"
        read["impute"] = "mean" if len(numbers) == len(types) else dict.fromkeys(numbers, "mean")
        read["missing_indicator"] = True
    return read


def _one_column(y: Any, estimator: str) -> Any:
    import numpy
    import pandas
    from sklearn.utils.validation import column_or_1d

    if y is None:
        raise ValueError(f"This {estimator} estimator requires y to be passed, but the target y is None.")
    missing = pandas.isna(pandas.Series(numpy.asarray(y).ravel()))
    if missing.any():
        raise ValueError(f"Input y contains NaN: {missing.sum()} of {len(missing)} rows have no value.")
    if isinstance(y, pandas.Series) and pandas.api.types.is_extension_array_dtype(y.dtype):
        y = numpy.array(y.tolist())  # scikit-learn would make numbers of pandas' booleans
    return column_or_1d(y, warn=True)


def _name_of(y: Any) -> str:
    """The name of the target's column."""
    named = y.columns[0] if _is_frame(y) else getattr(y, "name", None)
    return named if isinstance(named, str) and named else "target"


def _names_target(name: str) -> bool:
    reserved = {*_BESIDE, "attributions", "baseline_output", "outputs"}
    return re.fullmatch("[A-Za-z_][A-Za-z0-9_]{0,63}", name) is not None and name not in reserved


def _apart(names: list[str], taken: Iterable[str]) -> list[str]:
    """The names, changed where features have them."""
    used, apart = set(taken), []
    for name in names:
        while name in used:
            name += "_"
        used.add(name)
        apart.append(name)
    return apart


def _label(value: Any) -> str:
    """A class as its name in a model: what the service calls true, 3 or setosa."""
    value = value.item() if hasattr(value, "item") else value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _seed(random_state: Any) -> int:
    from sklearn.utils import check_random_state

    if isinstance(random_state, int):
        return random_state
    return int(check_random_state(random_state).randint(2**31 - 1))


def _check_fitted(estimator: Any) -> None:
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(estimator)


def _discard(yard: Trainyard, name: str, process: int) -> None:
    """Deletes what an estimator without a name made in the service."""
    if os.getpid() != process:
        return  # a forked process, whose parent still needs it
    quick = Trainyard(yard.url, yard._key, timeout=10, patience=0, ca_file=yard.ca_file)
    with contextlib.suppress(TrainyardError):
        for job in quick.jobs(model=name):
            quick.cancel(job["id"])
            quick.wait(job["id"], 5, check=False)
            quick.delete_job(job["id"])
    with contextlib.suppress(TrainyardError):
        quick.delete_model(name)
    with contextlib.suppress(TrainyardError):
        quick.delete_dataset(name, 1)


if TYPE_CHECKING:

    class TrainyardClassifier(_Classifier):
        """A network that tells classes, as an estimator of scikit-learn."""

        def get_params(self, deep: bool = True) -> dict[str, Any]: ...
        def set_params(self, **params: Any) -> TrainyardClassifier: ...
        def score(self, X: Any, y: Any, sample_weight: Any = None) -> float: ...

    class TrainyardRegressor(_Regressor):
        """A network that tells numbers, as an estimator of scikit-learn."""

        def get_params(self, deep: bool = True) -> dict[str, Any]: ...
        def set_params(self, **params: Any) -> TrainyardRegressor: ...
        def score(self, X: Any, y: Any, sample_weight: Any = None) -> float: ...

else:

    def __getattr__(name: str) -> Any:
        """Makes an estimator when it is first used, because it needs scikit-learn."""
        if name not in ("TrainyardClassifier", "TrainyardRegressor"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            import pandas  # noqa: F401
            from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
        except ImportError as e:
            raise ImportError(f"{name} needs scikit-learn and pandas: {e}") from e
        for made, own, mixin in (
            ("TrainyardClassifier", _Classifier, ClassifierMixin),
            ("TrainyardRegressor", _Regressor, RegressorMixin),
        ):
            members = {"__module__": __name__, "__doc__": _Estimator.__doc__}
            globals()[made] = type(made, (own, mixin, BaseEstimator), members)
        return globals()[name]
