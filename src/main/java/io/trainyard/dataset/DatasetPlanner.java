package io.trainyard.dataset;

import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Says at submit what a job's rows will become, and makes them tensors when it runs. */
@SuppressWarnings("DoNotCallSuggester")
public final class DatasetPlanner {
  private final DatasetStore store;

  public DatasetPlanner(DatasetStore store) {
    this.store = store;
  }

  /**
   * Holds a model against a data set.
   *
   * @param kept an encoding whose inputs and targets are taken over by name, or null
   * @param modelPointer the model's place in the body, for faults of its inputs and targets
   * @param datasetPointer the selection's place in the body
   * @return null when the violations say why not
   */
  public @Nullable DataPlan plan(
      ModelSpec model,
      String modelPointer,
      DatasetSelection selection,
      String datasetPointer,
      @Nullable Encoding kept,
      Violations violations) {
    throw new UnsupportedOperationException(store.toString());
  }

  /**
   * Reads, parts, learns and encodes: what {@link #plan} found fitting becomes tensors.
   *
   * @param seed of the job; the split is a function of it
   * @param cancelled asked between chunks of rows; when true, a {@link
   *     java.util.concurrent.CancellationException} is thrown and all memory freed
   */
  public PreparedData prepare(
      ModelSpec model,
      DatasetSelection selection,
      @Nullable Encoding kept,
      long seed,
      BooleanSupplier cancelled) {
    throw new UnsupportedOperationException(store.toString());
  }
}
