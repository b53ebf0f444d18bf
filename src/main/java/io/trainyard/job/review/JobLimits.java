package io.trainyard.job.review;

import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.training.TrainingSpec;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What a job may cost: its memory, and the length of a training step. */
@Component
public final class JobLimits {
  private static final JobRequest.Resources ANY =
      new JobRequest.Resources(JobRequest.DeviceChoice.AUTO, "", 0);

  private final MemoryBudget memory;
  private final StepLimit steps;
  private final PoolChooser pools;

  JobLimits(MemoryBudget memory, StepLimit steps, PoolChooser pools) {
    this.memory = memory;
    this.steps = steps;
    this.pools = pools;
  }

  /**
   * A training whose cost is known.
   *
   * @param plan null while the rows are unknown
   * @param network the pointer of the network in the body
   */
  public record Cost(
      NetworkShapes shapes, TrainingSpec training, @Nullable DataPlan plan, String network) {
    private long rows() {
      return plan == null ? Long.MAX_VALUE : plan.trainingRows();
    }
  }

  /**
   * Checks a job that is submitted.
   *
   * @param pool the pool of the job
   * @throws ServiceException TOO_MUCH_MEMORY
   */
  void check(Cost cost, String pool, Violations violations) {
    tooLarge(cost)
        .ifPresent(
            found -> {
              throw new ServiceException(ErrorCode.TOO_MUCH_MEMORY, found.detail(), List.of(found));
            });
    checkStep(cost, pool, violations);
  }

  /** Adds the violations that a submission with default resources would have. */
  public void check(Cost cost, Violations violations) {
    String pool = pools.choose(ANY, violations);
    Optional<Violation> tooLarge = tooLarge(cost);
    if (tooLarge.isPresent()) {
      violations.add(tooLarge.get().pointer(), tooLarge.get().detail());
    } else if (!pool.isEmpty()) {
      checkStep(cost, pool, violations);
    }
  }

  private Optional<Violation> tooLarge(Cost cost) {
    return memory.violation(cost.shapes(), cost.plan(), cost.training(), cost.network());
  }

  private void checkStep(Cost cost, String pool, Violations violations) {
    steps.check(
        cost.shapes(),
        cost.training(),
        cost.rows(),
        pools.device(pool),
        cost.network(),
        violations);
  }
}
