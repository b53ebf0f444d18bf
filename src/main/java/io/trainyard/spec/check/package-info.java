/**
 * Checks over a whole model: what cannot be trained is a violation, what is probably a mistake is a
 * warning. Knows the values of targets only as {@link io.trainyard.spec.check.TargetValues}, not
 * the data. Start at {@link io.trainyard.spec.check.TrainingCheck}.
 */
@NullMarked
package io.trainyard.spec.check;

import org.jspecify.annotations.NullMarked;
