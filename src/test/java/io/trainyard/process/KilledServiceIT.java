package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** kill -9 loses no acknowledged write, and every accepted job still ends. */
class KilledServiceIT {
  private static final String MODEL =
      """
      {"name": "line", "inputs": {"x": {"columns": ["a"]}}, "targets": {"b": {"column": "b"}},
       "network": {"layers": [{"type": "dense", "units": 1}]}}
      """;

  @TempDir private Path data;

  @Test
  void everyAcknowledgedWriteSurvives() throws Exception {
    for (int round = 0; round < 3; round++) {
      try (ServiceProcess service = ServiceProcess.start(data)) {
        Http http = service.http();
        for (int earlier = 0; earlier < round; earlier++) {
          http.get("/v1/datasets/d" + earlier + "/versions/1/rows").expect(200);
          http.get("/v1/models/m" + earlier).expect(200);
        }
        http.upload("d" + round, "a,b\n1,2\n2,4\n");
        http.post("/v1/models", MODEL.replace("\"line\"", "\"m" + round + "\"")).expect(201);
        service.kill();
      }
    }
  }

  @Test
  void aJobKilledInMidTrainingIsFinishedOnce() throws Exception {
    String path;
    try (ServiceProcess service = ServiceProcess.start(data)) {
      Http http = service.http();
      StringBuilder csv = new StringBuilder("a,b\n");
      for (int i = 0; i < 2_000; i++) {
        csv.append(i / 2_000.0).append(',').append(i / 1_000.0).append('\n');
      }
      http.upload("line", csv.toString());
      path =
          http.submit(
              """
              {"model": %s, "dataset": {"name": "line"},
               "training": {"loss": "mse", "epochs": 400, "batch_size": 16, "seed": 5,
                            "optimizer": {"type": "sgd", "learning_rate": 0.01}}}
              """
                  .formatted(MODEL));
      http.awaitEpoch(path, 3);
      service.kill();
    }
    try (ServiceProcess service = ServiceProcess.start(data)) {
      JsonNode job = service.http().await(path, Duration.ofSeconds(60));
      assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
      assertThat(job.get("attempt").intValue()).isEqualTo(2);
      JsonNode versions = service.http().get("/v1/models/line/versions").expect(200).json();
      assertThat(versions.get("versions").size()).isEqualTo(1);
      JsonNode metrics = service.http().get(path + "/metrics").expect(200).json();
      assertThat(metrics.get("epochs").size()).isEqualTo(400);
    }
  }

  @Test
  void aJobAcceptedJustBeforeTheKillIsRun() throws Exception {
    String path;
    try (ServiceProcess service = ServiceProcess.start(data)) {
      service.http().upload("line", "a,b\n1,2\n2,4\n3,6\n");
      path =
          service
              .http()
              .submit(
                  """
                  {"model": %s, "dataset": {"name": "line"}, "training": {"loss": "mse", "epochs": 5}}
                  """
                      .formatted(MODEL));
      service.kill();
    }
    try (ServiceProcess service = ServiceProcess.start(data)) {
      JsonNode job = service.http().await(path, Duration.ofSeconds(30));
      assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
      JsonNode versions = service.http().get("/v1/models/line/versions").expect(200).json();
      assertThat(versions.get("versions").size()).isEqualTo(1);
    }
  }
}
