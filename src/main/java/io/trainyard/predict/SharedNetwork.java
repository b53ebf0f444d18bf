package io.trainyard.predict;

import io.trainyard.model.LoadedNetwork;
import io.trainyard.predict.compute.ComputeQueue;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A loaded network with the one count of its users. It is closed once: after it was evicted and its
 * last user has released it.
 */
final class SharedNetwork {
  private static final int EVICTED = 1 << 30;

  private final LoadedNetwork network;
  private final ReentrantLock loading = new ReentrantLock();
  private final ComputeQueue.Lane lane = new ComputeQueue.Lane();

  /** The number of users, and the bit for an evicted network. */
  private final AtomicInteger users = new AtomicInteger();

  /** The same network in the engine, if it was asked for and {@link #network} is none. */
  private volatile @Nullable LoadedNetwork inEngine;

  private final Supplier<LoadedNetwork> engine;

  SharedNetwork(LoadedNetwork network) {
    this(network, () -> network);
  }

  /**
   * @param engine loads the network into the engine
   */
  SharedNetwork(LoadedNetwork network, Supplier<LoadedNetwork> engine) {
    this.network = network;
    this.engine = engine;
  }

  private void close() {
    LoadedNetwork other = inEngine;
    if (other != null && !other.equals(network)) {
      other.close();
    }
    network.close();
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
      close();
    }
  }

  void evict() {
    int before = users.getAndUpdate(count -> count | EVICTED);
    if (before == 0) {
      close();
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

  /**
   * Whether its random layers can be sampled, and its outputs have gradients. Loads it into the
   * engine first, if it is one that callers compute; the caller holds it until then.
   */
  boolean isDifferentiable() {
    if (inEngine == null) {
      loading.lock();
      try {
        if (inEngine == null) {
          inEngine = network.runsOnCallers() ? engine.get() : network;
        }
      } finally {
        loading.unlock();
      }
    }
    return inEngine instanceof LoadedNetwork.Differentiable;
  }

  /** Uses it for more than its outputs; counts itself as a user, as {@link #forward} does. */
  void analyse(Consumer<LoadedNetwork.Differentiable> work) {
    if (!join()) {
      throw new CancellationException("no caller waits for this any more");
    }
    try {
      if (!(inEngine instanceof LoadedNetwork.Differentiable own)) {
        throw new IllegalStateException("the network has no gradients");
      }
      work.accept(own);
    } finally {
      release();
    }
  }

  /** As {@link LoadedNetwork#asked}. */
  <T> T asked(Supplier<T> work) {
    return network.asked(work);
  }

  /** Whether callers compute on their own threads. */
  boolean runsOnCallers() {
    return network.runsOnCallers();
  }

  long bytes() {
    return network.bytes();
  }
}
