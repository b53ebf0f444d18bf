/**
 * Supervises the worker processes of this process: starts them, does what they ask, and returns
 * their jobs to the queue when they die. Start at {@link io.trainyard.job.supervise.Supervisor}.
 * How processes talk is in {@link io.trainyard.job.process}.
 */
@NullMarked
package io.trainyard.job.supervise;

import org.jspecify.annotations.NullMarked;
