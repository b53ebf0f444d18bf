package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.encoding.ColumnEncodingBuilder;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Encoding.LearnedEncodings;
import io.trainyard.dataset.encoding.IndexRange;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.encoding.KnownColumns;
import io.trainyard.dataset.encoding.NumberRange;
import io.trainyard.dataset.encoding.Vocabularies;
import io.trainyard.dataset.recipe.TableProfile;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.check.Warning;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks a model against the rows of a job and says what they will become as tensors. */
public final class DatasetPlanner {
  private static final String MODEL = "/model";
  private static final int MAX_KNOWN = 64;

  /** As many refused rows are named. */
  private static final int FIRST = 10;

  private final DatasetCatalogue datasets;
  private final DatasetRows rows;
  private final RowLabels labels;
  private final TensorMemory memory;
  private final LearnedEncodings learned;

  /** What was found out last by reading rows: the trials of a sweep have the same. */
  private final LastUsed<Object, List<Warning>> known =
      new LastUsed<>(MAX_KNOWN, MAX_KNOWN, _ -> 1);

  private final LastUsed<Object, SplitPlanner.Counted> splits =
      new LastUsed<>(MAX_KNOWN, MAX_KNOWN, _ -> 1);

  private final LastUsed<Object, Optional<Double>> outside =
      new LastUsed<>(MAX_KNOWN, MAX_KNOWN, _ -> 1);

  /**
   * Plans jobs on these datasets.
   *
   * @param memory where the encoded rows will be
   * @param learned the encodings that an input's {@code like} can name
   */
  public DatasetPlanner(
      DatasetCatalogue datasets, DatasetRows rows, TensorMemory memory, LearnedEncodings learned) {
    this.datasets = datasets;
    this.rows = new KeptRows(rows);
    this.labels = new RowLabels(this.rows);
    this.memory = memory;
    this.learned = learned;
  }

  /**
   * Plans the rows of a job, without warnings: some need a pass over the rows. Violations have
   * pointers into a body with {@code model} and {@code dataset}.
   *
   * @return null when there are violations
   */
  public @Nullable DataPlan plan(Preparation asked, Violations violations) {
    return plan(asked, violations, false).plan();
  }

  /**
   * As {@link #plan}, for a version that there is: what its model cannot take is the dataset's
   * fault.
   *
   * @param version its name and number
   */
  public @Nullable DataPlan planFor(String version, Preparation asked, Violations violations) {
    Violations found = new Violations();
    DataPlan plan = plan(asked, found);
    for (Violation each : found.list()) {
      boolean inModel = each.pointer().startsWith(MODEL);
      violations.add(
          inModel ? "/dataset" : each.pointer(),
          inModel ? "For " + version + ": " + each.detail() : each.detail());
    }
    return plan;
  }

  /**
   * A plan, or what could be found out for one.
   *
   * @param plan null when there are violations
   * @param encoding of the inputs and targets that have no violations; null when the rows are
   *     unknown
   * @param vocabularies of the embeddings whose vocabulary follows the encoding, by layer
   */
  public record Planned(
      @Nullable DataPlan plan, @Nullable Encoding encoding, Map<String, Integer> vocabularies) {
    public Planned {
      vocabularies = Map.copyOf(vocabularies);
    }

    /** Nothing could be found out. */
    public static final Planned NONE = new Planned(null, null, Map.of());
  }

  /**
   * The first rows of a dataset whose inputs an encoding refuses.
   *
   * @param encoding whose columns the dataset has
   */
  public List<SkippedRows.Reason> refused(Encoding encoding, DatasetVersion version) {
    Encoding byRow = encoding.ofRows();
    SkippedRows refused = new SkippedRows();
    scanUntil(
        version,
        null,
        byRow.columnNames(),
        chunk -> {
          InputEncoding.Faults faults =
              (row, column, detail) ->
                  refused.add((int) chunk.first() + row, chunk.first() + row + 1, column, detail);
          for (InputEncoding input : byRow.inputs().values()) {
            MemorySegment _ = input.encoded(chunk, faults);
          }
          return refused.count() >= FIRST;
        });
    return refused.reasons().stream().limit(FIRST).toList();
  }

  /** Reads chunks until one of them is enough. */
  private void scanUntil(
      DatasetVersion version,
      @Nullable String where,
      Collection<String> columns,
      Predicate<Rows> isEnough) {
    AtomicBoolean enough = new AtomicBoolean();
    try {
      rows.scan(
          version,
          where,
          List.copyOf(columns),
          chunk -> {
            if (isEnough.test(chunk)) {
              enough.set(true);
              throw new CancellationException("enough rows were read");
            }
          });
    } catch (CancellationException e) {
      if (!enough.get()) {
        throw e; // the caller has left
      }
    }
  }

  /**
   * As {@link #plan} for a job that trains on all rows, none left out: also refuses numbers that
   * cannot be encoded, and warns. What has no fault is known when there are violations too.
   */
  public Planned check(Preparation asked, Violations violations) {
    return plan(asked, violations, true);
  }

  private Planned plan(Preparation asked, Violations violations, boolean trains) {
    ModelSpec model = asked.model();
    DatasetSelection selection = asked.selection();
    long before = violations.count();
    SelectedVersions versions = SelectedVersions.find(selection, datasets, violations);
    if (versions == null) {
      return Planned.NONE;
    }
    DatasetVersion validation = versions.validation();
    DatasetRows.Selected selected =
        select(versions.main(), selection, names(asked, versions.main()), violations);
    if (selected == null) {
      return Planned.NONE;
    }
    SampleWeights weights = SampleWeights.of(asked, selected.columns(), versions, violations);
    List<Column> dataset = versions.main().columns();
    SplitColumn split =
        SplitColumn.of(selection.split(), selected.columns(), dataset, model, violations);
    selected =
        new DatasetRows.Selected(
            selected.rows(), split.leftIn(SampleWeights.leftIn(selected.columns(), weights)));
    KnownColumns.CategorySource categories = versions.categories(rows, selection.where());
    KnownColumns columns = new KnownColumns(selected.columns(), dataset, categories, violations);
    Encoding encoding =
        new ColumnEncodingBuilder(model, MODEL, columns, learned, violations, asked.tolerance())
            .encoding(asked.inherited());
    versions.checkValidationColumns(encoding, violations);
    if (trains && violations.count() == before) {
      new NumberRange(selected.columns(), selected.rows(), violations).check(encoding, MODEL);
      if (validation != null) {
        new NumberRange(validation.columns(), 0, violations)
            .checkAll(encoding, SelectedVersions.VALIDATION);
      }
    }
    Map<String, Integer> vocabularies = Map.of();
    if (violations.count() == before) {
      vocabularies =
          Vocabularies.of(
              model.network(),
              encoding,
              columns(selected, validation),
              MODEL + "/network",
              violations);
      NetworkSpec network = model.network().withVocabularies(vocabularies);
      if (!asked.tolerance().inputs()) {
        IndexRange range = new IndexRange(network, encoding);
        range.check(
            selected.columns(),
            categories,
            outside(versions.main(), selection.where()),
            MODEL + "/network",
            violations);
        if (validation != null) {
          range.check(
              validation.columns(),
              categories,
              outside(validation, null),
              MODEL + "/network",
              violations);
        }
      }
    }
    Windowing windowing = null;
    if (violations.count() == before) {
      windowing = Windowing.of(model, encoding);
      if (windowing != null) {
        windowing.checkAgreement(encoding, MODEL, violations);
      }
    }
    SplitPlanner.checkStratify(
        selection, versions.main(), selected.columns(), windowing, violations);
    Split.Sizes sizes = sizes(versions, selection, selected.rows(), windowing, asked, violations);
    if (sizes == null || violations.count() > before) {
      return new Planned(null, encoding, vocabularies);
    }
    List<Warning> warnings = new ArrayList<>();
    if (trains) {
      warnings.addAll(DataWarnings.of(model, MODEL, encoding, versions.main()));
      warnings.addAll(InputWarnings.of(model, MODEL, encoding, versions.main()));
      warnings.addAll(classWarnings(versions, selection, selected, windowing, encoding, asked));
    }
    DataPlan plan =
        new DataPlan(
            versions.main(),
            validation,
            selection.pinned(
                versions.main().version(), validation == null ? null : validation.version()),
            weights,
            encoding,
            sizes.training(),
            sizes.validation(),
            sizes.test(),
            selected.rows(),
            selected.columns(),
            memory.counted(
                bytes(SampleWeights.addTo(encoding, weights), sizes.total(), selected.rows())),
            warnings);
    return new Planned(plan, encoding, vocabularies);
  }

  /**
   * The warnings about the rows themselves. They need a pass over the rows, so only checks ask.
   *
   * @param seed of the job
   * @param linear whether the network is one layer that is trained by the perceptron rule
   */
  public List<Warning> rowWarnings(DataPlan plan, long seed, boolean linear) {
    String key =
        String.join(
            "|",
            plan.selection().toJson().toString(),
            plan.version().createdAt().toString(),
            String.valueOf(plan.validationVersion()),
            plan.encoding().toJson().toString(),
            seed + " " + linear);
    return known.get(key, () -> RowWarnings.of(rows, labels, plan, seed, linear));
  }

  /**
   * What recipes need to know of the rows; null where they are not known, which a check tells.
   *
   * @param sampleWeight the column of the rows' weights, or null
   */
  public @Nullable TableProfile profile(DatasetSelection selection, @Nullable String sampleWeight) {
    Violations unknown = new Violations();
    SelectedVersions versions = SelectedVersions.find(selection, datasets, unknown);
    if (versions == null) {
      return null;
    }
    DatasetVersion main = versions.main();
    List<String> names = main.columns().stream().map(Column::name).toList();
    DatasetRows.Selected selected = select(main, selection, names, unknown);
    if (selected == null) {
      return null;
    }
    DatasetVersion validation = versions.validation();
    return new TableProfile(
        selected.rows(),
        selected.columns(),
        validation == null ? List.of() : validation.columns(),
        Stream.of(selection.split().column(), sampleWeight)
            .filter(Objects::nonNull)
            .collect(Collectors.toSet()),
        selection.hasValidation());
  }

  /** The first rows as a caller would send them; null when reading one of them takes long. */
  public @Nullable FirstRows firstRows(DataPlan plan) {
    return FirstRows.read(rows, plan);
  }

  /** The sizes of the parts; null, with violations, when they are not possible. */
  private Split.@Nullable Sizes sizes(
      SelectedVersions versions,
      DatasetSelection selection,
      long selected,
      @Nullable Windowing windowing,
      Preparation asked,
      Violations violations) {
    List<Object> key = key(versions, selection, windowing, asked.seed());
    SplitPlanner.Counted counted =
        splits.get(
            key,
            () ->
                new SplitPlanner(rows, versions.main(), selection, windowing)
                    .count(selected, versions.validation(), asked.seed()));
    violations.addAll(counted.faults());
    return counted.sizes();
  }

  /** Warnings about the classes of the parts, for which their labels are read. */
  private List<Warning> classWarnings(
      SelectedVersions versions,
      DatasetSelection selection,
      DatasetRows.Selected selected,
      @Nullable Windowing windowing,
      Encoding encoding,
      Preparation asked) {
    List<Object> key =
        key(versions, selection, windowing, List.of(asked.seed(), encoding.targets()));
    return known.get(
        key,
        () -> {
          List<Warning> warnings =
              new ArrayList<>(SortedLabels.of(encoding, selection, versions.main(), rows));
          warnings.addAll(
              new ClassBalance(encoding, selection, versions, selected, rows, labels, asked.seed())
                  .warnings(MODEL, windowing != null));
          return List.copyOf(warnings);
        });
  }

  /** What decides on the rows of each part, and something else. */
  private static List<Object> key(
      SelectedVersions versions,
      DatasetSelection selection,
      @Nullable Windowing windowing,
      Object other) {
    DatasetVersion validation = versions.validation();
    return List.of(
        selection,
        versions.main().createdAt(),
        versions.main().version(),
        validation == null ? "" : List.of(validation.createdAt(), validation.version()),
        windowing == null ? "" : windowing,
        other);
  }

  private static List<Column> columns(
      DatasetRows.Selected selected, @Nullable DatasetVersion validation) {
    List<Column> columns = new ArrayList<>(selected.columns());
    if (validation != null) {
      columns.addAll(validation.columns());
    }
    return columns;
  }

  /** Reads rows until one has an element that is no index. */
  private IndexRange.TensorSource outside(DatasetVersion version, @Nullable String where) {
    return (column, places, vocabulary) -> {
      Object key =
          List.of(
              version.reference(),
              version.createdAt(),
              where == null ? "" : where,
              column.name(),
              places,
              vocabulary);
      return outside
          .get(key, () -> outside(version, where, column.name(), places, vocabulary))
          .orElse(null);
    };
  }

  private Optional<Double> outside(
      DatasetVersion version,
      @Nullable String where,
      String column,
      BitSet places,
      int vocabulary) {
    AtomicReference<@Nullable Double> found = new AtomicReference<>();
    scanUntil(
        version,
        where,
        List.of(column),
        chunk -> {
          found.set(outside(chunk.column(column), chunk.count(), places, vocabulary));
          return found.get() != null;
        });
    return Optional.ofNullable(found.get());
  }

  private static @Nullable Double outside(
      ColumnValues values, int rows, BitSet places, int vocabulary) {
    for (int row = 0; row < rows; row++) {
      for (int at = places.nextSetBit(0); at >= 0; at = places.nextSetBit(at + 1)) {
        if (!values.isMissing(row)) {
          // As it is encoded.
          double element = (float) InputEncoding.element(values, row * values.width() + at);
          if (!IndexRange.isIndex(element, vocabulary)) {
            return element;
          }
        }
      }
    }
    return null;
  }

  /**
   * The memory that encoding needs. Windows are copied from encoded rows, so these count too.
   *
   * @param samples rows or windows in all subsets
   */
  static long bytes(Encoding encoding, long samples, long selectedRows) {
    boolean windows = encoding.inputs().values().stream().anyMatch(i -> i.window() != null);
    return encoding.bytes(samples) + (windows ? encoding.ofRows().bytes(selectedRows) : 0);
  }

  /** The columns of the version that the job reads. */
  private static List<String> names(Preparation asked, DatasetVersion version) {
    List<Column> columns = version.columns();
    Set<String> names = new LinkedHashSet<>(ColumnEncodingBuilder.names(asked.model(), columns));
    Stream.of(SplitLabels.column(asked.selection().split()), asked.sampleWeight())
        .filter(Objects::nonNull)
        .forEach(names::add);
    if (asked.inherited() != null) {
      names.addAll(asked.inherited().columnNames());
    }
    names.retainAll(columns.stream().map(Column::name).collect(Collectors.toSet()));
    return List.copyOf(names);
  }

  /** Without a condition the version's profile is exact, and no row is read. */
  private DatasetRows.@Nullable Selected select(
      DatasetVersion version,
      DatasetSelection selection,
      List<String> names,
      Violations violations) {
    if (selection.where() == null) {
      return new DatasetRows.Selected(version.rows(), version.columns());
    }
    try {
      DatasetRows.Selected selected = rows.select(version, selection.where(), names);
      if (selected.rows() == 0) {
        violations.add(
            "/dataset/where",
            "The condition selects none of the %d rows".formatted(version.rows()));
        return null;
      }
      return selected;
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.INVALID_BODY) {
        throw e;
      }
      violations.add("/dataset/where", e.detail());
      return null;
    }
  }
}
