package io.trainyard.spec.check;

import io.trainyard.error.Violations;
import io.trainyard.spec.check.TrainingCheck.TrainedOutput;
import io.trainyard.spec.layer.AttentionSpec;
import io.trainyard.spec.layer.AugmentationSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.NoiseSpec;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.layer.RecurrentSpec;
import io.trainyard.spec.training.NumberLoss;
import io.trainyard.spec.training.Precision;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.optimizer.BayesianRegularization;
import java.util.ArrayList;
import java.util.List;

/** Refuses what a method of steps on all rows cannot follow: another loss at every evaluation. */
record FullBatchCheck(TrainingCheck check, TrainingSpec training) {
  void check(Violations violations) {
    if (!training.optimizer().isFullBatch()) {
      return;
    }
    String type = training.optimizer().type();
    if (training.precision() != Precision.FLOAT64) {
      violations.add(
          check.trainingPointer() + "/precision",
          type
              + " computes in float64, since it compares losses that hardly differ; leave"
              + " precision out");
    }
    if (training.updates().averageDecay() != null) {
      violations.add(
          check.trainingPointer() + "/ema",
          type + " ends at its best weights; leave ema out, or train with adam");
    }
    if (training.optimizer().squaresOnly()) {
      checkLosses(type, violations);
    }
    for (Layer layer : check.model().network().layers()) {
      if (layer.trainable()) {
        checkLayer(type, layer, violations);
      }
    }
  }

  private void checkLosses(String type, Violations violations) {
    List<String> refused = new ArrayList<>();
    for (TrainedOutput trained : check.trainedOutputs().values()) {
      boolean squares =
          trained.loss() == null
              || trained.loss() instanceof NumberLoss.Mse
              || trained.loss() instanceof NumberLoss.Sse;
      if (!squares && !refused.contains(trained.lossPointer())) {
        refused.add(trained.lossPointer());
        violations.add(
            trained.lossPointer(),
            "%s minimizes sums of squares: use the loss mse or sse, or train with adam"
                .formatted(type));
      }
    }
  }

  private void checkLayer(String type, Layer layer, Violations violations) {
    String pointer = check.pointer(layer);
    LayerSpec spec = layer.spec();
    if (isRandom(spec)) {
      violations.add(
          pointer,
          "%s compares losses of the same rows, and '%s' changes them at random; leave it out, or train with adam"
              .formatted(type, layer.name()));
    } else if (spec instanceof NormSpec.BatchNorm) {
      violations.add(
          pointer,
          "%s needs rows that don't influence each other, and '%s' normalizes by all rows; use layer_norm, or train with adam"
              .formatted(type, layer.name()));
    }
    if (training.optimizer().squaresOnly()
        && training.penalties()
        && !spec.rules().regularizer().isNone()) {
      violations.add(
          pointer + "/regularizer",
          (training.optimizer() instanceof BayesianRegularization
                  ? "%s finds the penalty of the weights itself; leave the regularizer out"
                  : "%s minimizes the squared errors alone; leave the regularizer out, or train"
                      + " with adam")
              .formatted(type));
    }
    if (spec.rules().maxNorm() != null) {
      violations.add(
          pointer + "/constraint",
          "%s would lose the loss it has found by a constraint; leave it out, or train with adam"
              .formatted(type));
    }
  }

  private static boolean isRandom(LayerSpec spec) {
    return switch (spec) {
      case CoreSpec.Dropout dropout -> dropout.rate().value() > 0;
      case NoiseSpec _, AugmentationSpec _ -> true;
      case RecurrentSpec recurrent -> recurrent.dropout() > 0;
      case AttentionSpec.TransformerEncoder encoder -> encoder.dropout() > 0;
      default -> false;
    };
  }
}
