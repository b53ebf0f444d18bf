package io.trainyard.dataset.prepare;

import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.EncodingFitter;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * From rows to off-heap tensors in two passes: what must be learned from the training rows, then
 * the encoding.
 */
final class EncodedRows {
  private final DatasetRows source;
  private final TensorMemory memory;
  private final DataPlan plan;
  private final @Nullable Windowing windowing;
  private final long seed;
  private final BooleanSupplier cancelled;
  private final SelectedRows rows;

  EncodedRows(
      DatasetRows source,
      TensorMemory memory,
      DataPlan plan,
      @Nullable Windowing windowing,
      long seed,
      BooleanSupplier cancelled) {
    this.source = source;
    this.memory = memory;
    this.plan = plan;
    this.windowing = windowing;
    this.seed = seed;
    this.cancelled = cancelled;
    this.rows = rows(plan.version(), plan.selection().where(), plan.selectedRows());
  }

  private SelectedRows rows(DatasetVersion version, @Nullable String where, long count) {
    Set<String> all = plan.encoding().columnNames();
    String stratify = plan.selection().split().stratify();
    if (stratify != null && version.column(stratify).isPresent()) {
      all.add(stratify);
    }
    if (windowing != null) {
      all.addAll(windowing.columns());
    }
    long values = count * (1 + plan.encoding().rowValues());
    return new SelectedRows(source, version, where, all, values, cancelled);
  }

  PreparedData prepare() {
    return windowing == null ? prepareRows() : prepareWindows(windowing);
  }

  private PreparedData prepareRows() {
    int count = Math.toIntExact(plan.selectedRows());
    byte[] parts = Split.parts(count, plan.selection().split(), seed, strata(count));
    Encoding learned = learn(parts);
    return inMemory(
        learned,
        byPart -> {
          RowEncoder encoder = new RowEncoder(learned);
          rows.scan(
              learned.columnNames(), chunk -> encoder.encode(chunk, inFileOrder(parts, byPart)));
          DatasetVersion validation = plan.validationVersion();
          if (validation != null) {
            byte[] all = new byte[(int) plan.validationRows()];
            Arrays.fill(all, Split.VALIDATION);
            rows(validation, null, validation.rows())
                .scan(
                    learned.columnNames(),
                    chunk -> encoder.encode(chunk, inFileOrder(all, byPart)));
          }
          encoder.throwIfAny();
        });
  }

  private int @Nullable [] strata(int count) {
    String column = plan.selection().split().stratify();
    if (column == null) {
      return null;
    }
    int[] strata = new int[count];
    Strata labels = new Strata();
    rows.scan(Set.of(column), chunk -> labels.add(chunk, column, strata));
    return strata;
  }

  private Encoding learn(byte[] parts) {
    EncodingFitter lessons = new EncodingFitter(plan.encoding());
    if (!lessons.columns().isEmpty()) {
      rows.scan(lessons.columns(), chunk -> lessons.read(chunk, parts));
    }
    return lessons.learned();
  }

  private static RowEncoder.Destination inFileOrder(byte[] parts, SubsetBuffers[] byPart) {
    return new RowEncoder.Destination() {
      @Override
      public SubsetBuffers part(int row) {
        return byPart[parts[row]];
      }

      @Override
      public int place(int row) {
        return byPart[parts[row]].next();
      }
    };
  }

  /** Memory for all parts, filled; it is freed when that fails. */
  private PreparedData inMemory(Encoding learned, Consumer<SubsetBuffers[]> filling) {
    long[] sizes = {plan.trainingRows(), plan.validationRows(), plan.testRows()};
    long bytes = 0;
    for (long size : sizes) {
      bytes += SubsetBuffers.bytes(learned, size);
    }
    TensorMemory.Block block = memory.allocate(bytes);
    try {
      SegmentAllocator allocator = SegmentAllocator.slicingAllocator(block.segment());
      SubsetBuffers[] parts = new SubsetBuffers[sizes.length];
      for (int part = 0; part < parts.length; part++) {
        parts[part] = new SubsetBuffers(learned, (int) sizes[part], allocator);
      }
      filling.accept(parts);
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
    int count = Math.toIntExact(plan.selectedRows());
    SeriesReader reader = new SeriesReader(windowing);
    Series series = reader.read(rows, count, plan.selection().split());
    Encoding learned = learn(series.parts());
    return inMemory(
        learned,
        byPart -> {
          inOrder(
              rows,
              series,
              count,
              learned,
              ordered -> {
                for (int part = 0; part < byPart.length; part++) {
                  byPart[part].gather(ordered, series.ends(part), learned, windowing);
                }
              });
          DatasetVersion validation = plan.validationVersion();
          if (validation != null) {
            SelectedRows others = rows(validation, null, validation.rows());
            int all = (int) validation.rows();
            Series own = reader.read(others, all, SplitSpec.NONE);
            inOrder(
                others,
                own,
                all,
                learned,
                ordered ->
                    byPart[Split.VALIDATION].gather(
                        ordered, own.ends(Split.TRAINING), learned, windowing));
          }
        });
  }

  private void inOrder(
      SelectedRows from,
      Series series,
      int count,
      Encoding learned,
      Consumer<SubsetBuffers> gather) {
    Encoding byRow = learned.ofRows();
    TensorMemory.Block block = memory.allocate(SubsetBuffers.bytes(byRow, count));
    try {
      SubsetBuffers ordered =
          new SubsetBuffers(byRow, count, SegmentAllocator.slicingAllocator(block.segment()));
      RowEncoder encoder = new RowEncoder(byRow);
      RowEncoder.Destination places =
          new RowEncoder.Destination() {
            @Override
            public SubsetBuffers part(int row) {
              return ordered;
            }

            @Override
            public int place(int row) {
              return series.place(row);
            }
          };
      from.scan(learned.columnNames(), chunk -> encoder.encode(chunk, places));
      encoder.throwIfAny();
      gather.accept(ordered);
    } finally {
      block.release().run();
    }
  }
}
