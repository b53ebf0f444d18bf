package io.trainyard.attack;

import io.trainyard.Http;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests to mutate that the documentation does not have: the examples and the golden networks.
 */
final class ExampleRequests {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path EXAMPLES = Path.of("src", "examples");
  private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");
  private static final String JSON_TYPE = "application/json";

  private ExampleRequests() {}

  /** Of the folders of examples. */
  static List<Operations.Operation> examples() throws IOException {
    List<Operations.Operation> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(EXAMPLES)) {
      files.sorted().forEach(file -> example(file, all));
    }
    return all;
  }

  /** Of the golden networks. */
  static List<Operations.Operation> golden() throws IOException {
    List<Operations.Operation> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(GOLDEN)) {
      files.filter(file -> file.toString().endsWith(".json")).sorted().forEach(f -> nets(f, all));
    }
    return all;
  }

  private static void example(Path file, List<Operations.Operation> all) {
    String name = file.getFileName().toString();
    String folder = file.getName(file.getNameCount() - 2).toString();
    if (name.endsWith(".csv")) {
      JsonNode text = JSON.valueToTree(text(file));
      all.add(operation("/v1/datasets?name=" + folder, "text/csv", text));
    } else if (name.endsWith(".json")) {
      JsonNode body = JSON.readTree(text(file));
      String model = body.path("model").isString() ? body.get("model").stringValue() : folder;
      switch (name) {
        case "predict.json" -> all.add(json("/v1/models/" + model + "/predict", body));
        case "model.json" -> all.add(json("/v1/models", body));
        case "rows.json", "series.json" -> all.add(json("/v1/datasets?name=" + folder, body));
        default -> {
          all.add(json("/v1/jobs", body));
          all.add(json("/v1/models:validate", body));
        }
      }
    }
  }

  /** The networks of a golden file. */
  private static void nets(Path file, List<Operations.Operation> all) {
    for (JsonNode golden : JSON.readTree(text(file)).path("cases")) {
      if (golden.path("network").isObject()) {
        ObjectNode model = JSON.createObjectNode();
        model.set("network", golden.get("network"));
        ObjectNode body = JSON.createObjectNode();
        body.set("model", model);
        all.add(json("/v1/models:validate", body));
      }
    }
  }

  private static Operations.Operation json(String path, JsonNode body) {
    return operation(path, JSON_TYPE, body);
  }

  private static Operations.Operation operation(String path, String type, JsonNode body) {
    return new Operations.Operation("POST", path, Map.of(), List.of(), type, body);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the examples' uploads and jobs, so that their mutations find something. */
  static void prepare(Http http, List<Operations.Operation> examples) {
    for (Operations.Operation example : examples) {
      if (example.path().startsWith("/v1/datasets")) {
        http.post(example.path(), example.contentType(), Operations.bytes(example.body()));
      }
    }
  }
}
