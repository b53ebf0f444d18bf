package io.trainyard.dataset;

import io.trainyard.spec.Imputation;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * From rows to off-heap tensors in two passes: what must be learned from the training rows in
 * double, then the encoding.
 */
final class EncodedRows {
  /** Below this many values rows are read once and kept for both passes. */
  private static final long KEPT_VALUES = 1 << 20;

  private final DatasetStore store;
  private final TensorMemory memory;
  private final DataPlan plan;
  private final @Nullable Windowing windowing;
  private final long seed;
  private final BooleanSupplier cancelled;
  private @Nullable List<Rows> kept;

  EncodedRows(
      DatasetStore store,
      TensorMemory memory,
      DataPlan plan,
      @Nullable Windowing windowing,
      long seed,
      BooleanSupplier cancelled) {
    this.store = store;
    this.memory = memory;
    this.plan = plan;
    this.windowing = windowing;
    this.seed = seed;
    this.cancelled = cancelled;
  }

  /** What so many encoded rows, or windows, take in memory. */
  static long bytes(Encoding encoding, long rows) {
    long row = 0;
    for (InputEncoding input : encoding.inputs().values()) {
      row += (long) input.width() * input.type().bytes();
    }
    for (TargetEncoding target : encoding.targets().values()) {
      InputEncoding own = encodingOf(target);
      row += own == null ? 0 : (long) own.width() * own.type().bytes();
    }
    return Math.multiplyExact(row, rows);
  }

  /** How a target's own values are encoded; null when it has none of its own. */
  static @Nullable InputEncoding encodingOf(TargetEncoding target) {
    return switch (target) {
      case TargetEncoding.ClassTarget labels -> labels.encoding();
      case TargetEncoding.NumberTarget numbers -> numbers.encoding();
      case TargetEncoding.InputTarget _, TargetEncoding.LayerTarget _ -> null;
    };
  }

  /** Every column an encoding reads. */
  static Set<String> columns(Encoding encoding) {
    Set<String> names = new LinkedHashSet<>();
    encodings(encoding).forEach(column -> names.add(column.column()));
    return names;
  }

  static List<ColumnEncoding> encodings(Encoding encoding) {
    List<ColumnEncoding> columns = new ArrayList<>();
    encoding.inputs().values().forEach(input -> columns.addAll(input.columns()));
    for (TargetEncoding target : encoding.targets().values()) {
      InputEncoding own = encodingOf(target);
      if (own != null) {
        columns.addAll(own.columns());
      }
    }
    return columns;
  }

  PreparedData prepare() {
    return windowing == null ? prepareRows() : prepareWindows(windowing);
  }

  private PreparedData prepareRows() {
    int rows = Math.toIntExact(plan.selectedRows());
    byte[] parts = Split.parts(rows, plan.selection().split(), seed, strata(rows));
    Encoding learned = learn(parts);
    return inMemory(
        partBytes(learned),
        allocator -> {
          PartBuffers[] byPart = parts(learned, allocator);
          RowEncoder encoder = new RowEncoder(learned);
          scan(columns(learned), chunk -> encoder.encode(chunk, inFileOrder(parts, byPart)));
          DatasetVersion validation = plan.validationVersion();
          if (validation != null) {
            byte[] all = new byte[(int) plan.validationRows()];
            java.util.Arrays.fill(all, Split.VALIDATION);
            store.scan(
                validation,
                null,
                List.copyOf(columns(learned)),
                cancellable(chunk -> encoder.encode(chunk, inFileOrder(all, byPart))));
          }
          encoder.throwIfAny();
          return byPart;
        },
        learned);
  }

  private long partBytes(Encoding learned) {
    return PartBuffers.bytes(learned, plan.trainingRows())
        + PartBuffers.bytes(learned, plan.validationRows())
        + PartBuffers.bytes(learned, plan.testRows());
  }

  private PartBuffers[] parts(Encoding learned, SegmentAllocator allocator) {
    return new PartBuffers[] {
      new PartBuffers(learned, (int) plan.trainingRows(), allocator),
      new PartBuffers(learned, (int) plan.validationRows(), allocator),
      new PartBuffers(learned, (int) plan.testRows(), allocator)
    };
  }

  private static RowEncoder.Destination inFileOrder(byte[] parts, PartBuffers[] byPart) {
    return new RowEncoder.Destination() {
      @Override
      public PartBuffers part(int row) {
        return byPart[parts[row]];
      }

      @Override
      public int place(int row) {
        return byPart[parts[row]].next();
      }
    };
  }

  /** Fills memory, and frees it when that fails. */
  private interface Filling {
    PartBuffers[] fill(SegmentAllocator allocator);
  }

  private PreparedData inMemory(long bytes, Filling filling, Encoding learned) {
    TensorMemory.Block block = memory.allocate(bytes);
    try {
      PartBuffers[] parts = filling.fill(SegmentAllocator.slicingAllocator(block.segment()));
      return new PreparedData(
          parts[Split.TRAINING].part(),
          parts[Split.VALIDATION].part(),
          parts[Split.TEST].part(),
          learned,
          block.release());
    } catch (RuntimeException | Error e) {
      block.release().run();
      throw e;
    }
  }

  /** Encodes the rows of the series once, in their order, and copies windows out of them. */
  private PreparedData prepareWindows(Windowing windowing) {
    int rows = Math.toIntExact(plan.selectedRows());
    Series series = series(plan.version(), rows, windowing, plan.selection().split(), true);
    Encoding learned = learn(series.parts());
    return inMemory(
        partBytes(learned),
        allocator -> {
          PartBuffers[] byPart = parts(learned, allocator);
          encodeSeries(
              plan.version(),
              true,
              series,
              rows,
              learned,
              ordered -> {
                for (int part = 0; part < byPart.length; part++) {
                  byPart[part].gather(ordered, series.ends(part), learned, windowing);
                }
              });
          DatasetVersion validation = plan.validationVersion();
          if (validation != null) {
            int count = (int) validation.rows();
            Series own = series(validation, count, windowing, SplitSpec.NONE, false);
            encodeSeries(
                validation,
                false,
                own,
                count,
                learned,
                ordered ->
                    byPart[Split.VALIDATION].gather(
                        ordered, own.ends(Split.TRAINING), learned, windowing));
          }
          return byPart;
        },
        learned);
  }

  private void encodeSeries(
      DatasetVersion version,
      boolean main,
      Series series,
      int rows,
      Encoding learned,
      Consumer<PartBuffers> gather) {
    Encoding byRow = learned.ofRows();
    TensorMemory.Block block = memory.allocate(PartBuffers.bytes(byRow, rows));
    try {
      PartBuffers ordered =
          new PartBuffers(byRow, rows, SegmentAllocator.slicingAllocator(block.segment()));
      RowEncoder encoder = new RowEncoder(byRow);
      Consumer<Rows> encode =
          chunk ->
              encoder.encode(
                  chunk,
                  new RowEncoder.Destination() {
                    @Override
                    public PartBuffers part(int row) {
                      return ordered;
                    }

                    @Override
                    public int place(int row) {
                      return series.place(row);
                    }
                  });
      if (main) {
        scan(columns(learned), encode);
      } else {
        store.scan(version, null, List.copyOf(columns(learned)), cancellable(encode));
      }
      encoder.throwIfAny();
      gather.accept(ordered);
    } finally {
      block.release().run();
    }
  }

  private Series series(
      DatasetVersion version, int rows, Windowing windowing, SplitSpec split, boolean main) {
    Set<String> names = windowing.columns();
    String group = windowing.longest().group();
    String order = windowing.longest().orderBy();
    int[] groups = group == null ? null : new int[rows];
    long[] keys = order == null ? null : new long[rows];
    if (!names.isEmpty()) {
      Strata series = new Strata();
      Consumer<Rows> read =
          chunk -> {
            if (group != null && groups != null) {
              series.add(chunk, group, groups);
            }
            if (order != null && keys != null) {
              addKeys(chunk, order, keys);
            }
          };
      if (main) {
        scan(names, read);
      } else {
        store.scan(version, null, List.copyOf(names), cancellable(read));
      }
    }
    return Series.of(rows, windowing, split, groups, keys);
  }

  private static void addKeys(Rows chunk, String order, long[] keys) {
    ColumnValues values = chunk.column(order);
    for (int row = 0; row < chunk.count(); row++) {
      keys[(int) chunk.first() + row] =
          values instanceof ColumnValues.Integers whole
              ? whole.elements()[row]
              : Series.key(InputEncoding.element(values, row));
    }
  }

  /** Numbers the labels of a column in the order they come. */
  static final class Strata {
    private final Map<String, Integer> known = new HashMap<>();

    void add(Rows chunk, String column, int[] strata) {
      ColumnValues values = chunk.column(column);
      for (int row = 0; row < chunk.count(); row++) {
        // Missing labels are a stratum of their own.
        String label = values.isMissing(row) ? "\0" : values.label(row);
        strata[(int) chunk.first() + row] = known.computeIfAbsent(label, l -> known.size());
      }
    }

    /** Counts the rows of each label. */
    static int[] sizes(int[] strata) {
      int kinds = 0;
      for (int stratum : strata) {
        kinds = Math.max(kinds, stratum + 1);
      }
      int[] sizes = new int[kinds];
      for (int stratum : strata) {
        sizes[stratum]++;
      }
      return sizes;
    }
  }

  private int @Nullable [] strata(int rows) {
    String column = plan.selection().split().stratify();
    if (column == null) {
      return null;
    }
    int[] strata = new int[rows];
    Strata labels = new Strata();
    scan(Set.of(column), chunk -> labels.add(chunk, column, strata));
    return strata;
  }

  private Encoding learn(byte[] parts) {
    Map<ColumnEncoding.Numeric, Statistics> statistics = new LinkedHashMap<>();
    for (ColumnEncoding column : encodings(plan.encoding())) {
      if (column instanceof ColumnEncoding.Numeric number && number.learned() == null) {
        statistics.put(number, new Statistics(number.imputation() instanceof Imputation.Median));
      }
    }
    if (!statistics.isEmpty()) {
      Set<String> names = new LinkedHashSet<>();
      statistics.keySet().forEach(number -> names.add(number.column()));
      scan(
          names,
          chunk ->
              statistics.forEach(
                  (number, learned) ->
                      learned.add(chunk, chunk.column(number.column()), number.width(), parts)));
    }
    Map<String, InputEncoding> inputs = new LinkedHashMap<>();
    plan.encoding().inputs().forEach((name, input) -> inputs.put(name, learn(input, statistics)));
    Map<String, TargetEncoding> targets = new LinkedHashMap<>();
    plan.encoding()
        .targets()
        .forEach(
            (name, target) ->
                targets.put(
                    name,
                    target instanceof TargetEncoding.NumberTarget(var output, var encoding)
                        ? new TargetEncoding.NumberTarget(output, learn(encoding, statistics))
                        : target));
    return new Encoding(inputs, targets);
  }

  private static InputEncoding learn(
      InputEncoding input, Map<ColumnEncoding.Numeric, Statistics> statistics) {
    List<ColumnEncoding> columns = new ArrayList<>();
    for (ColumnEncoding column : input.columns()) {
      Statistics own = column instanceof ColumnEncoding.Numeric n ? statistics.get(n) : null;
      columns.add(
          own != null && column instanceof ColumnEncoding.Numeric number
              ? number.learn(own)
              : column);
    }
    return new InputEncoding(input.type(), input.shape(), columns, input.window());
  }

  /** One pass over the selected rows; small data sets are read once and kept. */
  private void scan(Collection<String> columns, Consumer<Rows> reader) {
    Consumer<Rows> careful = cancellable(reader);
    if (kept == null && plan.selectedRows() * width() <= KEPT_VALUES) {
      Set<String> all = columns(plan.encoding());
      if (plan.selection().split().stratify() != null) {
        all.add(plan.selection().split().stratify());
      }
      if (windowing != null) {
        all.addAll(windowing.columns());
      }
      List<Rows> read = new ArrayList<>();
      store.scan(plan.version(), plan.selection().where(), List.copyOf(all), read::add);
      kept = read;
    }
    if (kept != null) {
      kept.forEach(careful);
    } else {
      store.scan(plan.version(), plan.selection().where(), List.copyOf(columns), careful);
    }
  }

  private long width() {
    return 1
        + encodings(plan.encoding()).stream()
            .mapToLong(column -> column instanceof ColumnEncoding.Numeric n ? n.width() : 1)
            .sum();
  }

  private Consumer<Rows> cancellable(Consumer<Rows> reader) {
    return rows -> {
      if (cancelled.getAsBoolean()) {
        throw new CancellationException();
      }
      reader.accept(rows);
    };
  }
}
