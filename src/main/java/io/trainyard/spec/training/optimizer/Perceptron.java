package io.trainyard.spec.training.optimizer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import org.jspecify.annotations.Nullable;

/**
 * The perceptron rule, for dense outputs with step (hardlim) or hardlims: w ← w + lr·Σ (t − y)·x
 * over the batch's rows, with t the target and y the output; the same for the bias, with x = 1.
 * These weights start at 0, unless their layer has another initializer than the default. All other
 * layers must be frozen, since no error passes a step; the loss only counts the errors. Batches of
 * one row, and as MATLAB's trainc at most 1000 epochs, goal 0, and with validation rows max_fail 6.
 * Source: Rosenblatt 1958, "The perceptron: a probabilistic model for information storage and
 * organization in the brain"; MATLAB's learnp and trainc.
 */
public record Perceptron(double learningRate) implements OptimizerSpec {
  public Perceptron {
    Parameters.requireRate(learningRate);
  }

  static @Nullable Perceptron read(JsonObject perceptron) {
    double learningRate = perceptron.number("learning_rate", 1);
    return perceptron.build(() -> new Perceptron(learningRate));
  }

  @Override
  public TrainingDefaults defaults() {
    return TrainingDefaults.ofRows();
  }

  @Override
  public boolean decaysWeights() {
    return false;
  }

  @Override
  public boolean learnsFromErrors() {
    return true;
  }

  @Override
  public int stateTensors() {
    return 0;
  }

  /** What callers are told of it. */
  static Described described() {
    return Described.as(
            "perceptron",
            "Moves the weights by each row's error. For outputs with step or hardlims.")
        .formula("w ← w + lr·(t − y)·x")
        .names(null, null, "learnp")
        .source("Rosenblatt 1958; MATLAB's learnp and trainc")
        .member("learning_rate", Parameters.rate(1), "The learning rate.")
        .example("learning_rate", 1);
  }
}
