package io.trainyard.job.review;

import com.sun.management.OperatingSystemMXBean;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.job.JobProperties;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Bytes;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/** What one job may take of the machine's memory, and what a job will take. */
@Component
public final class MemoryBudget {
  private final long limit;

  MemoryBudget(JobProperties properties) {
    DataSize configured = properties.memory();
    this.limit = configured == null ? machine() / 2 : configured.toBytes();
  }

  private static long machine() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  /**
   * Refuses a job that could never run.
   *
   * @param network where the body says what the network is
   */
  public void check(NetworkShapes shapes, DataPlan plan, TrainingSpec training, String network) {
    long batch = Math.min(training.batchSize(), Math.max(1, plan.trainingRows()));
    long weights = 0;
    long outputs = 0;
    for (var layer : shapes.layers().values()) {
      weights = Bytes.add(weights, layer.trainingBytes());
      outputs = Bytes.add(outputs, layer.batchBytes(batch));
    }
    long needed = Bytes.add(Bytes.add(weights, outputs), plan.bytes());
    if (needed > limit) {
      String detail =
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
              + " MB";
      String place = place(plan.bytes(), weights, outputs, network);
      throw new ServiceException(
          ErrorCode.TOO_MUCH_MEMORY, detail, List.of(new Violation(place, detail)));
    }
  }

  /** Where the body says what takes most. */
  private static String place(long rows, long weights, long outputs, String network) {
    long most = Math.max(rows, Math.max(weights, outputs));
    if (most == outputs) {
      return "/training/batch_size";
    }
    return most == weights ? network : "/dataset";
  }

  private static long megabytes(long bytes) {
    return bytes / (1024 * 1024);
  }
}
