package io.trainyard.spec.training.optimizer;

import org.jspecify.annotations.Nullable;

/**
 * What a training has where its members say nothing; they depend on the optimizer.
 *
 * @param epochs 0: they must be given
 * @param allRows whether a batch is all rows; else 32
 * @param maxFail where there are validation rows
 * @param precise whether it computes in float64
 */
public record TrainingDefaults(
    int epochs,
    boolean allRows,
    @Nullable Double goal,
    @Nullable Integer maxFail,
    @Nullable Double minGradient,
    boolean precise) {
  public static final TrainingDefaults NONE =
      new TrainingDefaults(0, false, null, null, null, false);

  private static final int MATLAB_EPOCHS = 1000;
  private static final int MATLAB_FAILS = 6;

  /** Those of MATLAB's training functions (trainParam), for rules of one gradient a step. */
  static TrainingDefaults ofSteps(double minGradient) {
    return new TrainingDefaults(MATLAB_EPOCHS, true, 0.0, MATLAB_FAILS, minGradient, false);
  }

  /** Those of MATLAB's training functions (trainParam), for methods that need float64. */
  static TrainingDefaults ofFullBatch(double minGradient) {
    return new TrainingDefaults(MATLAB_EPOCHS, true, 0.0, MATLAB_FAILS, minGradient, true);
  }
}
