package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A fleet whose processes are restarted in turn, while callers predict and submit jobs. Callers
 * that follow readiness notice nothing, and every job ends once.
 */
final class FleetUnderLoad implements AutoCloseable {
  /** What the fleet needs: a drain, and jobs that are soon noticed. */
  static final List<String> SETTINGS =
      List.of(
          "--trainyard.http.drain=2s",
          "--trainyard.jobs.heartbeat=500ms",
          "--trainyard.jobs.missed-heartbeats=10",
          "--trainyard.jobs.poll=100ms",
          "--trainyard.jobs.checkpoint-every=200ms");

  static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int CALLERS = 4;
  private static final int JOBS = 2;
  private static final String PREDICT = "{\"instances\": [{\"a\": 0.25}, {\"a\": 0.75}]}";

  private final Fleet fleet;
  private final ReadyReplicas replicas;
  private final SteadyCallers callers;
  private final List<String> jobs = new ArrayList<>();

  /**
   * Trains a model and begins to call it.
   *
   * @param answering the members that have callers
   */
  FleetUnderLoad(Fleet fleet, List<RestartingProcess> answering) {
    this.fleet = fleet;
    fleet.http().upload("line", JobTemplate.rows());
    train(fleet.http(), "served");
    replicas = new ReadyReplicas(answering);
    callers = new SteadyCallers(CALLERS, replicas, "/v1/models/served/predict", PREDICT);
  }

  /** Trains a model to the end, through one process. */
  static void train(Http http, String model) {
    succeeded(http.await(http.submit(JobTemplate.DROPOUT.job(model, "line", 2)), PATIENCE));
  }

  static void succeeded(JsonNode job) {
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
  }

  static String predicted(Http http, String model) {
    return http.post("/v1/models/" + model + "/predict", PREDICT).expect(200).text();
  }

  /** Restarts a process among jobs, and gives the time that the old one took to end. */
  Duration restart(RestartingProcess member) throws IOException, InterruptedException {
    submit();
    // Long enough that the callers use all.
    Thread.sleep(2_000);
    Duration took = member.restart();
    submit();
    member.awaitReady();
    return took;
  }

  /** Submits a job, whose end {@link #assertJobsEndedOnce} waits for, and gives its path. */
  String submit(JobTemplate template, int epochs) {
    String job = replicas.next().submit(template.job("steady" + jobs.size(), "line", epochs));
    jobs.add(job);
    return job;
  }

  private void submit() {
    for (int i = 0; i < JOBS; i++) {
      var _ = submit(JobTemplate.of(jobs.size()), JobTemplate.EPOCHS);
    }
  }

  int jobs() {
    return jobs.size();
  }

  /** Stops the callers, and gives how many predictions were answered. None has failed. */
  int stop() throws InterruptedException {
    Thread.sleep(2_000);
    callers.stop();
    assertThat(callers.failures()).as("of %d predictions", callers.answers()).isEmpty();
    return callers.answers();
  }

  /** Waits for the jobs: each has succeeded, and has published once. */
  void assertJobsEndedOnce() {
    Http http = fleet.http();
    for (String job : jobs) {
      succeeded(http.await(job, PATIENCE));
    }
    for (int i = 0; i < jobs.size(); i++) {
      JsonNode versions = http.get("/v1/models/steady" + i + "/versions").expect(200).json();
      assertThat(versions.get("versions")).as(versions.toString()).hasSize(1);
    }
    fleet.members().forEach(member -> assertThat(member.deaths()).isEmpty());
  }

  @Override
  public void close() throws InterruptedException {
    callers.close();
    replicas.close();
  }
}
