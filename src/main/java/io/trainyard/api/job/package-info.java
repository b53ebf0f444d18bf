/**
 * Jobs over HTTP: submission, lists, metrics and event streams.
 *
 * <p>Start at {@code JobController}. The views here are what callers depend on; they are
 * independent of the stored JSON. The package doesn't know how jobs run or where they are stored.
 * {@code JobHttpTest}, {@code SubmissionHttpTest}, {@code JobEventsHttpTest} and {@code
 * SlowReaderTest} hold it over HTTP, {@code JobJsonTest} holds the JSON.
 *
 * <p>Classes without a test of their name are held: {@code JobEventController} by {@code
 * JobEventsHttpTest}.
 */
@NullMarked
package io.trainyard.api.job;

import org.jspecify.annotations.NullMarked;
