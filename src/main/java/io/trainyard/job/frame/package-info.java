/**
 * Frames: what a network answers over two columns while it learns. Knows neither HTTP nor SQL.
 * Start at {@link io.trainyard.job.frame.FrameGrid}.
 */
@NullMarked
package io.trainyard.job.frame;

import org.jspecify.annotations.NullMarked;
