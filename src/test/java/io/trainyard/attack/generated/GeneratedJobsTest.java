package io.trainyard.attack.generated;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.crash.Draw;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.judge.Routes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.TestPropertySource;

/**
 * Whatever validate calls valid is accepted, trains and answers; whatever it refuses, jobs and
 * models refuse with the same violations.
 */
@ServiceTest
@ActiveProfiles("generated")
@TestPropertySource(properties = "trainyard.datasets.read-wait=60s")
class GeneratedJobsTest {
  /** A job waits more than it computes. */
  private static final int CALLERS = 4;

  private static final int MAX_FAULTS = Integer.getInteger("judge.faults", 40);

  @Autowired private Http http;
  @Autowired private GrpcServerLifecycle server;

  @Test
  @Timeout(1_800)
  void validIsAcceptedAndRuns() throws Exception {
    tryAll(seed(11), Integer.getInteger("generated.jobs", 30));
  }

  @Test
  @Tag("attack")
  @Timeout(3_600)
  void manyValidJobsAreAcceptedAndRun() throws Exception {
    long seed = seed(new SplittableRandom().nextInt(1 << 30));
    System.out.println("-Dattack.seed=" + seed);
    tryAll(seed, Integer.getInteger("attack.jobs", 300));
  }

  private static long seed(long otherwise) {
    String given = System.getProperty("attack.seed", "");
    return given.isEmpty() ? otherwise : Long.parseLong(given);
  }

  /**
   * @param valid how many jobs must be valid; of those that are drawn, most are not
   */
  private void tryAll(long seed, int valid) throws Exception {
    Draw draw = new Draw(new SplittableRandom(seed));
    Tables tables = Tables.drawn(draw);
    tables.upload(http, draw);
    GeneratedJobs jobs = new GeneratedJobs(seed, tables);
    List<String> faults = Collections.synchronizedList(new ArrayList<>());
    AtomicLong next = new AtomicLong();
    Instant start = Instant.now();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    Trial trial =
        new Trial(http, new Routes(http, GRPCInferenceServiceGrpc.newBlockingStub(channel), 2e-4));
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        all.add(
            callers.submit(
                () -> {
                  while (trial.trained() + trial.overflows() < valid
                      && faults.size() < MAX_FAULTS) {
                    trial
                        .fault(jobs.get(next.getAndIncrement()))
                        .ifPresent(
                            fault -> {
                              faults.add(fault);
                              System.out.println(fault); // a long run takes an hour
                            });
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      channel.shutdownNow();
    }
    long count = next.get();
    System.out.printf(
        "%d jobs of seed %d in %d s: %d trained, %d published, %d answered, %d refused, %d sweeps, "
            + "%d without a finite loss%n",
        count,
        seed,
        Duration.between(start, Instant.now()).toSeconds(),
        trial.trained(),
        trial.published(),
        trial.answered(),
        trial.refused(),
        trial.sweeps(),
        trial.overflows());
    assertThat(faults).as("-Dattack.seed=" + seed).isEmpty();
    assertThat((long) valid).isGreaterThan(count / 8);
    assertThat((long) trial.refused()).isGreaterThan(count / 5);
    assertThat(trial.overflows()).isLessThanOrEqualTo(Math.max(3, valid / 100));
    assertThat(trial.sweeps()).isGreaterThanOrEqualTo(valid / 20);
  }

  @Test
  void seedAndNumberDecideAJob() {
    assertThat(texts(7)).isEqualTo(texts(7)).doesNotHaveDuplicates();
    assertThat(texts(8)).isNotEqualTo(texts(7));
  }

  private static List<String> texts(long seed) {
    GeneratedJobs jobs =
        new GeneratedJobs(seed, Tables.drawn(new Draw(new SplittableRandom(seed))));
    return LongStream.range(0, 40).mapToObj(number -> jobs.get(number).body().toString()).toList();
  }
}
