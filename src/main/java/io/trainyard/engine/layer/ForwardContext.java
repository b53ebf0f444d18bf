package io.trainyard.engine.layer;

import io.trainyard.engine.natives.RandomSource;
import org.bytedeco.pytorch.GeneratorOptional;
import org.jspecify.annotations.Nullable;

/**
 * What a layer must know of the forward pass it is in.
 *
 * @param random the job's random numbers while training, else null
 */
public record ForwardContext(@Nullable RandomSource random) {
  public static final ForwardContext PREDICTION = new ForwardContext(null);

  /** Whether masks are drawn and batch statistics used. */
  boolean training() {
    return random != null;
  }

  /** The generator for a layer's masks or noise. */
  GeneratorOptional generator(long purpose) {
    if (random == null) {
      throw new IllegalStateException("nothing is random at prediction");
    }
    return random.purpose(purpose);
  }
}
