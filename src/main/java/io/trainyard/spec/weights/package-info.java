/**
 * The tensors a layer stores and the rules for them: first values, penalties, the largest norm.
 * Knows no layer: a layer lists its {@link io.trainyard.spec.weights.WeightSpec weights} and reads
 * its {@link io.trainyard.spec.weights.WeightRules rules} here. Start at {@code WeightRules}.
 * Tests: {@code WeightRulesTest} and, for the values drawn, {@code
 * engine.weights.InitializersTest}.
 */
@NullMarked
package io.trainyard.spec.weights;

import org.jspecify.annotations.NullMarked;
