package io.trainyard.job;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.EnsemblePlan;
import io.trainyard.train.SweepEnsemblePlan;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.TrainingOutcome;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Primary;

/** Trains as the script of the plan's seed says. */
@Primary
final class ScriptedTraining implements TrainingRunner {
  private final Map<Long, Script> scripts = new ConcurrentHashMap<>();

  /** The arguments of a training. */
  record Call(TrainingPlan plan, @Nullable Checkpoint resume) {}

  interface Script {
    TrainingOutcome train(Call call, TrainingListener listener);
  }

  void add(long seed, Script script) {
    scripts.put(seed, script);
  }

  @Override
  public int threadsFor(TrainingPlan plan, @Nullable Checkpoint resume) {
    return plan.threads();
  }

  @Override
  public TrainingOutcome train(
      TrainingPlan plan,
      PreparedData data,
      @Nullable Checkpoint resume,
      TrainingListener listener) {
    return Objects.requireNonNull(scripts.get(plan.seed())).train(new Call(plan, resume), listener);
  }

  @Override
  public TrainingOutcome train(
      EnsemblePlan plan, @Nullable Checkpoint resume, TrainingListener listener) {
    return train(plan.plan(), plan.whole(), resume, listener);
  }

  @Override
  public TrainingOutcome refit(
      EnsemblePlan plan,
      List<Supplier<Map<String, HostTensor>>> others,
      @Nullable Checkpoint resume,
      TrainingListener listener) {
    return train(plan, resume, listener);
  }

  @Override
  public TrainingOutcome train(SweepEnsemblePlan plan, TrainingListener listener) {
    return train(plan.trials().getFirst().plan(), plan.whole(), null, listener);
  }

  @Override
  public Map<String, String> libraries() {
    return Map.of();
  }
}
