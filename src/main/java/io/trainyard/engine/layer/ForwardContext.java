package io.trainyard.engine.layer;

import io.trainyard.engine.natives.RandomSource;
import org.bytedeco.pytorch.GeneratorOptional;
import org.jspecify.annotations.Nullable;

/**
 * What a layer needs to know about the current forward pass.
 *
 * @param random the job's random numbers during training, else null
 */
public record ForwardContext(@Nullable RandomSource random) {
  public static final ForwardContext PREDICTION = new ForwardContext(null);

  /** Whether dropout masks are drawn and batch statistics used. */
  boolean training() {
    return random != null;
  }

  /** The generator for a layer's masks or noise. */
  GeneratorOptional generator(long purpose) {
    if (random == null) {
      throw new IllegalStateException("a prediction draws no random numbers");
    }
    return random.purpose(purpose);
  }
}
