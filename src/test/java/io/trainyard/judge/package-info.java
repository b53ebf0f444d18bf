/**
 * Every number that the service reports is computed again from what it answers to predictions.
 * Random trainings of losses, output activations, targets, scales and metrics are compared at every
 * place that reports: the epochs' records, {@code best}, {@code test_…}, the evaluations of jobs
 * and versions, batch predictions, sweeps, and the conditions of aliases. Start at {@code
 * ReportedNumbersTest}; {@code Judge} and {@code LossJudge} have the formula of each name, and
 * {@code JudgeTest} holds them against scikit-learn and numpy. {@code Routes} compares the ways to
 * ask a version.
 */
@NullMarked
package io.trainyard.judge;

import org.jspecify.annotations.NullMarked;
