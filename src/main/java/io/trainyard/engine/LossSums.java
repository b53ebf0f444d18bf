package io.trainyard.engine;

import io.trainyard.engine.survival.SurvivalRows;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.NumberLoss;
import java.util.ArrayList;
import java.util.List;

/**
 * The losses of an evaluation, summed over its batches: each objective's mean is Σ weight·loss / Σ
 * weight over all rows, whatever the batches.
 */
public final class LossSums {
  private final List<Objective> objectives;
  private final double[] terms;
  private final double[] weights;

  /** By objective: rows that are compared with one another, whatever the batches. */
  private final List<SurvivalRows> survival = new ArrayList<>();

  private double penalty;
  private long rows;

  /** Of no rows. */
  public LossSums(List<Objective> objectives) {
    this.objectives = objectives;
    terms = new double[objectives.size()];
    weights = new double[objectives.size()];
    objectives.forEach(_ -> survival.add(new SurvivalRows()));
  }

  /** The rows of an objective whose loss is cox. */
  SurvivalRows survival(int objective) {
    return survival.get(objective);
  }

  /**
   * Of one batch.
   *
   * @param means each objective's loss
   * @param weights the sum of the rows' weights for each objective
   */
  LossSums(List<Objective> objectives, int rows, double penalty, double[] means, double[] weights) {
    this(objectives);
    this.rows = rows;
    this.penalty = penalty * rows;
    for (int i = 0; i < terms.length; i++) {
      double mean = isRoot(i) ? means[i] * means[i] : means[i];
      terms[i] = mean * weights[i];
      this.weights[i] = weights[i];
    }
  }

  /** The root of a mean is taken after the mean over all rows. */
  private boolean isRoot(int objective) {
    LossSpec loss = objectives.get(objective).loss();
    return loss instanceof NumberLoss.Rmse;
  }

  public void add(LossSums batch) {
    rows += batch.rows;
    penalty += batch.penalty;
    for (int i = 0; i < terms.length; i++) {
      terms[i] += batch.terms[i];
      weights[i] += batch.weights[i];
      survival.get(i).addAll(batch.survival.get(i));
    }
  }

  /** Adds the penalties of the weights that a share of these outputs comes from. */
  public void addPenalty(LossSums other, double share) {
    penalty += share * other.penalty;
  }

  /** The loss that is minimized and, if there are several objectives, that of each. */
  public double[] means() {
    double[] means = new double[terms.length == 1 ? 1 : terms.length + 1];
    double total = penalty / rows;
    for (int i = 0; i < terms.length; i++) {
      double mean = terms[i] / weights[i];
      double loss = isRoot(i) ? Math.sqrt(mean) : mean;
      if (objectives.get(i).loss() instanceof NumberLoss.Cox) {
        loss = survival.get(i).likelihood().loss();
      }
      total += objectives.get(i).weight() * loss;
      if (terms.length > 1) {
        means[i + 1] = loss;
      }
    }
    means[0] = total;
    return means;
  }
}
