package io.trainyard.dataset.prepare;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Tolerance;
import io.trainyard.spec.ModelSpec;
import org.jspecify.annotations.Nullable;

/**
 * The rows that are read for a model, and how.
 *
 * @param inherited an encoding whose inputs and targets are reused by name, or null
 * @param sampleWeight the column of the rows' weights, or null
 * @param seed the job's; the split is a function of it
 * @param tolerance the rows that are marked instead of refused
 */
public record Preparation(
    ModelSpec model,
    DatasetSelection selection,
    @Nullable Encoding inherited,
    @Nullable String sampleWeight,
    long seed,
    Tolerance tolerance) {
  /** Rows that no seed splits and that all count the same; none may be left out. */
  public Preparation(ModelSpec model, DatasetSelection selection, @Nullable Encoding inherited) {
    this(model, selection, inherited, null, 0, Tolerance.NONE);
  }

  /** The same rows, with weights. */
  public Preparation weighted(@Nullable String column) {
    return new Preparation(model, selection, inherited, column, seed, tolerance);
  }
}
