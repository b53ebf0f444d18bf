package io.trainyard.train.diagnosis;

import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import java.util.Map;

/** The diagnostics of a training's epochs, in so many epochs that their records stay small. */
public final class Diagnosis {
  /** Layers times epochs: with all diagnostics, about 20 MB of records. */
  private static final long MOST = 100_000;

  private final boolean wanted;
  private final int every;
  private final int epochs;
  private final int atOnce;

  /**
   * @param epochs of the training, or of all visits of a phase
   * @param atOnce rows that an evaluation computes together
   */
  public Diagnosis(TrainingPlan plan, int epochs, int atOnce) {
    wanted = !plan.training().diagnostics().isEmpty();
    every = every(plan.network().layers().size(), epochs);
    this.epochs = epochs;
    this.atOnce = atOnce;
  }

  /** The distance of two epochs with diagnostics: 1 unless there are very many numbers. */
  static int every(int layers, int epochs) {
    return Math.toIntExact(((long) layers * epochs + MOST - 1) / MOST);
  }

  /**
   * The numbers of each layer in an epoch that has ended; empty when it has none.
   *
   * @param epoch from 1, among those of its phase
   */
  public Map<String, Map<String, Double>> of(
      TrainingSession session, ResidentSubset rows, int epoch) {
    boolean due = wanted && (epoch % every == 0 || epoch == 1 || epoch == epochs);
    return due ? session.diagnostics(rows, atOnce) : Map.of();
  }
}
