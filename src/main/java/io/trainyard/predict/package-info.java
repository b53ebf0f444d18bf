/**
 * Answers from model versions in memory: which version a reference means, loading and eviction, the
 * bounded compute threads, and reading requests of any protocol. Knows neither jobs nor HTTP. Start
 * at {@link io.trainyard.predict.Predictor}. {@code LoadedModelsTest}, {@code SharedNetworkTest},
 * {@code ResolvedVersionsTest}, {@code AliasTargetsTest}, {@code ComputeQueueTest} and {@code
 * NumberScannerTest} test its parts; {@code PredictHttpTest} tests the readers.
 *
 * <p>Other tests: {@code PlainInstances} and {@code TensorReader} in {@code PredictHttpTest},
 * {@code NpyRequest} in {@code NpyHttpTest}.
 */
@NullMarked
package io.trainyard.predict;

import org.jspecify.annotations.NullMarked;
