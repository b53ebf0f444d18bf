package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Rows;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.Violations;
import io.trainyard.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Encodes chunks, with the same code as prediction, and copies each row into its subset. */
final class RowEncoder {
  private final Encoding encoding;
  private final Violations violations = new Violations();
  private final @Nullable SkippedRows skipped;
  private final @Nullable Map<String, SkippedRows> withoutTarget;

  /**
   * @param skipped takes the rows whose inputs cannot be encoded; null: they are refused
   * @param withoutTarget takes, by target, the rows without a value for it; null: they are refused
   */
  RowEncoder(
      Encoding encoding,
      @Nullable SkippedRows skipped,
      @Nullable Map<String, SkippedRows> withoutTarget) {
    this.encoding = encoding;
    this.skipped = skipped;
    this.withoutTarget = withoutTarget;
  }

  /** The subset of a row and its place there. Rows are counted over all chunks. */
  record Destination(IntFunction<SubsetBuffers> subset, IntUnaryOperator place) {}

  void encode(Rows chunk, Destination destination) {
    InputEncoding.Faults faults =
        (row, column, detail) ->
            violations.addCell(
                "",
                column,
                chunk.column(column).isMissing(row) ? "missing" : "unencoded",
                "/dataset",
                "Row " + (chunk.first() + row + 1),
                "Row " + (chunk.first() + row + 1) + ", column '" + column + "': " + detail);
    int first = (int) chunk.first();
    InputEncoding.Faults ofInputs =
        skipped == null
            ? faults
            : (row, column, detail) -> skipped.add(first + row, first + row + 1L, column, detail);
    SubsetBuffers[] subsets = new SubsetBuffers[chunk.count()];
    int[] places = new int[chunk.count()];
    for (int row = 0; row < places.length; row++) {
      subsets[row] = destination.subset().apply(first + row);
      places[row] = destination.place().applyAsInt(first + row);
    }
    encoding
        .inputs()
        .forEach(
            (name, input) ->
                copy(input, chunk, ofInputs, subsets, places, subset -> subset.input(name)));
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              InputEncoding own = target.values();
              if (own != null) {
                InputEncoding.Faults ofTarget = ofTarget(name, chunk, faults);
                copy(own, chunk, ofTarget, subsets, places, subset -> subset.target(name));
              }
            });
  }

  private InputEncoding.Faults ofTarget(String name, Rows chunk, InputEncoding.Faults faults) {
    if (withoutTarget == null) {
      return faults;
    }
    SkippedRows without = withoutTarget.computeIfAbsent(name, _ -> new SkippedRows());
    return (row, column, detail) -> {
      if (chunk.column(column).isMissing(row)) {
        without.add((int) chunk.first() + row, chunk.first() + row + 1, column, detail);
      } else {
        faults.add(row, column, detail);
      }
    };
  }

  private static void copy(
      InputEncoding encoding,
      Rows chunk,
      InputEncoding.Faults faults,
      SubsetBuffers[] subsets,
      int[] places,
      Function<SubsetBuffers, @Nullable HostTensor> tensor) {
    MemorySegment source = encoding.encoded(chunk, faults);
    long bytes = (long) encoding.rowWidth() * encoding.type().bytes();
    for (int row = 0; row < places.length; row++) {
      HostTensor target = tensor.apply(subsets[row]);
      if (target != null) {
        MemorySegment.copy(source, row * bytes, target.data(), places[row] * bytes, bytes);
      }
    }
  }

  void throwIfAny() {
    violations.throwIfAny(ErrorCode.INVALID_ROWS);
  }
}
