/**
 * Answers from model versions in memory: which version a reference means, loading and eviction, and
 * the bounded compute threads. Rows are computed in slices that {@code PredictLimits} bounds in
 * memory and work; {@code ByteBudget} bounds what requests hold. Knows neither jobs nor HTTP. Start
 * at {@link io.trainyard.predict.Predictor}.
 */
@NullMarked
package io.trainyard.predict;

import org.jspecify.annotations.NullMarked;
