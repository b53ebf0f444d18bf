"""Tests of the client against a server that is slow, busy and breaks off: python3 test_trainyard.py"""

from __future__ import annotations

import contextlib
import copy
import csv
import email
import http.server
import io
import json
import os
import pickle
import tempfile
import threading
import time
import unittest
import urllib.error
from pathlib import Path

try:
    import pandas
except ImportError:
    pandas = None
try:
    import pyarrow
except ImportError:
    pyarrow = None

import trainyard
from trainyard import Busy, Invalid, JobFailed, NotFound, Trainyard, Unreachable, WaitedTooLong


class Scripted(http.server.BaseHTTPRequestHandler):
    """Answers with what the test put in `answers`, and keeps the requests."""

    protocol_version = "HTTP/1.1"
    answers: list
    requests: list

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.requests.append((self.command, self.path, self.headers, body))
        status, headers, content = self.answers.pop(0)
        if status == "cut":
            self.close_connection = True
            return
        if status in ("comments", "silence"):
            self.stream(status, headers, content)
            return
        if isinstance(content, dict):
            content = json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = True

    def stream(self, status, headers, content):
        """Sends comments, or nothing, until the client goes away."""
        self.close_connection = True
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(content)
            if status == "silence":
                self.rfile.read(1)
            while status == "comments":
                self.wfile.write(b": here\n\n")
                time.sleep(0.05)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_args):
        pass


class Served(unittest.TestCase):
    def setUp(self):
        Scripted.answers, Scripted.requests = [], []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.yard = Trainyard(f"http://127.0.0.1:{self.server.server_port}", "secret", patience=5)

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def answers(self, *answers):
        Scripted.answers.extend(answers)

    @property
    def requests(self):
        return Scripted.requests


class ClientTest(Served):
    def test_busy_service_is_asked_again_with_the_same_key(self):
        self.answers(
            (503, {"Retry-After": "0"}, {"code": "queue_full"}),
            (429, {"Retry-After": "0"}, {"code": "rate_limited"}),
            (202, {}, {"id": "j1"}),
        )
        self.assertEqual(self.yard.submit({"model": "iris"}), {"id": "j1"})
        keys = {headers["Idempotency-Key"] for _, _, headers, _ in self.requests}
        self.assertEqual((len(self.requests), len(keys)), (3, 1))

    def test_each_call_has_its_own_key(self):
        self.answers((202, {}, {"id": "j1"}), (202, {}, {"id": "j2"}))
        self.yard.submit({})
        self.yard.submit({})
        keys = {headers["Idempotency-Key"] for _, _, headers, _ in self.requests}
        self.assertEqual(len(keys), 2)

    def test_longer_wait_than_patience_is_an_error(self):
        self.answers((503, {"Retry-After": "3600"}, {"code": "queue_full", "detail": "full"}))
        with self.assertRaisesRegex(Busy, r"queue_full \(503\): full"):
            self.yard.submit({})

    def test_lost_answer_of_a_creating_call_is_asked_again(self):
        self.answers(("cut", {}, b""), (202, {}, {"id": "j1"}))
        self.assertEqual(self.yard.submit({})["id"], "j1")

    def test_lost_answer_of_a_rollback_is_an_error(self):
        self.answers(("cut", {}, b""))
        with self.assertRaises(Unreachable):
            self.yard.rollback("iris")
        self.assertEqual(len(self.requests), 1)

    def test_upload_is_repeated_from_its_start(self):
        self.answers((503, {"Retry-After": "0"}, {}), (201, {}, {"rows": 1}))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "Points.csv")
            path.write_bytes(b"x\n1\n")
            self.assertEqual(self.yard.upload(path, on_error="skip"), {"rows": 1})
        self.assertEqual([body for *_, body in self.requests], [b"x\n1\n"] * 2)
        self.assertEqual(self.requests[0][1], "/v1/datasets?name=points&on_error=skip")
        self.assertEqual(self.requests[0][2]["Content-Type"], "text/csv")

    def test_problem_prints_each_fault_with_its_pointer(self):
        self.answers(
            (
                422,
                {},
                {
                    "code": "invalid_body",
                    "detail": "The job has 2 faults.",
                    "errors": [
                        {"pointer": "/training/los", "detail": "There is no 'los'."},
                        {"pointer": "", "detail": "No dataset."},
                    ],
                    "help": "http://localhost/docs/errors/invalid_body",
                },
            )
        )
        with self.assertRaises(Invalid) as caught:
            self.yard.submit({})
        self.assertEqual(
            str(caught.exception),
            "invalid_body (422): The job has 2 faults.\n"
            "  /training/los: There is no 'los'.\n"
            "  /: No dataset.\n"
            "  more: http://localhost/docs/errors/invalid_body",
        )

    def test_answer_of_a_proxy_is_shown_too(self):
        self.answers((404, {}, b"<h1>nothing here</h1>"))
        with self.assertRaisesRegex(NotFound, "nothing here"):
            self.yard.model("iris")

    def test_broken_stream_is_resumed_and_each_event_comes_once(self):
        kind = {"Content-Type": "text/event-stream", "Content-Length": "100000"}
        self.answers(
            (200, kind, b"id: 1\nevent: state\ndata: {}\n\n: here\n\nid: 2\nevent: epoch\nda"),
            (200, kind, b"id: 2\nevent: epoch\ndata: {\"loss\":\ndata: 1}\n\n"),
            (503, {"Retry-After": "0"}, {}),
            (200, kind, b"id: 3\r\nevent: done\r\ndata: {\"done\": true}\r\n\r\n"),
        )
        events = list(self.yard.events("j1"))
        self.assertEqual([(e.id, e.kind) for e in events], [(1, "state"), (2, "epoch"), (3, "done")])
        self.assertEqual(events[1].data, {"loss": 1})
        resumed = [headers.get("Last-Event-ID") for _, _, headers, _ in self.requests]
        self.assertEqual(resumed, [None, "1", "2", "2"])

    def test_wait_raises_for_a_failed_job(self):
        failed = {"id": "j1", "done": True, "state": "failed", "error": {"code": "nan", "detail": "x"}}
        self.answers((200, {}, {"done": False}), (200, {}, failed), (200, {}, failed))
        with self.assertRaisesRegex(JobFailed, "job j1 failed. nan: x"):
            self.yard.wait("j1")
        self.assertEqual(self.yard.wait("j1", check=False), failed)

    def test_wait_gives_up_in_time(self):
        self.answers((200, {}, {"done": False, "state": "running"}))
        with self.assertRaisesRegex(WaitedTooLong, "running"):
            self.yard.wait("j1", 0)

    def test_events_and_wait_share_one_timeout(self):
        self.answers(
            (202, {}, {"id": "j1"}),
            ("comments", {"Content-Type": "text/event-stream"}, b""),
            (200, {}, {"done": False, "state": "running"}),
        )
        with self.assertRaisesRegex(WaitedTooLong, "after 0.3 s: running"):
            self.yard.train({}, on_event=lambda event: None, timeout=0.3)
        paths = [path for _, path, _, _ in self.requests]
        self.assertEqual(paths, ["/v1/jobs", "/v1/jobs/j1/events", "/v1/jobs/j1?wait=1"])

    def test_silent_stream_ends_at_the_timeout(self):
        self.answers(
            (202, {}, {"id": "j1"}),
            ("silence", {"Content-Type": "text/event-stream"}, b": here\n\n"),
            (200, {}, {"done": True, "state": "succeeded"}),
        )
        seen = []
        job = self.yard.train({}, on_event=seen.append, timeout=0.3)
        self.assertEqual((job["state"], seen), ("succeeded", []))
        self.assertEqual(len(self.requests), 3)

    EVENTS = (
        b'id: 1\nevent: state\ndata: {"state": "queued", "queue_position": 2}\n\n'
        b'id: 2\nevent: epoch\ndata: {"epoch": 1, "loss": 0.51234, "learning_rate": 0.1,'
        b' "progress": {"epoch": 1, "epochs": 2, "eta_seconds": 3.2}}\n\n'
        b'event: progress\ndata: {"epoch": 2, "epochs": 2, "step": 5, "steps_per_epoch": 9}\n\n'
        b'id: 3\nevent: log\ndata: {"level": "info", "message": "stops early"}\n\n'
        b'id: 4\nevent: state\ndata: {"state": "succeeded"}\n\n'
        b'id: 5\nevent: done\ndata: {"id": "j1", "state": "succeeded", "best": {"val_loss": 0.25},'
        b' "result": {"model": "iris", "version": 3}}\n\n'
    )

    def followed(self, out, pause):
        """What `progress` prints to a stream, without waiting between lines."""
        self.answers(
            (200, {"Content-Type": "text/event-stream"}, self.EVENTS),
            (200, {}, {"done": True, "state": "succeeded"}),
        )
        progress = trainyard._Progress
        with contextlib.redirect_stdout(out):
            trainyard._Progress = lambda stream: vars(made := progress(stream)).update(pause) or made
            try:
                self.yard.wait("j1", progress=True)
            finally:
                trainyard._Progress = progress
        return out.getvalue()

    def test_progress_prints_lines(self):
        self.assertEqual(
            self.followed(io.StringIO(), {"_pause": 0}),
            "queued, place 2 in the queue\n"
            "epoch 1 of 2  loss 0.5123  4 s left\n"
            "epoch 2 of 2, step 5 of 9\n"
            "stops early\n"
            "job j1 succeeded  iris version 3  val_loss 0.25\n",
        )

    def test_progress_tells_the_time_left_in_its_unit(self):
        for seconds, words in ((0.2, "1 s"), (99.5, "100 s"), (119, "2 min"), (7200, "2 h")):
            record = {"epoch": 1, "progress": {"epoch": 1, "epochs": 9, "eta_seconds": seconds}}
            self.assertTrue(trainyard._Progress._place("epoch", record).endswith(f"9  {words} left"))

    def test_progress_prints_at_most_a_line_a_second_and_always_the_last(self):
        self.assertEqual(
            self.followed(io.StringIO(), {}),
            "queued, place 2 in the queue\n"
            "epoch 2 of 2, step 5 of 9\n"
            "stops early\n"
            "job j1 succeeded  iris version 3  val_loss 0.25\n",
        )

    def test_progress_rewrites_its_line_on_a_screen(self):
        screen = io.StringIO()
        screen.isatty = lambda: True
        self.assertEqual(
            self.followed(screen, {"_pause": 0}),
            "\rqueued, place 2 in the queue"
            "\repoch 1 of 2  loss 0.5123  4 s left"
            "\repoch 2 of 2, step 5 of 9          \n"
            "stops early\n"
            "job j1 succeeded  iris version 3  val_loss 0.25\n",
        )

    def interrupted(self, on_interrupt, *answers):
        def interrupt(_event):
            raise KeyboardInterrupt

        events = (200, {"Content-Type": "text/event-stream"}, self.EVENTS)
        self.answers((202, {}, {"id": "j1"}), events, *answers)
        return self.yard.train({}, on_event=interrupt, on_interrupt=on_interrupt)

    def test_interrupted_job_goes_on_and_is_named(self):
        with self.assertRaises(KeyboardInterrupt) as caught:
            self.interrupted("leave")
        if hasattr(caught.exception, "__notes__"):
            self.assertIn("job j1 goes on", caught.exception.__notes__[0])
        self.assertEqual(len(self.requests), 2)

    def test_interrupted_job_is_cancelled_where_that_is_asked(self):
        with self.assertRaises(KeyboardInterrupt):
            self.interrupted("cancel", (202, {}, {"id": "j1", "state": "cancelled"}))
        self.assertEqual(self.requests[-1][:2], ("POST", "/v1/jobs/j1/cancel"))

    def test_interrupted_job_is_published_where_that_is_asked(self):
        ended = {"id": "j1", "done": True, "state": "succeeded"}
        self.assertEqual(self.interrupted("stop", (202, {}, {}), (200, {}, ended)), ended)
        self.assertEqual(self.requests[2][:2], ("POST", "/v1/jobs/j1/stop"))
        with self.assertRaisesRegex(ValueError, "leave, cancel or stop, was 'go'"):
            self.yard.train({}, on_interrupt="go")

    def test_evaluation_asks_for_groups_and_importances(self):
        self.answers((200, {}, {"part": "test"}), (200, {}, {}), (200, {}, {}))
        self.assertEqual({"part": "test"}, self.yard.evaluation("j1"))
        self.yard.evaluation("j1", slices=["sex", "age"], importance=True)
        self.yard.evaluation("j1", slices="sex")
        self.assertEqual(
            [
                "/v1/jobs/j1/evaluation",
                "/v1/jobs/j1/evaluation?slices=sex%2Cage&importance=permutation",
                "/v1/jobs/j1/evaluation?slices=sex",
            ],
            [path for _, path, _, _ in self.requests],
        )

    def test_plots_show_themselves_in_a_notebook(self):
        self.answers((200, {}, b"<svg/>"), (200, {}, b"<svg>2</svg>"))
        plot = self.yard.plot("j1", "curves", metric="accuracy")
        self.assertEqual((plot._repr_svg_(), plot.svg), ("<svg/>", "<svg/>"))
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(plot.save(Path(folder, "a.svg")).read_text(), "<svg/>")
        self.yard.plot_version("iris", "surface", x="a", y="b", width=300)
        method, path, headers, body = self.requests[1]
        self.assertEqual(path, "/v1/models/iris/versions/latest/plots?width=300")
        self.assertEqual(json.loads(body), {"kind": "surface", "x": "a", "y": "b"})
        self.assertEqual(self.requests[0][1], "/v1/jobs/j1/plots/curves?metric=accuracy")
        self.assertTrue(headers["Accept"].startswith("image/svg+xml"))

    def test_help_leads_to_the_service(self):
        self.answers((404, {}, {"code": "job_not_found", "help": "/docs/errors/job_not_found"}))
        with self.assertRaises(NotFound) as caught:
            self.yard.job("j1")
        self.assertEqual(caught.exception.help, self.yard.url + "/docs/errors/job_not_found")

    def test_refusal_is_a_value_error_and_says_a_thing_once(self):
        self.answers((422, {}, {"code": "x", "detail": "No.", "errors": [{"detail": "No."}]}))
        with self.assertRaises(ValueError) as caught:
            self.yard.submit({})
        self.assertEqual(str(caught.exception), "x (422): No.")

    def test_at_most_ten_faults_are_printed(self):
        faults = [{"pointer": f"/instances/{i}/x", "detail": "No."} for i in range(12)]
        self.answers((422, {}, {"code": "x", "detail": "No.", "errors": faults}))
        with self.assertRaises(Invalid) as caught:
            self.yard.predict("m", [])
        lines = str(caught.exception).split("\n")
        self.assertEqual(lines[10:], ["  /instances/9/x: No.", "  … and 2 more, in `errors`"])
        self.assertEqual(len(caught.exception.errors), 12)

    def test_pickle_keeps_a_given_key_and_no_other(self):
        os.environ["TRAINYARD_KEY"] = "of-the-environment"
        try:
            self.assertNotIn(b"of-the-environment", pickle.dumps(Trainyard(self.yard.url)))
            self.assertEqual(pickle.loads(pickle.dumps(self.yard))._key, "secret")
            self.assertIs(copy.deepcopy(self.yard), self.yard)
        finally:
            del os.environ["TRAINYARD_KEY"]

    def test_sweep_is_waited_for_by_the_service(self):
        self.answers(
            (200, {}, {"done": False, "state": "running"}),
            (200, {}, {"done": True, "state": "succeeded", "best": {"trial": 2}}),
        )
        self.assertEqual(self.yard.wait_sweep("s1")["best"], {"trial": 2})
        self.assertEqual([path for _, path, _, _ in self.requests], ["/v1/sweeps/s1?wait=30"] * 2)

    def test_lost_answer_of_a_deletion_is_asked_again(self):
        self.answers(("cut", {}, b""), (404, {}, {"code": "model_not_found"}))
        self.yard.delete_model("iris")
        self.assertEqual(len(self.requests), 2)
        self.answers((404, {}, {"code": "model_not_found"}))
        with self.assertRaises(NotFound):
            self.yard.delete_model("iris")

    def test_refused_connection_of_a_download_is_tried_again(self):
        attempts = []
        opened = self.yard._opener.open

        def refused_once(request, timeout):
            attempts.append(request)
            if len(attempts) == 1:
                raise urllib.error.URLError("connection refused")
            return opened(request, timeout=timeout)

        self.yard._opener.open = refused_once
        self.answers((200, {}, b"the whole"))
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.yard.backup(Path(folder, "b.tar")).read_bytes(), b"the whole")

    def test_slow_body_and_own_earlier_attempt_are_asked_again(self):
        self.answers(
            (408, {}, {"code": "slow_body"}),
            (409, {"Retry-After": "0"}, {"code": "conflict"}),
            (202, {}, {"id": "j1"}),
        )
        self.assertEqual(self.yard.submit({}), {"id": "j1"})

    def test_conflict_without_a_key_is_an_error(self):
        self.answers((409, {}, {"code": "conflict"}))
        with self.assertRaises(trainyard.Conflict):
            self.yard.rollback("iris")

    def test_fault_of_the_service_is_asked_again_once(self):
        self.answers((500, {}, {"code": "internal"}), (202, {}, {"id": "j1"}))
        self.assertEqual(self.yard.submit({})["id"], "j1")
        self.answers((500, {}, {}), (500, {}, {"code": "internal", "detail": "broken"}))
        with self.assertRaisesRegex(trainyard.Problem, r"internal \(500\): broken"):
            self.yard.submit({})
        self.answers((500, {}, {"code": "internal"}))
        with self.assertRaises(trainyard.Problem):
            self.yard.rollback("iris")

    def test_used_up_quota_is_an_error_at_once(self):
        self.answers((429, {}, {"code": "quota_exceeded", "detail": "delete a dataset"}))
        with self.assertRaisesRegex(Busy, "delete a dataset"):
            self.yard.submit({})

    def test_refusal_without_a_time_is_an_error_at_once(self):
        self.answers((503, {}, {"code": "unavailable", "detail": "it was unloaded"}))
        with self.assertRaisesRegex(Busy, "it was unloaded"):
            self.yard.predict("iris", [])

    def test_key_is_created_without_an_idempotency_key(self):
        self.answers((201, {}, {"id": "k1", "key": "ty_1"}))
        self.assertEqual(self.yard.create_key("dashboard", ["read"])["key"], "ty_1")
        self.assertNotIn("Idempotency-Key", self.requests[0][2])

    def test_lists_follow_their_pages(self):
        self.answers(
            (200, {}, {"jobs": [1, 2], "next_page_token": "a b"}),
            (200, {}, {"jobs": [3], "next_page_token": ""}),
        )
        self.assertEqual(list(self.yard.jobs(state="running")), [1, 2, 3])
        self.assertEqual(self.requests[1][1], "/v1/jobs?state=running&page_token=a+b")

    def test_key_is_sent_but_never_to_where_a_redirect_leads(self):
        self.answers((302, {"Location": self.yard.url + "/elsewhere"}, b""))
        with self.assertRaises(trainyard.Problem):
            self.yard.model("iris")
        self.assertEqual(self.requests[0][2]["Authorization"], "Bearer secret")
        self.assertEqual(len(self.requests), 1)

    def test_names_cannot_leave_their_place_in_a_path(self):
        self.answers((200, {}, {}))
        self.yard.model("../jobs?x")
        self.assertEqual(self.requests[0][1], "/v1/models/..%2Fjobs%3Fx")

    def test_broken_download_is_repeated_and_leaves_whole_files_only(self):
        self.answers((200, {"Content-Length": "9"}, b"half"), (200, {}, b"the whole"))
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.yard.backup(Path(folder, "b.tar")).read_bytes(), b"the whole")
            self.assertEqual(os.listdir(folder), ["b.tar"])
            self.answers((404, {}, {}))
            with self.assertRaises(NotFound):
                self.yard.backup(Path(folder, "c.tar"))
            self.assertEqual(os.listdir(folder), ["b.tar"])

    def test_settings_come_from_the_environment(self):
        self.answers((200, {}, {}))
        os.environ.update(TRAINYARD_URL=self.yard.url, TRAINYARD_KEY="other")
        try:
            Trainyard().model("iris")
        finally:
            del os.environ["TRAINYARD_URL"], os.environ["TRAINYARD_KEY"]
        self.assertEqual(self.requests[0][2]["Authorization"], "Bearer other")

    def test_missing_value_is_none_and_never_nan(self):
        with self.assertRaisesRegex(ValueError, "a missing value is None"):
            self.yard.predict("iris", [{"x": float("nan")}])

    def test_no_service_is_an_error_in_words(self):
        with self.assertRaisesRegex(Unreachable, "http://127.0.0.1:9 does not answer"):
            Trainyard("http://127.0.0.1:9", patience=0).model("iris")


@unittest.skipUnless(pandas, "there is no pandas")
class FrameTest(Served):
    """How data frames travel. A service in `client_frames.py` shows what becomes of them."""

    def uploaded(self, frame, **options):
        """The content type, the options and the text of an upload."""
        self.answers((201, {}, {"rows": len(frame)}))
        self.yard.upload(frame, "f", **options)
        _, path, headers, body = self.requests[-1]
        self.assertEqual(path, "/v1/datasets?name=f")
        whole = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + body
        given, file = email.message_from_bytes(whole).get_payload()
        self.assertEqual(given.get_param("name", header="Content-Disposition"), "options")
        content = body[body.index(b"\r\n\r\n", body.index(b'name="file"')) + 4 : body.rindex(b"\r\n--")]
        return file.get_content_type(), json.loads(given.get_payload()), content

    @unittest.skipIf(pyarrow, "pandas writes Parquet here")
    def test_frame_is_csv_with_types(self):
        frame = pandas.DataFrame(
            {
                "a": [1, None, 3],
                "b": ["x,y", "", None],
                " c ": pandas.Categorical([1, 2, None]),
                "d": pandas.to_datetime(["2026-01-02", None, None]),
                "e": [True, None, False],
                "f": pandas.array([1, None, 3], dtype="Int64"),
            }
        )
        kind, options, body = self.uploaded(frame, on_error="skip")
        self.assertEqual(kind, "text/csv")
        self.assertEqual(
            options.pop("types"),
            {"a": "number", "b": "string", "c": "string", "d": "timestamp", "e": "boolean", "f": "integer"},
        )
        self.assertEqual(options, {"header": True, "delimiter": ",", "on_error": "skip"})
        self.assertEqual(
            list(csv.reader(io.StringIO(body.decode()))),
            [
                ["a", "b", "c", "d", "e", "f"],
                ["1.0", "x,y", "1", "2026-01-02 00:00:00+00:00", "True", "1"],
                ["", "", "2", "", "", ""],
                ["3.0", "", "", "", "False", "3"],
            ],
        )

    @unittest.skipUnless(pyarrow, "there is no pyarrow")
    def test_frame_is_parquet(self):
        kind, options, body = self.uploaded(pandas.DataFrame({"a": [1.5, None], "b": ["x", ""]}))
        self.assertEqual((kind, options), (trainyard._MEDIA_TYPES[".parquet"], {}))
        read = pandas.read_parquet(io.BytesIO(body))
        self.assertEqual(read["b"].isna().tolist(), [False, True])

    def test_given_types_are_for_csv(self):
        frame = pandas.DataFrame({"zip": [3000], "n": [1]})
        kind, options, _ = self.uploaded(frame, types={"zip": "string"})
        self.assertEqual(kind, "text/csv")
        self.assertEqual(options["types"], {"zip": "string", "n": "integer"})

    def test_arrays_are_json(self):
        frame = pandas.DataFrame({"x": [[1, 2], float("nan")], "y": [1.0, None]})
        kind, options, body = self.uploaded(frame)
        self.assertEqual((kind, options), ("application/x-ndjson", {"types": {"y": "number"}}))
        rows = [json.loads(line) for line in body.splitlines()]
        self.assertEqual(rows, [{"x": [1, 2], "y": 1.0}, {"x": None, "y": None}])

    def test_named_index_is_a_column(self):
        day = pandas.Index(["mon", "tue"], name="day")
        _, options, _ = self.uploaded(pandas.DataFrame({"x": [1, 2]}, index=day), types={"x": "number"})
        self.assertEqual(options["types"], {"day": "string", "x": "number"})

    def test_what_a_column_cannot_hold_is_an_error_with_a_way_out(self):
        for cells, words in (
            ([1, "x"], r"types int, str.*astype\(str\)"),
            (pandas.to_timedelta([1, 2]), "total_seconds"),
            (pandas.period_range("2026-01", periods=2, freq="M"), "to_timestamp"),
            ([1j, 2j], "complex"),
            ([1.5, -float("inf")], "infinity in 1 of 2 rows"),
        ):
            with self.assertRaisesRegex(ValueError, words):
                self.yard.upload(pandas.DataFrame({"a": cells}), "f")
        with self.assertRaisesRegex(ValueError, "several columns have the name 'a'"):
            self.yard.upload(pandas.DataFrame([[1, 2]], columns=["a", "a"]), "f")
        with self.assertRaisesRegex(ValueError, "a data frame has its own"):
            self.yard.upload(pandas.DataFrame({"a": [1]}), "f", content_type="text/csv")
        for rows in (pandas.Series([1]), {"a": [1]}, (1, 2)):
            with self.assertRaisesRegex(TypeError, "a data frame, was " + type(rows).__name__):
                self.yard.upload(rows, "f")
        with self.assertRaisesRegex(TypeError, "got Series"):
            self.yard.predict_frame("m", pandas.Series([1]))
        self.assertEqual(self.requests, [])

    def test_times_far_away_come_back(self):
        column = {"name": "t", "type": "timestamp", "nulls": 1}
        content = b"t\n9999-12-31T00:00:00Z\n\"\"\n1500-01-01T00:00:00.5Z\n"
        times = trainyard._read_frame(content, [column])["t"]
        self.assertEqual(times.dt.year.tolist()[::2], [9999, 1500])
        self.assertTrue(times.isna()[1])
        self.assertEqual(times[2].microsecond, 500_000)
        near = trainyard._read_frame(b"t\n2026-01-02T03:04:05Z\n", [column])["t"]
        self.assertEqual(near[0], pandas.Timestamp("2026-01-02T03:04:05Z"))

    def test_times_in_rows_are_texts(self):
        self.answers((200, {}, {"predictions": []}))
        self.yard.predict("m", [{"at": pandas.Timestamp("2026-01-02T03:00Z")}])
        self.assertIn(b'"2026-01-02T03:00:00+00:00"', self.requests[0][3])

    def test_predictions_come_in_parts_from_one_version(self):
        one = {"version": 4, "predictions": [{"y": "a", "probabilities": {"a": 0.9, "b": 0.1}}]}
        self.answers((200, {}, one), (200, {}, one))
        frame = pandas.DataFrame({"x": [1.0, None]}, index=["r", "s"])
        cells, trainyard._CELLS = trainyard._CELLS, 1
        try:
            answer = self.yard.predict_frame("m", frame)
        finally:
            trainyard._CELLS = cells
        self.assertEqual(
            answer.to_dict("index")["s"],
            {"predicted_y": "a", "predicted_y_probability_a": 0.9, "predicted_y_probability_b": 0.1},
        )
        self.assertEqual(
            [(path, json.loads(body)["instances"]) for _, path, _, body in self.requests],
            [
                ("/v1/models/m/predict", [{"x": 1.0}]),
                ("/v1/models/m/versions/4/predict", [{"x": None}]),
            ],
        )

    def test_all_that_a_prediction_has_becomes_columns(self):
        flat = trainyard._flat_prediction(
            {
                "price": 3.5,
                "kind": "a",
                "probabilities": {"kind": {"a": 1.0}},
                "std": {"price": 0.5},
                "attributions": {"x": 0.1},
            }
        )
        self.assertEqual(
            flat,
            {
                "predicted_price": 3.5,
                "predicted_price_std": 0.5,
                "predicted_kind": "a",
                "predicted_kind_probability_a": 1.0,
                "attributions_x": 0.1,
            },
        )
        one_of_classes = {"price": 1.5, "kind": True, "probabilities": {"false": 0.1, "true": 0.9}}
        self.assertEqual(
            trainyard._flat_prediction(one_of_classes),
            {
                "predicted_price": 1.5,
                "predicted_kind": True,
                "predicted_kind_probability_false": 0.1,
                "predicted_kind_probability_true": 0.9,
            },
        )
        self.assertEqual(trainyard._flat_prediction([1, 2]), {"predicted": [1, 2]})

    def test_outputs_of_layers_do_not_fit_a_frame(self):
        with self.assertRaisesRegex(ValueError, "predictions alone"):
            self.yard.predict_frame("m", pandas.DataFrame({"x": [1]}), outputs=["fc1"])


class NpyTest(unittest.TestCase):
    def test_lists_come_back(self):
        for values in ([[1.5, 2.0], [0.25, -1.0]], [[1], [2]], [], [[[0.5]]], 3.5):
            self.assertEqual(trainyard.from_npy(trainyard.to_npy(values)), values)

    def test_ragged_lists_are_refused(self):
        for values in ([[1.0], [1.0, 2.0]], [[1.0], 2.0], [1.0, [2.0]]):
            with self.assertRaises((ValueError, TypeError)):
                trainyard.to_npy(values)

    def test_numpy_reads_and_writes_the_same(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("there is no NumPy")
        for values in (numpy.arange(6, dtype="<f4").reshape(2, 3), numpy.array([[7]], ">i8")):
            content = trainyard.to_npy(values)
            self.assertTrue((numpy.load(io.BytesIO(content)) == values).all())
            self.assertTrue((trainyard.from_npy(content, as_array=True) == values).all())
            self.assertEqual(trainyard.from_npy(content), values.tolist())
        out = io.BytesIO()
        numpy.save(out, numpy.asfortranarray([[1.0, 2.0], [3.0, 4.0]]))
        read = trainyard.from_npy(out.getvalue(), as_array=True)
        self.assertEqual(read.tolist(), [[1.0, 2.0], [3.0, 4.0]])
        self.assertEqual(trainyard.from_npy(trainyard.to_npy([[1.5]]), True).shape, (1, 1))


if __name__ == "__main__":
    unittest.main()
