package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * A sweep is a job that trains other jobs: what a caller can do with one, and sees of one, a caller
 * can do with the other, and sees of it. A difference needs a reason here.
 */
@ServiceTest
@Timeout(60)
class JobsAndSweepsTest {
  /** They show what one training measured, and a sweep has many. */
  private static final Set<String> OF_ONE_TRAINING =
      Set.of(
          "GET /{id}/evaluation",
          "GET /{id}/frames",
          "GET /{id}/metrics",
          "GET /{id}/plots/{kind}",
          "GET /{id}/spec");

  /** A sweep is found by itself; its trainings are found by it. */
  private static final Set<String> PARAMETERS_OF_JOBS = Set.of("GET  query sweep");

  /**
   * A training's run on its worker and what its epochs measured; those of a sweep's are its jobs'.
   */
  private static final Set<String> MEMBERS_OF_JOBS =
      Set.of(
          "baseline",
          "device",
          "metrics",
          "progress",
          "releasing",
          "stop_reason",
          "threads",
          "worker");

  /** The trainings. */
  private static final Set<String> MEMBERS_OF_SWEEPS = Set.of("fraction", "trials");

  @Autowired private Http http;

  @Test
  void theyHaveTheSameOperations() {
    Set<String> ofJobs = operations("/v1/jobs");
    Set<String> ofSweeps = operations("/v1/sweeps");
    assertThat(ofJobs)
        .contains("GET ", "PATCH /{id}", "POST /{id}/retry")
        .containsAll(OF_ONE_TRAINING);
    ofJobs.removeAll(OF_ONE_TRAINING);
    assertThat(ofSweeps).isEqualTo(ofJobs);
  }

  @Test
  void theirOperationsHaveTheSameParameters() {
    Set<String> ofJobs = parameters("/v1/jobs");
    assertThat(ofJobs).contains("GET  query order_by").containsAll(PARAMETERS_OF_JOBS);
    ofJobs.removeAll(PARAMETERS_OF_JOBS);
    assertThat(parameters("/v1/sweeps")).isEqualTo(ofJobs);
  }

  @Test
  void theyHaveTheSameMembers() {
    Set<String> ofJobs = members("JobView");
    Set<String> ofSweeps = members("SweepView");
    assertThat(ofJobs).contains("waits_for", "tags").containsAll(MEMBERS_OF_JOBS);
    assertThat(ofSweeps).containsAll(MEMBERS_OF_SWEEPS);
    ofJobs.removeAll(MEMBERS_OF_JOBS);
    ofSweeps.removeAll(MEMBERS_OF_SWEEPS);
    assertThat(ofSweeps).isEqualTo(ofJobs);
  }

  private JsonNode document() {
    return http.get("/v3/api-docs").expect(200).json();
  }

  /** The operations on the jobs or sweeps at a path, as {@code GET /{id}}. */
  private Set<String> operations(String path) {
    Set<String> operations = new TreeSet<>();
    for (var each : document().get("paths").properties()) {
      if (isBelow(each.getKey(), path)) {
        for (String method : each.getValue().propertyNames()) {
          operations.add(name(each.getKey(), path, method));
        }
      }
    }
    return operations;
  }

  private static boolean isBelow(String path, String resource) {
    return path.equals(resource) || path.startsWith(resource + "/");
  }

  private static String name(String path, String resource, String method) {
    return method.toUpperCase(Locale.ROOT)
        + " "
        + path.substring(resource.length()).replaceFirst("\\{(job|sweep)}", "{id}");
  }

  /** The parameters of the operations that both have, as {@code GET /{id} query wait}. */
  private Set<String> parameters(String path) {
    Set<String> parameters = new TreeSet<>();
    for (var each : document().get("paths").properties()) {
      if (isBelow(each.getKey(), path)) {
        for (var operation : each.getValue().properties()) {
          String name = name(each.getKey(), path, operation.getKey());
          for (JsonNode parameter : operation.getValue().path("parameters")) {
            String in = parameter.get("in").stringValue();
            if (!in.equals("path") && !OF_ONE_TRAINING.contains(name)) {
              parameters.add(name + " " + in + " " + parameter.get("name").stringValue());
            }
          }
        }
      }
    }
    return parameters;
  }

  private Set<String> members(String schema) {
    return new TreeSet<>(
        document().at("/components/schemas/" + schema + "/properties").propertyNames());
  }
}
