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
  private static final int WARM_UP = 5;

  @Test
  void jobIsEitherCancelledOrPublished() {
    http.upload("race", "a,b\n1,2\n2,4\n3,6\n");
    Random random = new Random(3);
    long whole = nanosOfJob();
    int published = 0;
    for (int i = 0; i < JOBS; i++) {
      String path = http.submit(job());
      Http.pause(Duration.ofNanos(random.nextLong(2 * whole)));
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
        .hasSize(published + WARM_UP);
    assertThat(published).as("some must win on either side").isBetween(1, JOBS - 1);
  }

  /** How long a job takes that nobody cancels, once the first ones have warmed up the service. */
  private long nanosOfJob() {
    long took = 0;
    for (int i = 0; i < WARM_UP; i++) {
      long start = System.nanoTime();
      http.train(job());
      took = System.nanoTime() - start;
    }
    return took;
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
