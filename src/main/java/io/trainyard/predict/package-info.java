/**
 * Answers from model versions in memory: which version a reference means, loading and eviction, and
 * the bounded compute threads. Rows are computed in slices that {@code PredictLimits} bounds in
 * memory and work; {@code ByteBudget} bounds what requests hold. Knows neither jobs nor HTTP. Start
 * at {@link io.trainyard.predict.Predictor}. {@code LoadedModelsTest}, {@code SharedNetworkTest},
 * {@code ResolvedVersionsTest}, {@code AliasTargetsTest} and {@code PredictLimitsTest} test its
 * parts.
 *
 * <p>Other tests: {@code Computation} in {@code AnalysisHttpTest}, {@code VersionStatistics} in
 * {@code InferHttpTest}, {@code LoadedModel} in {@code PredictFuzzHttpTest}.
 */
@NullMarked
package io.trainyard.predict;

import org.jspecify.annotations.NullMarked;
