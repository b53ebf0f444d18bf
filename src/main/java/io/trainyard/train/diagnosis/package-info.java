/**
 * What a training tells of its layers: norms of gradients, weights and updates, dead units,
 * saturated outputs, and what to do about them. Knows no jobs and no HTTP.
 *
 * <p>Start at {@link io.trainyard.train.diagnosis.Diagnosis}.
 */
@NullMarked
package io.trainyard.train.diagnosis;

import org.jspecify.annotations.NullMarked;
