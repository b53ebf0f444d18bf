package io.trainyard.train;

import io.trainyard.engine.Engine;

/** Trains networks on the engine's compute threads. */
@SuppressWarnings("DoNotCallSuggester")
public final class Trainer {
  @SuppressWarnings("UnusedVariable")
  private final Engine engine;

  public Trainer(Engine engine) {
    this.engine = engine;
  }

  /**
   * Trains until a reason to stop is met. Called from any thread, which waits; the work itself runs
   * on a compute thread.
   *
   * @throws NonFiniteLossException when the loss is no longer a number
   */
  public TrainingOutcome train(TrainingRun run, TrainingListener listener) {
    throw new UnsupportedOperationException();
  }
}
