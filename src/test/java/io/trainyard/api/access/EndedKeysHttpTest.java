package io.trainyard.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.KeyedService;
import io.trainyard.access.AccessKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Streams and waits whose key ends, or may do less, while they are open. */
@Timeout(120)
class EndedKeysHttpTest extends KeyedService {
  private static final Duration SECONDS = Duration.ofSeconds(10);
  private static final String MEMBERS =
      "\"scopes\": [\"read\"], \"models\": [\"watched\"], \"datasets\": [\"watched\"]";

  @Autowired private JdbcClient jdbc;
  @Autowired private AccessKeys keys;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private String job = "";
  private String sweep = "";

  @BeforeEach
  void startAJobThatDoesNotEnd() {
    admin().upload("watched", "x1,x2,y\n" + "0,0,0\n0,1,1\n1,0,1\n1,1,0\n".repeat(3));
    String body =
        """
        {"model": {"name": "watched", "inputs": {"x": {"columns": ["x1", "x2"]}},
          "targets": {"y": {"column": "y", "type": "class"}},
          "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
         "dataset": {"name": "watched", "split": {"validation": 0.5}},
         "training": {"loss": "binary_crossentropy", "epochs": 1000000}}\
        """;
    job = admin().submit(body);
    sweep =
        admin()
            .post(
                "/v1/sweeps",
                "{\"job\": %s, \"parameters\": {\"/training/batch_size\": [1, 2]}}".formatted(body))
            .expect(202)
            .location();
  }

  @AfterEach
  void endIt() {
    admin().post(job + "/cancel");
    admin().post(sweep + "/cancel");
    threads.shutdownNow();
  }

  /**
   * What a caller has open: two streams, which end, and two waits, which get an answer.
   *
   * @param status of that answer
   */
  private record Open(
      String name, int status, List<Future<Integer>> streams, List<Future<Answer>> waits) {
    Stream<Future<?>> all() {
      return Stream.concat(streams.stream(), waits.stream());
    }
  }

  private Open open(String name, int status, String credential) {
    Http caller = as(credential);
    caller.get(job).expect(200);
    Open open = new Open(name, status, new ArrayList<>(), new ArrayList<>());
    for (String path : List.of(job, sweep)) {
      open.streams().add(threads.submit(() -> follow(caller, path)));
      open.waits().add(threads.submit(() -> caller.get(path + "?wait=30")));
    }
    return open;
  }

  private static int follow(Http caller, String path) {
    List<Http.Event> events = new ArrayList<>();
    try {
      caller.follow(path, 0, Duration.ofSeconds(30), events::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return events.size();
  }

  /** All at once, because each of them takes seconds. */
  @Test
  void streamsAndWaitsEndWithWhatTheirKeyAllows() throws Exception {
    JsonNode deleted = makeKey(MEMBERS);
    JsonNode scopeless = makeKey(MEMBERS);
    JsonNode elsewhere = makeKey(MEMBERS);
    List<Open> changed =
        List.of(
            open("a deleted key", 401, text(deleted, "key")),
            open("a key without the scope", 403, text(scopeless, "key")),
            open("a key without the dataset", 404, text(elsewhere, "key")));
    Instant end = Instant.now().plusSeconds(8);
    String until = ", \"expires_at\": \"" + end + "\"";
    List<Open> expired =
        List.of(
            open("an expired key", 401, text(makeKey(MEMBERS + until), "key")),
            open("an expired token", 401, tokenUntil(end)));
    Http.pause(Duration.ofMillis(1_500));
    Stream.concat(changed.stream(), expired.stream())
        .forEach(open -> assertThat(open.all()).as(open.name()).noneMatch(Future::isDone));

    admin().delete("/v1/keys/" + text(deleted, "id")).expect(204);
    change(scopeless, "scopes", "predict");
    change(elsewhere, "datasets", "other");

    assertEndedSoonAfter(Instant.now(), changed);
    assertEndedSoonAfter(end, expired);
  }

  private static void assertEndedSoonAfter(Instant cause, List<Open> all) throws Exception {
    for (Open open : all) {
      for (Future<Integer> each : open.streams()) {
        assertThat(each.get()).as(open.name()).isPositive();
      }
      for (Future<Answer> each : open.waits()) {
        assertThat(each.get().status()).as(open.name()).isEqualTo(open.status());
      }
      assertThat(Duration.between(cause, Instant.now())).as(open.name()).isLessThan(SECONDS);
    }
  }

  private static String text(JsonNode key, String member) {
    return key.get(member).stringValue();
  }

  /** No operation changes a key, but a restore may. */
  private void change(JsonNode key, String column, String words) {
    jdbc.sql("update access_keys set %s = :words where id = :id".formatted(column))
        .param("words", words)
        .param("id", text(key, "id"))
        .update();
    keys.read();
  }

  /** Tokens are valid for a minute more, as clocks differ. */
  private static String tokenUntil(Instant end) {
    return ISSUER.token(
        claims ->
            claims
                .issuer(ISSUER.url())
                .claim("scope", "read")
                .claim("models", List.of("watched"))
                .expirationTime(Date.from(end.minusSeconds(60))));
  }
}
