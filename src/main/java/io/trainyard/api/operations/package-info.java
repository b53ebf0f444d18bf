/**
 * What operators read: the runbooks that alerts name.
 *
 * <p>The package knows no resource of callers. Start at {@link
 * io.trainyard.api.operations.RunbookController}. {@code AlertsTest} tests it, together with the
 * rules and the dashboard in {@code helm/files}.
 */
@NullMarked
package io.trainyard.api.operations;

import org.jspecify.annotations.NullMarked;
