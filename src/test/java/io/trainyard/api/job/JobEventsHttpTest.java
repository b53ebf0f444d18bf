package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Event;
import io.trainyard.ServiceTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What a watcher of a job receives. */
@ServiceTest
@Timeout(90)
class JobEventsHttpTest {
  @Autowired private Http http;

  @BeforeEach
  void makeDataset() {
    http.sample("xor");
  }

  private String submit(int epochs) {
    return http.submit(
        """
        {"model": {"name": "events-xor", "inputs": {"x": {"columns": ["x1", "x2"]}},
          "targets": {"y": {"column": "y", "type": "class"}},
          "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
         "dataset": {"name": "xor"},
         "training": {"loss": "binary_crossentropy", "epochs": %d}}
        """
            .formatted(epochs));
  }

  private static void assertComplete(List<Event> events, int epochs) {
    assertThat(events)
        .extracting(Event::id)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, events.size()).boxed().toList());
    assertThat(events.stream().filter(event -> event.kind().equals("epoch")))
        .extracting(event -> event.data().get("epoch").intValue())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, epochs).boxed().toList());
    assertThat(events.stream().filter(event -> event.kind().equals("state")))
        .extracting(event -> event.data().get("state").stringValue())
        .containsExactly("queued", "running", "succeeded");
    assertThat(events.getFirst().data().get("queue_position").intValue()).isPositive();
    assertThat(events.getLast().kind()).isEqualTo("done");
    assertThat(events.getLast().data().get("done").booleanValue()).isTrue();
    assertThat(events.getLast().data().at("/result/version").intValue()).isPositive();
  }

  @Test
  void everyWatcherSeesEveryEventOnceInOrder() throws Exception {
    // Long enough for watchers to come in the middle of it.
    String job = submit(5_000);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Event>>> watchers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        watchers.add(threads.submit(() -> http.events(job, 0)));
        Thread.sleep(30);
      }
      for (Future<List<Event>> watcher : watchers) {
        assertComplete(watcher.get(), 5_000);
      }
    }
  }

  /** Each step changes 4 million weights, so that an epoch takes seconds. */
  @Test
  void longEpochTellsItsProgress() throws Exception {
    String rows = "1,0,1\n".repeat(2_000);
    http.upload("events-long", "x1,x2,y\n" + rows);
    String job =
        http.submit(
            """
            {"model": {"name": "events-long", "inputs": {"x": {"columns": ["x1", "x2"]}},
              "targets": {"y": {"column": "y"}},
              "network": {"layers": [{"type": "dense", "units": 2000}, {"type": "dense", "units": 2000},
                                     {"type": "dense", "units": 1}]}},
             "dataset": {"name": "events-long"},
             "training": {"loss": "mse", "epochs": 3, "batch_size": 1}}
            """);
    List<Event> told = new ArrayList<>();
    List<Long> times = new ArrayList<>();
    http.follow(
        job,
        0,
        Duration.ofSeconds(30),
        event -> {
          if (event.kind().equals("progress")) {
            told.add(event);
            times.add(System.nanoTime());
            if (told.size() == 3) {
              http.post(job + "/cancel").expect(202);
            }
          }
        });
    assertThat(told).hasSizeGreaterThanOrEqualTo(3);
    assertThat(told)
        .extracting(event -> event.data().get("step").longValue())
        .as("steps of the first epoch")
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(told).extracting(event -> event.data().get("epoch").intValue()).containsOnly(1);
    assertThat(told).extracting(Event::id).as("no numbers of their own").containsOnly(2);
    assertThat((times.get(2) - times.get(0)) / 1e9).isBetween(1.7, 8.0);
    assertThat(http.events(job, 0)).extracting(Event::kind).doesNotContain("progress");
  }

  @Test
  void watcherWithAnIdFromTheFutureGetsTheNextEvents() throws Exception {
    String job = submit(1_000_000);
    http.awaitEpoch(job, 1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<Event>> watcher = threads.submit(() -> http.events(job, 999_999_999));
      http.awaitEpoch(job, 1_000);
      http.post(job + "/cancel").expect(202);
      List<Event> events = watcher.get();
      assertThat(events).isNotEmpty();
      assertThat(events.getLast().kind()).isEqualTo("done");
    }
  }

  @Test
  void watcherResumesAfterTheLastEventItSaw() {
    String job = submit(50);
    List<Event> all = http.events(job, 0);
    assertComplete(all, 50);
    JsonNode epoch = all.get(5).data();
    assertThat(epoch.get("loss").isNumber()).isTrue();
    assertThat(epoch.at("/progress/epochs").intValue()).isEqualTo(50);
    for (int after : new int[] {1, 20, all.size() - 1}) {
      assertThat(http.events(job, after)).isEqualTo(all.subList(after, all.size()));
    }
    String last = String.valueOf(all.size());
    String path = job + "/events";
    assertThat(http.get(path, "Last-Event-ID", last).status()).isEqualTo(204);
    for (String wrong : List.of("x", "-1", "99999999999", "1.5", "1e3")) {
      assertThat(http.get(path, "Last-Event-ID", wrong).status()).as(wrong).isEqualTo(400);
    }
    assertThat(http.get(path, "Last-Event-ID", "999999").status()).isEqualTo(204);
    assertThat(http.get("/v1/jobs/none/events").status()).isEqualTo(404);
  }
}
