package io.trainyard.cli;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Checks a job or a model, and shows its layers. */
@Command(
    name = "validate",
    description = "Check a job or a model; nothing is stored. Exit code 1: it is not valid.",
    footer = {"", "Example: trainyard validate job.json"})
final class ValidateCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "FILE", description = "A job, or a model alone; -: standard input.")
  private Path file = Path.of("");

  ValidateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    JsonNode body = session.read(file);
    if (body.has("network") && !body.has("model")) {
      body = JsonNodeFactory.instance.objectNode().set("model", body);
    }
    JsonNode answer =
        session
            .service()
            .ask(
                ServiceClient.path("models") + ":validate",
                "application/json",
                BodyPublishers.ofString(body.toString()));
    boolean valid = answer.path("valid").asBoolean(false);
    if (!session.printed(answer)) {
      show(answer, valid);
    }
    return valid ? TrainyardCommand.DONE : TrainyardCommand.REFUSED;
  }

  private void show(JsonNode answer, boolean valid) {
    Terminal terminal = session.terminal();
    JsonNode summary = answer.path("summary");
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode layer : summary.path("layers")) {
      rows.add(
          List.of(
              Text.of(layer.path("name")),
              Text.of(layer.path("type")),
              Text.of(layer.path("output_shape")),
              Text.of(layer.path("parameters"))));
    }
    if (!rows.isEmpty()) {
      terminal.table(List.of("layer", "type", "output", "parameters"), rows);
    }
    for (JsonNode warning : answer.path("warnings")) {
      terminal.error(Terminal.printable("warning: " + fault(warning)));
    }
    for (JsonNode error : answer.path("errors")) {
      terminal.error(Terminal.printable("error: " + fault(error)));
    }
    terminal.remark(
        valid ? "valid, " + Text.of(summary.path("parameters")) + " parameters" : "not valid");
  }

  private static String fault(JsonNode fault) {
    String pointer = fault.path("pointer").asString("");
    return (pointer.isEmpty() ? "/" : pointer)
        + ": "
        + Text.of(fault.path("detail"))
        + Text.cells(fault);
  }
}
