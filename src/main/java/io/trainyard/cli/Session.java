package io.trainyard.cli;

import io.trainyard.error.ServiceException;
import io.trainyard.json.StrictJson;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What all commands share: where the service is, who asks, and where to print. */
final class Session {
  private static final String DEFAULT_URL = "http://localhost:8080";

  private final Terminal terminal;
  private final Map<String, String> environment;

  @Option(
      names = "--url",
      scope = ScopeType.INHERIT,
      paramLabel = "URL",
      description = "The service; default: TRAINYARD_URL, else " + DEFAULT_URL + ".")
  private @Nullable String url;

  @Option(
      names = "--key",
      scope = ScopeType.INHERIT,
      paramLabel = "KEY",
      description = "An API key; default: TRAINYARD_KEY.")
  private @Nullable String key;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print the answers of the service as they are.")
  private boolean json;

  Session(Terminal terminal, Map<String, String> environment) {
    this.terminal = terminal;
    this.environment = environment;
  }

  Terminal terminal() {
    return terminal;
  }

  boolean json() {
    return json;
  }

  ServiceClient service() {
    return new ServiceClient(address(), key == null ? environment.get("TRAINYARD_KEY") : key);
  }

  private URI address() {
    String given = url == null ? environment.getOrDefault("TRAINYARD_URL", DEFAULT_URL) : url;
    try {
      URI address = URI.create(given.replaceFirst("/+$", ""));
      if (List.of("http", "https").contains(address.getScheme()) && address.getHost() != null) {
        return address;
      }
    } catch (IllegalArgumentException notAnAddress) {
      // The sentence below tells it.
    }
    throw new UsageException(
        "The URL of the service must look like " + DEFAULT_URL + ", was '" + given + "'");
  }

  /** Prints an answer as it is, if that was asked for. */
  boolean printed(JsonNode answer) {
    if (json) {
      terminal.print(answer.toPrettyString());
    }
    return json;
  }

  /** Prints an answer as it is, if that was asked for, else in a way of its own; gives 0. */
  int show(JsonNode answer, Runnable shown) {
    if (!printed(answer)) {
      shown.run();
    }
    return TrainyardCommand.DONE;
  }

  /** As {@link #show}, of a list: a table with a row for each entry. */
  int show(
      String member,
      List<JsonNode> entries,
      List<String> columns,
      Function<JsonNode, List<String>> row) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return show(
        json.objectNode().set(member, json.arrayNode().addAll(entries)),
        () -> terminal.table(columns, entries.stream().map(row).toList()));
  }

  /** A file with JSON; {@code -} is the standard input. */
  JsonNode read(Path file) throws IOException {
    byte[] content =
        file.toString().equals("-") ? System.in.readAllBytes() : Files.readAllBytes(file);
    try {
      return StrictJson.parse(content);
    } catch (ServiceException e) {
      throw new UsageException(file + ": " + e.detail());
    }
  }

  /** The command cannot run as it was given. The message says what would work. */
  static final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }
}
