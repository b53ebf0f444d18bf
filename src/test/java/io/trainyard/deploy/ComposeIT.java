package io.trainyard.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.process.Database;
import io.trainyard.process.ServiceProcess;
import io.trainyard.store.s3.TestObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The processes of the compose file without containers: same variables, other host names. */
@Tag("slow")
@Timeout(300)
class ComposeIT {
  private static final String IRIS =
      """
      {"model": {"name": "iris",
                 "inputs": {"x": {"columns": ["sepal_length", "petal_length", "petal_width"]}},
                 "targets": {"species": {"column": "species"}},
                 "network": {"layers": [{"type": "dense", "units": 8, "activation": "relu"},
                                        {"type": "dense", "units": 3, "activation": "softmax"}]}},
       "dataset": {"name": "iris"},
       "training": {"loss": "categorical_crossentropy", "epochs": 5}}
      """;

  @TempDir private Path folder;

  /** The one that answers callers has no slots, so the job shows that the other one works. */
  @Test
  void aJobGoesFromOneProcessToTheOther() throws Exception {
    try (Database database = new Database(folder.resolve("database"));
        TestObjectStore store = TestObjectStore.open();
        ServiceProcess api =
            start("trainyard", Map.of("TRAINYARD_JOBS_POOLS_CPU_SLOTS", "0"), database, store);
        ServiceProcess _ = start("worker", Map.of(), database, store)) {
      Http http = api.http();
      http.sample("iris");
      JsonNode job = http.await(http.submit(IRIS), Duration.ofMinutes(2));
      assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
      http.post(
              "/v1/models/iris/predict",
              "{\"instances\": [{\"sepal_length\": 5, \"petal_length\": 1, \"petal_width\": 0.2}]}")
          .expect(200);
    }
  }

  /** Each has a data folder of its own, as each container has. */
  private ServiceProcess start(
      String service, Map<String, String> shell, Database database, TestObjectStore store)
      throws Exception {
    Map<String, String> environment = ComposeFile.environment(service);
    environment.putAll(shell);
    for (String setting : store.settings()) {
      String[] parts = setting.substring(2).split("=", 2);
      String variable = parts[0].replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
      if (!variable.endsWith("_PREFIX")) {
        assertThat(environment).containsKey(variable);
      }
      environment.put(variable, parts[1]);
    }
    environment.put("SPRING_DATASOURCE_URL", database.url());
    environment.put("SPRING_DATASOURCE_USERNAME", "postgres");
    environment.put("SPRING_DATASOURCE_PASSWORD", "postgres");
    return ServiceProcess.start(folder.resolve(service), environment, List.of());
  }
}
