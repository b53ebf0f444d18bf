package io.trainyard.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Lists the models, or the versions of one. */
@Command(
    name = "models",
    description = "List the models, or the versions of one, newest first.",
    footer = {"", "Example: trainyard models iris"})
final class ModelsCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(arity = "0..1", paramLabel = "MODEL", description = "The model with the versions.")
  private @Nullable String model;

  @Option(names = "--limit", description = "The most entries; default: ${DEFAULT-VALUE}.")
  private int limit = 50;

  ModelsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ServiceClient service = session.service();
    String member = model == null ? "models" : "versions";
    String path =
        model == null
            ? ServiceClient.path("models")
            : ServiceClient.path("models", model, "versions");
    List<JsonNode> entries = service.list(path, member, limit);
    return model == null
        ? session.show(
            member, entries, List.of("model", "latest", "aliases", "updated"), ModelsCommand::model)
        : session.show(
            member,
            entries,
            List.of("version", "aliases", "metrics", "dataset", "created"),
            ModelsCommand::version);
  }

  private static List<String> model(JsonNode model) {
    List<String> aliases = new ArrayList<>();
    model.path("aliases").forEachEntry((name, version) -> aliases.add(name + " " + version));
    return List.of(
        Text.of(model.path("name")),
        Text.of(model.path("latest_version")),
        String.join(", ", aliases),
        Text.time(model.path("updated_at")));
  }

  private static List<String> version(JsonNode version) {
    List<String> aliases = new ArrayList<>();
    version.path("aliases").forEach(alias -> aliases.add(Text.of(alias)));
    return List.of(
        Text.of(version.path("version")),
        String.join(", ", aliases),
        Text.metrics(version.path("metrics")),
        Text.of(version.path("provenance").path("dataset")),
        Text.time(version.path("created_at")));
  }
}
