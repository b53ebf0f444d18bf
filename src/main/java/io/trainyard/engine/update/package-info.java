/**
 * What a training step does with its gradients: clipping, the optimizer, the max-norm constraint.
 * Knows neither layers nor losses: all trainable weights are one flat tensor, their gradients
 * another. Start at {@link io.trainyard.engine.update.WeightUpdate}. Tests: {@code
 * OptimizerCurvesTest} compares every {@code Optimizer} with PyTorch or NumPy, that is {@code
 * AdamRules}, {@code DescentRules}, {@code ScaledGradientRules}, {@code SignRules} and the parts of
 * {@code WeightUpdate}; {@code ResumeTest} tests the bits of resumed trainings, {@code
 * StoppingRulesTest} the gradient's norm, {@code DiagnosticsTest} the {@code LayerNorms}.
 */
@NullMarked
package io.trainyard.engine.update;

import org.jspecify.annotations.NullMarked;
