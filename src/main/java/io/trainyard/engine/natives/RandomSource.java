package io.trainyard.engine.natives;

import io.trainyard.tensor.Device;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * One job's random numbers. libtorch's default generator is process-wide; this one is reseeded for
 * each purpose from the job's seed. So a checkpoint needs no random state, and concurrent jobs draw
 * the same numbers as alone. Numbers differ from device to device.
 */
public final class RandomSource implements AutoCloseable {
  private final NativeHandles handles = new NativeHandles();
  private final long seed;
  private final Generator generator;
  private final GeneratorOptional optional;
  private long phase;
  private long epoch;
  private long step;

  public RandomSource(long seed) {
    this(seed, Device.CPU);
  }

  /**
   * @param device where the numbers are drawn: copied there at every step, they would make it wait
   */
  public RandomSource(long seed, Device device) {
    this.seed = seed;
    this.generator =
        handles.keep(
            switch (device) {
              case CPU -> torch.createCPUGenerator(seed);
              case CUDA ->
                  torch.globalContext().defaultGenerator(TensorConversion.libtorch(device)).clone();
            });
    this.optional = handles.keep(new GeneratorOptional(generator));
  }

  /** Sets the position in the training; later draws depend on it. */
  public void at(long newPhase, long newEpoch, long newStep) {
    phase = newPhase;
    epoch = newEpoch;
    step = newStep;
  }

  /** The generator, reseeded for one purpose at the current position. */
  public GeneratorOptional purpose(long purpose) {
    generator.set_current_seed(mix(seed, phase, epoch, step, purpose));
    return optional;
  }

  /**
   * One well-mixed number from several: SplitMix64's finalizer after each. Never negative, because
   * torch's seeds have 63 bits.
   */
  public static long mix(long... parts) {
    long state = 0x9e3779b97f4a7c15L;
    for (long part : parts) {
      state = finish(state ^ (part + 0x9e3779b97f4a7c15L));
    }
    return state & Long.MAX_VALUE;
  }

  private static long finish(long z) {
    long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
    return b ^ (b >>> 31);
  }

  @Override
  public void close() {
    handles.close();
  }
}
