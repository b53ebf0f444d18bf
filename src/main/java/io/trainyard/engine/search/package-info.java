/**
 * Optimizers whose steps compute the loss of their batch at several weights. Knows neither layers
 * nor losses: an evaluation is a function, all trainable weights are one flat tensor, their
 * gradients another. Start at {@link io.trainyard.engine.search.Search}; {@code Searches} makes
 * them.
 */
@NullMarked
package io.trainyard.engine.search;

import org.jspecify.annotations.NullMarked;
