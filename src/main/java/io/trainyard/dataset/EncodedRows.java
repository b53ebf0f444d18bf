package io.trainyard.dataset;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.Violations;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
  private final DataPlan plan;
  private final long seed;
  private final BooleanSupplier cancelled;
  private @Nullable List<Rows> kept;

  EncodedRows(DatasetStore store, DataPlan plan, long seed, BooleanSupplier cancelled) {
    this.store = store;
    this.plan = plan;
    this.seed = seed;
    this.cancelled = cancelled;
  }

  /** What so many encoded rows take in memory. */
  static long bytes(Encoding encoding, long rows) {
    long row = 0;
    for (InputEncoding input : encoding.inputs().values()) {
      row += (long) input.width() * input.type().bytes();
    }
    for (TargetEncoding target : encoding.targets().values()) {
      row +=
          switch (target) {
            case TargetEncoding.ClassTarget _ -> ElementType.INT64.bytes();
            case TargetEncoding.NumberTarget numbers ->
                (long) numbers.encoding().width() * ElementType.FLOAT32.bytes();
            case TargetEncoding.InputTarget _, TargetEncoding.LayerTarget _ -> 0;
          };
    }
    return Math.multiplyExact(row, rows);
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
      switch (target) {
        case TargetEncoding.ClassTarget labels -> columns.addAll(labels.encoding().columns());
        case TargetEncoding.NumberTarget numbers -> columns.addAll(numbers.encoding().columns());
        case TargetEncoding.InputTarget _, TargetEncoding.LayerTarget _ -> {}
      }
    }
    return columns;
  }

  /** The arena outlives this call on purpose: whoever closes the result frees it. */
  @SuppressWarnings("MustBeClosedChecker")
  PreparedData prepare() {
    int rows = Math.toIntExact(plan.selectedRows());
    byte[] parts = Split.parts(rows, plan.selection().split(), seed, strata(rows));
    Encoding learned = learn(parts);
    // Shared: the threads that train are not the one that reads.
    Arena arena = Arena.ofShared();
    try {
      Buffers training = new Buffers(learned, (int) plan.trainingRows(), arena);
      Buffers validation = new Buffers(learned, (int) plan.validationRows(), arena);
      Buffers test = new Buffers(learned, (int) plan.testRows(), arena);
      Buffers[] byPart = {training, validation, test};
      Encoder encoder = new Encoder(learned);
      scan(columns(learned), chunk -> encoder.encode(chunk, row -> byPart[parts[row]]));
      if (plan.validationVersion() != null) {
        store.scan(
            plan.validationVersion(),
            null,
            List.copyOf(columns(learned)),
            cancellable(chunk -> encoder.encode(chunk, row -> validation)));
      }
      encoder.throwIfAny();
      return new PreparedData(
          training.part(), validation.part(), test.part(), learned, arena::close);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private int @Nullable [] strata(int rows) {
    String column = plan.selection().split().stratify();
    if (column == null) {
      return null;
    }
    int[] strata = new int[rows];
    Map<String, Integer> known = new HashMap<>();
    scan(
        Set.of(column),
        chunk -> {
          ColumnValues values = chunk.column(column);
          for (int row = 0; row < chunk.count(); row++) {
            // Missing labels are a stratum of their own.
            String label = values.isMissing(row) ? "\0" : values.label(row);
            strata[(int) chunk.first() + row] = known.computeIfAbsent(label, l -> known.size());
          }
        });
    return strata;
  }

  private Encoding learn(byte[] parts) {
    Map<ColumnEncoding.Numeric, Statistics> statistics = new LinkedHashMap<>();
    for (ColumnEncoding column : encodings(plan.encoding())) {
      if (column instanceof ColumnEncoding.Numeric number && number.learned() == null) {
        boolean median = number.imputation() instanceof io.trainyard.spec.Imputation.Median;
        statistics.put(number, new Statistics(median));
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
                      add(chunk, chunk.column(number.column()), number, learned, parts)));
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

  private static void add(
      Rows chunk,
      ColumnValues values,
      ColumnEncoding.Numeric number,
      Statistics learned,
      byte[] parts) {
    int width = number.width();
    int first = (int) chunk.first();
    for (int row = 0; row < chunk.count(); row++) {
      if (parts[first + row] != Split.TRAINING) {
        continue;
      }
      if (values.isMissing(row)) {
        learned.addMissing();
        continue;
      }
      for (int i = row * width; i < (row + 1) * width; i++) {
        learned.add(InputEncoding.element(values, i));
      }
    }
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
    return new InputEncoding(input.type(), input.shape(), columns);
  }

  /** One pass over the selected rows; small data sets are read once and kept. */
  private void scan(Collection<String> columns, Consumer<Rows> reader) {
    Consumer<Rows> careful = cancellable(reader);
    if (kept == null && plan.selectedRows() * width() <= KEPT_VALUES) {
      Set<String> all = columns(plan.encoding());
      if (plan.selection().split().stratify() != null) {
        all.add(plan.selection().split().stratify());
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

  /** The tensors of one part, filled row by row. */
  private static final class Buffers {
    private final int rows;
    private final Map<String, HostTensor> inputs = new LinkedHashMap<>();
    private final Map<String, HostTensor> targets = new LinkedHashMap<>();
    private int next;

    Buffers(Encoding encoding, int rows, Arena arena) {
      this.rows = rows;
      encoding
          .inputs()
          .forEach(
              (name, input) ->
                  inputs.put(
                      name, HostTensor.allocate(input.type(), input.shape().batched(rows), arena)));
      encoding
          .targets()
          .forEach(
              (name, target) -> {
                HostTensor tensor =
                    switch (target) {
                      case TargetEncoding.ClassTarget labels -> allocate(labels.encoding(), arena);
                      case TargetEncoding.NumberTarget numbers ->
                          allocate(numbers.encoding(), arena);
                      case TargetEncoding.InputTarget input -> inputs.get(input.input());
                      case TargetEncoding.LayerTarget _ -> null;
                    };
                if (tensor != null) {
                  targets.put(name, tensor);
                }
              });
    }

    private HostTensor allocate(InputEncoding encoding, Arena arena) {
      return HostTensor.allocate(encoding.type(), encoding.shape().batched(rows), arena);
    }

    Part part() {
      return new Part(rows, inputs, targets);
    }
  }

  /** Which buffers a row, counted over all rows read, goes to. */
  private interface Destination {
    Buffers of(int row);
  }

  /** Encodes chunks with the code that prediction runs, and hands the rows out to their parts. */
  private static final class Encoder {
    private final Encoding encoding;
    private final Violations violations = new Violations();

    Encoder(Encoding encoding) {
      this.encoding = encoding;
    }

    void encode(Rows chunk, Destination destination) {
      Faults faults =
          (row, column, detail) ->
              violations.add(
                  "/dataset",
                  "Row " + (chunk.first() + row + 1) + ", column '" + column + "': " + detail);
      int first = (int) chunk.first();
      int[] place = new int[chunk.count()];
      for (int row = 0; row < place.length; row++) {
        place[row] = destination.of(first + row).next++;
      }
      encoding
          .inputs()
          .forEach(
              (name, input) ->
                  copy(
                      input,
                      chunk,
                      faults,
                      row -> destination.of(first + row).inputs.get(name),
                      place));
      encoding
          .targets()
          .forEach(
              (name, target) -> {
                InputEncoding own =
                    switch (target) {
                      case TargetEncoding.ClassTarget labels -> labels.encoding();
                      case TargetEncoding.NumberTarget numbers -> numbers.encoding();
                      case TargetEncoding.InputTarget _, TargetEncoding.LayerTarget _ -> null;
                    };
                if (own != null) {
                  copy(
                      own,
                      chunk,
                      faults,
                      row -> destination.of(first + row).targets.get(name),
                      place);
                }
              });
    }

    private interface Tensors {
      @Nullable HostTensor of(int row);
    }

    private static void copy(
        InputEncoding encoding, Rows chunk, Faults faults, Tensors tensors, int[] place) {
      int width = encoding.width();
      int elements = Math.multiplyExact(chunk.count(), width);
      MemorySegment source;
      if (encoding.type() == ElementType.INT64) {
        long[] encoded = new long[elements];
        encoding.encode(chunk, encoded, faults);
        source = MemorySegment.ofArray(encoded);
      } else {
        float[] encoded = new float[elements];
        encoding.encode(chunk, encoded, faults);
        source = MemorySegment.ofArray(encoded);
      }
      long bytes = (long) width * encoding.type().bytes();
      for (int row = 0; row < place.length; row++) {
        HostTensor tensor = tensors.of(row);
        if (tensor != null) {
          MemorySegment.copy(source, row * bytes, tensor.data(), place[row] * bytes, bytes);
        }
      }
    }

    void throwIfAny() {
      violations.throwIfAny(ErrorCode.INVALID_ROWS);
    }
  }
}
