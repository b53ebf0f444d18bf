/**
 * Small networks of dense layers in plain Java: for a row or a few, a call of native code and the
 * way to a compute thread cost much more than the arithmetic. Knows neither native code nor
 * requests. Start at {@link io.trainyard.predict.dense.DenseNetwork}.
 */
@NullMarked
package io.trainyard.predict.dense;

import org.jspecify.annotations.NullMarked;
