package io.trainyard.job;

import com.sun.management.OperatingSystemMXBean;
import io.trainyard.dataset.DataPlan;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.TrainingSpec;
import java.lang.management.ManagementFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/** What one job may take of the machine's memory, and what a job will take. */
@Component
final class MemoryBudget {
  private static final int FLOAT = 4;

  /** Weights, gradients, two moments of Adam, the best so far. */
  private static final int COPIES_OF_WEIGHTS = 5;

  /** Each layer's output, its gradient, and as much again for what an operation works with. */
  private static final int COPIES_OF_OUTPUTS = 3;

  private final long limit;

  MemoryBudget(JobProperties properties) {
    DataSize configured = properties.memory();
    this.limit = configured == null ? machine() / 2 : configured.toBytes();
  }

  private static long machine() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  void check(NetworkShapes shapes, DataPlan plan, TrainingSpec training) {
    long weights = 0;
    for (var weight : shapes.weights()) {
      weights = add(weights, multiply(weight.shape().elements(), FLOAT * COPIES_OF_WEIGHTS));
    }
    long batch = Math.min(training.batchSize(), Math.max(1, plan.trainingRows()));
    long outputs = 0;
    for (var layer : shapes.layers().values()) {
      long row = multiply(layer.output().elements(), FLOAT * COPIES_OF_OUTPUTS);
      outputs = add(outputs, multiply(row, batch));
    }
    long needed = add(add(weights, outputs), plan.bytes());
    if (needed > limit) {
      throw new ServiceException(
          ErrorCode.TOO_MUCH_MEMORY,
          "The job needs about "
              + megabytes(needed)
              + " MB (rows "
              + megabytes(plan.bytes())
              + ", weights and optimizer "
              + megabytes(weights)
              + ", layer outputs of a batch "
              + megabytes(outputs)
              + "), a job may take "
              + megabytes(limit)
              + " MB");
    }
  }

  /** Sums that overflow are too much memory, whatever they are. */
  private static long add(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  private static long multiply(long a, long b) {
    return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE : a * b;
  }

  private static long megabytes(long bytes) {
    return bytes / (1024 * 1024);
  }
}
