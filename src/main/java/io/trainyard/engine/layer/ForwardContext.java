package io.trainyard.engine.layer;

import io.trainyard.engine.natives.RandomSource;
import org.bytedeco.pytorch.GeneratorOptional;
import org.jspecify.annotations.Nullable;

/**
 * What a layer needs to know about the current forward pass.
 *
 * @param training whether batch statistics are used and images changed
 * @param random the random numbers of masks and noise; null: none is drawn
 */
public record ForwardContext(boolean training, @Nullable RandomSource random) {
  public static final ForwardContext PREDICTION = new ForwardContext(false, null);

  /** A step of a training. */
  public static ForwardContext training(RandomSource random) {
    return new ForwardContext(true, random);
  }

  /** A prediction with the masks and the noise of a training. */
  public static ForwardContext sampling(RandomSource random) {
    return new ForwardContext(false, random);
  }

  /** Whether dropout masks and noise are drawn. */
  boolean draws() {
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
