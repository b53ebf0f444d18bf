/**
 * Checks over a whole model: what cannot be trained is a violation, what is probably a mistake is a
 * warning. Knows the values of targets only as {@link io.trainyard.spec.check.TargetValues}, not
 * the data. Start at {@link io.trainyard.spec.check.TrainingCheck}. {@code TrainingCheckTest} holds
 * all classes of the package.
 *
 * <p>Classes without a test of their name are held: {@code GradientReach} and {@code ModelWarnings}
 * by {@code TrainingCheckTest}.
 */
@NullMarked
package io.trainyard.spec.check;

import org.jspecify.annotations.NullMarked;
