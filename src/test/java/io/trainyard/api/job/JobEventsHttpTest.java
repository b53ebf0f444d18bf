package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a watcher of a job receives. */
@ServiceTest
@Timeout(90)
class JobEventsHttpTest {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  @LocalServerPort int port;
  Http http;

  record Event(int id, String kind, JsonNode data) {}

  @BeforeEach
  void connect() {
    http = new Http(port);
    http.send("POST", "/v1/samples/xor", new byte[0]);
  }

  private String submitted(int epochs) {
    Answer answer =
        http.post(
            "/v1/jobs",
            """
            {"model": {"name": "events-xor", "inputs": {"x": {"columns": ["x1", "x2"]}},
              "targets": {"y": {"column": "y", "type": "class"}},
              "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
             "dataset": {"name": "xor"},
             "training": {"loss": "binary_crossentropy", "epochs": %d}}
            """
                .formatted(epochs));
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    return answer.json().get("id").stringValue();
  }

  /** Reads a stream to its end. */
  private List<Event> watch(String job, int after) {
    Answer answer =
        after == 0
            ? http.get("/v1/jobs/" + job + "/events")
            : http.get("/v1/jobs/" + job + "/events", "Last-Event-ID", String.valueOf(after));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).startsWith("text/event-stream");
    List<Event> events = new ArrayList<>();
    for (String block : answer.text().split("\n\n")) {
      Map<String, String> fields = new TreeMap<>();
      block
          .lines()
          .filter(line -> !line.startsWith(":"))
          .forEach(line -> fields.put(line.split(": ", 2)[0], line.split(": ", 2)[1]));
      if (!fields.isEmpty()) {
        events.add(
            new Event(
                Integer.parseInt(String.valueOf(fields.get("id"))),
                String.valueOf(fields.get("event")),
                MAPPER.readTree(String.valueOf(fields.get("data")))));
      }
    }
    return events;
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
    String job = submitted(5_000);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Event>>> watchers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        watchers.add(threads.submit(() -> watch(job, 0)));
        Thread.sleep(30);
      }
      for (Future<List<Event>> watcher : watchers) {
        assertComplete(watcher.get(), 5_000);
      }
    }
  }

  @Test
  void watcherGoesOnAfterTheLastEventItSaw() throws Exception {
    String job = submitted(50);
    List<Event> all = watch(job, 0);
    assertComplete(all, 50);
    JsonNode epoch = all.get(5).data();
    assertThat(epoch.get("loss").isNumber()).isTrue();
    assertThat(epoch.at("/progress/epochs").intValue()).isEqualTo(50);
    for (int after : new int[] {1, 20, all.size() - 1}) {
      assertThat(watch(job, after)).isEqualTo(all.subList(after, all.size()));
    }
    String last = String.valueOf(all.size());
    String path = "/v1/jobs/" + job + "/events";
    assertThat(http.get(path, "Last-Event-ID", last).status()).isEqualTo(204);
    assertThat(http.get(path, "Last-Event-ID", "x").status()).isEqualTo(400);
    assertThat(http.get("/v1/jobs/none/events").status()).isEqualTo(404);
  }
}
