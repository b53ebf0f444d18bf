package io.trainyard.engine;

import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.tensor.HostTensor;
import java.nio.file.Path;
import java.util.Map;

/**
 * libtorch in this process. Starting returns at once: the natives load and warm on a thread of
 * their own, and whoever needs them waits.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Engine implements AutoCloseable {
  private Engine() {}

  /**
   * Begins to load the natives.
   *
   * @param dataDir the data folder; holds the natives when the home folder cannot be written
   */
  public static Engine start(EngineProperties properties, Path dataDir) {
    throw new UnsupportedOperationException();
  }

  /** Whether the natives are loaded and warm. */
  public boolean ready() {
    throw new UnsupportedOperationException();
  }

  /** Waits until the natives are loaded; throws what kept them from loading. */
  public void awaitReady() {
    throw new UnsupportedOperationException();
  }

  /** The threads all tensor work runs on. */
  public ComputeThreads threads() {
    throw new UnsupportedOperationException();
  }

  /** First weights of a network, a function of the seed alone. May be called from any thread. */
  public Map<String, HostTensor> initialWeights(NetworkShapes shapes, long seed) {
    throw new UnsupportedOperationException();
  }

  /**
   * A network ready to answer. May be called from any thread; {@code forward} then runs on a
   * compute thread only.
   *
   * @throws io.trainyard.error.ServiceException WEIGHTS_MISMATCH when names, shapes or types differ
   */
  public LoadedNetwork load(
      NetworkSpec network, NetworkShapes shapes, Map<String, HostTensor> weights) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
