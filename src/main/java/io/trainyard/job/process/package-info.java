/**
 * Worker processes: how one is started from the same program, how it and its supervisor talk, and
 * how its death is explained. Must not know what a job is, beyond its id. Start at {@link
 * io.trainyard.job.process.Message}, then {@link io.trainyard.job.process.WorkerProcess} for the
 * supervisor's side and {@link io.trainyard.job.process.Supervision} for the worker's.
 */
@NullMarked
package io.trainyard.job.process;

import org.jspecify.annotations.NullMarked;
