/**
 * The events of jobs: their history, and live feeds for the callers that watch them.
 *
 * <p>Start at {@link io.trainyard.job.event.JobEvents}. Events are read through the port {@link
 * io.trainyard.job.event.EventStore}; the package doesn't know who stores them or how they are
 * sent.
 */
@NullMarked
package io.trainyard.job.event;

import org.jspecify.annotations.NullMarked;
