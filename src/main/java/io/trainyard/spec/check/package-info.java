/**
 * Checks over a whole model: what cannot be trained is a violation, what is probably a mistake is a
 * warning. Knows the values of targets only as {@link io.trainyard.spec.check.TargetValues}, not
 * the data. Start at {@link io.trainyard.spec.check.TrainingCheck}. {@code TrainingCheckTest} tests
 * all classes of the package.
 *
 * <p>Other tests: {@code GradientReach} and {@code ModelWarnings} in {@code TrainingCheckTest},
 * {@code LossActivation} and {@code LossCost} in {@code LossCheckTest}, {@code LayerWarnings},
 * {@code MetricCheck}, {@code FullBatchCheck}, {@code InspectionCheck}, {@code OptimizerCheck},
 * {@code PerceptronCheck}, {@code PhasedCheck}, {@code ScheduleCheck} and {@code ShapeAdvice} in
 * {@code MistakesTest}.
 */
@NullMarked
package io.trainyard.spec.check;

import org.jspecify.annotations.NullMarked;
