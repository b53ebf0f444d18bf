/**
 * Answers from model versions in memory: which version a reference means, loading and eviction, the
 * bounded compute threads, and reading requests of any protocol. Knows neither jobs nor HTTP. Start
 * at {@link io.trainyard.predict.Predictor}. {@code LoadedModelsTest}, {@code SharedNetworkTest},
 * {@code ResolvedVersionsTest}, {@code AliasTargetsTest}, {@code ComputeQueueTest} and {@code
 * NumberScannerTest} hold its parts; {@code PredictHttpTest} holds the readers.
 *
 * <p>Classes without a test of their name are held: {@code PlainInstances} and {@code TensorReader}
 * by {@code PredictHttpTest}, {@code NpyRequest} by {@code NpyHttpTest}.
 */
@NullMarked
package io.trainyard.predict;

import org.jspecify.annotations.NullMarked;
