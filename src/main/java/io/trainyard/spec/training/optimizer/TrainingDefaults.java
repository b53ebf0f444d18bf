package io.trainyard.spec.training.optimizer;

import org.jspecify.annotations.Nullable;

/**
 * What a training has where its members say nothing; they depend on the optimizer.
 *
 * @param epochs 0: they must be given
 * @param batchSize {@link #ALL_ROWS} for all
 * @param maxFail where there are validation rows
 * @param precise whether it computes in float64
 */
public record TrainingDefaults(
    int epochs,
    int batchSize,
    @Nullable Double goal,
    @Nullable Integer maxFail,
    @Nullable Double minGradient,
    boolean precise) {
  /** The batch size of one batch of all rows. */
  public static final int ALL_ROWS = Integer.MAX_VALUE;

  public static final TrainingDefaults NONE = new TrainingDefaults(0, 32, null, null, null, false);

  private static final int MATLAB_EPOCHS = 1000;
  private static final int MATLAB_FAILS = 6;

  /** Those of MATLAB's training functions (trainParam), for rules of one gradient a step. */
  static TrainingDefaults ofSteps(double minGradient) {
    return new TrainingDefaults(MATLAB_EPOCHS, ALL_ROWS, 0.0, MATLAB_FAILS, minGradient, false);
  }

  /** Those of MATLAB's trainc, which shows one row at a time. */
  static TrainingDefaults ofRows() {
    return new TrainingDefaults(MATLAB_EPOCHS, 1, 0.0, MATLAB_FAILS, null, false);
  }

  /** The same without an end by val_loss. */
  TrainingDefaults withoutMaxFail() {
    return new TrainingDefaults(epochs, batchSize, goal, null, minGradient, precise);
  }

  /** Those of MATLAB's training functions (trainParam), for methods that need float64. */
  static TrainingDefaults ofFullBatch(double minGradient) {
    return new TrainingDefaults(MATLAB_EPOCHS, ALL_ROWS, 0.0, MATLAB_FAILS, minGradient, true);
  }
}
