/**
 * Finds a learning rate before a training: the range test and its suggestion. Knows no jobs and no
 * HTTP.
 *
 * <p>Start at {@link io.trainyard.train.tuning.RangeScan}.
 */
@NullMarked
package io.trainyard.train.tuning;

import org.jspecify.annotations.NullMarked;
