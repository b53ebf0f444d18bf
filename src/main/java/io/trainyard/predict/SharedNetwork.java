package io.trainyard.predict;

import io.trainyard.model.LoadedNetwork;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * A loaded network with the one count of its users. It is closed once: after it was evicted and its
 * last user has released it.
 */
final class SharedNetwork {
  private final LoadedNetwork network;
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

  /**
   * Counts itself as a user, because the caller may time out and release its own hold while the
   * network still computes.
   */
  Map<String, HostTensor> forward(Map<String, HostTensor> inputs, List<String> outputs) {
    if (!hold()) {
      throw new CancellationException("no caller waits for this any more");
    }
    try {
      return network.forward(inputs, outputs);
    } finally {
      release();
    }
  }

  long bytes() {
    return network.bytes();
  }
}
