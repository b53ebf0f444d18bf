package io.trainyard.engine;

import io.trainyard.engine.natives.ComputeThreads;
import io.trainyard.engine.natives.NativeLibraries;
import io.trainyard.engine.natives.WarmUp;
import io.trainyard.engine.weights.Initializers;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch in this process. Starting returns at once: the natives load and warm on a thread of
 * their own, and whoever needs them waits.
 */
public final class Engine implements AutoCloseable {
  /** Multiply-adds of one forward pass below which a second thread costs more than it brings. */
  private static final long WORTH_A_THREAD = 8_000_000;

  private final ComputeThreads threads;
  private final CompletableFuture<Void> loaded = new CompletableFuture<>();
  private final CompletableFuture<Void> ready = new CompletableFuture<>();

  private Engine(int cores) {
    threads = new ComputeThreads(cores, () -> await(loaded));
  }

  /**
   * Begins to load the natives.
   *
   * @param dataDir the data folder; holds the natives when the home folder cannot be written
   */
  public static Engine start(EngineProperties properties, Path dataDir) {
    Engine engine = new Engine(properties.coreCount());
    Thread.ofPlatform().name("engine-start").daemon().start(() -> engine.load(properties, dataDir));
    return engine;
  }

  private void load(EngineProperties properties, Path dataDir) {
    try {
      NativeLibraries.load(properties.cacheDir(), dataDir);
      loaded.complete(null);
      threads.run(1, WarmUp::run);
      ready.complete(null);
    } catch (Throwable e) {
      loaded.completeExceptionally(e);
      ready.completeExceptionally(e);
    }
  }

  /** Whether the natives are loaded and warm. */
  public boolean ready() {
    return ready.isDone() && !ready.isCompletedExceptionally();
  }

  /** Waits until the natives are loaded and warm; throws what kept them from loading. */
  public void awaitReady() {
    await(ready);
  }

  /** Whether there is a CUDA device here; waits for the natives. */
  public boolean hasCuda() {
    awaitReady();
    return torch.cuda_is_available();
  }

  private static void await(CompletableFuture<Void> future) {
    try {
      future.join();
    } catch (CompletionException e) {
      throw new IllegalStateException("the engine could not start", e.getCause());
    }
  }

  /** The version of libtorch, as its packaging names it. */
  public static String version() {
    try {
      return Loader.getVersion("org.bytedeco", "pytorch");
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** The threads all tensor work runs on. */
  public ComputeThreads threads() {
    return threads;
  }

  /**
   * The intra-op threads a training uses: one when a second would slow it down, else as many as
   * allowed. Depends on sizes alone, never on timing: the count changes the bits of the result.
   */
  public int threadsFor(TrainingPlan plan) {
    long perRow =
        plan.shapes().layers().values().stream().mapToLong(LayerShape::multiplyAdds).sum();
    boolean small = perRow * (double) plan.training().batchSize() < WORTH_A_THREAD;
    return small ? 1 : Math.clamp(plan.threads(), 1, threads.limit());
  }

  /** First weights of a network, a function of the seed alone. May be called from any thread. */
  public Map<String, HostTensor> initialWeights(NetworkShapes shapes, long seed) {
    return threads.call(1, () -> Initializers.draw(shapes.weights(), seed));
  }

  /**
   * A network ready to answer. May be called from any thread; {@code forward} then runs on a
   * compute thread only.
   *
   * @throws ServiceException WEIGHTS_MISMATCH when names, shapes or types differ
   */
  public LoadedNetwork load(
      NetworkSpec network, NetworkShapes shapes, Map<String, HostTensor> weights) {
    return threads.call(1, () -> new Network(network, shapes, weights));
  }

  /**
   * A network under training; made, used and closed on the calling compute thread.
   *
   * @throws ServiceException UNAVAILABLE when the plan's device is missing here
   */
  public TrainingSession session(TrainingPlan plan) {
    if (plan.device() == Device.CUDA && !torch.cuda_is_available()) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "The job needs the device 'cuda', and this worker has none");
    }
    Map<String, HostTensor> weights = new HashMap<>(initialWeights(plan.shapes(), plan.seed()));
    weights.putAll(plan.initialWeights());
    return new TrainingSession(plan, weights);
  }

  @Override
  public void close() {
    threads.close();
  }
}
