/**
 * Jobs and sweeps over HTTP: submission, lists, metrics and event streams.
 *
 * <p>Start at {@code JobController}. The views here are what callers depend on; they are
 * independent of the stored JSON. The package doesn't know how jobs run or where they are stored.
 */
@NullMarked
package io.trainyard.api.job;

import org.jspecify.annotations.NullMarked;
