/**
 * A span for each attempt at a job, in the trace of the request that submitted it. Knows jobs only
 * by their ids. Start at {@link io.trainyard.job.span.JobSpans}.
 */
@NullMarked
package io.trainyard.job.span;

import org.jspecify.annotations.NullMarked;
