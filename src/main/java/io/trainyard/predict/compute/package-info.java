/**
 * Who computes when: the bounded queue of the compute threads, and the turns of callers that
 * compute themselves. Knows neither models nor requests. Start at {@link
 * io.trainyard.predict.compute.ComputeQueue}.
 */
@NullMarked
package io.trainyard.predict.compute;

import org.jspecify.annotations.NullMarked;
