/**
 * Searches over the parameters of a training: grid, random and successive halving, each with
 * cross-validation. A sweep is a job whose trainings are jobs too, which it runs side by side in
 * its worker; they share the encoded rows as all jobs do.
 *
 * <p>Start at {@link io.trainyard.job.sweep.SweepService}. {@code SweepCheck} turns a body into
 * trainings, {@code SweepRunner} runs them, {@code SweepResults} ranks them. The package doesn't
 * know HTTP or SQL.
 */
@NullMarked
package io.trainyard.job.sweep;

import org.jspecify.annotations.NullMarked;
