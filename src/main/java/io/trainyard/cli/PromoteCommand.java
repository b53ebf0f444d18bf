package io.trainyard.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Points an alias at a version. */
@Command(
    name = "promote",
    description = "Point an alias at a version, once the version is loaded and warm.",
    footer = {"", "Example: trainyard promote iris 3"})
final class PromoteCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "MODEL", description = "The model.")
  private String model = "";

  @Parameters(index = "1", paramLabel = "VERSION", description = "The number of the version.")
  private int version;

  @Option(names = "--alias", description = "The alias; default: ${DEFAULT-VALUE}.")
  private String alias = "production";

  PromoteCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    JsonNode moved =
        session
            .service()
            .put(
                ServiceClient.path("models", model, "aliases", alias),
                JsonNodeFactory.instance.objectNode().put("version", version));
    if (!session.printed(moved)) {
      session.terminal().print(sentence(moved));
    }
    return TrainyardCommand.DONE;
  }

  static String sentence(JsonNode alias) {
    String before = Text.of(alias.path("previous_version"));
    return "%s %s is version %s%s"
        .formatted(
            Text.of(alias.path("model")),
            Text.of(alias.path("alias")),
            Text.of(alias.path("version")),
            before.isEmpty() ? "" : ", was " + before);
  }
}
