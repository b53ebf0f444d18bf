package io.trainyard.cli;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Follows a job on the terminal: a bar for a person, a line for each epoch for a program. */
final class JobWatch {
  private final Session session;

  /** The words of the last epoch, or of a job without epochs. */
  private String last = "";

  JobWatch(Session session) {
    this.session = session;
  }

  /** Follows to the job's end and prints it; gives the exit code. */
  int follow(ServiceClient service, String job) {
    JsonNode done = new EventStream(service, job).follow(this::show);
    boolean succeeded = done.path("state").asString("").equals("succeeded");
    if (succeeded && !last.isEmpty()) {
      session.terminal().completeProgress(last);
    }
    if (!session.printed(done)) {
      session.terminal().print(sentence(done));
    }
    return succeeded ? TrainyardCommand.DONE : TrainyardCommand.FAILED;
  }

  private void show(EventStream.Event event) {
    JsonNode data = event.data();
    Terminal terminal = session.terminal();
    switch (event.kind()) {
      case "state" -> terminal.progress(0, state(data));
      case "epoch" -> epoch(data);
      case "progress" -> within(data);
      case "log" -> terminal.remark(Terminal.printable(Text.of(data.path("message"))));
      default -> {}
    }
  }

  private static String state(JsonNode data) {
    JsonNode position = data.path("queue_position");
    return Text.of(data.path("state"))
        + (position.isNumber() ? ", place " + position + " in the queue" : "");
  }

  private void epoch(JsonNode data) {
    Terminal terminal = session.terminal();
    JsonNode progress = data.path("progress");
    String place = Text.of(data.path("epoch")) + " of " + Text.of(progress.path("epochs"));
    String metrics = Text.metrics(data);
    if (terminal.isPlain()) {
      if (!session.json()) {
        terminal.print("epoch " + place + "\t" + metrics.replace(", ", "\t"));
      }
      return;
    }
    last = "epoch " + place + "  " + metrics;
    terminal.progress(progress.path("fraction").asDouble(0), last + left(progress));
  }

  /** A step of a long epoch; its record is still to come. */
  private void within(JsonNode progress) {
    String words =
        "epoch %s of %s, step %s of %s"
            .formatted(
                Text.of(progress.path("epoch")),
                Text.of(progress.path("epochs")),
                Text.of(progress.path("step")),
                Text.of(progress.path("steps_per_epoch")));
    last = last.isEmpty() ? "done" : last;
    session.terminal().progress(progress.path("fraction").asDouble(0), words + left(progress));
  }

  private static String left(JsonNode progress) {
    return progress.path("eta_seconds").isNumber()
        ? "  " + Text.seconds(progress.path("eta_seconds").doubleValue()) + " left"
        : "";
  }

  /** What became of an ended job. */
  static String sentence(JsonNode job) {
    List<String> parts = new ArrayList<>();
    parts.add(Text.of(job.path("id")) + " " + Text.of(job.path("state")));
    JsonNode result = job.path("result");
    if (result.path("version").isNumber()) {
      String name = result.has("dataset") ? "dataset" : "model";
      parts.add(Text.of(result.path(name)) + " version " + result.path("version"));
    }
    if (result.path("alias").isObject()) {
      String alias = Text.of(result.path("alias").path("name"));
      boolean moved = result.path("alias").path("moved").asBoolean(false);
      String reason = Text.of(result.path("alias").path("reason"));
      parts.add(moved ? alias + " points to it" : alias + " was not moved: " + reason);
    }
    if (result.path("serving").isObject()) {
      JsonNode serving = result.path("serving").path("version");
      parts.add(
          serving.equals(result.path("version"))
              ? "it started to serve"
              : "version %s went on serving; 'trainyard promote %s %s' changes that"
                  .formatted(serving, Text.of(result.path("model")), result.path("version")));
    }
    JsonNode error = job.path("error");
    if (error.isObject()) {
      parts.add(Text.of(error.path("detail")) + " (" + Text.of(error.path("code")) + ")");
    }
    String published = job.path("best").isObject() ? Text.measured(job) : "";
    if (!published.isEmpty()) {
      parts.add(published);
    }
    return String.join("; ", parts);
  }
}
