package io.trainyard.dataset;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Says at submit what a job's rows will become, and makes them tensors when it runs. */
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
    int before = violations.size();
    DatasetVersion version =
        resolve(selection.name(), selection.version(), datasetPointer, violations);
    DatasetVersion other = null;
    DatasetSelection.Reference reference = selection.validation();
    if (reference != null) {
      String at = datasetPointer + "/validation_dataset";
      other = resolve(reference.name(), reference.version(), at, violations);
    }
    if (version == null || violations.size() > before) {
      return null;
    }
    DatasetStore.Selected selected = selected(version, selection, model, kept, datasetPointer);
    String where = selection.where();
    DatasetVersion validation = other;
    Encoding encoding =
        new ColumnUse(
                model,
                modelPointer,
                selected.columns(),
                (column, limit) -> distinct(version, where, validation, column, limit),
                violations)
            .encoding(kept);
    if (validation != null) {
      checkSameColumns(encoding, validation, datasetPointer, violations);
    }
    Split.Sizes sizes = sizes(selection, selected, datasetPointer, violations);
    if (sizes == null || violations.size() > before) {
      return null;
    }
    long validationRows = validation == null ? sizes.validation() : validation.rows();
    return new DataPlan(
        version,
        validation,
        selection.pinned(version.version(), validation == null ? null : validation.version()),
        encoding,
        sizes.training(),
        validationRows,
        sizes.test(),
        EncodedRows.bytes(encoding, sizes.training() + validationRows + sizes.test()));
  }

  private @Nullable DatasetVersion resolve(
      String name, @Nullable Integer number, String pointer, Violations violations) {
    Optional<DatasetVersion> version =
        number == null ? store.findLatest(name) : store.find(name, number);
    if (version.isEmpty()) {
      boolean known = number != null && store.findLatest(name).isPresent();
      violations.add(
          pointer + (known ? "/version" : "/name"),
          known
              ? "Data set '" + name + "' has no version " + number
              : "There is no data set '" + Categories.shorten(name) + "'");
    }
    return version.orElse(null);
  }

  /** Without a condition the version's own profile says everything, and no row is read. */
  private DatasetStore.Selected selected(
      DatasetVersion version,
      DatasetSelection selection,
      ModelSpec model,
      @Nullable Encoding kept,
      String pointer) {
    if (selection.where() == null) {
      return new DatasetStore.Selected(version.rows(), version.columns());
    }
    Set<String> names = new LinkedHashSet<>(ColumnUse.names(model, version.columns()));
    if (kept != null) {
      names.addAll(EncodedRows.columns(kept));
    }
    names.retainAll(version.columns().stream().map(Column::name).toList());
    try {
      return store.select(version, selection.where(), List.copyOf(names));
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.INVALID_BODY) {
        throw e;
      }
      throw new ServiceException(
          e.code(), e.detail(), List.of(new Violation(pointer + "/where", e.detail())));
    }
  }

  private List<String> distinct(
      DatasetVersion version,
      @Nullable String where,
      @Nullable DatasetVersion validation,
      Column column,
      int limit) {
    Set<String> found = new LinkedHashSet<>(store.distinct(version, where, column.name(), limit));
    if (validation != null && validation.column(column.name()).isPresent()) {
      found.addAll(store.distinct(validation, null, column.name(), limit));
    }
    return List.copyOf(found);
  }

  private static void checkSameColumns(
      Encoding encoding, DatasetVersion validation, String pointer, Violations violations) {
    String at = pointer + "/validation_dataset";
    for (ColumnEncoding column : EncodedRows.encodings(encoding)) {
      Optional<Column> own = validation.column(column.column());
      if (own.isEmpty()) {
        violations.add(at, validation.reference() + " has no column '" + column.column() + "'");
      } else if (own.get().type() != column.type()
          || !java.util.Objects.equals(own.get().shape(), column.shape())) {
        violations.add(
            at, "Column '" + column.column() + "' has another type in " + validation.reference());
      }
    }
  }

  private static Split.@Nullable Sizes sizes(
      DatasetSelection selection,
      DatasetStore.Selected selected,
      String pointer,
      Violations violations) {
    SplitSpec split = selection.split();
    int before = violations.size();
    if (split.stratify() != null) {
      String stratify = split.stratify();
      Optional<Column> column =
          selected.columns().stream().filter(c -> c.name().equals(stratify)).findFirst();
      if (column.isEmpty()) {
        violations.add(
            pointer + "/split/stratify",
            "There is no column '" + Categories.shorten(stratify) + "'");
      } else if (column.get().profile().distinct() > Categories.LIMIT
          || column.get().type() == ColumnType.TENSOR) {
        violations.add(
            pointer + "/split/stratify",
            "Column '" + stratify + "' has too many different values to keep their proportions");
      }
    }
    if (selected.rows() > Integer.MAX_VALUE - 8) {
      violations.add(pointer, "One job takes at most " + (Integer.MAX_VALUE - 8) + " rows");
      return null;
    }
    Split.Sizes sizes = Split.sizes((int) selected.rows(), split);
    if (selected.rows() == 0 || sizes.training() <= 0) {
      violations.add(
          pointer,
          "No rows are left to train on: "
              + selected.rows()
              + " selected, "
              + sizes.validation()
              + " for validation, "
              + sizes.test()
              + " for the test");
    }
    if (split.validation() > 0 && sizes.validation() == 0) {
      violations.add(pointer + "/split/validation", empty(split.validation(), selected.rows()));
    }
    if (split.test() > 0 && sizes.test() == 0) {
      violations.add(pointer + "/split/test", empty(split.test(), selected.rows()));
    }
    return violations.size() > before ? null : sizes;
  }

  private static String empty(double share, long rows) {
    return share + " of " + rows + " rows rounds to no row";
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
    Violations violations = new Violations();
    DataPlan plan = plan(model, "/model", selection, "/dataset", kept, violations);
    violations.throwIfAny();
    if (plan == null) {
      throw new IllegalStateException("a plan without violations was expected");
    }
    return new EncodedRows(store, plan, seed, cancelled).prepare();
  }
}
