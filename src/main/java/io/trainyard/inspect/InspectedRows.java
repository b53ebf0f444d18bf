package io.trainyard.inspect;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.dataset.prepare.DatasetPreparer;
import io.trainyard.dataset.prepare.Preparation;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.model.ModelVersion;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Rows of any dataset, encoded as a version learned it. */
@Component
public final class InspectedRows {
  private static final String DATASET = "/dataset";

  private final DatasetPlanner planner;
  private final DatasetPreparer preparer;
  private final Inspections inspections;

  InspectedRows(DatasetPlanner planner, DatasetPreparer preparer, Inspections inspections) {
    this.planner = planner;
    this.preparer = preparer;
    this.inspections = inspections;
  }

  /** Reads the member {@code dataset}: name, version and condition. Null with a violation. */
  public static @Nullable DatasetSelection read(JsonObject body) {
    JsonObject given = body.object("dataset");
    if (given == null) {
      return null;
    }
    DatasetSelection selection =
        DatasetSelection.read(body.get("dataset"), DATASET, body.violations());
    for (String member : new String[] {"split", "validation_dataset"}) {
      if (given.has(member)) {
        body.violations()
            .add(
                DATASET + "/" + member,
                "All rows that 'where' selects are read: '" + member + "' is for training");
      }
    }
    return selection;
  }

  /**
   * All selected rows, as the training part. The caller closes them.
   *
   * @param sampleWeight the column of the rows' weights, which count where the dataset has it; or
   *     null
   * @throws ServiceException with what does not fit, at /dataset
   */
  public PreparedData prepare(
      ModelVersion version,
      DatasetSelection selection,
      @Nullable String sampleWeight,
      BooleanSupplier stopped) {
    Violations violations = new Violations();
    DataPlan plan = plan(version, selection, violations);
    violations.throwIfAny();
    Preparation rows = rows(version, selection, Objects.requireNonNull(version.learnedEncoding()));
    Preparation weighted = rows.weighted(sampleWeight);
    DataPlan withWeights = sampleWeight == null ? null : planner.plan(weighted, new Violations());
    return withWeights == null
        ? preparer.prepare(rows, Objects.requireNonNull(plan), stopped)
        : preparer.prepare(weighted, withWeights, stopped);
  }

  private static Preparation rows(
      ModelVersion version, DatasetSelection selection, Encoding encoding) {
    return new Preparation(version.modelSpec(), all(selection), encoding.forMeasuring());
  }

  private static DatasetSelection all(DatasetSelection selection) {
    return new DatasetSelection(
        selection.name(), selection.version(), SplitSpec.NONE, selection.where(), null);
  }

  /** How the rows will be read; null when the violations say why not. */
  public @Nullable DataPlan plan(
      ModelVersion version, DatasetSelection selection, Violations violations) {
    Encoding encoding = version.learnedEncoding();
    if (encoding == null) {
      violations.add(DATASET, version.reference() + " takes tensors and cannot read a dataset");
      return null;
    }
    DataPlan plan =
        planner.planFor(version.reference(), rows(version, selection, encoding), violations);
    if (plan != null && plan.bytes() > inspections.rowsMemory()) {
      violations.add(
          DATASET,
          "The selected rows need %d bytes when they are encoded, and at most %d are allowed (trainyard.inspect.rows-memory); select fewer with 'where'"
              .formatted(plan.bytes(), inspections.rowsMemory()));
    }
    return plan;
  }
}
