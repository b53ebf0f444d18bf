/**
 * How gradients change weights: one record for each optimizer, one file for each family. A record
 * has its formula, its defaults and its reading. {@code Name} in {@link
 * io.trainyard.spec.training.optimizer.OptimizerSpec} is the register; start there. Knows nothing
 * about how steps are computed.
 *
 * <p>Tests: {@code TrainingRegistersTest} tests the names, {@code TrainingReaderTest} the reading,
 * {@code OptimizerCurvesTest} the formulas and defaults of {@code AdamFamily}, {@code
 * ScaledGradient}, {@code GradientDescent} and the others, {@code MistakesTest} the refusals.
 */
@NullMarked
package io.trainyard.spec.training.optimizer;

import org.jspecify.annotations.NullMarked;
