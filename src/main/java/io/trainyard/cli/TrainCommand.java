package io.trainyard.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Starts a training job. */
@Command(
    name = "train",
    description = "Start a job and print its id; --watch follows it to its end.",
    footer = {
      "",
      "Example: trainyard train job.json --watch",
      "The job goes on when --watch is interrupted; trainyard jobs ID --watch follows it again."
    })
final class TrainCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "FILE", description = "The job; -: standard input.")
  private Path file = Path.of("");

  @Option(
      names = {"-w", "--watch"},
      description = "Show each epoch until the job has ended. Exit code 3: it did not succeed.")
  private boolean watch;

  TrainCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    ServiceClient service = session.service();
    JsonNode job = service.create(ServiceClient.path("jobs"), session.read(file));
    String id = job.path("id").asString("");
    if (watch) {
      session.terminal().remark("job " + id);
      return new JobWatch(session).follow(service, id);
    }
    return session.show(job, () -> session.terminal().print(id));
  }
}
