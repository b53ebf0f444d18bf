package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.KeyedService;
import io.trainyard.Weights;
import io.trainyard.access.Scope;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One caller's many predictions refuse no other caller, and no other model. */
@Timeout(120)
class FullQueueHttpTest extends KeyedService {
  private static final int MANY = 320;

  /** Reads long sequences one step after the other. */
  private void importModel(String name, int steps) {
    int units = 16;
    admin()
        .importVersion(
            name,
            """
            {"name": "%s", "network": {"inputs": {"x": {"shape": [1]}}, "layers": [
              {"type": "repeat", "n": %d}, {"type": "lstm", "name": "r", "units": %d}]}}"""
                .formatted(name, steps, units),
            new Weights()
                .with("r.weight_ih_l0", Shape.of(4 * units, 1), new float[4 * units])
                .with("r.weight_hh_l0", Shape.of(4 * units, units), new float[4 * units * units])
                .with("r.bias_ih_l0", Shape.of(4 * units), new float[4 * units])
                .with("r.bias_hh_l0", Shape.of(4 * units), new float[4 * units]));
  }

  private static String rows(int count) {
    return "{\"instances\":[" + "[1],".repeat(count - 1) + "[1]]}";
  }

  private static String predict(String model) {
    return "/v1/models/" + model + "/predict?timeout_seconds=4";
  }

  @Test
  void aFullQueueRefusesTheCallerWhoFillsIt() throws Exception {
    importModel("queue-slow", 20_000);
    importModel("queue-fast", 2);
    Http greedy = with(Scope.PREDICT);
    Http neighbour = with(Scope.PREDICT);
    CountDownLatch full = new CountDownLatch(1);
    List<Future<Http.Answer>> many = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < MANY; i++) {
        many.add(
            callers.submit(
                () -> {
                  Http.Answer answer;
                  do { // on a busy machine some time out before the queue is full
                    answer = greedy.post(predict("queue-slow"), rows(3));
                    if (answer.text().contains("queue_full")) {
                      full.countDown();
                    }
                  } while (full.getCount() > 0);
                  return answer;
                }));
      }
      assertThat(full.await(60, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < 20; i++) {
        neighbour.post(predict("queue-fast"), rows(1)).expect(200);
      }
      neighbour
          .post(
              "/v2/models/queue-fast/infer",
              """
              {"inputs": [{"name": "x", "shape": [1, 1], "datatype": "FP32", "data": [1]}]}""")
          .expect(200);
      neighbour.post(predict("queue-slow"), rows(1)).expect(200); // callers take turns
      greedy.post(predict("queue-fast"), rows(1)).expect(200);
    }
    for (Future<Http.Answer> each : many) {
      Http.Answer answer = each.get();
      if (answer.status() != 200) {
        assertThat(answer.header("Retry-After")).as(answer.expect(503).text()).isNotBlank();
      }
    }
  }
}
