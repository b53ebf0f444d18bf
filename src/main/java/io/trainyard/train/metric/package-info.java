/**
 * The metrics of a training: sums over the batches of a part, and the numbers made of them. Knows
 * no native code, except for the values of a formula, and neither epochs nor jobs. What a metric
 * means is documented at {@link io.trainyard.spec.training.Metric}. Start at {@link
 * io.trainyard.train.metric.PartMetrics}; a {@code MetricPart} has the sums of one family. {@link
 * io.trainyard.train.metric.PartEvaluation} collects the evaluation at the end of a job.
 */
@NullMarked
package io.trainyard.train.metric;

import org.jspecify.annotations.NullMarked;
