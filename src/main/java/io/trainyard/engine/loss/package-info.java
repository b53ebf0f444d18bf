/**
 * The formulas of the losses on tensors: for a whole batch, by libtorch's fused kernels where it
 * has them, and by row for weighted means. Knows no network and no optimizer. Start at {@link
 * io.trainyard.engine.loss.Losses}. {@code GoldenLossesTest} compares every loss with PyTorch,
 * {@code LossFormulasTest} with numbers computed by hand.
 *
 * <p>Other tests: {@code NumberLosses} and {@code ClassLosses} in {@code GoldenLossesTest}, {@code
 * EpochLoss} in {@code TrainerTest}.
 */
@NullMarked
package io.trainyard.engine.loss;

import org.jspecify.annotations.NullMarked;
