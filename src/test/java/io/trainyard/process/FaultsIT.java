package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Jobs on several processes over one PostgreSQL while the processes are killed, paused and ended at
 * random moments: each job ends once, with the weights of an undisturbed run, and whoever watches
 * sees each epoch once. Profile {@code faults} makes it a long run; {@code -Dfaults.seed} repeats
 * one, as far as timing lets it.
 */
class FaultsIT {
  private static final int EPOCHS = 600;
  private static final List<String> QUICK_TO_NOTICE =
      List.of(
          "--trainyard.jobs.heartbeat=250ms",
          "--trainyard.jobs.missed-heartbeats=6",
          "--trainyard.jobs.poll=100ms",
          "--trainyard.jobs.checkpoint-every=100ms",
          "--trainyard.jobs.crash-limit=20");

  @TempDir private Path data;

  @Test
  @Timeout(value = 2, unit = TimeUnit.HOURS)
  void nothingIsLostAndNothingPublishedTwice() throws Exception {
    int faults = Integer.getInteger("faults.count", 3);
    int count = Integer.getInteger("faults.jobs", 3);
    int processes = Integer.getInteger("faults.processes", 2);
    long seed = Long.getLong("faults.seed", System.nanoTime());
    System.out.println("faults.seed=" + seed);
    Random random = new Random(seed);
    try (EmbeddedPostgres database =
            EmbeddedPostgres.builder().setServerConfig("max_connections", "200").start();
        Fleet fleet =
            new Fleet(
                processes, data, database.getJdbcUrl("postgres", "postgres"), QUICK_TO_NOTICE)) {
      Http first = fleet.members().getFirst().http();
      first.upload("line", rows());
      byte[] expected = weights(first, "calm", first.await(first.submit(job("calm")), minutes()));

      List<String> paths = new ArrayList<>();
      List<Watcher> watchers = new ArrayList<>();
      List<Thread> watching = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String path = first.submit(job("stormy"));
        Watcher watcher = new Watcher(() -> any(fleet, random), path);
        paths.add(path);
        watchers.add(watcher);
        watching.add(Thread.ofVirtual().start(watcher));
      }
      for (int i = 0; i < faults; i++) {
        Thread.sleep(200 + random.nextInt(1_500));
        harm(fleet.members().get(random.nextInt(processes)), random);
      }
      for (Fleet.Member member : fleet.members()) {
        member.awaitReady();
      }
      int resumed = 0;
      for (String path : paths) {
        JsonNode job = first.await(path, minutes());
        assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
        assertThat(weights(first, "stormy", job)).isEqualTo(expected);
        assertThat(first.get(path + "/metrics").json().get("epochs").size()).isEqualTo(EPOCHS);
        resumed += job.get("attempt").intValue() - 1;
      }
      System.out.println("attempts after the first: " + resumed);
      assertThat(versions(first)).isEqualTo(count);
      for (int i = 0; i < count; i++) {
        watching.get(i).join(Duration.ofSeconds(30));
        assertThat(watchers.get(i).epochs())
            .containsExactlyElementsOf(IntStream.rangeClosed(1, EPOCHS).boxed().toList());
        assertThat(watchers.get(i).ids()).isSorted().doesNotHaveDuplicates();
      }
    }
  }

  private static void harm(Fleet.Member member, Random random) throws Exception {
    switch (random.nextInt(4)) {
      case 0, 1 -> member.crash();
      // Long enough to be taken for dead, so that it wakes to find its jobs with others.
      case 2 -> member.pause(Duration.ofMillis(2_500));
      default -> assertThat(member.restart()).as("the time to hand over").isLessThan(seconds(20));
    }
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }

  private static Duration minutes() {
    return Duration.ofMinutes(5);
  }

  private static String any(Fleet fleet, Random random) {
    List<Fleet.Member> members = fleet.members();
    return members.get(random.nextInt(members.size())).base();
  }

  private static int versions(Http http) {
    return http.get("/v1/models/stormy/versions?page_size=500")
        .expect(200)
        .json()
        .get("versions")
        .size();
  }

  private static byte[] weights(Http http, String model, JsonNode job) {
    int version = job.at("/result/version").intValue();
    return http.get("/v1/models/" + model + "/versions/" + version + "/weights")
        .expect(200)
        .bytes();
  }

  private static String rows() {
    String[] lines = new String[401];
    Arrays.setAll(lines, i -> i == 0 ? "a,b" : i / 400.0 + "," + Math.sin(i / 40.0));
    return String.join("\n", lines) + "\n";
  }

  /** Two seconds or so of work, with momentum and an early-stopping count to carry over. */
  private static String job(String model) {
    return """
    {"model": {"name": "%s", "inputs": {"x": {"columns": ["a"]}},
               "targets": {"b": {"column": "b"}},
               "network": {"layers": [{"type": "dense", "units": 12, "activation": "tanh"},
                                      {"type": "dropout", "rate": 0.1},
                                      {"type": "dense", "units": 1}]}},
     "dataset": {"name": "line", "split": {"validation": 0.2}},
     "training": {"loss": "mse", "epochs": %d, "batch_size": 4, "seed": 11,
                  "optimizer": {"type": "adam", "learning_rate": 0.002},
                  "early_stopping": {"monitor": "val_loss", "patience": 100000}}}
    """
        .formatted(model, EPOCHS);
  }
}
