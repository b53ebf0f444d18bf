/**
 * Answers from model versions in memory: which version a reference means, loading and eviction, the
 * bounded compute threads, and reading requests of any protocol. Rows are computed in slices that
 * {@code PredictLimits} bounds in memory and work; {@code ByteBudget} bounds what requests hold.
 * Knows neither jobs nor HTTP. Start at {@link io.trainyard.predict.Predictor}. {@code
 * LoadedModelsTest}, {@code SharedNetworkTest}, {@code ResolvedVersionsTest}, {@code
 * AliasTargetsTest}, {@code ComputeQueueTest}, {@code PredictLimitsTest} and {@code
 * NumberScannerTest} test its parts; {@code PredictHttpTest}, {@code PredictLimitsHttpTest} and
 * {@code PredictFuzzHttpTest} test the readers.
 *
 * <p>Other tests: {@code PlainInstances}, {@code TensorReader}, {@code JsonRequest} and {@code
 * LoadedModel} in {@code PredictFuzzHttpTest}, {@code NpyRequest} in {@code NpyHttpTest}.
 */
@NullMarked
package io.trainyard.predict;

import org.jspecify.annotations.NullMarked;
