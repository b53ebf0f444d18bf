/**
 * How a network is trained: losses, optimizers, metrics, early stopping and limits. A loss or
 * optimizer is a record with its reading in the same file; {@code Name} is the register of each
 * kind. Knows nothing about how training is computed. Start at {@link
 * io.trainyard.spec.training.TrainingSpec}. Tests: {@code TrainingReaderTest}; {@code
 * TrainingRegistersTest} and {@code GoldenTrainingTest} fail when a loss, optimizer or metric is
 * missing in a reader or has no golden case.
 *
 * <p>Other tests: {@code UpdateRules} in {@code OptimizerCurvesTest}, {@code OptimizerSpec}, {@code
 * LossSpec} and {@code Metric} in {@code TrainingRegistersTest}, {@code NumberLoss} and {@code
 * ClassLoss} in {@code GoldenLossesTest}, {@code PhasesReader} in {@code MistakesTest}.
 */
@NullMarked
package io.trainyard.spec.training;

import org.jspecify.annotations.NullMarked;
