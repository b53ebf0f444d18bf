package io.trainyard.cli;

import io.trainyard.cli.Session.UsageException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Lists jobs, or shows one. */
@Command(
    name = "jobs",
    description = "List jobs, newest first, or show or follow one.",
    footer = {
      "",
      "Examples: trainyard jobs --state running",
      "          trainyard jobs ID --watch"
    })
final class JobsCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(arity = "0..1", paramLabel = "ID", description = "The job to show.")
  private @Nullable String id;

  @Option(names = "--model", description = "Only jobs of this model.")
  private @Nullable String model;

  @Option(names = "--state", description = "queued, running, succeeded, failed or cancelled.")
  private @Nullable String state;

  @Option(names = "--kind", description = "training, sweep or prediction.")
  private @Nullable String kind;

  @Option(names = "--limit", description = "The most jobs; default: ${DEFAULT-VALUE}.")
  private int limit = 20;

  @Option(
      names = {"-w", "--watch"},
      description = "Follow the job to its end. Exit code 3: it did not succeed.")
  private boolean watch;

  JobsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ServiceClient service = session.service();
    if (id == null) {
      if (watch) {
        throw new UsageException("--watch needs the id of a job");
      }
      return list(service);
    }
    if (watch) {
      return new JobWatch(session).follow(service, id);
    }
    JsonNode job = service.get(ServiceClient.path("jobs", id));
    return session.show(job, () -> session.terminal().print(JobWatch.sentence(job)));
  }

  private int list(ServiceClient service) {
    String query = ServiceClient.query("model", model, "state", state, "kind", kind);
    List<JsonNode> jobs = service.list(ServiceClient.path("jobs") + query, "jobs", limit);
    return session.show(
        "jobs",
        jobs,
        List.of("job", "kind", "model", "state", "progress", "metrics", "created"),
        JobsCommand::row);
  }

  private static List<String> row(JsonNode job) {
    JsonNode fraction = job.path("progress").path("fraction");
    return List.of(
        Text.of(job.path("id")),
        Text.of(job.path("kind")),
        Text.of(job.path("model")),
        Text.of(job.path("state")),
        fraction.isNumber() ? Math.round(fraction.doubleValue() * 100) + " %" : "",
        Text.measured(job),
        Text.time(job.path("created_at")));
  }
}
