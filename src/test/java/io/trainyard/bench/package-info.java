/** Programs that {@code src/bench/run} starts in addition to the jar, to compare against. */
@NullMarked
package io.trainyard.bench;

import org.jspecify.annotations.NullMarked;
