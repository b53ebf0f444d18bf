package io.trainyard.predict;

import io.trainyard.model.LoadedNetwork;
import io.trainyard.predict.compute.ComputeQueue;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * A loaded network with the one count of its users. It is closed once: after it was evicted and its
 * last user has released it.
 */
final class SharedNetwork {
  private static final int EVICTED = 1 << 30;

  private final LoadedNetwork network;
  private final ComputeQueue.Lane lane = new ComputeQueue.Lane();

  /** The number of users, and the bit for an evicted network. */
  private final AtomicInteger users = new AtomicInteger();

  SharedNetwork(LoadedNetwork network) {
    this.network = network;
  }

  /** False when it was evicted. Each hold that succeeds needs one release. */
  boolean hold() {
    int before = users.get();
    while (before < EVICTED) {
      if (users.compareAndSet(before, before + 1)) {
        return true;
      }
      before = users.get();
    }
    return false;
  }

  /**
   * One more hold beside that of a caller, which may end first. False when it was evicted and all
   * have released it. Needs one release, as {@link #hold} does.
   */
  private boolean join() {
    int before = users.get();
    while (before != EVICTED) {
      if (users.compareAndSet(before, before + 1)) {
        return true;
      }
      before = users.get();
    }
    return false;
  }

  void release() {
    if (users.decrementAndGet() == EVICTED) {
      network.close();
    }
  }

  void evict() {
    int before = users.getAndUpdate(count -> count | EVICTED);
    if (before == 0) {
      network.close();
    }
  }

  boolean isIdle() {
    int count = users.get();
    return count == 0 || count == EVICTED;
  }

  boolean isEvicted() {
    return users.get() >= EVICTED;
  }

  /** Where its work waits for a compute thread. */
  ComputeQueue.Lane lane() {
    return lane;
  }

  /**
   * Counts itself as a user, because the caller may time out and release its own hold while the
   * network still computes. A caller who still holds an evicted network gets its answer.
   */
  Map<String, HostTensor> forward(
      Map<String, HostTensor> inputs, List<String> outputs, BooleanSupplier stopped) {
    if (!join()) {
      throw new CancellationException("no caller waits for this any more");
    }
    try {
      return network.forward(inputs, outputs, stopped);
    } finally {
      release();
    }
  }

  /** Whether callers compute on their own threads. */
  boolean runsOnCallers() {
    return network.runsOnCallers();
  }

  long bytes() {
    return network.bytes();
  }
}
