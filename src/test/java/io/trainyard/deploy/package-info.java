/**
 * Tests of what an operator installs: the chart, the compose file, the image and the packaged jar.
 * Start at {@code ChartTest}.
 */
@NullMarked
package io.trainyard.deploy;

import org.jspecify.annotations.NullMarked;
