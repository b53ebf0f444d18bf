/**
 * Optimizers whose steps compute the loss of their batch at several weights. Knows neither layers
 * nor losses: an evaluation is a function, all trainable weights are one flat tensor, their
 * gradients another. Start at {@link io.trainyard.engine.search.Search}; {@code Searches} makes
 * them.
 *
 * <p>Tests: {@code OptimizerCurvesTest} compares every {@code Search} with PyTorch or NumPy, that
 * is {@code LbfgsSearch} and {@code LineSearchDescent} with {@code StrongWolfe}, {@code
 * ConjugateDirections}, {@code BfgsDirections}, {@code ScaledConjugateSearch}, {@code
 * MarquardtSearch} with {@code Evidence}, {@code AdaptiveDescent}; {@code SearchesTest} tests what
 * holds for all of them, {@code FullBatchTest} where they end, {@code StrongWolfeTest} the line
 * search, {@code ResumeTest} the bits of resumed trainings.
 */
@NullMarked
package io.trainyard.engine.search;

import org.jspecify.annotations.NullMarked;
