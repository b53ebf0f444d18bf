/** Jobs: their states, the queue, and the workers that run them. Knows neither HTTP nor SQL. */
@NullMarked
package io.trainyard.job;

import org.jspecify.annotations.NullMarked;
