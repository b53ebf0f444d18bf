/**
 * What a training step does with its gradients: clipping, the optimizer, the max-norm constraint.
 * Knows neither layers nor losses: all trainable weights are one flat tensor, their gradients
 * another. Start at {@link io.trainyard.engine.update.WeightUpdate}.
 */
@NullMarked
package io.trainyard.engine.update;

import org.jspecify.annotations.NullMarked;
