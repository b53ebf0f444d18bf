package io.trainyard.job.check;

import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.phase.PhaseFaults;
import io.trainyard.spec.phase.PhaseModel;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Device;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What a job may cost: its memory, and the length of a training step. */
@Component
public final class JobLimits {
  private final MemoryBudget memory;
  private final StepLimit steps;
  private final PoolChooser pools;
  private final DeviceSizes devices;

  JobLimits(MemoryBudget memory, StepLimit steps, PoolChooser pools, DeviceSizes devices) {
    this.memory = memory;
    this.steps = steps;
    this.pools = pools;
    this.devices = devices;
  }

  /**
   * A training whose cost is known.
   *
   * @param plan null while the rows are unknown
   * @param network the pointer of the network in the body
   */
  public record Cost(
      ModelSpec model,
      NetworkShapes shapes,
      TrainingSpec training,
      @Nullable DataPlan plan,
      String network) {
    private long rows() {
      return plan == null ? Long.MAX_VALUE : plan.trainingRows();
    }
  }

  /**
   * Adds a violation when a job costs too much.
   *
   * @param pool the pool of the job
   * @return whether its memory is the reason
   */
  boolean isTooLarge(Cost cost, String pool, Violations violations) {
    Optional<Violation> tooLarge =
        memory
            .violation(cost.model(), cost.shapes(), cost.plan(), cost.training(), cost.network())
            .or(() -> onDevice(cost, pool));
    tooLarge.ifPresent(found -> violations.add(found.pointer(), found.detail()));
    if (tooLarge.isEmpty()) {
      checkStep(cost, pool, violations);
    }
    return tooLarge.isPresent();
  }

  /** A device has its own memory, which no setting tells: its workers do. */
  private Optional<Violation> onDevice(Cost cost, String pool) {
    Device device = pools.device(pool);
    OptionalLong size = device == Device.CPU ? OptionalLong.empty() : devices.largest(pool);
    return size.isEmpty()
        ? Optional.empty()
        : MemoryBudget.onDevice(
            device,
            size.getAsLong(),
            cost.model(),
            cost.shapes(),
            cost.plan(),
            cost.training(),
            cost.network());
  }

  /** The bytes that a training on known rows needs. */
  long memory(Cost cost) {
    DataPlan plan = cost.plan();
    return plan == null ? 0 : memory.bytes(cost.model(), cost.shapes(), plan, cost.training());
  }

  private void checkStep(Cost cost, String pool, Violations violations) {
    if (cost.training().phases().isEmpty()) {
      checkStep(cost, cost.shapes(), cost.training(), pool, violations);
      return;
    }
    PhaseFaults faults = new PhaseFaults(cost.training().phases());
    for (PhaseModel own : PhaseModel.all(cost.model(), cost.training())) {
      Violations found = new Violations();
      NetworkShapes shapes = cost.shapes().of(own.model().network());
      checkStep(cost, shapes, own.training(), pool, found);
      faults.add(Objects.requireNonNull(own.phase()), found);
    }
    faults.addTo(violations);
  }

  private void checkStep(
      Cost cost, NetworkShapes shapes, TrainingSpec training, String pool, Violations violations) {
    steps.check(shapes, training, cost.rows(), pools.device(pool), cost.network(), violations);
  }
}
