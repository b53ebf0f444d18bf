/**
 * Jobs and sweeps over HTTP: submission, lists, metrics and event streams.
 *
 * <p>Start at {@code JobController}. The views here are what callers depend on; they are
 * independent of the stored JSON. The package doesn't know how jobs run or where they are stored.
 * {@code JobHttpTest}, {@code SubmissionHttpTest}, {@code JobEventsHttpTest} and {@code
 * SlowReaderTest} test it over HTTP, {@code JobJsonTest} tests the JSON.
 *
 * <p>Other tests: {@code JobEventController} in {@code JobEventsHttpTest}, {@code JobView} in
 * {@code JobHttpTest}, {@code JobPlotController} in {@code PlotHttpTest}, {@code SweepView} in
 * {@code SweepHttpTest}.
 */
@NullMarked
package io.trainyard.api.job;

import org.jspecify.annotations.NullMarked;
