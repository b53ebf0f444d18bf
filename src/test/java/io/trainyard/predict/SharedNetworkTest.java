package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The last user of a network closes it, once. */
@Timeout(30)
class SharedNetworkTest {
  private final FakeNetwork network = new FakeNetwork();
  private final SharedNetwork shared = new SharedNetwork(network);

  @Test
  void idleNetworkIsClosedWhenItIsEvicted() {
    shared.evict();
    shared.evict();
    assertThat(network.closed).hasValue(1);
    assertThat(shared.hold()).isFalse();
  }

  @Test
  void lastOfTwoUsersClosesAnEvictedNetwork() {
    assertThat(shared.hold()).isTrue();
    assertThat(shared.hold()).isTrue();
    shared.evict();
    shared.release();
    assertThat(network.closed).hasValue(0);
    shared.release();
    assertThat(network.closed).hasValue(1);
  }

  @Test
  void forwardThatItsCallerGaveUpKeepsTheNetworkOpen() throws Exception {
    network.gate = new CountDownLatch(1);
    assertThat(shared.hold()).isTrue();
    CompletableFuture<?> forward =
        CompletableFuture.supplyAsync(() -> shared.forward(Map.of(), List.of(), () -> false));
    network.began.await();
    shared.release(); // the caller's time is over
    shared.evict();
    assertThat(network.closed).hasValue(0);
    network.gate.countDown();
    forward.get();
    assertThat(network.closed).hasValue(1);
  }

  @Test
  void evictedNetworkStillAnswersItsHolderAndIsClosedOnce() {
    assertThat(shared.hold()).isTrue();
    shared.evict();
    assertThat(shared.forward(Map.of(), List.of(), () -> false)).isEmpty();
    assertThat(network.closed).hasValue(0);
    shared.release();
    assertThat(network.closed).hasValue(1);
    assertThatThrownBy(() -> shared.forward(Map.of(), List.of(), () -> false))
        .isInstanceOf(CancellationException.class);
    assertThat(network.closed).hasValue(1);
  }

  @Test
  void evictedNetworkComputesNothing() {
    shared.evict();
    assertThatThrownBy(() -> shared.forward(Map.of(), List.of(), () -> false))
        .isInstanceOf(CancellationException.class);
  }
}
