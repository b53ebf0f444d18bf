/**
 * The weights of a network as native tensors, for training and for prediction, and their initial
 * values. This package doesn't know layers' operations or optimizers. Start at {@link
 * io.trainyard.engine.weights.NetworkWeights}, the view that layers have.
 */
@NullMarked
package io.trainyard.engine.weights;

import org.jspecify.annotations.NullMarked;
