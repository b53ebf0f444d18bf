package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.Engine;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import io.trainyard.engine.natives.DeviceMemory;
import io.trainyard.engine.natives.NativeMemory;
import io.trainyard.spec.training.LearningRateRange;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.diagnosis.NonFiniteLossException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Trains networks on the engine's compute threads. */
public final class Trainer {
  private final Engine engine;

  public Trainer(Engine engine) {
    this.engine = engine;
  }

  /**
   * The threads that a training uses. The bits depend on the thread count, so a resumed training
   * keeps its own.
   */
  public int threadsFor(TrainingPlan plan, @Nullable Checkpoint resume) {
    return resume == null
        ? PhasedTraining.plans(plan).stream().mapToInt(engine::threadsFor).max().orElse(1)
        : resume.position().threads();
  }

  /**
   * Trains until a reason to stop is met. May be called from any thread, which waits. The work and
   * the listener's calls run on a compute thread.
   *
   * @param resume the checkpoint to continue from; null: train from the beginning
   * @throws NonFiniteLossException when the loss is not a finite number
   */
  public TrainingOutcome train(
      TrainingPlan plan,
      PreparedData data,
      @Nullable Checkpoint resume,
      TrainingListener listener) {
    return train(plan, data, resume, listener, threadsFor(plan, resume), 0);
  }

  /**
   * Trains the members of an ensemble, as {@link #train(TrainingPlan, PreparedData, Checkpoint,
   * TrainingListener)} trains one network.
   */
  public TrainingOutcome train(
      EnsemblePlan plan, @Nullable Checkpoint resume, TrainingListener listener) {
    return new EnsembleTraining(this, engine, plan, listener, resume).run(resume);
  }

  /**
   * Trains on all rows, as {@link #train(TrainingPlan, PreparedData, Checkpoint,
   * TrainingListener)}. How sure the network is, is learned on what others say of their folds.
   *
   * @param plan whose rows are given by fold
   * @param others reads the weights of the network that has not seen a fold, by fold
   */
  public TrainingOutcome refit(
      EnsemblePlan plan,
      List<Supplier<Map<String, HostTensor>>> others,
      @Nullable Checkpoint resume,
      TrainingListener listener) {
    TrainingOutcome outcome = train(plan.plan(), plan.whole(), resume, listener);
    return outcome instanceof TrainingOutcome.Finished trained && trained.epochs() > 0
        ? new RefitMeasurement(engine, plan, others, listener).of(trained)
        : outcome;
  }

  /** Makes an ensemble of trained trials. */
  public TrainingOutcome train(SweepEnsemblePlan plan, TrainingListener listener) {
    return new SweepEnsembleTraining(this, engine, plan, listener).run();
  }

  /**
   * Trains on so many threads.
   *
   * @param earlier training time before this training, where it is a part of one
   */
  TrainingOutcome train(
      TrainingPlan plan,
      PreparedData data,
      @Nullable Checkpoint resume,
      TrainingListener listener,
      int threads,
      double earlier) {
    return engine
        .threads()
        .call(
            threads,
            () -> {
              Attempt attempt = Attempt.from(resume, threads, listener, earlier);
              try {
                return train(plan, data, resume, attempt);
              } finally {
                NativeMemory.trim();
                DeviceMemory.release(plan.device());
              }
            });
  }

  private TrainingOutcome train(
      TrainingPlan plan, PreparedData data, @Nullable Checkpoint resume, Attempt attempt) {
    LearningRateRange range = plan.training().rateSearch();
    if (range != null) {
      return new LearningRateSearch(plan, range, attempt)
          .run(engine, data, resume, next -> whole(plan, data, resume, next));
    }
    return plan.training().phases().isEmpty()
        ? whole(plan, data, resume, attempt)
        : new PhasedTraining(engine, plan, data, attempt).run(resume);
  }

  private TrainingOutcome whole(
      TrainingPlan plan, PreparedData data, @Nullable Checkpoint resume, Attempt attempt) {
    EpochRun epochRun = EpochRun.whole(plan.training());
    try (TrainingSession session = engine.session(plan);
        TrainingLoop loop = TrainingLoop.of(session, plan, data, resume, epochRun, attempt)) {
      return loop.run();
    }
  }

  /**
   * One attempt at a training.
   *
   * @param threads intra-op threads
   * @param learningRate the rate that a range test found; null: the optimizer's
   */
  record Attempt(
      int threads, TrainingListener listener, TrainingSpeed pace, @Nullable Double learningRate) {
    /** An attempt that begins now, from a checkpoint if there is one. */
    static Attempt from(
        @Nullable Checkpoint resume, int threads, TrainingListener listener, double earlier) {
      double before = resume == null ? earlier : resume.position().elapsedSeconds();
      return new Attempt(threads, listener, new TrainingSpeed(System::nanoTime, before), null);
    }
  }
}
