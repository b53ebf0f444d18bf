package io.trainyard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** Every reported number is what the judge computes from the answers to predictions. */
@ServiceTest
class ReportedNumbersTest {
  /** A job waits more than it computes. */
  private static final int CALLERS = 4;

  @Autowired private Http http;
  @Autowired private GrpcServerLifecycle server;

  @Test
  @Timeout(1_800)
  void reportedNumbersAreThoseOfThePredictions() throws Exception {
    String given = System.getProperty("attack.seed", "");
    long seed = given.isEmpty() ? 26 : Long.parseLong(given);
    Instant start = Instant.now();
    int wanted = Integer.getInteger("generated.combinations", 300);
    List<JudgedTable> tables = JudgedTable.drawn(seed);
    tables.forEach(table -> table.upload(http));
    Comparisons comparisons = new Comparisons();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    Routes routes = new Routes(http, GRPCInferenceServiceGrpc.newBlockingStub(channel), 2e-4);
    ReportedNumbers numbers = new ReportedNumbers(http, comparisons, routes);
    AtomicLong next = new AtomicLong();
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        all.add(
            callers.submit(
                () -> {
                  while (comparisons.kinds() < wanted && !comparisons.isFull()) {
                    numbers.compare(Combination.drawn(seed, next.getAndIncrement(), tables));
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      channel.shutdownNow();
    }
    System.out.printf(
        "seed %d in %d s: %d jobs trained, %d refused; %s%n",
        seed,
        Duration.between(start, Instant.now()).toSeconds(),
        numbers.trained(),
        numbers.refused(),
        comparisons);
    assertThat(comparisons.faults()).isEmpty();
    assertThat(numbers.trained()).isGreaterThan(numbers.refused());
  }
}
