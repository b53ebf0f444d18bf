package io.trainyard.cli;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Ends a job, one way or the other. */
abstract sealed class EndJobCommand implements Callable<Integer> {
  private final Session session;
  private final String action;

  @Parameters(paramLabel = "ID", description = "The job.")
  private String id = "";

  private EndJobCommand(Session session, String action) {
    this.session = session;
    this.action = action;
  }

  @Command(name = "cancel", description = "End a job; nothing is published.")
  static final class Cancel extends EndJobCommand {
    Cancel(Session session) {
      super(session, "cancel");
    }
  }

  @Command(name = "stop", description = "End a training now and publish its best weights so far.")
  static final class Stop extends EndJobCommand {
    Stop(Session session) {
      super(session, "stop");
    }
  }

  @Override
  public Integer call() {
    JsonNode job =
        session
            .service()
            .ask(
                ServiceClient.path("jobs", id, action),
                "application/json",
                BodyPublishers.noBody());
    return session.show(job, () -> session.terminal().print(JobWatch.sentence(job)));
  }
}
