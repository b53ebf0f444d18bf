package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.Engine;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import io.trainyard.engine.natives.NativeMemory;
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
    return resume == null ? engine.threadsFor(plan) : resume.position().threads();
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
    int threads = threadsFor(plan, resume);
    return engine
        .threads()
        .call(
            threads,
            () -> {
              try (TrainingSession session = engine.session(plan);
                  TrainingLoop loop =
                      new TrainingLoop(session, plan, data, resume, threads, listener)) {
                return loop.run();
              } finally {
                NativeMemory.trim();
              }
            });
  }
}
