/**
 * What people write on datasets, models, versions and jobs to find them again, and what a list is
 * asked for. A port between {@code api} and {@code store}, which knows neither. Start at {@link
 * io.trainyard.label.Labels}.
 */
@NullMarked
package io.trainyard.label;

import org.jspecify.annotations.NullMarked;
