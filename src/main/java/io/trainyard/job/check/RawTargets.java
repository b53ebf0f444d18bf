package io.trainyard.job.check;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.phase.PhaseModel;
import io.trainyard.spec.training.ExpressionLoss;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.TrainingSpec;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The targets whose values only the loss compares with an output of another shape: that output is
 * predicted as it is.
 */
public final class RawTargets {
  private RawTargets() {}

  /** The encoding of a version that a training publishes, with such targets marked. */
  public static Encoding mark(
      Encoding encoding, ModelSpec model, TrainingSpec training, NetworkShapes shapes) {
    Set<String> raw = new HashSet<>();
    for (PhaseModel phase : PhaseModel.all(model, training)) {
      for (String name : phase.model().targets().keySet()) {
        // The last phase that trains a target decides.
        if (isRaw(encoding.targets().get(name), name, phase, shapes)) {
          raw.add(name);
        } else {
          raw.remove(name);
        }
      }
    }
    return raw.isEmpty() ? encoding : encoding.predictingRaw(raw);
  }

  private static boolean isRaw(
      @Nullable TargetEncoding target, String name, PhaseModel phase, NetworkShapes shapes) {
    if (!(target instanceof TargetEncoding.NumberTarget numbers)
        || !target.output().equals(phase.model().outputOf(name))) {
      return false;
    }
    LossSpec loss = phase.training().losses().of(name, target.output());
    return loss instanceof ExpressionLoss
        && shapes.of(target.output()).elements() != numbers.encoding().width();
  }
}
