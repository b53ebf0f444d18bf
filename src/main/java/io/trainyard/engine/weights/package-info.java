/**
 * The weights of a network as native tensors, for training and for prediction, and their initial
 * values. This package doesn't know layers' operations or optimizers. Start at {@link
 * io.trainyard.engine.weights.NetworkWeights}, the view that layers have. {@code InitializersTest}
 * tests the initial values, {@code ResumeTest} tests {@code TrainedWeights} and its snapshots,
 * {@code LayersTest} tests {@code InferenceWeights}; {@code LoadedWeightsCheckTest} tests the
 * check.
 */
@NullMarked
package io.trainyard.engine.weights;

import org.jspecify.annotations.NullMarked;
