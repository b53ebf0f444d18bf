/**
 * Networks on libtorch: loading for prediction, training steps, losses, optimizers. This package
 * and its subpackages are the only ones that import {@code org.bytedeco}; they know neither jobs
 * nor HTTP. Start at {@link io.trainyard.engine.Engine}: {@code load} gives a {@code Network},
 * {@code session} a {@link io.trainyard.engine.TrainingSession}.
 *
 * <p>{@code GoldenTrainingTest} and {@code OptimizerCurvesTest} test losses, optimizers, clipping,
 * regularization and constraints against PyTorch. {@code DenseChainTest} tests the gradients
 * without autograd, {@code LayersTest} the graph, {@code LeakTest} the native memory of networks
 * and sessions, {@code RepeatabilityTest} and {@code ResumeTest} the bits.
 *
 * <p>Other tests: {@code ChainBuffers} and {@code DenseLink} in {@code DenseChainTest}, {@code
 * ResidentSubset}, {@code BatchLoss} and {@code EpochLosses} in {@code TrainerTest}, {@code
 * LayerDiagnostics} in {@code DiagnosticsTest}, {@code BatchGradient} in {@code
 * OptimizerCurvesTest}, {@code Regularization} in {@code GoldenTrainingTest}, {@code Graph} in
 * {@code LayersTest}, {@code LeastSquares} in {@code LevenbergMarquardtTest}.
 */
@NullMarked
package io.trainyard.engine;

import org.jspecify.annotations.NullMarked;
