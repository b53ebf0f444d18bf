/**
 * The check of a job before it is queued: everything that can be known before training.
 *
 * <p>Start at {@link io.trainyard.job.check.JobCheck}, which gathers all violations: of the body,
 * the pool, the model and its data, the initial weights, the monitored metrics and the memory. The
 * package doesn't know jobs, their states or their store.
 */
@NullMarked
package io.trainyard.job.check;

import org.jspecify.annotations.NullMarked;
