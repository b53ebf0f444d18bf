package io.trainyard.job.prediction;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Tolerance;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.dataset.prepare.DatasetPreparer;
import io.trainyard.dataset.prepare.Preparation;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.SkippedRows;
import io.trainyard.error.Violations;
import io.trainyard.model.ModelVersion;
import io.trainyard.spec.ModelSpec;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** All rows of a dataset version, encoded as a model version learned it. */
@Component
record PredictionRows(DatasetPlanner planner, DatasetPreparer preparer) {
  static final String NO_TARGETS = "No row has a value of each target";

  /**
   * Plans the rows without their targets, which a prediction does not need.
   *
   * @param skips whether rows that cannot be encoded are left out
   * @return null when there are violations
   */
  @Nullable DataPlan plan(
      ModelVersion version,
      Encoding encoding,
      DatasetVersion dataset,
      boolean skips,
      Violations violations) {
    return planner.planFor(
        version.reference(), inputs(version, encoding, dataset, skips), violations);
  }

  /** The first rows that a version refuses, when nothing but rows is wrong with a dataset. */
  List<SkippedRows.Reason> refused(
      ModelVersion version, Encoding encoding, DatasetVersion dataset) {
    Violations others = new Violations();
    var _ = plan(version, encoding, dataset, true, others);
    return others.isEmpty() ? planner.refused(withoutTargets(encoding), dataset) : List.of();
  }

  /** Encodes the rows without targets, as the training part. The caller closes them. */
  PreparedData prepareInputs(
      ModelVersion version,
      Encoding encoding,
      DatasetVersion dataset,
      boolean skips,
      BooleanSupplier stopped) {
    return preparer.prepare(inputs(version, encoding, dataset, skips), stopped);
  }

  private static Preparation inputs(
      ModelVersion version, Encoding encoding, DatasetVersion dataset, boolean skips) {
    return new Preparation(
        withoutTargets(version.modelSpec()),
        all(dataset),
        withoutTargets(encoding),
        null,
        0,
        new Tolerance(skips, false));
  }

  /**
   * As {@link #prepareInputs}, with targets; rows that lack a value of one are marked.
   *
   * @param sampleWeight the column of the rows' weights, which count where the dataset has it; or
   *     null
   */
  PreparedData prepare(
      ModelVersion version,
      Encoding encoding,
      DatasetVersion dataset,
      @Nullable String sampleWeight,
      boolean skips,
      BooleanSupplier stopped) {
    boolean weighted = sampleWeight != null && dataset.column(sampleWeight).isPresent();
    return preparer.prepare(
        new Preparation(
            version.modelSpec(),
            all(dataset),
            encoding.forMeasuring(),
            weighted ? sampleWeight : null,
            0,
            new Tolerance(skips, true)),
        stopped);
  }

  private static DatasetSelection all(DatasetVersion dataset) {
    return new DatasetSelection(dataset.name(), dataset.version(), SplitSpec.NONE, null, null);
  }

  private static ModelSpec withoutTargets(ModelSpec model) {
    return new ModelSpec(model.name(), model.inputs(), Map.of(), model.network());
  }

  private static Encoding withoutTargets(Encoding encoding) {
    return encoding.with(encoding.inputs(), Map.of());
  }

  /** Whether a dataset has columns of targets: then predictions are compared with them. */
  static boolean hasTargets(Encoding encoding, DatasetVersion dataset) {
    return encoding.targetColumns().stream().anyMatch(name -> dataset.column(name).isPresent());
  }

  /** Why no row of a dataset with columns of targets can be compared; null where some may be. */
  static @Nullable String whyNotComparable(Encoding encoding, DatasetVersion dataset) {
    for (String name : encoding.targetColumns()) {
      Column column = dataset.column(name).orElse(null);
      if (column == null) {
        return "The dataset has no column '" + name + "', which the targets need";
      }
      if (column.isEmpty()) {
        return NO_TARGETS;
      }
    }
    return null;
  }
}
