/**
 * The tensors a layer stores, and the rules for them: first values, penalties, the largest norm.
 * Knows no layer: each layer lists its weights and reads its rules here. Start at {@link
 * io.trainyard.spec.weights.WeightRules}.
 */
@NullMarked
package io.trainyard.spec.weights;

import org.jspecify.annotations.NullMarked;
