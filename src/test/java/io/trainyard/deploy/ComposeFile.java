package io.trainyard.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The compose file as Compose reads it without variables of the shell. */
final class ComposeFile {
  private static final Pattern DEFAULT = Pattern.compile("\\$\\{\\w+:-([^}]*)}");

  private ComposeFile() {}

  static JsonNode read() throws IOException {
    String text = Files.readString(Path.of("docker-compose.yml"));
    Object content = new Yaml().load(DEFAULT.matcher(text).replaceAll("$1"));
    return new JsonMapper().valueToTree(content);
  }

  /** The variables of a service that have a value. */
  static Map<String, String> environment(String service) throws IOException {
    Map<String, String> environment = new LinkedHashMap<>();
    JsonNode variables =
        Objects.requireNonNull(read().get("services").get(service)).get("environment");
    for (var variable : variables.properties()) {
      if (!variable.getValue().isNull()) {
        environment.put(variable.getKey(), variable.getValue().asString());
      }
    }
    return environment;
  }
}
