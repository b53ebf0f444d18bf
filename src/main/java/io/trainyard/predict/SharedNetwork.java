package io.trainyard.predict;

import io.trainyard.model.LoadedNetwork;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * A loaded network with the one count of its users. It is closed once: after it was evicted and its
 * last user has released it.
 */
final class SharedNetwork {
  private final LoadedNetwork network;
  private final ComputeQueue.Lane lane = new ComputeQueue.Lane();
  private int users;
  private boolean evicted;

  SharedNetwork(LoadedNetwork network) {
    this.network = network;
  }

  /** False when it was evicted. Each hold that succeeds needs one release. */
  synchronized boolean hold() {
    if (evicted) {
      return false;
    }
    users++;
    return true;
  }

  /**
   * One more hold beside that of a caller, which may end first. False when it was evicted and all
   * have released it. Needs one release, as {@link #hold} does.
   */
  private synchronized boolean join() {
    if (evicted && users == 0) {
      return false;
    }
    users++;
    return true;
  }

  void release() {
    boolean last;
    synchronized (this) {
      users--;
      last = evicted && users == 0;
    }
    if (last) {
      network.close();
    }
  }

  void evict() {
    boolean idle;
    synchronized (this) {
      if (evicted) {
        return;
      }
      evicted = true;
      idle = users == 0;
    }
    if (idle) {
      network.close();
    }
  }

  synchronized boolean isIdle() {
    return users == 0;
  }

  synchronized boolean isEvicted() {
    return evicted;
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

  long bytes() {
    return network.bytes();
  }
}
