package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.model.LoadedNetwork;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A network of one byte that gives nothing. */
final class FakeNetwork implements LoadedNetwork {
  /** How often it was closed. */
  final AtomicInteger closed = new AtomicInteger();

  /** Counted down when a forward begins. */
  final CountDownLatch began = new CountDownLatch(1);

  /** Every forward waits for it. */
  CountDownLatch gate = new CountDownLatch(0);

  @Override
  public Map<String, HostTensor> forward(
      Map<String, HostTensor> inputs, List<String> outputs, BooleanSupplier stopped) {
    began.countDown();
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    assertThat(closed).as("closed under a forward").hasValue(0);
    return Map.of();
  }

  @Override
  public long bytes() {
    return 1;
  }

  @Override
  public void close() {
    closed.incrementAndGet();
  }
}
