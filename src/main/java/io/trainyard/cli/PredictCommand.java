package io.trainyard.cli;

import io.trainyard.cli.Session.UsageException;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Predicts rows of a file, or one row given in words. */
@Command(
    name = "predict",
    description = "Predict rows with a model.",
    footer = {
      "",
      "Examples: trainyard predict iris rows.json",
      "          trainyard predict iris petal_length=1.4 petal_width=0.2 …",
      "          trainyard predict digits picture.png"
    })
final class PredictCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "MODEL", description = "The model.")
  private String model = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "FILE|COLUMN=VALUE",
      description = {
        "A JSON file: a row, a list of rows, or a whole request; an NPY, PNG or JPEG file;",
        "-: JSON from the standard input. Or one row by its columns."
      })
  private List<String> rows = List.of();

  @Option(
      names = {"-v", "--model-version"},
      paramLabel = "VERSION",
      description = "A number, an alias, or latest; default: production, else the newest.")
  private @Nullable String version;

  PredictCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    String path =
        version == null
            ? ServiceClient.path("models", model, "predict")
            : ServiceClient.path("models", model, "versions", version, "predict");
    String type = type();
    BodyPublisher body =
        type.equals("application/json")
            ? BodyPublishers.ofString(request().toString())
            : BodyPublishers.ofByteArray(Files.readAllBytes(Path.of(rows.getFirst())));
    JsonNode answer = session.service().ask(path, type, body);
    return session.show(answer, () -> show(answer.path("predictions")));
  }

  private String type() {
    String name = rows.getFirst().toLowerCase(Locale.ROOT);
    if (rows.size() > 1 || name.contains("=")) {
      return "application/json";
    }
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "npy" -> "application/x-npy";
      case "png" -> "image/png";
      case "jpg", "jpeg" -> "image/jpeg";
      default -> "application/json";
    };
  }

  private JsonNode request() throws IOException {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    if (rows.size() > 1 || rows.getFirst().contains("=")) {
      request.putArray("instances").add(row());
      return request;
    }
    JsonNode given = session.read(Path.of(rows.getFirst()));
    if (given.has("instances")) {
      return given;
    }
    if (given.isArray()) {
      return request.set("instances", given);
    }
    request.putArray("instances").add(given);
    return request;
  }

  private ObjectNode row() {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    for (String cell : rows) {
      int equals = cell.indexOf('=');
      if (equals < 1) {
        throw new UsageException("A cell of the row must be COLUMN=VALUE, was '" + cell + "'");
      }
      row.set(cell.substring(0, equals), value(cell.substring(equals + 1)));
    }
    return row;
  }

  /** Numbers, truth values and null as in JSON; all else is text. */
  private static JsonNode value(String text) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    if (text.matches("-?\\d{1,18}")) {
      return json.numberNode(Long.parseLong(text));
    }
    if (text.matches("-?\\d+(\\.\\d+)?([eE][-+]?\\d{1,3})?")) {
      return json.numberNode(Double.parseDouble(text));
    }
    return switch (text) {
      case "true", "false" -> json.booleanNode(text.equals("true"));
      case "null", "" -> json.nullNode();
      default -> json.stringNode(text);
    };
  }

  private void show(JsonNode predictions) {
    Set<String> members = new LinkedHashSet<>();
    predictions.forEach(prediction -> members.addAll(prediction.propertyNames()));
    if (members.isEmpty()) {
      predictions.forEach(prediction -> session.terminal().print(Text.of(prediction)));
      return;
    }
    List<List<String>> lines = new ArrayList<>();
    for (JsonNode prediction : predictions) {
      lines.add(members.stream().map(member -> cell(prediction.path(member))).toList());
    }
    session.terminal().table(List.copyOf(members), lines);
  }

  /** An object of numbers, such as probabilities, as "setosa 0.99, versicolor 0.01". */
  private static String cell(JsonNode value) {
    if (!value.isObject()) {
      return Text.of(value);
    }
    List<String> parts = new ArrayList<>();
    value.forEachEntry((name, part) -> parts.add(name + " " + Text.of(part)));
    return String.join(", ", parts);
  }
}
