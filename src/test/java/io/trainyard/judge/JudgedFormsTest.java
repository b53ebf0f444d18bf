package io.trainyard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** Wherever a number of one name is shown, it has the value that its form gives it. */
@ServiceTest
class JudgedFormsTest {
  /** Each threshold with each ensemble. */
  private static final int LEAST = 9;

  @Autowired private Http http;
  @Autowired private GrpcServerLifecycle server;

  @Test
  @Timeout(1_800)
  void aNameHasOneValueInEachForm() {
    String given = System.getProperty("attack.seed", "");
    long seed = given.isEmpty() ? 44 : Long.parseLong(given);
    http.upload(FormDraw.TABLE, FormDraw.csv());
    Comparisons comparisons = new Comparisons();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    try {
      Routes routes = new Routes(http, GRPCInferenceServiceGrpc.newBlockingStub(channel), 2e-4);
      JudgedForms forms = new JudgedForms(http, routes, comparisons);
      for (int i = 0; i < Math.max(LEAST, Integer.getInteger("generated.jobs", 5)); i++) {
        forms.compare(FormDraw.drawn(seed, i));
      }
    } finally {
      channel.shutdownNow();
    }
    System.out.println(comparisons);
    assertThat(comparisons.faults()).as("-Dattack.seed=" + seed).isEmpty();
  }
}
