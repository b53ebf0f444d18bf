package io.trainyard.cli;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Points an alias at the version that it had before. */
@Command(
    name = "rollback",
    description = "Point an alias at the version that it had before.",
    footer = {"", "Example: trainyard rollback iris"})
final class RollbackCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "MODEL", description = "The model.")
  private String model = "";

  @Option(names = "--alias", description = "The alias; default: ${DEFAULT-VALUE}.")
  private String alias = "production";

  RollbackCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    JsonNode moved =
        session
            .service()
            .post(
                ServiceClient.path("models", model, "aliases", alias, "rollback"),
                "application/json",
                BodyPublishers.noBody());
    if (!session.printed(moved)) {
      session.terminal().print(PromoteCommand.sentence(moved));
    }
    return TrainyardCommand.DONE;
  }
}
