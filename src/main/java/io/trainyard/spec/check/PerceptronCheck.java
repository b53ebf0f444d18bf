package io.trainyard.spec.check;

import io.trainyard.error.Violations;
import io.trainyard.spec.check.TrainingCheck.TrainedOutput;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.spec.training.TrainingSpec;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Refuses what the perceptron rule cannot train: it moves the weights of step outputs alone. */
record PerceptronCheck(TrainingCheck check, TrainingSpec training) {
  /** Checks outputs, losses and the members that this rule would ignore. */
  void check(Violations violations) {
    String type = training.optimizer().type();
    for (TrainedOutput trained : check.trainedOutputs().values()) {
      checkOutput(trained, violations);
      if (trained.loss() != null && !countsErrors(trained.loss())) {
        violations.add(
            trained.lossPointer(),
            "%s counts wrong outputs: use the loss mae, which is MATLAB's, or mse".formatted(type));
      }
    }
    if (training.updates().accumulation() > 1) {
      violations.add(
          check.trainingPointer() + "/gradient_accumulation",
          type + " adds up the errors of a batch; use a larger batch_size instead");
    }
  }

  private static boolean countsErrors(LossSpec loss) {
    return loss instanceof NumberLoss.Mae
        || loss instanceof NumberLoss.Mse
        || loss instanceof NumberLoss.Sse;
  }

  private void checkOutput(TrainedOutput trained, Violations violations) {
    Layer layer = trained.layer();
    String pointer = check.pointer(layer);
    Function last = trained.activation().function();
    if (!isStep(layer)) {
      violations.add(
          layer.spec() instanceof CoreSpec.Dense ? pointer + "/activation" : pointer,
          "perceptron trains a dense output with step or hardlims, but '%s' is a %s layer with %s: %s"
              .formatted(
                  layer.name(),
                  layer.spec().type(),
                  last.word(),
                  layer.spec() instanceof CoreSpec.Dense
                      ? "change its activation to step, or train with gradient_descent or adam"
                      : "make it {\"type\": \"dense\", \"activation\": \"step\", …}, or train with"
                          + " gradient_descent or adam"));
    } else if (trained.values() instanceof TargetValues.Classes && last == Function.HARDLIMS) {
      violations.add(
          pointer + "/activation",
          "perceptron learns the two classes of target '%s' as 0 and 1, but hardlims gives -1 and 1: change the activation to step"
              .formatted(trained.target()));
    }
    if (training.penalties() && !layer.spec().rules().regularizer().isNone()) {
      violations.add(
          pointer + "/regularizer",
          "perceptron moves weights by errors alone, which a penalty does not change; leave the"
              + " regularizer out");
    }
  }

  /** Checks that no layer but the outputs is to learn. */
  void checkLayers(List<Layer> trainable, Violations violations) {
    Set<String> outputs =
        check.trainedOutputs().values().stream()
            .map(TrainedOutput::output)
            .collect(Collectors.toSet());
    for (Layer layer : trainable) {
      if (!outputs.contains(layer.name())) {
        violations.add(
            check.pointer(layer),
            "perceptron moves the weights of step outputs alone, and no error passes a step back to '%s': set its 'trainable' to false, remove it, or train with sigmoid outputs and adam"
                .formatted(layer.name()));
      }
    }
  }

  private static boolean isStep(Layer layer) {
    return layer.spec() instanceof CoreSpec.Dense && layer.spec().activation().hasNoGradient();
  }
}
