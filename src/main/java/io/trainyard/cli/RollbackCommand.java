package io.trainyard.cli;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Points an alias at the version that it had before. */
@Command(
    name = "rollback",
    description = "Point an alias at the version that it had before.",
    footer = {"", "Example: trainyard rollback iris"})
final class RollbackCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private final AliasOptions alias = new AliasOptions();

  RollbackCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    return AliasOptions.show(
        session
            .service()
            .post(alias.path() + "/rollback", "application/json", BodyPublishers.noBody()),
        session);
  }
}
