package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.Categories;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.ColumnEncodingBuilder;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.IndexRange;
import io.trainyard.dataset.encoding.KnownColumns;
import io.trainyard.dataset.encoding.LearnedEncodings;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelReference;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.SpecReferences;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Says at submit what a job's rows will become, and makes them tensors when it runs. */
public final class DatasetPlanner {
  /** Encoded rows that no job uses are kept up to so many bytes. */
  private static final long IDLE_BYTES = 64L << 20;

  private static final long MIN_ENTRY = 16 << 10;

  private final DatasetCatalogue datasets;
  private final DatasetRows rows;
  private final TensorMemory memory;
  private final LearnedEncodings learned;
  private final SharedRows shared = new SharedRows(IDLE_BYTES);

  /**
   * A planner.
   *
   * @param memory where encoded rows lie
   * @param learned looked up for inputs that are like a version's
   */
  public DatasetPlanner(
      DatasetCatalogue datasets, DatasetRows rows, TensorMemory memory, LearnedEncodings learned) {
    this.datasets = datasets;
    this.rows = rows;
    this.memory = memory;
    this.learned = learned;
  }

  /** A planner for models without references, in the process's own memory. */
  public DatasetPlanner(DatasetCatalogue datasets, DatasetRows rows) {
    this(datasets, rows, TensorMemory.resident(), (model, reference) -> Optional.empty());
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
    DatasetRows.Selected selected = selected(version, selection, model, kept, datasetPointer);
    String where = selection.where();
    DatasetVersion validation = other;
    Encoding encoding =
        new ColumnEncodingBuilder(
                model,
                modelPointer,
                new KnownColumns(
                    selected.columns(),
                    (column, limit) -> distinct(version, where, validation, column, limit),
                    violations),
                learned,
                violations)
            .encoding(kept);
    if (validation != null) {
      checkSameColumns(encoding, validation, datasetPointer, violations);
    }
    if (violations.size() == before) {
      IndexRange range = new IndexRange(model.network(), encoding);
      range.check(selected.columns(), modelPointer + "/network", violations);
      if (validation != null) {
        range.check(validation.columns(), modelPointer + "/network", violations);
      }
    }
    Windowing windowing =
        violations.size() > before ? null : windowing(model, modelPointer, encoding, violations);
    Split.Sizes sizes =
        new SubsetSizes(rows, version, selection, windowing, datasetPointer, violations)
            .of(selected, validation);
    if (sizes == null || violations.size() > before) {
      return null;
    }
    return new DataPlan(
        version,
        validation,
        selection.pinned(version.version(), validation == null ? null : validation.version()),
        encoding,
        sizes.training(),
        sizes.validation(),
        sizes.test(),
        selected.rows(),
        memory.counted(bytes(encoding, sizes, selected.rows())),
        DataWarnings.of(model, modelPointer, encoding, version));
  }

  private static long bytes(Encoding encoding, Split.Sizes sizes, long rows) {
    long all = (long) sizes.training() + sizes.validation() + sizes.test();
    boolean windows = encoding.inputs().values().stream().anyMatch(i -> i.window() != null);
    return encoding.bytes(all) + (windows ? encoding.ofRows().bytes(rows) : 0);
  }

  private static @Nullable Windowing windowing(
      ModelSpec model, String pointer, Encoding encoding, Violations violations) {
    Windowing windowing = Windowing.of(model, encoding);
    encoding
        .inputs()
        .forEach(
            (name, input) -> {
              RowWindow window = input.window();
              if (window != null && windowing != null && !window.endsWith(windowing.longest())) {
                violations.add(
                    Violation.pointer(pointer + "/inputs", name),
                    "The windows of all inputs must agree in stride, group and order_by");
              }
            });
    return windowing;
  }

  private @Nullable DatasetVersion resolve(
      String name, @Nullable Integer number, String pointer, Violations violations) {
    Optional<DatasetVersion> version =
        number == null ? datasets.findLatest(name) : datasets.find(name, number);
    if (version.isEmpty()) {
      boolean known = number != null && datasets.findLatest(name).isPresent();
      violations.add(
          pointer + (known ? "/version" : "/name"),
          known
              ? "Data set '" + name + "' has no version " + number
              : "There is no data set '" + Categories.shorten(name) + "'");
    }
    return version.orElse(null);
  }

  /** Without a condition the version's own profile says everything, and no row is read. */
  private DatasetRows.Selected selected(
      DatasetVersion version,
      DatasetSelection selection,
      ModelSpec model,
      @Nullable Encoding kept,
      String pointer) {
    if (selection.where() == null) {
      return new DatasetRows.Selected(version.rows(), version.columns());
    }
    Set<String> names = new LinkedHashSet<>(ColumnEncodingBuilder.names(model, version.columns()));
    String stratify = selection.split().stratify();
    if (stratify != null) {
      names.add(stratify);
    }
    if (kept != null) {
      names.addAll(kept.columnNames());
    }
    names.retainAll(version.columns().stream().map(Column::name).toList());
    try {
      return rows.select(version, selection.where(), List.copyOf(names));
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
    Set<String> found = new LinkedHashSet<>(rows.distinct(version, where, column.name(), limit));
    if (validation != null && validation.column(column.name()).isPresent()) {
      found.addAll(rows.distinct(validation, null, column.name(), limit));
    }
    return List.copyOf(found);
  }

  private static void checkSameColumns(
      Encoding encoding, DatasetVersion validation, String pointer, Violations violations) {
    String at = pointer + "/validation_dataset";
    for (ColumnEncoding column : encoding.columns()) {
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
    EncodedRows encoded =
        new EncodedRows(rows, memory, plan, Windowing.of(model, plan.encoding()), seed, cancelled);
    long bytes =
        bytes(
            plan.encoding(),
            new Split.Sizes(
                (int) plan.trainingRows(), (int) plan.validationRows(), (int) plan.testRows()),
            plan.selectedRows());
    return shared.get(key(model, plan, seed), Math.max(MIN_ENTRY, bytes), encoded::prepare);
  }

  /** All that decides what the encoded rows are. */
  private static String key(ModelSpec model, DataPlan plan, long seed) {
    SplitSpec split = plan.selection().split();
    boolean drawn =
        split.by() == SplitSpec.By.RANDOM && (split.validation() > 0 || split.test() > 0);
    return plan.selection().toJson()
        + "|"
        + plan.version().createdAt()
        + "|"
        + plan.encoding().toJson()
        + "|"
        + Windowing.of(model, plan.encoding())
        + "|"
        + (drawn ? seed : "");
  }

  /** A copy of the model object in which each input that copies an encoding names a number. */
  public JsonNode pinned(JsonNode model) {
    JsonNode copy = model.deepCopy();
    for (SpecReferences.Like like : SpecReferences.of(copy).likes()) {
      ModelReference named = like.version();
      learned
          .find(named.model(), named.version())
          .ifPresent(
              found ->
                  like.pin(new ModelReference(named.model(), Integer.toString(found.version()))));
    }
    return copy;
  }
}
