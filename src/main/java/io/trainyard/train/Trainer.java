package io.trainyard.train;

import io.trainyard.engine.Engine;
import io.trainyard.engine.Objective;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import io.trainyard.engine.natives.NativeMemory;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Trains networks on the engine's compute threads. */
public final class Trainer {
  private final Engine engine;

  public Trainer(Engine engine) {
    this.engine = engine;
  }

  /**
   * Trains until a reason to stop is met. Called from any thread, which waits; the work itself and
   * the listener's calls run on a compute thread.
   *
   * @throws NonFiniteLossException when the loss is no longer a number
   */
  public TrainingOutcome train(TrainingRun run, TrainingListener listener) {
    int threads = threads(run);
    return engine
        .threads()
        .call(
            threads,
            () -> {
              List<Objective> objectives =
                  Objectives.of(run.network(), run.targets(), run.training());
              try (TrainingSession session = engine.session(plan(run, objectives));
                  TrainingLoop course =
                      new TrainingLoop(
                          session, run, objectives, threads, listener, System::nanoTime)) {
                return course.run();
              } finally {
                NativeMemory.trim();
              }
            });
  }

  /** The bits depend on the count, so a resumed training keeps its own. */
  private int threads(TrainingRun run) {
    Checkpoint resume = run.resume();
    return resume == null
        ? engine.threadsFor(run.shapes(), run.training().batchSize(), run.threads())
        : resume.position().threads();
  }

  private TrainingPlan plan(TrainingRun run, List<Objective> objectives) {
    TrainingSpec training = run.training();
    return new TrainingPlan(
        run.network(),
        run.shapes(),
        objectives,
        training.optimizer(),
        training.clipNorm(),
        training.clipValue(),
        run.seed(),
        firstWeights(run),
        run.device());
  }

  private Map<String, HostTensor> firstWeights(TrainingRun run) {
    Map<String, HostTensor> weights =
        new HashMap<>(engine.initialWeights(run.shapes(), run.seed()));
    weights.putAll(run.initialWeights());
    return weights;
  }
}
