package io.trainyard.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Lists, creates and revokes API keys. */
@Command(
    name = "keys",
    description = "List the API keys; create or revoke one.",
    footer = {
      "",
      "Examples: trainyard keys create dashboard --scope read --scope predict",
      "          trainyard keys revoke ID"
    })
final class KeysCommand implements Callable<Integer> {
  private final Session session;

  KeysCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    List<JsonNode> keys =
        session.service().list(ServiceClient.path("keys"), "keys", Integer.MAX_VALUE);
    return session.show(
        "keys",
        keys,
        List.of("id", "name", "prefix", "scopes", "models", "datasets", "expires"),
        KeysCommand::row);
  }

  private static List<String> row(JsonNode key) {
    return List.of(
        Text.of(key.path("id")),
        Text.of(key.path("name")),
        Text.of(key.path("prefix")),
        joined(key.path("scopes")),
        joined(key.path("models")),
        joined(key.path("datasets")),
        Text.time(key.path("expires_at")));
  }

  private static String joined(JsonNode texts) {
    List<String> all = new ArrayList<>();
    texts.forEach(text -> all.add(Text.of(text)));
    return String.join(", ", all);
  }

  @Command(name = "create", description = "Create a key and print it; it is shown only now.")
  int create(
      @Parameters(paramLabel = "NAME", description = "What the key is for.") String name,
      @Option(
              names = "--scope",
              required = true,
              split = ",",
              description = {
                "read, predict, datasets:write, models:write, jobs:write, aliases:write, admin;",
                "may be repeated."
              })
          List<String> scopes,
      @Option(names = "--model", split = ",", description = "Only for this model; may be repeated.")
          @Nullable List<String> models,
      @Option(
              names = "--dataset",
              split = ",",
              description = {
                "Only for this dataset; may be repeated. A '*' at the end of a model's or a",
                "dataset's name stands for any rest."
              })
          @Nullable List<String> datasets,
      @Option(
              names = "--max-priority",
              description = "The highest priority of its jobs, -100 to 100; 0 without it.")
          @Nullable Integer maxPriority,
      @Option(names = "--expires-at", description = "When it ends: 2027-01-31T00:00:00Z.")
          @Nullable String expiresAt) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("name", name);
    scopes.forEach(body.putArray("scopes")::add);
    if (models != null) {
      models.forEach(body.putArray("models")::add);
    }
    if (datasets != null) {
      datasets.forEach(body.putArray("datasets")::add);
    }
    if (maxPriority != null) {
      body.put("max_priority", maxPriority);
    }
    if (expiresAt != null) {
      body.put("expires_at", expiresAt);
    }
    JsonNode key = session.service().create(ServiceClient.path("keys"), body);
    if (!session.printed(key)) {
      session.terminal().remark("Keep it now; it cannot be shown again.");
      session.terminal().print(Text.of(key.path("key")));
    }
    return TrainyardCommand.DONE;
  }

  @Command(name = "revoke", description = "Revoke a key.")
  int revoke(@Parameters(paramLabel = "ID", description = "Its id, from the list.") String id) {
    session.service().delete(ServiceClient.path("keys", id));
    session.terminal().remark("revoked");
    return TrainyardCommand.DONE;
  }
}
