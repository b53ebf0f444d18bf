/**
 * What connects the traces and logs of one call: its request id, its W3C trace context, and spans,
 * which go to a collector by OTLP over HTTP where one is configured. Nothing of OpenTelemetry is
 * loaded otherwise.
 *
 * <p>The package knows neither requests nor jobs. Start at {@link io.trainyard.trace.TraceContext};
 * {@link io.trainyard.trace.Spans} takes what has ended.
 */
@NullMarked
package io.trainyard.trace;

import org.jspecify.annotations.NullMarked;
