package io.trainyard.inspect;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Tolerance;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.dataset.prepare.DatasetPreparer;
import io.trainyard.dataset.prepare.Preparation;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.model.ModelVersion;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

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
    JsonNode given = body.get("dataset");
    if (given == null) {
      return null;
    }
    DatasetSelection selection = DatasetSelection.read(given, DATASET, body.violations());
    for (String member : new String[] {"split", "validation_dataset"}) {
      if (given.hasNonNull(member)) {
        body.violations()
            .add(
                DATASET + "/" + member,
                "All rows that 'where' selects are read: '" + member + "' is for training");
      }
    }
    return selection;
  }

  /** All rows that a selection names, as one part. */
  public static Preparation all(ModelVersion version, DatasetSelection selection) {
    return divided(
        version,
        new DatasetSelection(
            selection.name(), selection.version(), SplitSpec.NONE, selection.where(), null),
        0);
  }

  /**
   * The rows of a training, in the parts that it had.
   *
   * @param seed of the training
   */
  public static Preparation divided(ModelVersion version, DatasetSelection selection, long seed) {
    Encoding encoding = version.learnedEncoding();
    return new Preparation(
        version.modelSpec(),
        selection,
        encoding == null ? null : encoding.forMeasuring(),
        null,
        seed,
        Tolerance.NONE);
  }

  /**
   * The encoded rows. The caller closes them.
   *
   * @param plan of the same rows
   * @param sampleWeight the column of the rows' weights, which count where the dataset has it; or
   *     null
   */
  public PreparedData prepare(
      Preparation rows, DataPlan plan, @Nullable String sampleWeight, BooleanSupplier stopped) {
    Preparation weighted = rows.weighted(sampleWeight);
    DataPlan withWeights = sampleWeight == null ? null : planner.plan(weighted, new Violations());
    return withWeights == null
        ? preparer.prepare(rows, plan, stopped)
        : preparer.prepare(weighted, withWeights, stopped);
  }

  /**
   * How the rows will be read; null when the violations, at /dataset, say why not.
   *
   * @param fewer what the caller can do to read fewer rows
   */
  public @Nullable DataPlan plan(
      ModelVersion version, Preparation rows, String fewer, Violations violations) {
    if (rows.inherited() == null) {
      violations.add(DATASET, version.reference() + " takes tensors and cannot read a dataset");
      return null;
    }
    DataPlan plan = planner.planFor(version.reference(), rows, violations);
    if (plan != null && plan.bytes() > inspections.rowsMemory()) {
      violations.add(
          DATASET,
          "The selected rows need %d bytes when they are encoded, and at most %d are allowed (trainyard.inspect.rows-memory); %s"
              .formatted(plan.bytes(), inspections.rowsMemory(), fewer));
    }
    return plan;
  }
}
