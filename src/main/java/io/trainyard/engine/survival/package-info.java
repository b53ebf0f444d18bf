/**
 * Rows that are compared with one another: Cox's partial likelihood, and the concordance of risks
 * and times. Training, metrics and evaluations use the same code, without tensors. Knows no network
 * and nothing native. Start at {@link io.trainyard.engine.survival.SurvivalRows}.
 */
@NullMarked
package io.trainyard.engine.survival;

import org.jspecify.annotations.NullMarked;
