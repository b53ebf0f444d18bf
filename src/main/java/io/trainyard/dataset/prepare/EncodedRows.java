package io.trainyard.dataset.prepare;

import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.EncodingFitter;
import io.trainyard.dataset.encoding.Tolerance;
import io.trainyard.error.Violations;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Fits the encoding to the training rows in one pass and encodes all rows in a second. */
final class EncodedRows {
  private final DatasetRows source;
  private final TensorMemory memory;
  private final DataPlan plan;
  private final @Nullable Windowing windowing;

  /** With the weights of the rows, not yet fitted. */
  private final Encoding encoding;

  private final long seed;
  private final BooleanSupplier cancelled;
  private final SelectedRows rows;
  private final SkippedRows skipped = new SkippedRows();

  /** By target, the rows without a value for it. */
  private final Map<String, SkippedRows> withoutTarget = new LinkedHashMap<>();

  private final Tolerance tolerance;

  /** The windows of the rows; null without windows. */
  private @Nullable Series cut;

  EncodedRows(
      DatasetRows source,
      TensorMemory memory,
      DataPlan plan,
      @Nullable Windowing windowing,
      long seed,
      BooleanSupplier cancelled,
      Tolerance tolerance) {
    this.tolerance = tolerance;
    this.source = source;
    this.memory = memory;
    this.plan = plan;
    this.windowing = windowing;
    this.seed = seed;
    this.cancelled = cancelled;
    this.encoding = SampleWeights.addTo(plan.encoding(), plan.weights());
    this.rows = rows(plan.version(), plan.selection().where(), plan.selectedRows());
  }

  private SelectedRows rows(DatasetVersion version, @Nullable String where, long count) {
    Set<String> all = encoding.columnNames();
    String column = SplitLabels.column(plan.selection().split());
    if (column != null && version.column(column).isPresent()) {
      all.add(column);
    }
    if (windowing != null) {
      all.addAll(windowing.columns());
    }
    long values = count * (1 + encoding.rowValues());
    return new SelectedRows(source, version, where, all, values, cancelled);
  }

  PreparedData prepare() {
    return windowing == null ? prepareRows() : prepareWindows(windowing);
  }

  /** What is learned of the training rows. */
  Encoding learn() {
    int count = Math.toIntExact(plan.selectedRows());
    byte[] subsets =
        windowing == null
            ? subsets(count)
            : new SeriesReader(windowing)
                .read(rows, count, plan.selection().split(), seed)
                .subsets();
    return SampleWeights.removeFrom(fit(subsets));
  }

  /**
   * Copies the rows of a fold, without windows, from the rows of all folds.
   *
   * @param whole all rows but those for the test are for training, in file order
   */
  PreparedData copy(PreparedData whole) {
    byte[] subsets = subsets(Math.toIntExact(plan.selectedRows()));
    int[][] places = {
      new int[(int) plan.trainingRows()],
      new int[(int) plan.validationRows()],
      new int[(int) plan.testRows()]
    };
    int[] filled = new int[places.length];
    int trained = 0;
    int tested = 0;
    for (byte subset : subsets) {
      places[subset][filled[subset]++] = subset == Split.TEST ? tested++ : trained++;
    }
    Encoding fitted = fit(subsets);
    return inMemory(
        fitted,
        numbers(subset -> RowNumbers.inFileOrder(subsets, subset), () -> RowNumbers.ALL),
        buffers -> {
          for (int subset = 0; subset < buffers.length; subset++) {
            Subset from = subset == Split.TEST ? whole.test() : whole.training();
            buffers[subset].copy(from, places[subset], fitted);
          }
        });
  }

  private byte[] subsets(int count) {
    return Split.subsets(count, plan.selection().split(), seed, labels(count));
  }

  private PreparedData prepareRows() {
    int count = Math.toIntExact(plan.selectedRows());
    byte[] subsets = subsets(count);
    Encoding fitted = fit(subsets);
    return inMemory(
        fitted,
        numbers(subset -> RowNumbers.inFileOrder(subsets, subset), () -> RowNumbers.ALL),
        buffers -> {
          RowEncoder encoder = encoder(fitted);
          rows.scan(
              fitted.columnNames(), chunk -> encoder.encode(chunk, inFileOrder(subsets, buffers)));
          DatasetVersion validation = plan.validationVersion();
          if (validation != null) {
            byte[] all = new byte[(int) plan.validationRows()];
            Arrays.fill(all, Split.VALIDATION);
            rows(validation, null, validation.rows())
                .scan(
                    fitted.columnNames(),
                    chunk -> encoder.encode(chunk, inFileOrder(all, buffers)));
          }
          encoder.throwIfAny();
        });
  }

  private RowEncoder encoder(Encoding by) {
    return new RowEncoder(
        by, tolerance.inputs() ? skipped : null, tolerance.targets() ? withoutTarget : null);
  }

  private SkippedRows withoutTarget() {
    SkippedRows all = new SkippedRows();
    withoutTarget.forEach(
        (target, rowsOfIt) ->
            all.addAll(
                cut == null || windowing == null
                    ? rowsOfIt
                    : rowsOfIt.ofWindows(cut, Split.TRAINING, 1, windowing.offset(target))));
    return all;
  }

  private int @Nullable [] labels(int count) {
    Violations violations = new Violations();
    int[] labels = SplitLabels.read(rows, count, plan.selection().split(), violations);
    violations.throwIfAny();
    return labels;
  }

  private Encoding fit(byte[] subsets) {
    EncodingFitter fitter = new EncodingFitter(encoding);
    for (EncodingFitter.Pass pass : fitter.passes(plan.selectedRows())) {
      rows.scan(pass.columns(), chunk -> pass.read(chunk, row -> subsets[row] == Split.TRAINING));
      pass.finish();
    }
    return fitter.fitted();
  }

  private static RowEncoder.Destination inFileOrder(byte[] subsets, SubsetBuffers[] buffers) {
    return new RowEncoder.Destination(
        row -> buffers[subsets[row]], row -> buffers[subsets[row]].next());
  }

  /**
   * The numbers of the rows of every subset.
   *
   * @param separate those of the validation rows that are a dataset of their own
   */
  private List<RowNumbers> numbers(
      Function<Byte, RowNumbers> split, Supplier<RowNumbers> separate) {
    return List.of(
        split.apply(Split.TRAINING),
        plan.validationVersion() == null ? split.apply(Split.VALIDATION) : separate.get(),
        split.apply(Split.TEST));
  }

  /** Allocates the tensors of all subsets and fills them; frees them when that fails. */
  private PreparedData inMemory(
      Encoding fitted, List<RowNumbers> numbers, Consumer<SubsetBuffers[]> filling) {
    long[] sizes = {plan.trainingRows(), plan.validationRows(), plan.testRows()};
    long bytes = 0;
    for (long size : sizes) {
      bytes += SubsetBuffers.bytes(fitted, size);
    }
    TensorMemory.Block block = memory.allocate(bytes);
    try {
      SegmentAllocator allocator = SegmentAllocator.slicingAllocator(block.segment());
      SubsetBuffers[] buffers = new SubsetBuffers[sizes.length];
      for (int subset = 0; subset < sizes.length; subset++) {
        buffers[subset] = new SubsetBuffers(fitted, (int) sizes[subset], allocator);
      }
      filling.accept(buffers);
      return new PreparedData(
          SampleWeights.checked(buffers[Split.TRAINING].subset()),
          SampleWeights.ofEvaluated(buffers[Split.VALIDATION].subset()),
          SampleWeights.ofEvaluated(buffers[Split.TEST].subset()),
          SampleWeights.removeFrom(fitted),
          numbers,
          cut == null || windowing == null
              ? skipped
              : skipped.ofWindows(cut, Split.TRAINING, windowing.longest().length(), 0),
          withoutTarget(),
          block.release());
    } catch (RuntimeException | Error e) {
      block.release().run();
      throw e;
    }
  }

  /** Encodes the rows once, in the order of their series, and copies windows from them. */
  private PreparedData prepareWindows(Windowing windowing) {
    int count = Math.toIntExact(plan.selectedRows());
    SeriesReader reader = new SeriesReader(windowing);
    Series series = reader.read(rows, count, plan.selection().split(), seed);
    cut = series;
    Encoding fitted = fit(series.subsets());
    DatasetVersion validation = plan.validationVersion();
    int others = validation == null ? 0 : (int) validation.rows();
    SelectedRows apart = validation == null ? rows : rows(validation, null, others);
    Series own = validation == null ? series : reader.read(apart, others, SplitSpec.NONE, seed);
    return inMemory(
        fitted,
        numbers(
            subset -> RowNumbers.ofWindows(series, subset),
            () -> RowNumbers.ofWindows(own, Split.TRAINING)),
        buffers -> {
          inOrder(
              rows,
              series,
              count,
              fitted,
              ordered -> {
                for (int subset = 0; subset < buffers.length; subset++) {
                  buffers[subset].gather(ordered, series.ends(subset), fitted, windowing);
                }
              });
          if (validation != null) {
            inOrder(
                apart,
                own,
                others,
                fitted,
                ordered ->
                    buffers[Split.VALIDATION].gather(
                        ordered, own.ends(Split.TRAINING), fitted, windowing));
          }
        });
  }

  private void inOrder(
      SelectedRows from,
      Series series,
      int count,
      Encoding fitted,
      Consumer<SubsetBuffers> gather) {
    Encoding byRow = fitted.ofRows();
    TensorMemory.Block block = memory.allocate(SubsetBuffers.bytes(byRow, count));
    try {
      SubsetBuffers ordered =
          new SubsetBuffers(byRow, count, SegmentAllocator.slicingAllocator(block.segment()));
      RowEncoder encoder = encoder(byRow);
      var places = new RowEncoder.Destination(_ -> ordered, series::place);
      from.scan(fitted.columnNames(), chunk -> encoder.encode(chunk, places));
      encoder.throwIfAny();
      gather.accept(ordered);
    } finally {
      block.release().run();
    }
  }
}
