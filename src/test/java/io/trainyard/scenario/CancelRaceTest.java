package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A caller cancels just when the job is done. */
@Timeout(60)
@ScenarioTest
class CancelRaceTest {
  @Autowired private Http http;

  private static final int JOBS = 60;

  @Test
  void jobIsEitherCancelledOrPublished() {
    http.upload("race", "a,b\n1,2\n2,4\n3,6\n");
    Random random = new Random(3);
    int published = 0;
    for (int i = 0; i < JOBS; i++) {
      String path = http.submit(job());
      Http.pause(Duration.ofNanos(random.nextInt(25_000_000)));
      Http.Answer cancel = http.post(path + "/cancel");
      assertThat(cancel.status()).isIn(200, 202);
      JsonNode job = http.await(path, Duration.ofSeconds(20));
      String state = job.get("state").stringValue();
      assertThat(state).isIn("succeeded", "cancelled");
      assertThat(job.at("/result/version").isNumber()).isEqualTo(state.equals("succeeded"));
      // What was finished when the caller came is told so; it does not change afterwards.
      if (cancel.status() == 200) {
        assertThat(state).isEqualTo(cancel.json().get("state").stringValue());
      }
      published += state.equals("succeeded") ? 1 : 0;
    }
    assertThat(http.get("/v1/models/race/versions?page_size=500").json().get("versions"))
        .hasSize(published);
    assertThat(published).as("some must win on either side").isBetween(1, JOBS - 1);
  }

  private static String job() {
    return """
    {"model": {"name": "race", "inputs": {"x": {"columns": ["a"]}},
               "targets": {"b": {"column": "b"}},
               "network": {"layers": [{"type": "dense", "units": 1}]}},
     "dataset": {"name": "race"}, "training": {"loss": "mse", "epochs": 1, "seed": 1}}
    """;
  }
}
