package io.trainyard.engine;

import io.trainyard.engine.natives.ComputeThreads;
import io.trainyard.engine.natives.DeviceMemory;
import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.NativeLibraries;
import io.trainyard.engine.natives.WarmUp;
import io.trainyard.engine.weights.Initializers;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libtorch in this process. {@link #start} returns at once: a background thread loads and warms up
 * the native libraries, and the first use waits for them.
 */
public final class Engine implements AutoCloseable {
  /** Multiply-adds of one forward pass from which a second thread pays off. */
  private static final long SECOND_THREAD_FROM = 8_000_000;

  private static final Logger log = LoggerFactory.getLogger(Engine.class);

  private final ComputeThreads threads;
  private final CompletableFuture<Void> loaded = new CompletableFuture<>();
  private final CompletableFuture<Void> ready = new CompletableFuture<>();

  private Engine(int cores) {
    threads = new ComputeThreads(cores, () -> await(loaded));
  }

  /**
   * Begins to load the native libraries.
   *
   * @param dataDir the data folder; holds the native libraries when the home folder is not writable
   */
  public static Engine start(EngineProperties properties, Path dataDir) {
    Engine engine = new Engine(properties.coreCount());
    Thread.ofPlatform().name("engine-start").daemon().start(() -> engine.load(properties, dataDir));
    return engine;
  }

  private void load(EngineProperties properties, Path dataDir) {
    try {
      NativeLibraries.load(properties.libraryFolder(dataDir));
      loaded.complete(null);
      threads.run(1, WarmUp::run);
      ready.complete(null);
    } catch (Throwable e) {
      loaded.completeExceptionally(e);
      ready.completeExceptionally(e);
    }
  }

  /** Whether the native libraries are loaded and warm. */
  public boolean ready() {
    return ready.isDone() && !ready.isCompletedExceptionally();
  }

  /** Waits until {@link #ready}; throws IllegalStateException if loading failed. */
  public void awaitReady() {
    await(ready);
  }

  /** Whether this machine has a CUDA device; waits until {@link #ready}. */
  public boolean hasCuda() {
    awaitReady();
    return torch.cuda_is_available();
  }

  /** The memory of a device; empty where it uses the host's, and while it cannot be read. */
  public Optional<DeviceMemory.Use> memory(Device device) {
    try {
      return device == Device.CPU || !hasCuda() ? Optional.empty() : DeviceMemory.use(device);
    } catch (RuntimeException e) {
      log.debug("The memory of a device cannot be read: {}", e.toString());
      return Optional.empty();
    }
  }

  private static void await(CompletableFuture<Void> future) {
    try {
      future.join();
    } catch (CompletionException e) {
      throw new IllegalStateException("the engine could not start", e.getCause());
    }
  }

  /** The version of libtorch's Java packaging. */
  public static String version() {
    try {
      return Loader.getVersion("org.bytedeco", "pytorch");
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** The only threads that may use tensors. */
  public ComputeThreads threads() {
    return threads;
  }

  /**
   * The intra-op threads a training uses: one when a second would slow it down, else as many as
   * allowed. Depends on sizes alone, never on timing: the count changes the bits of the result.
   */
  public int threadsFor(TrainingPlan plan) {
    double multiplyAdds = plan.shapes().multiplyAdds();
    boolean small = multiplyAdds * plan.training().batchSize() < SECOND_THREAD_FROM;
    return small ? 1 : Math.clamp(plan.threads(), 1, threads.limit());
  }

  /** Initial weights, decided by the seed alone. May be called from any thread. */
  public Map<String, HostTensor> initialWeights(List<WeightSpec> weights, long seed) {
    return threads.call(1, () -> Initializers.draw(weights, seed));
  }

  /**
   * Loads a network for prediction. May be called from any thread; {@code forward} only on a
   * compute thread.
   *
   * @throws ServiceException WEIGHTS_MISMATCH when names, shapes or types differ
   */
  public LoadedNetwork load(
      NetworkSpec network, NetworkShapes shapes, Map<String, HostTensor> weights) {
    return threads.call(
        1, () -> NativeHandles.whileMaking(() -> new Network(network, shapes, weights)));
  }

  /**
   * A network in training; the calling compute thread must use and close it.
   *
   * @throws ServiceException UNAVAILABLE when this machine doesn't have the plan's device
   * @throws DeviceShortageException when others hold the memory that it needs
   */
  public TrainingSession session(TrainingPlan plan) {
    if (plan.device() == Device.CUDA && !torch.cuda_is_available()) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "The job needs the device 'cuda', and this worker has none");
    }
    if (plan.device() == Device.CUDA) {
      // Convolutions would round float32 to 10 bits: 'precision' says how exact a training is.
      torch.globalContext().setAllowTF32CuDNN(false);
    }
    requireMemory(plan);
    Map<String, HostTensor> weights = new HashMap<>(plan.initialWeights());
    List<WeightSpec> specs = plan.weights();
    if (!specs.stream().allMatch(weight -> weights.containsKey(weight.name()))) {
      initialWeights(specs, plan.seed()).forEach(weights::putIfAbsent);
    }
    return NativeHandles.whileMaking(() -> new TrainingSession(plan, weights));
  }

  /** The host's memory is checked when a job is submitted; that of a device here alone. */
  private static void requireMemory(TrainingPlan plan) {
    TrainingSpec training = plan.training();
    long needed =
        Bytes.add(
            plan.shapes().weightBytes(training.stateTensors()),
            plan.shapes().batchBytes(training.batchSize()));
    if (DeviceMemory.free(plan.device()) < needed) {
      // What this process keeps for later tensors is not in use by others.
      DeviceMemory.release(plan.device());
    }
    DeviceMemory.use(plan.device()).ifPresent(use -> requireMemory(use, needed));
  }

  /**
   * Refuses a training that has no room on its device.
   *
   * @throws DeviceShortageException when others hold what is missing
   * @throws ServiceException TOO_MUCH_MEMORY when all of the device is too small
   */
  static void requireMemory(DeviceMemory.Use use, long needed) {
    String device = use.device().code();
    if (needed > use.total()) {
      throw new ServiceException(
          ErrorCode.TOO_MUCH_MEMORY,
          "The job needs %s of the memory of '%s', which has %s; a smaller batch_size needs less"
              .formatted(gigabytes(needed), device, gigabytes(use.total())));
    }
    if (needed > use.free()) {
      throw new DeviceShortageException(
          "memory of '%s': needs %s, %s free; a smaller batch_size needs less"
              .formatted(device, gigabytes(needed), gigabytes(use.free())));
    }
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }

  @Override
  public void close() {
    threads.close();
  }
}
