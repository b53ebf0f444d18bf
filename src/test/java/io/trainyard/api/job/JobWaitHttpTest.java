package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** Callers that wait for the end of a job. */
@ServiceTest
@Timeout(60)
class JobWaitHttpTest {
  private static final int CALLERS = 50;

  @Autowired private Http http;

  @BeforeEach
  void addRows() {
    http.sample("xor");
  }

  @Test
  void answerComesWhenTheJobHasEnded() throws Exception {
    String job = http.submit(XorJob.body(1_000_000));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> waiting = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        waiting.add(threads.submit(() -> http.get(job + "?wait=1000")));
      }
      http.awaitEpoch(job, 1);
      assertThat(waiting).noneMatch(Future::isDone);
      http.post(job + "/cancel").expect(202);
      for (Future<Answer> answer : waiting) {
        assertThat(answer.get().expect(200).json().get("state").stringValue())
            .isEqualTo("cancelled");
      }
    }
  }

  @Test
  void answerComesAfterTheWaitWhenTheJobStillRuns() {
    String job = http.submit(XorJob.body(1_000_000));
    assertThat(http.get(job + "?wait=1").expect(200).json().get("done").booleanValue()).isFalse();
    assertThat(http.get(job + "?wait=0").expect(200).json().get("done").booleanValue()).isFalse();
    http.post(job + "/cancel").expect(202);
  }

  @Test
  void endedJobIsAnsweredAtOnceWithItsTag() {
    String job = http.submit(XorJob.body(3));
    Answer ended = http.get(job + "?wait=60").expect(200);
    assertThat(ended.json().get("state").stringValue()).isEqualTo("succeeded");
    String tag = ended.header("ETag");
    long begin = System.nanoTime();
    for (int call = 0; call < 20; call++) {
      http.get(job + "?wait=60", "If-None-Match", tag).expect(304);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    assertThat(http.get(job).header("ETag")).isEqualTo(tag);
  }

  @Test
  void wrongWaitsAreRefused() {
    String job = http.submit(XorJob.body(1));
    for (String wait : List.of("-1", "x", "1.5", "99999999999")) {
      http.get(job + "?wait=" + wait).expectProblem(400, "invalid_parameter");
    }
    http.get("/v1/jobs/none?wait=1").expectProblem(404, "job_not_found");
  }
}
