package io.trainyard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** Every reported number is what the judge computes from the answers to predictions. */
@ServiceTest
class ReportedNumbersTest {
  @Autowired private Http http;
  @Autowired private GrpcServerLifecycle server;

  @Test
  @Timeout(1_800)
  void reportedNumbersAreThoseOfThePredictions() {
    long seed = Long.getLong("judge.seed", 26);
    int wanted = Integer.getInteger("generated.combinations", 300);
    List<JudgedTable> tables = JudgedTable.drawn(seed);
    tables.forEach(table -> table.upload(http));
    Comparisons comparisons = new Comparisons();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    Routes routes = new Routes(http, GRPCInferenceServiceGrpc.newBlockingStub(channel));
    ReportedNumbers numbers = new ReportedNumbers(http, comparisons, routes);
    try {
      for (long number = 0; comparisons.kinds() < wanted && !comparisons.isFull(); number++) {
        numbers.compare(Combination.drawn(seed, number, tables));
      }
    } finally {
      channel.shutdownNow();
    }
    System.out.printf(
        "seed %d: %d jobs trained, %d refused; %s%n",
        seed, numbers.trained(), numbers.refused(), comparisons);
    assertThat(comparisons.faults()).isEmpty();
    assertThat(numbers.trained()).isGreaterThan(numbers.refused());
  }
}
