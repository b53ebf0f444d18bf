package io.trainyard.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** The alias that a command moves, and what is said about it afterwards. */
final class AliasOptions {
  @Parameters(index = "0", paramLabel = "MODEL", description = "The model.")
  private String model = "";

  @Option(names = "--alias", description = "The alias; default: ${DEFAULT-VALUE}.")
  private String alias = "production";

  /** The path of the alias at the service. */
  String path() {
    return ServiceClient.path("models", model, "aliases", alias);
  }

  /** Prints the answer that the service gave after the move. */
  static int show(JsonNode moved, Session session) {
    if (!session.printed(moved)) {
      String before = Text.of(moved.path("previous_version"));
      session
          .terminal()
          .print(
              "%s %s is version %s%s"
                  .formatted(
                      Text.of(moved.path("model")),
                      Text.of(moved.path("alias")),
                      Text.of(moved.path("version")),
                      before.isEmpty() ? "" : ", was " + before));
    }
    return TrainyardCommand.DONE;
  }
}
