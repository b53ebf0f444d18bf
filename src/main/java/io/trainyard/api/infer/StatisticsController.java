package io.trainyard.api.infer;

import io.trainyard.model.ModelVersion;
import io.trainyard.predict.VersionStatistics;
import io.trainyard.predict.serving.ServedModels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Triton's statistics of the versions in memory: what they answered, and where the time went. */
@RestController
record StatisticsController(ServedModels models) {
  record Statistics(List<Version> modelStats) {}

  /**
   * One version since it was loaded.
   *
   * @param lastInference in milliseconds since 1970; 0: none
   * @param inferenceCount rows
   * @param executionCount requests
   */
  record Version(
      String name,
      String version,
      long lastInference,
      long inferenceCount,
      long executionCount,
      Map<String, Duration> inferenceStats) {}

  /** How often something was done, and the nanoseconds it took together. */
  record Duration(long count, long ns) {
    static Duration of(VersionStatistics.Total total) {
      return new Duration(total.count(), total.nanos());
    }
  }

  @GetMapping("/v2/models/stats")
  Statistics all() {
    return new Statistics(models.statistics().stream().map(StatisticsController::version).toList());
  }

  @GetMapping({"/v2/models/{model}/stats", "/v2/models/{model}/versions/{version}/stats"})
  Statistics model(
      @PathVariable String model, @PathVariable(required = false) @Nullable String version) {
    return new Statistics(List.of(version(models.statistics(model, version))));
  }

  private static Version version(ServedModels.Usage usage) {
    ModelVersion version = usage.version();
    VersionStatistics found = usage.statistics();
    Map<String, Duration> spent = new LinkedHashMap<>();
    spent.put("success", Duration.of(found.answered()));
    spent.put("fail", Duration.of(found.failed()));
    spent.put("queue", Duration.of(found.queued()));
    spent.put("compute_input", Duration.of(found.read()));
    spent.put("compute_infer", Duration.of(found.computed()));
    spent.put("compute_output", Duration.of(found.written()));
    return new Version(
        version.model(),
        String.valueOf(version.version()),
        found.lastMillis(),
        found.rows(),
        found.answered().count(),
        spent);
  }
}
