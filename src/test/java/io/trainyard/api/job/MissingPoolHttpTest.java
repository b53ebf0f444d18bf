package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.job.Job;
import io.trainyard.job.JobService;
import io.trainyard.job.JobStore;
import io.trainyard.job.Task;
import io.trainyard.job.TestJobs;
import io.trainyard.job.TrainingTask;
import io.trainyard.json.StrictJson;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A job of a pool that this installation lacks, as after a restore or a change of the settings. */
@ServiceTest
@Timeout(60)
class MissingPoolHttpTest {
  private static final String WHY = "There is no pool 'elsewhere'; the pools are cpu (cpu). ";

  @Autowired private Http http;
  @Autowired private JobStore store;
  @Autowired private JobService jobs;

  @Test
  void aJobWhosePoolIsMissingSaysWhatItWaitsFor() {
    SumNetwork.importAs(http, "pooled");
    http.upload("pooled", "a,b,y\n1,2,3\n");
    Job job =
        TestJobs.queued(
            new TrainingTask(
                "pooled",
                StrictJson.parse(SumNetwork.spec("pooled")),
                StrictJson.parse(
                    "{\"model\":\"pooled\",\"dataset\":{\"name\":\"pooled\",\"version\":1}}"),
                new Task.DatasetReference("pooled", 1),
                new Task.Placement("elsewhere", 0),
                List.of()));
    store.submit(job, null);
    try {
      JsonNode shown = http.get("/v1/jobs/" + job.id()).expect(200).json();
      assertThat(shown.get("waits_for").stringValue())
          .startsWith(WHY)
          .contains("trainyard.jobs.pools", "cancel the job");
      for (JsonNode each : http.get("/v1/jobs?model=pooled").expect(200).json().get("jobs")) {
        assertThat(each.get("waits_for").stringValue()).startsWith(WHY);
      }
      assertThat(jobs.waitingForPools().keySet()).singleElement().asString().startsWith(WHY);
      assertThat(jobs.waitingForPools().values()).containsExactly(1L);
    } finally {
      http.post("/v1/jobs/" + job.id() + "/cancel", "").expect(202);
    }
    JsonNode ended = http.get("/v1/jobs/" + job.id()).expect(200).json();
    assertThat(ended.path("waits_for").isNull() || ended.path("waits_for").isMissingNode())
        .isTrue();
    assertThat(jobs.waitingForPools()).isEmpty();
  }
}
