package io.trainyard.train;

import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.spec.training.RowWeights;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The weights of the classes, which count in training and not in evaluations. */
final class ClassWeights {
  private ClassWeights() {}

  /** By target, the weight of each class; targets whose classes count the same are left out. */
  static Map<String, float[]> of(TrainingPlan plan, PreparedData data) {
    Map<String, float[]> weights = new LinkedHashMap<>();
    data.encoding()
        .targets()
        .forEach(
            (name, target) -> {
              RowWeights.OfClasses own = plan.training().rowWeights().ofClasses(name);
              if (own != null && target instanceof TargetEncoding.ClassTarget labels) {
                List<String> classes = labels.classes();
                weights.put(name, own.of(classes, rows(data.training(), name, classes.size())));
              }
            });
    return weights;
  }

  private static long[] rows(Subset subset, String target, int classes) {
    long[] rows = new long[classes];
    HostTensor labels = subset.targets().get(target);
    for (int row = 0; labels != null && row < subset.rows(); row++) {
      rows[(int) labels.longAt(row)]++;
    }
    return rows;
  }
}
