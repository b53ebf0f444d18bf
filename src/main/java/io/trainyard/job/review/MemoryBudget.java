package io.trainyard.job.review;

import com.sun.management.OperatingSystemMXBean;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Bytes;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.springframework.util.unit.DataSize;

/** The memory that one job may use, checked against an estimate of its need. */
public final class MemoryBudget {
  private final long limit;

  public MemoryBudget(DataSize limit) {
    this.limit = limit.toBytes();
  }

  /** Half of the machine's memory. */
  public static MemoryBudget halfOfTheMachine() {
    long machine =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    return new MemoryBudget(DataSize.ofBytes(machine / 2));
  }

  /**
   * Refuses a job that needs more than the limit.
   *
   * @param network the pointer of the network in the body
   */
  void check(NetworkShapes shapes, DataPlan plan, TrainingSpec training, String network) {
    long batch = Math.min(training.batchSize(), Math.max(1, plan.trainingRows()));
    long weights = shapes.weightBytes();
    long outputs = shapes.batchBytes(batch);
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
              + "), a job may use at most "
              + megabytes(limit)
              + " MB";
      String pointer = pointer(plan.bytes(), weights, outputs, network);
      throw new ServiceException(
          ErrorCode.TOO_MUCH_MEMORY, detail, List.of(new Violation(pointer, detail)));
    }
  }

  /** The pointer of the member that needs the most memory. */
  private static String pointer(long rows, long weights, long outputs, String network) {
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
