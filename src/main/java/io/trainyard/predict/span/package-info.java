/**
 * The span of a prediction with its parts, in the trace of its request. Knows no network and no
 * request. Start at {@link io.trainyard.predict.span.PredictSpan}.
 */
@NullMarked
package io.trainyard.predict.span;

import org.jspecify.annotations.NullMarked;
