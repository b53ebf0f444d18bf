package io.trainyard.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Points an alias at a version. */
@Command(
    name = "promote",
    description = "Point an alias at a version, once the version is loaded and warm.",
    footer = {"", "Example: trainyard promote iris 3"})
final class PromoteCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private final AliasOptions alias = new AliasOptions();

  @Parameters(index = "1", paramLabel = "VERSION", description = "The number of the version.")
  private int version;

  PromoteCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("version", version);
    return AliasOptions.show(session.service().put(alias.path(), body), session);
  }
}
